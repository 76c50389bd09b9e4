//! Heterogeneous pseudorehearsal (Robins and McCallum, 1998), section 3.2 of the paper: a random state and the state that it
//! relaxes to are learned again as a pair, so that what the network makes of noise stays as it is.
//!
//! What is trained is the class neurons, off in what they are shown. A pair is therefore one item: pixels and task-ID
//! neurons as the probe had them, and as the target the class neurons that it came to rest with.

use rand_core::Rng;

use super::pseudorehearsal::{PseudoBuffers, Report, Rested};
use super::rehearsal::{ItemBuffer, portion};
use super::{Method, State};
use crate::error::BufferFull;
use crate::learn::passes::{Gradient, Passes};
use crate::model::bits;
use crate::model::items::Items;
use crate::model::network::Weights;
use crate::number::scalar::Scalar;

/// Relaxes random probes at the end of each task, each neuron +1 or -1 with equal chance and all neurons updated at once,
/// and has the class neurons that they come to rest with learned again from the probes.
#[derive(Debug)]
pub struct HeterogeneousPseudorehearsal<'a> {
    proportion: f64,
    most_sweeps: u32,
    buffers: PseudoBuffers<'a>,
    /// The probes as they were drawn, as many words as `buffers.states`.
    starts: &'a mut [u32],
    report: Report,
}

impl<'a> HeterogeneousPseudorehearsal<'a> {
    /// `proportion` r of 0 to 1: probes for each item of the task; each relaxes for at most `most_sweeps`. `starts` has as
    /// many words as the states of `buffers`, whose items have room for r times the items of every task that
    /// [`Method::end_task`] is called for.
    pub fn new(proportion: f64, most_sweeps: u32, buffers: PseudoBuffers<'a>, starts: &'a mut [u32]) -> Self {
        Self { proportion, most_sweeps, buffers, starts, report: Report::default() }
    }

    /// The pairs, an item each.
    pub fn items(&self) -> Items<'_> {
        self.buffers.items.items()
    }

    /// How the probes of the last task's end fared.
    pub fn report(&self) -> Report {
        self.report
    }
}

impl<S: Scalar, const L: usize> Method<S, L> for HeterogeneousPseudorehearsal<'_> {
    fn rehearsed(&self) -> Items<'_> {
        self.buffers.items.items()
    }

    fn end_task(
        &mut self,
        passes: &mut dyn Passes<S, L>,
        weights: &mut Weights<'_, S, L>,
        items: Items<'_>,
        _gradient: &mut Gradient<'_, S, L>,
        rng: &mut dyn Rng,
    ) -> Result<(), BufferFull> {
        let shape = passes.model().shape;
        let words = shape.words().max(1);
        let Self { proportion, most_sweeps, buffers, starts, report } = self;
        *report = Report::default();
        let first = buffers.items.items().len();
        let wanted = portion(*proportion, items.len());
        if starts.len() < buffers.states.len() {
            return Err(BufferFull { capacity: starts.len() / words });
        }
        let rested = |Rested { state, start, end, .. }: Rested<'_>, items: &mut ItemBuffer<'_>| {
            for neuron in shape.class_neurons() {
                bits::set(start, neuron, bits::is_on(state, neuron));
            }
            items.push(start, Items::IDENTITY)?;
            report.count(end);
            report.count_kept(shape.class_neurons().filter(|&neuron| bits::is_on(start, neuron)).count());
            Ok(())
        };
        buffers.relax(passes, weights, wanted, *most_sweeps, rng, starts, |_, _| {}, rested)?;
        report.count_distinct(&buffers.items.items(), first);
        Ok(())
    }

    fn state(&mut self, state: &mut dyn State<S, L>) {
        self.buffers.items.state(state);
        self.report.state(state);
    }
}
