//! Sequential learning: what is done so that a new task does not wipe out the old ones. One method a file.
//!
//! Every method is a [`Method`]: it may let items be learned along with the new task's, change the gradient of each batch,
//! see each step, and keep what it needs at the end of a task. The gradient it is shown is the raw one of the batch,
//! before momentum and normalisation.
//!
//! Joint learning, the upper bound, needs no method: [`Vanilla`] learns the items of all tasks at once, which
//! [`Items`] can hold together since each item says how it is permuted. Where the accuracy after each task is wanted as
//! well, [`NaiveRehearsal`] of proportion 1 learns every item again with every later task.

pub mod agem;
pub mod consolidation;
pub mod estimate;
pub mod gem;
pub mod heterogeneous;
pub mod last;
pub mod penalty;
pub mod projection;
pub mod pseudorehearsal;
pub(crate) mod qp;
pub mod rehearsal;
pub mod si;
pub mod state;
pub mod sweep;
pub mod vanilla;

pub use agem::AGem;
pub use consolidation::Consolidation;
pub use gem::Gem;
pub use heterogeneous::HeterogeneousPseudorehearsal;
pub use last::Last;
pub use pseudorehearsal::Pseudorehearsal;
pub use rehearsal::NaiveRehearsal;
pub use si::Si;
pub use state::State;
pub use sweep::SweepRehearsal;
pub use vanilla::Vanilla;

use rand_core::Rng;

use super::passes::{Gradient, Passes};
use crate::error::BufferFull;
use crate::model::items::Items;
use crate::model::network::Weights;
use crate::number::scalar::Scalar;

/// A method of sequential learning.
///
/// Passes take the weights' sums, and may therefore change these; the weights themselves are for
/// [`observe_step`](Self::observe_step) alone to change.
pub trait Method<S: Scalar, const L: usize> {
    /// Items to be shuffled and batched together with the new task's.
    fn rehearsed(&self) -> Items<'_> {
        Items::NONE
    }

    /// A task begins with these weights.
    fn begin_task(&mut self, weights: &Weights<'_, S, L>) {
        let _ = weights;
    }

    /// An epoch begins. A method may change which items are rehearsed, but not how many.
    fn begin_epoch(&mut self, rng: &mut dyn Rng) {
        let _ = rng;
    }

    /// Changes the gradient of a batch.
    fn alter_gradient(
        &mut self,
        passes: &mut dyn Passes<S, L>,
        weights: &mut Weights<'_, S, L>,
        gradient: &mut Gradient<'_, S, L>,
    ) {
        let _ = (passes, weights, gradient);
    }

    /// A step was taken to these weights along `gradient`. A method may move them further.
    fn observe_step(
        &mut self,
        passes: &mut dyn Passes<S, L>,
        weights: &mut Weights<'_, S, L>,
        gradient: &Gradient<'_, S, L>,
        rate: S,
    ) {
        let _ = (passes, weights, gradient, rate);
    }

    /// A task, `items`, has been learned with these weights. `gradient` is no longer needed and may be overwritten.
    ///
    /// # Errors
    /// What is to be kept does not fit.
    fn end_task(
        &mut self,
        passes: &mut dyn Passes<S, L>,
        weights: &mut Weights<'_, S, L>,
        items: Items<'_>,
        gradient: &mut Gradient<'_, S, L>,
        rng: &mut dyn Rng,
    ) -> Result<(), BufferFull> {
        let _ = (passes, weights, items, gradient, rng);
        Ok(())
    }

    /// Shows what later tasks need of earlier ones. Between tasks only.
    fn state(&mut self, state: &mut dyn State<S, L>) {
        let _ = state;
    }
}
