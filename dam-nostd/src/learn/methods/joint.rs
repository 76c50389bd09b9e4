//! Joint learning, the upper bound: all tasks' items at once, as if they did not come in a sequence.
//!
//! There are two ways to it. The bound itself is one run of [`Vanilla`](super::Vanilla) on the items of all tasks, which
//! [`Items`] can hold together since each item names its wiring. Where the accuracy after each task is wanted as well,
//! [`Joint`] keeps every item and learns it again with every later task. Whether the weights start anew with each task or
//! go on from the last is up to the caller, who owns them: with new weights each task's end is the bound for the tasks
//! so far.

use rand_core::Rng;

use super::rehearsal::{ItemBuffer, NaiveRehearsal};
use super::{BufferFull, Method, State};
use crate::backend::engine::Engine;
use crate::model::items::Items;
use crate::number::lanes::Row;
use crate::number::scalar::Scalar;

/// Naive rehearsal of everything: proportion 1.
#[derive(Debug)]
pub struct Joint<'a>(NaiveRehearsal<'a>);

/// Bytes that [`Joint`] keeps for `items` items of `neurons` neurons.
pub const fn bytes(neurons: usize, items: usize) -> usize {
    ItemBuffer::bytes(neurons, items)
}

impl<'a> Joint<'a> {
    /// `buffer` has room for the items of every task that [`Method::end_task`] is called for.
    pub fn new(buffer: ItemBuffer<'a>) -> Self {
        Self(NaiveRehearsal::new(1.0, buffer))
    }
}

impl<S: Scalar, const L: usize, E> Method<S, L, E> for Joint<'_> {
    fn rehearsed(&self) -> Items<'_> {
        <NaiveRehearsal<'_> as Method<S, L, E>>::rehearsed(&self.0)
    }

    fn end_task(
        &mut self,
        engine: &mut Engine<'_, S, L, E>,
        weights: &[Row<S, L>],
        items: Items<'_>,
        rng: &mut dyn Rng,
    ) -> Result<(), BufferFull> {
        self.0.end_task(engine, weights, items, rng)
    }

    fn state(&mut self, state: &mut dyn State<S, L>) {
        <NaiveRehearsal<'_> as Method<S, L, E>>::state(&mut self.0, state);
    }
}
