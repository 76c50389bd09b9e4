//! Elastic Weight Consolidation (Kirkpatrick et al., 2017), section 3.6 of the paper, eq. 10 and 11.

use rand_core::Rng;

use super::estimate::{self, Estimate, EstimateBuffers, Per};
use super::importance::Measure;
use super::penalty::{Penalty, Quadratic};
use super::{BufferFull, Method, State, TooShort};
use crate::backend::engine::Engine;
use crate::backend::executor::Executor;
use crate::maths::objective::{Loss, Objective};
use crate::model::items::Items;
use crate::model::shape::Shape;
use crate::number::lanes::Row;
use crate::number::scalar::Scalar;

/// How EWC works.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct EwcOptions {
    /// lambda, and where the penalty enters.
    pub penalty: Penalty,
    /// How omega is estimated.
    pub estimate: Estimate,
    /// The loss whose derivative is squared: the one that is trained with.
    pub loss: Loss,
}

/// Memory for EWC, lent; [`Shape::rows`] rows each.
#[derive(Debug)]
pub struct EwcBuffers<'a, S: Scalar, const L: usize> {
    /// The sum of the omega_mu of past tasks.
    pub omega: &'a mut [Row<S::Wide, L>],
    /// The mean of the theta*_mu, weighted with the omega_mu.
    pub anchor: &'a mut [Row<S, L>],
    /// For the estimate at the end of a task.
    pub estimate: EstimateBuffers<'a, S, L>,
}

/// Adds lambda/2 * sum over past tasks mu of omega_mu (theta - theta*_mu)^2 to the loss, where omega_mu is the mean over
/// the items of task mu of the squared derivative of the loss at theta*_mu: the diagonal of the empirical Fisher
/// information.
///
/// There is a term for each task; kept is their sum (see [`penalty`](super::penalty)). In `f32` the square of a
/// derivative below about 1e-19 loses bits, and below 4e-23 it is zero: such weights count as unimportant.
#[derive(Debug)]
pub struct Ewc<'a, S: Scalar, const L: usize> {
    options: EwcOptions,
    quadratic: Quadratic<'a, S, L>,
    buffers: EstimateBuffers<'a, S, L>,
}

/// Bytes that [`Ewc`] keeps, for any number of tasks of `items` items (those used for omega).
pub const fn bytes(shape: &Shape, lanes: usize, scalar: usize, per: Per, items: usize) -> usize {
    2 * shape.rows(lanes) * lanes * scalar + estimate::bytes(shape, lanes, scalar, per, items)
}

impl<'a, S: Scalar, const L: usize> Ewc<'a, S, L> {
    /// Without a task learned.
    pub fn new(shape: &Shape, options: EwcOptions, buffers: EwcBuffers<'a, S, L>) -> Result<Self, TooShort> {
        options.estimate.check(shape, &buffers.estimate)?;
        let Penalty { lambda, entry } = options.penalty;
        let quadratic = Quadratic::new(shape, lambda, entry, Some(buffers.omega), buffers.anchor)?;
        Ok(Self { options, quadratic, buffers: buffers.estimate })
    }

    /// The sum of the importances omega_mu of past tasks.
    pub fn omega(&self) -> &[Row<S::Wide, L>] {
        self.quadratic.omega()
    }

    /// The mean of the theta*_mu of past tasks, weighted with the omega_mu.
    pub fn anchor(&self) -> &[Row<S, L>] {
        self.quadratic.anchor()
    }

    /// The importances of the newest task alone.
    pub fn newest(&self) -> &[Row<S::Wide, L>] {
        self.buffers.fresh
    }

    /// Adds a term of importances `omega` that were found elsewhere, around theta* = `weights`.
    pub fn consolidate(&mut self, weights: &[Row<S, L>], omega: &[Row<S::Wide, L>]) {
        self.quadratic.add_term(weights, omega);
    }
}

impl<S: Scalar, const L: usize, E: Executor> Method<S, L, E> for Ewc<'_, S, L> {
    fn alter_gradient(&mut self, engine: &mut Engine<'_, S, L, E>, weights: &[Row<S, L>], gradient: &mut [Row<S, L>]) {
        self.quadratic.pull(engine, weights, gradient);
    }

    fn observe_step(&mut self, engine: &mut Engine<'_, S, L, E>, weights: &mut [Row<S, L>], rate: S) {
        self.quadratic.step(engine.executor(), &engine.model.shape, weights, rate);
    }

    fn end_task(
        &mut self,
        engine: &mut Engine<'_, S, L, E>,
        weights: &[Row<S, L>],
        items: Items<'_>,
        rng: &mut dyn Rng,
    ) -> Result<(), BufferFull> {
        let objective = Objective::Loss(self.options.loss);
        let buffers = &mut self.buffers;
        self.options.estimate.run(engine, weights, items, objective, Measure::Square, buffers, rng)?;
        self.quadratic.add_term(weights, self.buffers.fresh);
        Ok(())
    }

    fn state(&mut self, state: &mut dyn State<S, L>) {
        self.quadratic.state(state);
    }
}
