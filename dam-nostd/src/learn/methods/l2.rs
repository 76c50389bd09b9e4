//! L2 regularisation, section 3.5 of the paper: eq. 9 with every importance 1 and a term for each task.

use rand_core::Rng;

use super::penalty::{Penalty, Quadratic};
use super::{BufferFull, Method, State, TooShort};
use crate::backend::engine::Engine;
use crate::backend::executor::Executor;
use crate::model::items::Items;
use crate::model::shape::Shape;
use crate::number::lanes::Row;
use crate::number::scalar::Scalar;

/// Adds lambda * sum over past tasks mu of (theta - theta*_mu)^2 to the loss; theta*_mu: the weights at the end of task mu.
#[derive(Debug)]
pub struct L2<'a, S: Scalar, const L: usize> {
    quadratic: Quadratic<'a, S, L>,
}

/// Bytes that [`L2`] keeps, for any number of tasks.
pub const fn bytes(shape: &Shape, lanes: usize, scalar: usize) -> usize {
    shape.rows(lanes) * lanes * scalar
}

impl<'a, S: Scalar, const L: usize> L2<'a, S, L> {
    /// `anchor` lends [`Shape::rows`] rows, for the mean of the theta*_mu (see [`penalty`](super::penalty)).
    pub fn new(shape: &Shape, penalty: Penalty, anchor: &'a mut [Row<S, L>]) -> Result<Self, TooShort> {
        Ok(Self { quadratic: Quadratic::new(shape, 2.0 * penalty.lambda, penalty.entry, None, anchor)? })
    }

    /// The mean of the theta*_mu of past tasks.
    pub fn anchor(&self) -> &[Row<S, L>] {
        self.quadratic.anchor()
    }
}

impl<S: Scalar, const L: usize, E: Executor> Method<S, L, E> for L2<'_, S, L> {
    fn alter_gradient(&mut self, engine: &mut Engine<'_, S, L, E>, weights: &[Row<S, L>], gradient: &mut [Row<S, L>]) {
        self.quadratic.pull(engine, weights, gradient);
    }

    fn observe_step(&mut self, engine: &mut Engine<'_, S, L, E>, weights: &mut [Row<S, L>], rate: S) {
        self.quadratic.step(engine.executor(), &engine.model.shape, weights, rate);
    }

    fn end_task(
        &mut self,
        _engine: &mut Engine<'_, S, L, E>,
        weights: &[Row<S, L>],
        _items: Items<'_>,
        _rng: &mut dyn Rng,
    ) -> Result<(), BufferFull> {
        self.quadratic.add_term(weights, &[]);
        Ok(())
    }

    fn state(&mut self, state: &mut dyn State<S, L>) {
        self.quadratic.state(state);
    }
}
