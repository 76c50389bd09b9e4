//! The memory that an engine and gradient descent of the core borrow, on the heap.

use dam_nostd::{Arena, Chunk, Descent, Model, Permutations, Rule, Scalar, Shape, Sizes, Weights};

use crate::engine::{Engine, Number};
use crate::machine::Machine;
use crate::rows::{LANES, Row, Rows};

/// Items in a chunk: large enough that a table of partial sums is built rarely, small enough that a block's similarities
/// stay in the second-level cache.
pub const CHUNK: usize = 1024;

/// What an engine borrows.
#[derive(Debug)]
pub struct Workspace<S: Scalar> {
    shape: Shape,
    chunk: Chunk,
    rows: Rows<S>,
    offsets: Vec<u32>,
    indices: Vec<u16>,
}

impl<S: Scalar> Workspace<S> {
    /// For networks of `shape` on `threads` threads.
    pub fn new(shape: &Shape, threads: usize) -> Self {
        Self::keeping(shape, threads, 0)
    }

    /// The same, which keeps the lists of `kept` items.
    pub fn keeping(shape: &Shape, threads: usize, kept: usize) -> Self {
        let chunk = Chunk { items: CHUNK, tables: threads, kept };
        let sizes = Sizes::new(shape, LANES, chunk);
        Self {
            shape: *shape,
            chunk,
            rows: Rows::zeroed(sizes.rows),
            offsets: vec![0; sizes.offsets],
            indices: vec![0; sizes.indices],
        }
    }

    /// Bytes of that.
    pub fn bytes(shape: &Shape, threads: usize, kept: usize) -> u64 {
        let sizes = Sizes::new(shape, LANES, Chunk { items: CHUNK, tables: threads, kept });
        let rows = size_of::<Row<S>>() * sizes.rows;
        (rows + size_of::<u32>() * sizes.offsets + size_of::<u16>() * sizes.indices) as u64
    }

    /// An engine that borrows this memory and runs on `machine`.
    pub fn engine<'a>(
        &'a mut self,
        model: Model<S>,
        rule: Rule,
        machine: &'a Machine,
        permutations: Permutations<'a>,
    ) -> Engine<'a, S>
    where
        S: Number,
    {
        let Self { shape, chunk, rows, offsets, indices } = self;
        let workspace = dam_nostd::Workspace::carve(Arena { rows, offsets, indices }, shape, *chunk);
        Engine::new(model, rule, machine, permutations, workspace.expect("it was made for this shape"))
    }
}

/// What weights and gradient descent borrow.
#[derive(Debug)]
pub struct Memory<S: Scalar> {
    shape: Shape,
    weights: Rows<S>,
    totals: Rows<S>,
    descent: Rows<S>,
    exponents: Vec<[S::Exponent; LANES]>,
}

impl<S: Scalar> Memory<S> {
    /// For weights that are learned, zero at first.
    pub fn new(shape: &Shape) -> Self {
        Self::learning(shape, Rows::zeroed(shape.rows(LANES)))
    }

    /// For these weights, which are learned.
    pub fn learning(shape: &Shape, weights: Rows<S>) -> Self {
        Self {
            descent: Rows::zeroed(Descent::<S, LANES>::rows(shape, LANES)),
            exponents: vec![[S::NO_EXPONENT; LANES]; shape.blocks(LANES)],
            ..Self::fixed(shape, weights)
        }
    }

    /// For these weights, which are not.
    pub fn fixed(shape: &Shape, weights: Rows<S>) -> Self {
        let totals = Rows::zeroed(shape.blocks(LANES));
        Self { shape: *shape, weights, totals, descent: Rows::zeroed(0), exponents: vec![] }
    }

    /// The weights' rows.
    pub fn rows(&self) -> &[Row<S>] {
        &self.weights
    }

    /// The weights.
    pub fn weights(&mut self) -> Weights<'_, S, LANES> {
        Weights::new(&self.shape, &mut self.weights, &mut self.totals).expect("it was made for this shape")
    }

    /// The weights, and gradient descent at rest.
    pub fn learned(&mut self) -> (Weights<'_, S, LANES>, Descent<'_, S, LANES>) {
        let weights = Weights::new(&self.shape, &mut self.weights, &mut self.totals);
        let descent = Descent::carve(&self.shape, &mut self.descent, &mut self.exponents);
        (weights.expect("it was made for this shape"), descent.expect("it was made for learning"))
    }
}
