//! Synaptic Intelligence (Zenke, Poole and Ganguli, 2017), section 3.8 of the paper, eq. 14 to 18.
//!
//! The sign is that of Zenke et al.: a weight is important that bought a fall of the loss. Eq. 14 and 15 as printed have
//! the opposite sign, which would reward rises.

use rand_core::Rng;

use super::penalty::{Penalty, Quadratic};
use super::{BufferFull, Method, State, TooShort, distribution};
use crate::backend::engine::Engine;
use crate::backend::executor::{self, Executor, Kernel};
use crate::maths::field::block_rows;
use crate::maths::gradient::exponents_of;
use crate::model::items::Items;
use crate::model::shape::Shape;
use crate::number::lanes::Row;
use crate::number::scalar::Scalar;

/// How SI works.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct SiOptions {
    /// lambda, and where the penalty enters.
    pub penalty: Penalty,
    /// xi, the epsilon of eq. 17: what a displacement's square is increased by. Above 0.
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

/// Bytes that [`Si`] keeps, for any number of tasks.
pub const fn bytes(shape: &Shape, lanes: usize, scalar: usize) -> usize {
    6 * shape.rows(lanes) * lanes * scalar
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

impl<S: Scalar, const L: usize, E: Executor> Method<S, L, E> for Si<'_, S, L> {
    fn begin_task(&mut self, _engine: &mut Engine<'_, S, L, E>, weights: &[Row<S, L>]) {
        self.path.fill([S::Wide::ZERO; L]);
        copy(self.start, weights);
    }

    fn alter_gradient(&mut self, engine: &mut Engine<'_, S, L, E>, weights: &[Row<S, L>], gradient: &mut [Row<S, L>]) {
        copy(self.before, weights);
        copy(self.gradient, gradient);
        self.quadratic.pull(engine, weights, gradient);
    }

    fn observe_step(&mut self, engine: &mut Engine<'_, S, L, E>, weights: &mut [Row<S, L>], rate: S) {
        let shape = engine.model.shape;
        self.quadratic.step(engine.executor(), &shape, weights, rate);
        let kernel = Walk {
            gradient: self.gradient,
            exponents: engine.exponents(),
            before: self.before,
            weights,
            neurons: shape.neurons(),
        };
        executor::each_block(engine.executor(), 0..shape.blocks(L), &mut *self.path, shape.neurons(), &kernel);
    }

    fn end_task(
        &mut self,
        engine: &mut Engine<'_, S, L, E>,
        weights: &[Row<S, L>],
        _items: Items<'_>,
        _rng: &mut dyn Rng,
    ) -> Result<(), BufferFull> {
        let (shape, xi) = (engine.model.shape, S::Wide::from_f64(self.options.xi));
        // The path sum has served: the importances take its place.
        for ((path, weights), start) in self.path.iter_mut().zip(weights).zip(self.start.iter()) {
            for ((path, &theta), &start) in path.iter_mut().zip(weights).zip(start) {
                let away = (theta - start).as_weight();
                *path = (*path / (away * away + xi)).larger(S::Wide::ZERO);
            }
        }
        distribution::clear_dead_lanes(&shape, self.path);
        if self.options.normalised {
            distribution::divide_by_largest(&shape, self.path);
        }
        self.quadratic.move_term(weights, self.path);
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

/// Parts: the path sum, from which gradient * (weights - before) is subtracted.
struct Walk<'a, S: Scalar, const L: usize> {
    gradient: &'a [Row<S, L>],
    exponents: &'a [Row<S::Exponent, L>],
    before: &'a [Row<S, L>],
    weights: &'a [Row<S, L>],
    neurons: usize,
}

impl<S: Scalar, const L: usize> Kernel<&mut [Row<S::Wide, L>]> for Walk<'_, S, L> {
    #[inline(always)]
    fn apply(&self, block: usize, path: &mut [Row<S::Wide, L>]) {
        let exponents = exponents_of(self.exponents, block);
        let of_block = |rows| block_rows(rows, self.neurons, block);
        let moved = of_block(self.weights).iter().zip(of_block(self.before));
        for ((path, gradient), (after, before)) in path.iter_mut().zip(of_block(self.gradient)).zip(moved) {
            for l in 0..L {
                path[l] = path[l] - gradient[l].as_slope(exponents[l]) * (after[l] - before[l]).as_weight();
            }
        }
    }
}
