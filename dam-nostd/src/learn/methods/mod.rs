//! Sequential learning: what is done so that a new task does not wipe out the old ones. One method a file.
//!
//! Every method is a [`Method`]: it may let items be learned along with the new task's, change the gradient of each batch,
//! see each step, and keep what it needs at the end of a task. The gradient it is shown is the raw one of the batch,
//! before momentum and normalisation.

pub mod agem;
pub mod distribution;
pub mod estimate;
pub mod ewc;
pub mod gem;
pub mod importance;
pub mod joint;
pub mod l2;
pub mod last;
pub mod mas;
pub mod penalty;
pub mod projection;
pub mod pseudorehearsal;
pub mod qp;
pub mod rehearsal;
pub mod si;
pub mod state;
pub mod vanilla;

pub use agem::AGem;
pub use ewc::Ewc;
pub use gem::Gem;
pub use joint::Joint;
pub use l2::L2;
pub use last::Last;
pub use mas::Mas;
pub use pseudorehearsal::Pseudorehearsal;
pub use rehearsal::NaiveRehearsal;
pub use si::Si;
pub use state::State;
pub use vanilla::Vanilla;

use core::fmt;

use rand_core::Rng;

use crate::backend::engine::Engine;
use crate::model::items::Items;
use crate::number::lanes::Row;
use crate::number::scalar::Scalar;

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

    /// Shows what later tasks need of earlier ones. Between tasks only.
    fn state(&mut self, state: &mut dyn State<S, L>) {
        let _ = state;
    }
}

/// What a method keeps of past tasks has no more room.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct BufferFull {
    /// How many it holds at most: items, or for GEM's gradients tasks.
    pub capacity: usize,
}

impl fmt::Display for BufferFull {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "a buffer of the method is full: it has {} places", self.capacity)
    }
}

impl core::error::Error for BufferFull {}

/// A method was lent less memory than it works with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TooShort {
    /// For what.
    pub what: &'static str,
    /// Rows, or numbers, that were lent.
    pub lent: usize,
    /// Those that are needed.
    pub wanted: usize,
}

impl TooShort {
    pub(crate) fn check(what: &'static str, lent: usize, wanted: usize) -> Result<(), Self> {
        if lent < wanted { Err(Self { what, lent, wanted }) } else { Ok(()) }
    }
}

impl fmt::Display for TooShort {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {} lent, {} needed", self.what, self.lent, self.wanted)
    }
}

impl core::error::Error for TooShort {}
