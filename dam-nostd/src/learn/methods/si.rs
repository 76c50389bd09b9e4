//! Synaptic Intelligence (Zenke, Poole and Ganguli, 2017), section 3.8 of the paper, eq. 14 to 18.
//!
//! The sign is that of Zenke et al.: a weight is important that bought a fall of the loss. Eq. 14 and 15 as printed have
//! the opposite sign, which would reward rises.

use rand_core::Rng;

use super::penalty::{Penalty, Quadratic};
use super::{Method, State};
use crate::error::{BufferFull, TooShort};
use crate::learn::passes::{Gradient, Passes};
use crate::maths::consolidation::path_importance;
use crate::measure::distribution;
use crate::model::items::Items;
use crate::model::network::Weights;
use crate::model::shape::Shape;
use crate::number::lanes::Row;
use crate::number::scalar::Scalar;

/// How SI works.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct SiOptions {
    /// lambda, and where the penalty enters.
    pub penalty: Penalty,
    /// xi, the damping of eq. 17: what a displacement's square is increased by. Above 0.
    pub xi: f64,
    /// Whether each task's importances are divided by the largest of them before they join those of earlier tasks.
    pub normalised: bool,
}

impl SiOptions {
    /// With xi = 1e-3.
    pub const fn new(lambda: f64) -> Self {
        Self { penalty: Penalty::new(lambda), xi: 1e-3, normalised: false }
    }
}

/// Memory for SI, lent; [`Shape::rows`] rows each.
#[derive(Debug)]
pub struct SiBuffers<'a, S: Scalar, const L: usize> {
    /// Omega, accumulated over past tasks.
    pub omega: &'a mut [Row<S::Wide, L>],
    /// theta*: the weights at the end of the last task.
    pub anchor: &'a mut [Row<S, L>],
    /// theta_start: the weights at the start of the task.
    pub start: &'a mut [Row<S, L>],
    /// The path sum, omega of eq. 15.
    pub path: &'a mut [Row<S::Wide, L>],
    /// The weights before a step.
    pub before: &'a mut [Row<S, L>],
    /// The gradient before the penalty joined it.
    pub gradient: &'a mut [Row<S, L>],
}

/// Adds lambda * Omega (theta - theta*)^2 to the loss. Over a task, path += -(gradient of the loss alone) * (the step
/// that was taken, clamped), and at its end Omega += max(0, path / ((theta - theta_start)^2 + xi)).
///
/// The step that was taken is all that happened to a weight: also what a penalty that enters at [`Step`] did.
///
/// [`Step`]: super::penalty::Entry::Step
#[derive(Debug)]
pub struct Si<'a, S: Scalar, const L: usize> {
    options: SiOptions,
    quadratic: Quadratic<'a, S, L>,
    start: &'a mut [Row<S, L>],
    path: &'a mut [Row<S::Wide, L>],
    before: &'a mut [Row<S, L>],
    gradient: &'a mut [Row<S, L>],
}

/// Bytes that [`Si`] keeps for numbers of `scalar` and `wide` bytes, for any number of tasks.
pub const fn bytes(shape: &Shape, lanes: usize, scalar: usize, wide: usize) -> usize {
    shape.rows(lanes) * lanes * (4 * scalar + 2 * wide)
}

impl<'a, S: Scalar, const L: usize> Si<'a, S, L> {
    /// Without a task learned.
    pub fn new(shape: &Shape, options: SiOptions, buffers: SiBuffers<'a, S, L>) -> Result<Self, TooShort> {
        let SiBuffers { omega, anchor, start, path, before, gradient } = buffers;
        TooShort::check("path", path.len(), shape.rows(L))?;
        for (what, rows) in [("theta_start", &*start), ("weights before", &*before), ("gradient", &*gradient)] {
            TooShort::check(what, rows.len(), shape.rows(L))?;
        }
        path.fill([S::Wide::ZERO; L]);
        let Penalty { lambda, entry } = options.penalty;
        let quadratic = Quadratic::new(shape, 2.0 * lambda, entry, Some(omega), anchor)?;
        Ok(Self { options, quadratic, start, path, before, gradient })
    }

    /// The importances Omega, accumulated over past tasks.
    pub fn omega(&self) -> &[Row<S::Wide, L>] {
        self.quadratic.omega()
    }

    /// theta*: the weights at the end of the last task.
    pub fn anchor(&self) -> &[Row<S, L>] {
        self.quadratic.anchor()
    }

    /// The path sum of the task so far; between tasks, the importances of the last task.
    pub fn path(&self) -> &[Row<S::Wide, L>] {
        self.path
    }
}

impl<S: Scalar, const L: usize> Method<S, L> for Si<'_, S, L> {
    fn begin_task(&mut self, weights: &Weights<'_, S, L>) {
        self.path.fill([S::Wide::ZERO; L]);
        copy(self.start, weights.rows());
    }

    fn alter_gradient(
        &mut self,
        passes: &mut dyn Passes<S, L>,
        weights: &mut Weights<'_, S, L>,
        gradient: &mut Gradient<'_, S, L>,
    ) {
        copy(self.before, weights.rows());
        copy(self.gradient, gradient.rows());
        self.quadratic.pull(passes, weights, gradient);
    }

    fn observe_step(
        &mut self,
        passes: &mut dyn Passes<S, L>,
        weights: &mut Weights<'_, S, L>,
        gradient: &Gradient<'_, S, L>,
        rate: S,
    ) {
        self.quadratic.step(passes, weights, rate);
        let gradient = Gradient::new(self.gradient, gradient.scale());
        passes.add_to_path(self.path, &gradient, self.before, weights);
    }

    fn end_task(
        &mut self,
        passes: &mut dyn Passes<S, L>,
        weights: &mut Weights<'_, S, L>,
        _items: Items<'_>,
        _gradient: &mut Gradient<'_, S, L>,
        _rng: &mut dyn Rng,
    ) -> Result<(), BufferFull> {
        let (shape, xi) = (passes.model().shape, S::Wide::from_f64(self.options.xi));
        // The path sum has served: the importances take its place.
        for ((path, weights), start) in self.path.iter_mut().zip(weights.rows()).zip(self.start.iter()) {
            for ((path, &theta), &start) in path.iter_mut().zip(weights).zip(start) {
                *path = path_importance(*path, theta, start, xi);
            }
        }
        distribution::clear_unused_lanes(&shape, self.path);
        if self.options.normalised {
            distribution::divide_by_largest(&shape, self.path);
        }
        self.quadratic.move_term(weights.rows(), self.path);
        Ok(())
    }

    fn state(&mut self, state: &mut dyn State<S, L>) {
        self.quadratic.state(state);
    }
}

fn copy<S: Scalar, const L: usize>(to: &mut [Row<S, L>], from: &[Row<S, L>]) {
    for (to, from) in to.iter_mut().zip(from) {
        *to = *from;
    }
}
