//! Pseudorehearsal (Robins, 1995; Robins and McCallum, 1998), section 3.2 of the paper: random states are relaxed, and
//! where they come to rest is learned again with every later task. No item of a past task is kept.

use core::num::NonZeroU32;

use rand_core::Rng;

use super::rehearsal::{ItemBuffer, portion};
use super::{Method, State};
use crate::error::BufferFull;
use crate::learn::passes::{Gradient, Passes};
use crate::learn::relax::{self, End, Relaxed};
use crate::model::bits;
use crate::model::items::Items;
use crate::model::network::Weights;
use crate::model::shape::Shape;
use crate::number::scalar::Scalar;

/// What becomes of the pseudo-items of earlier tasks when a task ends.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Growth {
    /// They stay, and as many as r times the items of the task that has ended are added.
    #[default]
    Add,
    /// They are dropped, and as many as r times the items of all tasks so far are found anew.
    Regenerate,
}

/// The task-ID neurons of probes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum TaskNeurons {
    /// Random at first and updated like all others.
    #[default]
    Free,
    /// At first the one-hot name of a task, updated like all others, and set to that name again when the probe has come to
    /// rest. The task is the one that has ended; where all are regenerated, the tasks so far in turn. The task learned
    /// first has the first task-ID neuron, and so on.
    Held,
}

/// How pseudorehearsal works.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct PseudoOptions {
    /// r, 0 to 1: probes for each item of the task.
    pub proportion: f64,
    /// The most sweeps of a relaxation. A probe that has not come to rest by then is kept as it is, and so is one that
    /// went into a cycle.
    pub most_sweeps: u32,
    /// What becomes of earlier pseudo-items.
    pub growth: Growth,
    /// If given, states that the buffer holds already are dropped, and probes drawn in their place so many times at most.
    /// Then there may be fewer pseudo-items than asked for.
    pub unique: Option<u32>,
    /// The task-ID neurons of probes.
    pub task_neurons: TaskNeurons,
    /// The interaction vertex that probes are relaxed with; `None` for that of training. With another one, what the memory
    /// vectors have become and how the network responds come apart.
    pub vertex: Option<NonZeroU32>,
}

impl PseudoOptions {
    /// Of proportion `proportion`: at most 100 sweeps, added to earlier ones, not unique, task-ID neurons free, relaxed as
    /// trained.
    pub const fn new(proportion: f64) -> Self {
        let (growth, task_neurons) = (Growth::Add, TaskNeurons::Free);
        Self { proportion, most_sweeps: 100, growth, unique: None, task_neurons, vertex: None }
    }
}

/// Memory for pseudorehearsal, lent.
#[derive(Debug)]
pub struct PseudoBuffers<'a> {
    /// Room for r times the items of every task that [`Method::end_task`] is called for.
    pub items: ItemBuffer<'a>,
    /// [`Shape::words`] words for each probe that is relaxed at once.
    pub states: &'a mut [u32],
    /// As many.
    pub previous: &'a mut [u32],
    /// One entry for each probe that is relaxed at once.
    pub active: &'a mut [u32],
    /// As many.
    pub relaxed: &'a mut [Relaxed],
}

/// A probe that has come to its end.
pub(super) struct Rested<'a> {
    /// Its number.
    pub probe: usize,
    /// Where it is.
    pub state: &'a mut [u32],
    /// Where it was drawn, if there is room to keep that.
    pub start: &'a mut [u32],
    /// How it ended.
    pub end: End,
}

impl PseudoBuffers<'_> {
    /// Draws and relaxes `wanted` probes, as many at once as fit. `drawn` may change each before it relaxes, `rested` makes
    /// an item of it. `starts` lends as many words as there are for states, or none.
    ///
    /// # Errors
    /// No probe fits; the error of `rested`.
    #[allow(clippy::too_many_arguments, reason = "the network, how many, and what becomes of them")]
    pub(super) fn relax<S: Scalar, const L: usize>(
        &mut self,
        passes: &mut dyn Passes<S, L>,
        weights: &mut Weights<'_, S, L>,
        wanted: usize,
        most_sweeps: u32,
        rng: &mut dyn Rng,
        starts: &mut [u32],
        drawn: impl Fn(usize, &mut [u32]),
        mut rested: impl FnMut(Rested<'_>, &mut ItemBuffer<'_>) -> Result<(), BufferFull>,
    ) -> Result<(), BufferFull> {
        let Self { items, states, previous, active, relaxed } = self;
        let shape = passes.model().shape;
        let words = shape.words().max(1);
        let room = (states.len().min(previous.len()) / words).min(active.len()).min(relaxed.len());
        let mut first = 0;
        while first < wanted {
            let count = room.min(wanted - first);
            let (Some(states), Some(relaxed), 1..) = (states.get_mut(..count * words), relaxed.get_mut(..count), count)
            else {
                return Err(BufferFull { capacity: 0 });
            };
            for (probe, state) in (first..).zip(states.chunks_exact_mut(words)) {
                randomise(&shape, state, rng);
                drawn(probe, state);
            }
            starts.iter_mut().zip(states.iter()).for_each(|(start, &state)| *start = state);
            relax::synchronous(passes, weights, states, previous, active, relaxed, most_sweeps);
            for (i, (state, relaxed)) in states.chunks_exact_mut(words).zip(relaxed.iter()).enumerate() {
                let start = starts.get_mut(i * words..(i + 1) * words).unwrap_or_default();
                rested(Rested { probe: first + i, state, start, end: relaxed.end }, items)?;
            }
            first += count;
        }
        Ok(())
    }
}

/// How the probes fared at the end of a task.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Report {
    /// Probes that were relaxed.
    pub probes: u32,
    /// Those that came to rest.
    pub stable: u32,
    /// Those that went into a cycle of two states.
    pub cycled: u32,
    /// Those that still changed after the most sweeps.
    pub limit: u32,
    /// Pseudo-items that went into the buffer.
    pub kept: u32,
    /// How many different ones these are.
    pub distinct: u32,
    /// How many of those kept have exactly one class neuron on.
    pub one_class: u32,
}

impl Report {
    /// A probe that was relaxed.
    pub(super) fn count(&mut self, end: End) {
        self.probes += 1;
        match end {
            End::Stable => self.stable += 1,
            End::Cycle => self.cycled += 1,
            End::Limit => self.limit += 1,
        }
    }

    /// A pseudo-item that was kept, with `on` class neurons on.
    pub(super) fn count_kept(&mut self, on: usize) {
        self.kept += 1;
        self.one_class += u32::from(on == 1);
    }

    /// How many of `kept` from `first` on are different ones.
    pub(super) fn count_distinct(&mut self, kept: &Items<'_>, first: usize) {
        let distinct = (first..kept.len()).filter(|&i| !holds(kept, first, i, kept.bits(i))).count();
        self.distinct = distinct as u32;
    }

    /// Shows its numbers.
    pub(super) fn state<S: Scalar, const L: usize>(&mut self, state: &mut dyn State<S, L>) {
        let Self { probes, stable, cycled, limit, kept, distinct, one_class } = self;
        for told in [probes, stable, cycled, limit, kept, distinct, one_class] {
            state.words(core::slice::from_mut(told));
        }
    }
}

/// Relaxes random probes at the end of each task, each neuron +1 or -1 with equal chance and all neurons updated at once,
/// and has what they come to learned again.
#[derive(Debug)]
pub struct Pseudorehearsal<'a> {
    options: PseudoOptions,
    buffers: PseudoBuffers<'a>,
    tasks: usize,
    /// Pseudo-items asked for by all tasks so far.
    asked: usize,
    report: Report,
}

/// Bytes that [`Pseudorehearsal`] keeps for `items` pseudo-items when `chunk` probes are relaxed at once.
pub const fn bytes(shape: &Shape, items: usize, chunk: usize) -> usize {
    ItemBuffer::bytes(shape.neurons(), items) + chunk * (8 * shape.words() + 4 + size_of::<Relaxed>())
}

impl<'a> Pseudorehearsal<'a> {
    /// Without a task learned.
    pub fn new(options: PseudoOptions, buffers: PseudoBuffers<'a>) -> Self {
        Self { options, buffers, tasks: 0, asked: 0, report: Report::default() }
    }

    /// The pseudo-items.
    pub fn items(&self) -> Items<'_> {
        self.buffers.items.items()
    }

    /// How the probes of the last task's end fared.
    pub fn report(&self) -> Report {
        self.report
    }

    /// Draws and relaxes up to `wanted` probes; returns how many of them were dropped.
    fn probe<S: Scalar, const L: usize>(
        &mut self,
        passes: &mut dyn Passes<S, L>,
        weights: &mut Weights<'_, S, L>,
        wanted: usize,
        rng: &mut dyn Rng,
    ) -> Result<usize, BufferFull> {
        let shape = passes.model().shape;
        let Self { options, buffers, tasks, report, .. } = self;
        let held = options.task_neurons == TaskNeurons::Held;
        let name = |probe: usize, state: &mut [u32]| {
            let task = match options.growth {
                Growth::Add => tasks.saturating_sub(1),
                Growth::Regenerate => probe.checked_rem(*tasks).unwrap_or(0),
            };
            if held {
                name_task(&shape, state, task);
            }
        };
        let mut dropped = 0;
        let trained = passes.model().interaction;
        if let Some(vertex) = options.vertex {
            passes.set_interaction(trained.at(vertex));
        }
        let rested = |Rested { probe, state, end, .. }: Rested<'_>, items: &mut ItemBuffer<'_>| {
            name(probe, state);
            report.count(end);
            if options.unique.is_some() && holds(&items.items(), 0, items.items().len(), state) {
                dropped += 1;
                return Ok(());
            }
            items.push(state, Items::IDENTITY)?;
            report.count_kept(shape.class_neurons().filter(|&neuron| bits::is_on(state, neuron)).count());
            Ok(())
        };
        let relaxed = buffers.relax(passes, weights, wanted, options.most_sweeps, rng, &mut [], name, rested);
        passes.set_interaction(trained);
        relaxed.map(|()| dropped)
    }
}

/// Each neuron on or off with equal chance: bits as they come. Bits beyond the neurons stay off.
fn randomise(shape: &Shape, state: &mut [u32], rng: &mut dyn Rng) {
    let mut left = shape.neurons();
    for word in state {
        let drawn = rng.next_u32();
        *word = if left >= 32 { drawn } else { drawn & ((1 << left) - 1) };
        left = left.saturating_sub(32);
    }
}

/// The task-ID neurons become the one-hot name of `task`.
fn name_task(shape: &Shape, state: &mut [u32], task: usize) {
    for (i, neuron) in shape.task_neurons().enumerate() {
        bits::set(state, neuron, i == task);
    }
}

/// Whether `state` is one of items `from..to`.
fn holds(items: &Items<'_>, from: usize, to: usize, state: &[u32]) -> bool {
    (from..to).any(|i| items.bits(i) == state)
}

impl<S: Scalar, const L: usize> Method<S, L> for Pseudorehearsal<'_> {
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
        let added = portion(self.options.proportion, items.len());
        self.tasks += 1;
        self.asked += added;
        self.report = Report::default();
        let mut wanted = match self.options.growth {
            Growth::Add => added,
            Growth::Regenerate => {
                self.buffers.items.clear();
                self.asked
            }
        };
        let first = self.buffers.items.items().len();
        for _ in 0..=self.options.unique.unwrap_or(0) {
            wanted = self.probe(passes, weights, wanted, rng)?;
        }
        self.report.count_distinct(&self.buffers.items.items(), first);
        Ok(())
    }

    fn state(&mut self, state: &mut dyn State<S, L>) {
        self.buffers.items.state(state);
        state.count(&mut self.tasks);
        state.count(&mut self.asked);
        self.report.state(state);
    }
}
