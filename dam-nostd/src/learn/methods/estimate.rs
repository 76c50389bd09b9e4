//! Estimating a task's importances from its items, for EWC and MAS: omega = the mean over items, or over minibatches, of
//! the square or the absolute value of a derivative.

use core::num::NonZeroUsize;

use rand_core::Rng;

use crate::error::BufferFull;
use crate::learn::passes::{Gradient, Passes};
use crate::maths::consolidation::Measure;
use crate::maths::objective::Objective;
use crate::measure::distribution;
use crate::model::items::{Items, Union};
use crate::model::network::Weights;
use crate::model::rng;
use crate::model::rule::Rule;
use crate::number::lanes::Row;
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

/// What is estimated.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Of {
    pub objective: Objective,
    pub measure: Measure,
}

impl Estimate {
    /// Fills `fresh`; `picks` has an entry for each item that is used. The lanes of a block that are no memory vectors are
    /// zero.
    #[allow(clippy::too_many_arguments, reason = "what, of what, into what")]
    pub(crate) fn run<S: Scalar, const L: usize>(
        &self,
        passes: &mut dyn Passes<S, L>,
        weights: &mut Weights<'_, S, L>,
        items: Items<'_>,
        of: Of,
        gradient: &mut Gradient<'_, S, L>,
        fresh: &mut [Row<S::Wide, L>],
        picks: &mut [u32],
        rng: &mut dyn Rng,
    ) -> Result<(), BufferFull> {
        let count = self.items.map_or(items.len(), |count| count.get().min(items.len()));
        let full = BufferFull { capacity: picks.len() };
        let picks = picks.get_mut(..count).ok_or(full)?;
        let mut places = picks.iter_mut();
        rng::choose(items.len(), count, rng, |i| {
            if let Some(place) = places.next() {
                *place = i as u32;
            }
        });
        let (shape, union, Of { objective, measure }) = (passes.model().shape, Union::only(items), of);
        fresh.fill([S::Wide::ZERO; L]);
        match self.per {
            Per::Item => {
                passes.importances(weights, &union, picks, objective, measure, gradient.scale(), fresh);
            }
            Per::Batch(size) => {
                rng::shuffle(picks, rng);
                let share = S::Wide::ONE / S::Wide::from_f64(count.div_ceil(size.get()).max(1) as f64);
                // Of the mean, even where training takes sums.
                let rule = Rule { mean: true, ..passes.rule() };
                for batch in picks.chunks_mut(size.get()) {
                    passes.gradient(rule, weights, &union, batch, objective, gradient);
                    passes.add_measure(gradient, measure, share, fresh);
                }
            }
        }
        distribution::clear_unused_lanes(&shape, fresh);
        if self.normalised {
            distribution::divide_by_largest(&shape, fresh);
        }
        Ok(())
    }
}
