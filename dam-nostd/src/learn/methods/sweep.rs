//! Sweep rehearsal (Robins, 1993; Silver, Mason and Eljabu, 2015), section 3.1 of the paper: items are kept as in naive
//! rehearsal, and a new sample of them joins the new task's items at each epoch.

use rand_core::Rng;

use super::rehearsal::{ItemBuffer, portion};
use super::{Method, State};
use crate::error::BufferFull;
use crate::learn::passes::{Gradient, Passes};
use crate::model::items::Items;
use crate::model::network::Weights;
use crate::model::rng;
use crate::number::scalar::Scalar;

/// Keeps a proportion of each task's items and has a sample of all of them learned again, a new one at each epoch.
#[derive(Debug)]
pub struct SweepRehearsal<'a> {
    proportion: f64,
    sample: usize,
    buffer: ItemBuffer<'a>,
}

impl<'a> SweepRehearsal<'a> {
    /// `proportion` r of 0 to 1; `sample` items of the buffer are learned at each epoch, or all where there are fewer;
    /// `buffer` has room for r times the items of every task that [`Method::end_task`] is called for.
    pub fn new(proportion: f64, sample: usize, buffer: ItemBuffer<'a>) -> Self {
        Self { proportion, sample, buffer }
    }
}

impl<S: Scalar, const L: usize> Method<S, L> for SweepRehearsal<'_> {
    fn rehearsed(&self) -> Items<'_> {
        self.buffer.first(self.sample)
    }

    /// Moves the epoch's sample to the front of the buffer, by the first steps of a shuffle; a sample of everything needs none.
    fn begin_epoch(&mut self, rng: &mut dyn Rng) {
        let kept = self.buffer.items().len();
        let drawn = if self.sample < kept { self.sample } else { 0 };
        for place in 0..drawn {
            let other = place + rng::below(rng, (kept - place) as u32) as usize;
            self.buffer.swap(place, other);
        }
    }

    fn end_task(
        &mut self,
        _passes: &mut dyn Passes<S, L>,
        _weights: &mut Weights<'_, S, L>,
        items: Items<'_>,
        _gradient: &mut Gradient<'_, S, L>,
        rng: &mut dyn Rng,
    ) -> Result<(), BufferFull> {
        self.buffer.keep(items, portion(self.proportion, items.len()), rng)
    }

    fn state(&mut self, state: &mut dyn State<S, L>) {
        self.buffer.state(state);
    }
}
