//! The memory that an engine and a trainer of the core borrow, on the heap.

use crate::rows::{LANES, Rows};
use dam_nostd::engine::{Buffers, Rule};
use dam_nostd::presentation::Lists;
use dam_nostd::{Engine, Executor, Model, Scalar, Shape, Sizes, Wirings};

/// Items in a chunk: large enough that a table of partial sums is built rarely, small enough that a block's similarities
/// stay in the second-level cache.
pub const CHUNK: usize = 1024;

/// What an engine borrows.
#[derive(Debug)]
pub struct Workspace<S: Scalar> {
    totals: Rows<S>,
    sums: Rows<S>,
    exponents: Vec<[S::Exponent; LANES]>,
    tables: Rows<S>,
    similarities: Rows<S>,
    shares: Vec<S>,
    fields: Vec<S>,
    states: Vec<S>,
    targets: Vec<S>,
    coefficients: Vec<S>,
    on: (Vec<u16>, Vec<u32>),
    shown_by: (Vec<u16>, Vec<u32>),
    patterns: Vec<u16>,
}

impl<S: Scalar> Workspace<S> {
    /// For networks of `shape` on `threads` threads.
    pub fn new(shape: &Shape, threads: usize) -> Self {
        let sizes = Sizes::new(shape, LANES, CHUNK, threads);
        let numbers = || vec![S::ZERO; sizes.fields];
        Self {
            totals: Rows::zeroed(sizes.totals),
            sums: Rows::zeroed(sizes.sums),
            exponents: vec![[S::NO_ORDERS; LANES]; sizes.exponents],
            tables: Rows::zeroed(sizes.tables),
            similarities: Rows::zeroed(sizes.similarities),
            shares: vec![S::ZERO; sizes.shares],
            fields: numbers(),
            states: numbers(),
            targets: numbers(),
            coefficients: numbers(),
            on: (vec![0; sizes.names], vec![0; sizes.item_ends]),
            shown_by: (vec![0; sizes.names], vec![0; sizes.name_ends]),
            patterns: vec![0; sizes.patterns],
        }
    }

    /// Bytes of that.
    pub fn bytes(shape: &Shape, threads: usize) -> u64 {
        let sizes = Sizes::new(shape, LANES, CHUNK, threads);
        let rows = sizes.totals + sizes.sums + sizes.tables + sizes.similarities;
        let numbers = LANES * rows + sizes.shares + 4 * sizes.fields;
        let lists = 2 * size_of::<u16>() * sizes.names + size_of::<u32>() * (sizes.item_ends + sizes.name_ends);
        let exponents = size_of::<[S::Exponent; LANES]>() * sizes.exponents;
        (size_of::<S>() * numbers + lists + exponents + size_of::<u16>() * sizes.patterns) as u64
    }

    /// An engine that borrows this memory.
    pub fn engine<'a, E: Executor>(
        &'a mut self,
        model: Model<S>,
        rule: Rule,
        executor: E,
        wirings: Wirings<'a>,
    ) -> Engine<'a, S, LANES, E> {
        let buffers = Buffers {
            totals: &mut self.totals,
            sums: &mut self.sums,
            exponents: &mut self.exponents,
            tables: &mut self.tables,
            similarities: &mut self.similarities,
            shares: &mut self.shares,
            fields: &mut self.fields,
            states: &mut self.states,
            targets: &mut self.targets,
            coefficients: &mut self.coefficients,
            on: Lists::new(&mut self.on.0, &mut self.on.1),
            shown_by: Lists::new(&mut self.shown_by.0, &mut self.shown_by.1),
            patterns: &mut self.patterns,
            chunk: CHUNK,
        };
        Engine::new(model, rule, executor, wirings, buffers)
    }
}
