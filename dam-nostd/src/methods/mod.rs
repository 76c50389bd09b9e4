//! Sequential learning: what is done so that a new task does not wipe out the old ones. One method a file.
//!
//! Every method is a [`Method`]: it may let items be learned along with the new task's, change the gradient of each batch,
//! see each step, and keep what it needs at the end of a task. The gradient it is shown is the raw one of the batch,
//! before momentum and normalisation.

pub mod importance;
pub mod rehearsal;
pub mod vanilla;

pub use rehearsal::NaiveRehearsal;
pub use vanilla::Vanilla;

use core::fmt;

use rand_core::Rng;

use crate::engine::Engine;
use crate::items::Items;
use crate::lanes::Row;
use crate::scalar::Scalar;

/// A method of sequential learning.
///
/// Weights, gradients and whatever a method keeps of the same form lie as `[block][neuron][lane]`.
pub trait Method<S: Scalar, const L: usize, E> {
    /// Items to be shuffled and batched together with the new task's.
    fn rehearsed(&self) -> Items<'_> {
        Items::NONE
    }

    /// A task begins with these weights.
    fn begin_task(&mut self, engine: &mut Engine<'_, S, L, E>, weights: &[Row<S, L>]) {
        let _ = (engine, weights);
    }

    /// Changes the gradient of a batch.
    fn alter_gradient(&mut self, engine: &mut Engine<'_, S, L, E>, weights: &[Row<S, L>], gradient: &mut [Row<S, L>]) {
        let _ = (engine, weights, gradient);
    }

    /// A step was taken to these weights. A method may move them further.
    fn observe_step(&mut self, engine: &mut Engine<'_, S, L, E>, weights: &mut [Row<S, L>], rate: S) {
        let _ = (engine, weights, rate);
    }

    /// A task, `items`, has been learned with these weights.
    fn end_task(
        &mut self,
        engine: &mut Engine<'_, S, L, E>,
        weights: &[Row<S, L>],
        items: Items<'_>,
        rng: &mut dyn Rng,
    ) -> Result<(), BufferFull> {
        let _ = (engine, weights, items, rng);
        Ok(())
    }
}

/// A method's buffer of items has no more room.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct BufferFull {
    /// Items that it holds at most.
    pub capacity: usize,
}

impl fmt::Display for BufferFull {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "the buffer of rehearsed items is full: it holds {} items", self.capacity)
    }
}

impl core::error::Error for BufferFull {}
