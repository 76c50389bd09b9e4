//! The last task of a sequence, after which nothing has to be kept.

use super::{Method, State};
use crate::backend::engine::Engine;
use crate::model::items::Items;
use crate::number::lanes::Row;
use crate::number::scalar::Scalar;

/// A method without the end of its task: spares the room for the last task's items, and the time for its importances or
/// probes. All else is passed on.
pub struct Last<'a, S: Scalar, const L: usize, E>(pub &'a mut dyn Method<S, L, E>);

impl<S: Scalar, const L: usize, E> core::fmt::Debug for Last<'_, S, L, E> {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.debug_tuple("Last").finish_non_exhaustive()
    }
}

impl<S: Scalar, const L: usize, E> Method<S, L, E> for Last<'_, S, L, E> {
    fn rehearsed(&self) -> Items<'_> {
        self.0.rehearsed()
    }

    fn begin_task(&mut self, engine: &mut Engine<'_, S, L, E>, weights: &[Row<S, L>]) {
        self.0.begin_task(engine, weights);
    }

    fn alter_gradient(&mut self, engine: &mut Engine<'_, S, L, E>, weights: &[Row<S, L>], gradient: &mut [Row<S, L>]) {
        self.0.alter_gradient(engine, weights, gradient);
    }

    fn observe_step(&mut self, engine: &mut Engine<'_, S, L, E>, weights: &mut [Row<S, L>], rate: S) {
        self.0.observe_step(engine, weights, rate);
    }

    fn state(&mut self, state: &mut dyn State<S, L>) {
        self.0.state(state);
    }
}
