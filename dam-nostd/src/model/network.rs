//! Memory vectors and what turns them into a network.

use rand_core::Rng;

use crate::maths::coding::{Coding, Swings};
use crate::maths::interaction::Interaction;
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

    pub(crate) fn swings(&self) -> Swings<S> {
        Swings::new(self.coding, self.shape.class_neurons().start)
    }
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
/// dam_nostd::network::initialise(&shape, network.rows_mut(), 0.1, &mut Xoshiro128PlusPlus::seed_from_u64(1));
/// assert_eq!(network.rows().len(), shape.rows(8));
/// ```
#[derive(Debug)]
pub struct Network<S, const N: usize, const BLOCKS: usize, const L: usize> {
    rows: [[Row<S, L>; N]; BLOCKS],
}

impl<S: Scalar, const N: usize, const BLOCKS: usize, const L: usize> Network<S, N, BLOCKS, L> {
    /// All weights zero.
    pub const fn zeroed() -> Self {
        Self { rows: [[[S::ZERO; L]; N]; BLOCKS] }
    }

    /// The rows, block after block.
    pub fn rows(&self) -> &[Row<S, L>] {
        self.rows.as_flattened()
    }

    /// The rows, to be changed.
    pub fn rows_mut(&mut self) -> &mut [Row<S, L>] {
        self.rows.as_flattened_mut()
    }
}

/// Weight of memory vector `memory` to `neuron`, as it is stored: [`Scalar::as_weight`] tells what it stands for. `None`
/// beyond the network.
pub fn weight<S: Scalar, const L: usize>(shape: &Shape, rows: &[Row<S, L>], memory: usize, neuron: usize) -> Option<S> {
    if neuron >= shape.neurons() {
        return None;
    }
    rows.get(memory / L * shape.neurons() + neuron).map(|row| row[memory % L])
}

/// Sets the weight of memory vector `memory` to `neuron`. Weights beyond the network are left out.
pub fn set_weight<S: Scalar, const L: usize>(
    shape: &Shape,
    rows: &mut [Row<S, L>],
    memory: usize,
    neuron: usize,
    weight: S,
) {
    if neuron >= shape.neurons() || memory >= shape.memories() {
        return;
    }
    if let Some(row) = rows.get_mut(memory / L * shape.neurons() + neuron) {
        row[memory % L] = weight;
    }
}

/// Draws every weight from the normal distribution of mean 0 and standard deviation `deviation` (0.1 in the paper),
/// memory vector by memory vector: the block width does not change what is drawn.
pub fn initialise<S: Scalar, const L: usize>(
    shape: &Shape,
    rows: &mut [Row<S, L>],
    deviation: f64,
    rng: &mut impl Rng,
) {
    lanes::clear(rows);
    for memory in 0..shape.memories() {
        for neuron in 0..shape.neurons() {
            set_weight(shape, rows, memory, neuron, S::from_f64(deviation * rng::normal(rng) * S::UNIT.to_f64()));
        }
    }
}
