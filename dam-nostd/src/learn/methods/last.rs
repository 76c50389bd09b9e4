//! The last task of a sequence, after which nothing has to be kept.

use rand_core::Rng;

use super::{Method, State};
use crate::learn::passes::{Gradient, Passes};
use crate::model::items::Items;
use crate::model::network::Weights;
use crate::number::scalar::Scalar;

/// A method without the end of its task: spares the room for the last task's items, and the time for its importances or
/// probes. All else is passed on.
pub struct Last<'a, S: Scalar, const L: usize>(pub &'a mut dyn Method<S, L>);

impl<S: Scalar, const L: usize> core::fmt::Debug for Last<'_, S, L> {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.debug_tuple("Last").finish_non_exhaustive()
    }
}

impl<S: Scalar, const L: usize> Method<S, L> for Last<'_, S, L> {
    fn rehearsed(&self) -> Items<'_> {
        self.0.rehearsed()
    }

    fn begin_task(&mut self, weights: &Weights<'_, S, L>) {
        self.0.begin_task(weights);
    }

    fn begin_epoch(&mut self, rng: &mut dyn Rng) {
        self.0.begin_epoch(rng);
    }

    fn alter_gradient(
        &mut self,
        passes: &mut dyn Passes<S, L>,
        weights: &mut Weights<'_, S, L>,
        gradient: &mut Gradient<'_, S, L>,
    ) {
        self.0.alter_gradient(passes, weights, gradient);
    }

    fn observe_step(
        &mut self,
        passes: &mut dyn Passes<S, L>,
        weights: &mut Weights<'_, S, L>,
        gradient: &Gradient<'_, S, L>,
        rate: S,
    ) {
        self.0.observe_step(passes, weights, gradient, rate);
    }

    fn state(&mut self, state: &mut dyn State<S, L>) {
        self.0.state(state);
    }
}
