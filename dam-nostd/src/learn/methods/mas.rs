//! Memory Aware Synapses (Aljundi et al., 2018), section 3.7 of the paper, eq. 12 and 13.

use rand_core::Rng;

use super::estimate::{self, Estimate, EstimateBuffers, Per};
use super::importance::Measure;
use super::penalty::{Penalty, Quadratic};
use super::{BufferFull, Method, State, TooShort};
use crate::backend::engine::Engine;
use crate::backend::executor::Executor;
use crate::maths::objective::Objective;
use crate::model::items::Items;
use crate::model::shape::Shape;
use crate::number::lanes::Row;
use crate::number::scalar::Scalar;

/// How MAS works.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct MasOptions {
    /// lambda, and where the penalty enters.
    pub penalty: Penalty,
    /// How omega is estimated.
    pub estimate: Estimate,
    /// Whether the norm of the output is squared before it is differentiated (so Aljundi et al., section 4.1), or not.
    pub squared: bool,
}

/// Memory for MAS, lent; [`Shape::rows`] rows each.
#[derive(Debug)]
pub struct MasBuffers<'a, S: Scalar, const L: usize> {
    /// omega, accumulated over past tasks.
    pub omega: &'a mut [Row<S::Wide, L>],
    /// theta*: the weights at the end of the last task.
    pub anchor: &'a mut [Row<S, L>],
    /// For the estimate at the end of a task.
    pub estimate: EstimateBuffers<'a, S, L>,
}

/// Adds lambda * omega (theta - theta*)^2 to the loss, where omega is, summed over past tasks, the mean over the items of
/// |d ||y||^2 / d theta|, y being the outputs of the updated neurons, and theta* the weights at the end of the last task.
#[derive(Debug)]
pub struct Mas<'a, S: Scalar, const L: usize> {
    options: MasOptions,
    quadratic: Quadratic<'a, S, L>,
    buffers: EstimateBuffers<'a, S, L>,
}

/// Bytes that [`Mas`] keeps, for any number of tasks of `items` items (those used for omega).
pub const fn bytes(shape: &Shape, lanes: usize, scalar: usize, per: Per, items: usize) -> usize {
    2 * shape.rows(lanes) * lanes * scalar + estimate::bytes(shape, lanes, scalar, per, items)
}

impl<'a, S: Scalar, const L: usize> Mas<'a, S, L> {
    /// Without a task learned.
    pub fn new(shape: &Shape, options: MasOptions, buffers: MasBuffers<'a, S, L>) -> Result<Self, TooShort> {
        options.estimate.check(shape, &buffers.estimate)?;
        let Penalty { lambda, entry } = options.penalty;
        let quadratic = Quadratic::new(shape, 2.0 * lambda, entry, Some(buffers.omega), buffers.anchor)?;
        Ok(Self { options, quadratic, buffers: buffers.estimate })
    }

    /// The importances omega, accumulated over past tasks.
    pub fn omega(&self) -> &[Row<S::Wide, L>] {
        self.quadratic.omega()
    }

    /// theta*: the weights at the end of the last task.
    pub fn anchor(&self) -> &[Row<S, L>] {
        self.quadratic.anchor()
    }

    /// The importances of the newest task alone.
    pub fn newest(&self) -> &[Row<S::Wide, L>] {
        self.buffers.fresh
    }
}

impl<S: Scalar, const L: usize, E: Executor> Method<S, L, E> for Mas<'_, S, L> {
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
        let objective = if self.options.squared { Objective::SquaredNorm } else { Objective::Norm };
        let buffers = &mut self.buffers;
        self.options.estimate.run(engine, weights, items, objective, Measure::Absolute, buffers, rng)?;
        self.quadratic.move_term(weights, self.buffers.fresh);
        Ok(())
    }

    fn state(&mut self, state: &mut dyn State<S, L>) {
        self.quadratic.state(state);
    }
}
