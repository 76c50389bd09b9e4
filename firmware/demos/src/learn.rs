//! Sequential learning on the device: two small permuted tasks, one after the other, in fixed buffers.
//!
//! Each method learns the first task and then the second. What is printed is how much of each task is known afterwards:
//! without a method the first is forgotten.

use core::fmt::Arguments;
use core::ops::ControlFlow;

use dam_nostd::bits;
use dam_nostd::methods::consolidation::{ConsolidationMemory, Importance};
use dam_nostd::methods::estimate::{Estimate, Per};
use dam_nostd::methods::penalty::{Entry, Penalty};
use dam_nostd::methods::pseudorehearsal::{Growth, PseudoBuffers, PseudoOptions, TaskNeurons};
use dam_nostd::methods::rehearsal::ItemBuffer;
use dam_nostd::methods::{Consolidation, Last, Method, Pseudorehearsal, Vanilla};
use dam_nostd::objective::{Activation, Loss};
use dam_nostd::relax::{End, Relaxed};
use dam_nostd::rng::{Purpose, Xoshiro128PlusPlus};
use dam_nostd::rule::{Context, Rule, Updated};
use dam_nostd::train::{Batch, Decays, Training};
use dam_nostd::{Chunk, Coding, Fixed32, Interaction, Kind, Model, Scalar, Shape};

use crate::Fingerprint;
use crate::data::LEARNED;

/// Memory vectors, all in one block.
const L: usize = 8;
/// 6 x 6 pixels, two tasks, three classes.
const SHAPE: Shape = match Shape::new(36, 2, 3, L) {
    Ok(shape) => shape,
    Err(_) => panic!("a network of this shape cannot be"),
};
const NEURONS: usize = SHAPE.neurons();
const WORDS: usize = SHAPE.words();
/// Items that are learned and that are validated with, of each task.
pub const TRAINING: usize = 30;
/// See [`TRAINING`].
pub const VALIDATION: usize = 40;
/// Items of a chunk: bounds the memory and changes nothing else.
const CHUNK: Chunk = Chunk { items: 4, tables: 0, kept: 0 };
/// Probes that are relaxed at once.
const PROBES: usize = 2;
/// Seed of all randomness.
const SEED: u64 = 1;

const LOSS: Loss = Loss::Power { exponent: 1 };

const TRAINING_RULES: Training = Training {
    epochs: 60,
    batch: Batch::Items(core::num::NonZeroUsize::new(10).unwrap()),
    rate: 0.08,
    decay: 0.97,
    decays: Decays::EachEpoch,
    first_temperature: 0.5,
    last_temperature: 0.5,
    momentum: 0.6,
    floor: 1e-30,
    loss: LOSS,
    carry_momentum: false,
    carry_rate: false,
};

/// All memory that learning takes, what methods keep included; up to twice a task's items are learned at once.
pub type Memory<S> = dam_nostd::learner!(S, L, SHAPE, CHUNK, TRAINING, TRAINING, Kept<S>);

/// All zero, to the last bit: a `static` takes no flash and never passes over the stack.
pub const fn zeroed<S: Scalar>() -> Memory<S> {
    Memory::zeroed(Kept::ZEROED)
}

/// What methods keep.
#[derive(Debug)]
pub struct Kept<S: Scalar> {
    consolidation: ConsolidationMemory<S, L, NEURONS, TRAINING>,
    words: [u32; WORDS * TRAINING],
    permutations: [u8; TRAINING],
    states: [u32; WORDS * PROBES],
    previous: [u32; WORDS * PROBES],
    active: [u32; PROBES],
    relaxed: [Relaxed; PROBES],
}

impl<S: Scalar> Kept<S> {
    const ZEROED: Self = Self {
        consolidation: ConsolidationMemory::ZEROED,
        words: [0; WORDS * TRAINING],
        permutations: [0; TRAINING],
        states: [0; WORDS * PROBES],
        previous: [0; WORDS * PROBES],
        active: [0; PROBES],
        relaxed: [Relaxed { end: End::Stable, sweeps: 0 }; PROBES],
    };
}

/// Prints a line.
pub type Print<'a> = &'a mut dyn FnMut(Arguments<'_>);

/// Learns both tasks in floating point: without a method, with pseudorehearsal and with EWC.
///
/// This function and [`fixed`] have no type parameters, so that they are compiled here, for size: the profile of this
/// crate in `firmware/Cargo.toml`.
#[inline(never)]
pub fn float(print: Print<'_>, memory: &mut Memory<f32>) {
    run(print, memory);
}

/// As [`float`], in fixed point.
#[inline(never)]
pub fn fixed(print: Print<'_>, memory: &mut Memory<Fixed32>) {
    run(print, memory);
}

fn run<S: Scalar>(print: Print<'_>, memory: &mut Memory<S>) {
    let number = if S::SATURATES { "fixed point" } else { "floating point" };
    print(format_args!("learn: 2 tasks of {TRAINING} items, {NEURONS} neurons, {L} memory vectors, n = 3, {number}"));
    learn(print, memory, "no method", |_| Some(Either::Vanilla(Vanilla)));
    learn(print, memory, "pseudorehearsal", |kept| {
        let options = PseudoOptions {
            most_sweeps: 20,
            growth: Growth::Add,
            task_neurons: TaskNeurons::Held,
            ..PseudoOptions::new(1.0)
        };
        let items = ItemBuffer::new(WORDS, &mut kept.words, &mut kept.permutations);
        let Kept { states, previous, active, relaxed, .. } = kept;
        let buffers = PseudoBuffers { items, states, previous, active, relaxed };
        Some(Either::Pseudorehearsal(Pseudorehearsal::new(options, buffers)))
    });
    learn(print, memory, "EWC", |kept| {
        let penalty = Penalty { lambda: 1.0, entry: Entry::Gradient };
        let estimate = Estimate { per: Per::Item, items: None, normalised: false };
        let importance = Importance::Fisher { loss: LOSS, estimate };
        let method = Consolidation::new(&SHAPE, penalty, importance, kept.consolidation.buffers());
        method.ok().map(Either::Consolidation)
    });
}

/// A method by its kind.
enum Either<'a, S: Scalar> {
    Vanilla(Vanilla),
    Pseudorehearsal(Pseudorehearsal<'a>),
    Consolidation(Consolidation<'a, S, L>),
}

impl<S: Scalar> Either<'_, S> {
    fn method(&mut self) -> &mut dyn Method<S, L> {
        match self {
            Self::Vanilla(method) => method,
            Self::Pseudorehearsal(method) => method,
            Self::Consolidation(method) => method,
        }
    }
}

/// Learns both tasks with one method and tells what is known of each.
fn learn<S: Scalar>(
    print: Print<'_>,
    memory: &mut Memory<S>,
    name: &str,
    method: impl for<'a> FnOnce(&'a mut Kept<S>) -> Option<Either<'a, S>>,
) {
    let Ok(interaction) = Interaction::new(Kind::FallingLeak, 3, S::from_f64(0.01)) else { return };
    let temperature = S::from_f64(TRAINING_RULES.first_temperature);
    let model = Model { shape: SHAPE, coding: Coding::Bipolar, interaction, temperature };
    let rule = Rule { context: Context::Off, updated: Updated::Classes, activation: Activation::Identity, mean: true };
    let Ok((mut session, kept)) = memory.open(model, rule, CHUNK) else {
        return print(format_args!("the learner is too small"));
    };
    let Some(mut method) = method(kept) else { return print(format_args!("a buffer is too short")) };
    session.weights.initialise(0.1, &mut Xoshiro128PlusPlus::of(SEED, Purpose::Weights, 0));
    for task in 0..2_u32 {
        let mut shuffles = Xoshiro128PlusPlus::of(SEED, Purpose::Order, task);
        let mut draws = Xoshiro128PlusPlus::of(SEED, Purpose::Method, task);
        let mut last = Last(method.method());
        let method: &mut dyn Method<S, L> = if task == 0 { &mut *last.0 } else { &mut last };
        let watch = |_| ControlFlow::Continue(());
        let pushed = items(task as usize, 0, TRAINING).iter().all(|item| session.push(item).is_ok());
        if !pushed || session.learn(&TRAINING_RULES, method, &mut shuffles, &mut draws, watch).is_err() {
            return print(format_args!("a buffer is too short"));
        }
        let known = [0, 1].map(|task| {
            let right =
                |item: &&[u32; WORDS]| bits::is_on(*item, SHAPE.class_neurons().start + session.classify(*item));
            items(task, TRAINING, VALIDATION).iter().filter(right).count()
        });
        let mut fingerprint = Fingerprint::default();
        for weight in session.weights.rows().as_flattened() {
            fingerprint.add(weight.to_f64().to_bits() as i64);
        }
        print(format_args!(
            "  {name}, after task {}: right {} and {} of {VALIDATION}, weights {:016x}",
            task + 1,
            known[0],
            known[1],
            fingerprint.0
        ));
    }
}

/// `count` items of a task, from `from` on: states in neuron order.
fn items(task: usize, from: usize, count: usize) -> &'static [[u32; WORDS]] {
    let start = (TRAINING + VALIDATION) * task + from;
    LEARNED.as_chunks().0.get(start..start + count).unwrap_or(&[])
}
