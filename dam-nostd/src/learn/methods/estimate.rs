//! Estimating a task's importances from its items, for EWC and MAS: omega = the mean over items, or over minibatches, of
//! the square or the absolute value of a derivative.

use core::num::NonZeroUsize;

use rand_core::Rng;

use crate::backend::engine::Engine;
use crate::backend::executor::{self, Executor, Kernel};
use crate::learn::methods::distribution;
use crate::learn::methods::importance::{Measure, slopes};
use crate::learn::methods::{BufferFull, TooShort};
use crate::maths::field::block_rows;
use crate::maths::gradient::exponents_of;
use crate::maths::objective::Objective;
use crate::model::items::{Items, Union};
use crate::model::rng;
use crate::model::shape::Shape;
use crate::number::lanes::{self, Row};
use crate::number::scalar::Scalar;

/// What is measured before the mean is taken.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Per {
    /// The derivative for each item by itself: the definition (the empirical Fisher information, for EWC).
    #[default]
    Item,
    /// The mean derivative of each minibatch of so many items, in random order; a last, smaller minibatch counts as much as
    /// any other. Derivatives of different items cancel here, so importances come out smaller.
    Batch(NonZeroUsize),
}

/// How importances are estimated.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Estimate {
    /// Item by item, or minibatch by minibatch.
    pub per: Per,
    /// How many of the task's items are used, drawn at random; `None` for all.
    pub items: Option<NonZeroUsize>,
    /// Whether each task's importances are divided by the largest of them before they join those of earlier tasks.
    pub normalised: bool,
}

/// Memory for an estimate, lent.
#[derive(Debug)]
pub struct EstimateBuffers<'a, S: Scalar, const L: usize> {
    /// [`Shape::rows`] rows: the newest task's importances.
    pub fresh: &'a mut [Row<S::Wide, L>],
    /// [`Shape::rows`] rows for [`Per::Batch`]; may be empty for [`Per::Item`].
    pub gradient: &'a mut [Row<S, L>],
    /// One entry for each item that is used.
    pub picks: &'a mut [u32],
}

/// Bytes of [`EstimateBuffers`] for numbers of `scalar` bytes.
pub const fn bytes(shape: &Shape, lanes: usize, scalar: usize, per: Per, items: usize) -> usize {
    let arrays = match per {
        Per::Item => 1,
        Per::Batch(_) => 2,
    };
    arrays * shape.rows(lanes) * lanes * scalar + 4 * items
}

impl Estimate {
    /// Whether the buffers are long enough, but for `picks`: how many items a task has is not known yet.
    pub(crate) fn check<S: Scalar, const L: usize>(
        &self,
        shape: &Shape,
        buffers: &EstimateBuffers<'_, S, L>,
    ) -> Result<(), TooShort> {
        TooShort::check("fresh importances", buffers.fresh.len(), shape.rows(L))?;
        match self.per {
            Per::Item => Ok(()),
            Per::Batch(_) => TooShort::check("gradient", buffers.gradient.len(), shape.rows(L)),
        }
    }

    /// Fills `buffers.fresh`. The lanes of a block that are no memory vectors are zero.
    #[allow(clippy::too_many_arguments, reason = "what, of what, into what")]
    pub(crate) fn run<S: Scalar, const L: usize, E: Executor>(
        &self,
        engine: &mut Engine<'_, S, L, E>,
        weights: &[Row<S, L>],
        items: Items<'_>,
        objective: Objective,
        measure: Measure,
        buffers: &mut EstimateBuffers<'_, S, L>,
        rng: &mut dyn Rng,
    ) -> Result<(), BufferFull> {
        let count = self.items.map_or(items.len(), |count| count.get().min(items.len()));
        let full = BufferFull { capacity: buffers.picks.len() };
        let picks = buffers.picks.get_mut(..count).ok_or(full)?;
        let mut places = picks.iter_mut();
        rng::choose(items.len(), count, rng, |i| {
            if let Some(place) = places.next() {
                *place = i as u32;
            }
        });
        let (shape, union) = (engine.model.shape, Union::only(items));
        buffers.fresh.fill([S::Wide::ZERO; L]);
        match self.per {
            Per::Item => engine.importances(weights, &union, picks, objective, measure, buffers.fresh),
            Per::Batch(size) => {
                rng::shuffle(picks, rng);
                let share = S::Wide::ONE / S::Wide::from_f64(count.div_ceil(size.get()).max(1) as f64);
                // Of the mean, even where training takes sums.
                let mean = core::mem::replace(&mut engine.rule.mean, true);
                for batch in picks.chunks_mut(size.get()) {
                    engine.gradient(weights, &union, batch, objective, buffers.gradient);
                    let kernel = Add {
                        gradient: buffers.gradient,
                        exponents: engine.exponents(),
                        measure,
                        share,
                        neurons: shape.neurons(),
                    };
                    let parts = &mut *buffers.fresh;
                    executor::each_block(engine.executor(), 0..shape.blocks(L), parts, shape.neurons(), &kernel);
                }
                engine.rule.mean = mean;
            }
        }
        distribution::clear_dead_lanes(&shape, buffers.fresh);
        if self.normalised {
            distribution::divide_by_largest(&shape, buffers.fresh);
        }
        Ok(())
    }
}

/// Parts: the importances, to which the measure of the gradient times `share` is added.
struct Add<'a, S: Scalar, const L: usize> {
    gradient: &'a [Row<S, L>],
    exponents: &'a [Row<S::Exponent, L>],
    measure: Measure,
    share: S::Wide,
    neurons: usize,
}

impl<S: Scalar, const L: usize> Kernel<&mut [Row<S::Wide, L>]> for Add<'_, S, L> {
    #[inline(always)]
    fn apply(&self, block: usize, importances: &mut [Row<S::Wide, L>]) {
        let exponents = exponents_of(self.exponents, block);
        for (row, gradient) in importances.iter_mut().zip(block_rows(self.gradient, self.neurons, block)) {
            lanes::add_to(row, &slopes(gradient, &exponents, |g| self.share * self.measure.of(g)));
        }
    }
}
