//! Memory vectors and what turns them into a network.

use rand_core::Rng;

use crate::error::TooShort;
use crate::maths::interaction::Interaction;
use crate::maths::similarity::{Coding, Levels};
use crate::model::rng;
use crate::model::shape::Shape;
use crate::number::lanes::{self, Row};
use crate::number::scalar::Scalar;

/// Everything about a network but its weights.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Model<S> {
    /// Neurons and memory vectors.
    pub shape: Shape,
    /// What input neurons that are off count.
    pub coding: Coding,
    /// f_n.
    pub interaction: Interaction<S>,
    /// The temperature T; beta = 1/T.
    pub temperature: S,
}

impl<S: Scalar> Model<S> {
    /// beta / N: what a similarity is multiplied with inside the interaction function; for similarities as they are stored,
    /// in units of [`Scalar::UNIT`].
    pub fn scale(&self) -> S {
        S::ONE / (self.temperature * S::from_f64(self.shape.neurons() as f64 * S::UNIT.to_f64()))
    }

    pub(crate) fn levels(&self) -> Levels<S> {
        Levels::new(self.coding, self.shape.class_neurons().start)
    }
}

/// The weights of all memory vectors, in memory that is lent, and their sums over neurons, which passes take once.
///
/// Whatever changes the weights goes through [`rows_mut`](Self::rows_mut) or [`set`](Self::set), and so forgets the sums.
#[derive(Debug)]
pub struct Weights<'a, S, const L: usize> {
    shape: Shape,
    pub(crate) rows: &'a mut [Row<S, L>],
    /// A row a block.
    pub(crate) totals: &'a mut [Row<S, L>],
    /// How many neurons the totals are over, while they are those of these rows.
    pub(crate) totalled: Option<usize>,
}

impl<'a, S: Scalar, const L: usize> Weights<'a, S, L> {
    /// The weights in `rows`, `[block][neuron][lane]`. `totals` lends a row a block.
    ///
    /// # Errors
    /// Fewer than [`Shape::rows`] rows, or fewer than [`Shape::blocks`] totals. What is longer is not used.
    pub fn new(shape: &Shape, rows: &'a mut [Row<S, L>], totals: &'a mut [Row<S, L>]) -> Result<Self, TooShort> {
        const { assert!(L.is_power_of_two(), "a row has 1, 2, 4, ... lanes") };
        TooShort::check("weights", rows.len(), shape.rows(L))?;
        TooShort::check("totals", totals.len(), shape.blocks(L))?;
        let rows = rows.get_mut(..shape.rows(L)).unwrap_or_default();
        let totals = totals.get_mut(..shape.blocks(L)).unwrap_or_default();
        Ok(Self { shape: *shape, rows, totals, totalled: None })
    }

    /// Neurons and memory vectors.
    pub fn shape(&self) -> Shape {
        self.shape
    }

    /// The rows, `[block][neuron]`; lanes beyond the last memory vector are zero.
    pub fn rows(&self) -> &[Row<S, L>] {
        self.rows
    }

    /// The rows, to be changed.
    pub fn rows_mut(&mut self) -> &mut [Row<S, L>] {
        self.totalled = None;
        self.rows
    }

    /// Weight of memory vector `memory` to `neuron`, as it is stored: [`Scalar::as_weight`] tells what it stands for.
    /// `None` beyond the network.
    pub fn get(&self, memory: usize, neuron: usize) -> Option<S> {
        weight(&self.shape, self.rows, memory, neuron)
    }

    /// Sets the weight of memory vector `memory` to `neuron`. Weights beyond the network are left out.
    pub fn set(&mut self, memory: usize, neuron: usize, weight: S) {
        if neuron >= self.shape.neurons() || memory >= self.shape.memories() {
            return;
        }
        self.totalled = None;
        if let Some(row) = self.rows.get_mut(memory / L * self.shape.neurons() + neuron) {
            row[memory % L] = weight;
        }
    }

    /// Draws every weight from the normal distribution of mean 0 and standard deviation `deviation` (0.1 in the paper),
    /// memory vector by memory vector: the block width does not change what is drawn.
    pub fn initialise(&mut self, deviation: f64, rng: &mut impl Rng) {
        lanes::clear(self.rows_mut());
        for memory in 0..self.shape.memories() {
            for neuron in 0..self.shape.neurons() {
                self.set(memory, neuron, S::from_f64(deviation * rng::normal(rng) * S::UNIT.to_f64()));
            }
        }
    }
}

/// Weight of memory vector `memory` to `neuron` in `rows`, laid out as [`Weights::rows`] are. `None` beyond the network.
pub fn weight<S: Scalar, const L: usize>(shape: &Shape, rows: &[Row<S, L>], memory: usize, neuron: usize) -> Option<S> {
    if neuron >= shape.neurons() {
        return None;
    }
    rows.get(memory / L * shape.neurons() + neuron).map(|row| row[memory % L])
}

/// Memory vectors with a home of their own, sized at compile time: `N` neurons, `BLOCKS` blocks of `L` memory vectors.
///
/// Meant for a `static`; [`zeroed`](Self::zeroed) is a constant, and all else works in place, so that a large network
/// never passes over the stack.
///
/// ```
/// use dam_nostd::{Network, Shape, rng::Xoshiro128PlusPlus};
/// use rand_core::SeedableRng;
/// let mut network = Network::<f32, 12, 2, 8>::zeroed();
/// let shape = Shape::new(9, 1, 2, 16).unwrap();
/// let mut weights = network.weights(&shape).unwrap();
/// weights.initialise(0.1, &mut Xoshiro128PlusPlus::seed_from_u64(1));
/// assert_eq!(weights.rows().len(), shape.rows(8));
/// ```
#[derive(Debug)]
pub struct Network<S, const N: usize, const BLOCKS: usize, const L: usize> {
    rows: [[Row<S, L>; N]; BLOCKS],
    totals: [Row<S, L>; BLOCKS],
}

impl<S: Scalar, const N: usize, const BLOCKS: usize, const L: usize> Network<S, N, BLOCKS, L> {
    /// All weights zero.
    pub const fn zeroed() -> Self {
        Self { rows: [[[S::ZERO; L]; N]; BLOCKS], totals: [[S::ZERO; L]; BLOCKS] }
    }

    /// The weights, for a network of `shape`.
    ///
    /// # Errors
    /// There are fewer neurons or blocks than the shape has.
    pub fn weights(&mut self, shape: &Shape) -> Result<Weights<'_, S, L>, TooShort> {
        Weights::new(shape, self.rows.as_flattened_mut(), &mut self.totals)
    }
}
