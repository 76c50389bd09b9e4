//! Sequential learning on the device: two small permuted tasks, one after the other, in fixed buffers.
//!
//! Each method learns the first task and then the second. What is printed is how much of each task is known afterwards:
//! without a method the first is forgotten.

use core::fmt::Arguments;
use core::ops::ControlFlow;

use dam_nostd::bits;
use dam_nostd::classify::classify;
use dam_nostd::items::Union;
use dam_nostd::lanes::Row;
use dam_nostd::methods::consolidation::{ConsolidationBuffers, Importance};
use dam_nostd::methods::estimate::{Estimate, Per};
use dam_nostd::methods::penalty::{Entry, Penalty};
use dam_nostd::methods::pseudorehearsal::{Growth, PseudoBuffers, PseudoOptions, TaskNeurons};
use dam_nostd::methods::rehearsal::ItemBuffer;
use dam_nostd::methods::{Consolidation, Last, Method, Pseudorehearsal, Vanilla};
use dam_nostd::objective::{Activation, Loss};
use dam_nostd::relax::{End, Relaxed};
use dam_nostd::rng::{Purpose, Xoshiro128PlusPlus};
use dam_nostd::rule::{Context, Rule, Updated};
use dam_nostd::train::{Batch, Decays, Trainer, Training};
use dam_nostd::{
    Arena, Chunk, Coding, Descent, Engine, Fixed32, Interaction, Items, Kind, Model, Network, Permutations, Scalar,
    Sequential, Shape, Sizes, Workspace,
};

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
const CHUNK: Chunk = Chunk { items: 4, tables: 0 };
const SIZES: Sizes = Sizes::new(&SHAPE, L, CHUNK);
/// Rows of velocity and gradient.
const DESCENT: usize = Descent::<f32, L>::rows(&SHAPE, L);
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

/// All memory that learning takes; a method's comes on top.
#[derive(Debug)]
pub struct Memory<S: Scalar> {
    network: Network<S, NEURONS, 1, L>,
    descent: [Row<S, L>; DESCENT],
    exponents: [Row<S::Exponent, L>; 1],
    rows: [Row<S, L>; SIZES.rows],
    offsets: [u32; SIZES.offsets],
    indices: [u16; SIZES.indices],
    order: [u32; 2 * TRAINING],
    kept: Kept<S>,
}

/// What methods keep.
#[derive(Debug)]
struct Kept<S: Scalar> {
    anchor: [Row<S, L>; NEURONS],
    importances: [[Row<S::Wide, L>; NEURONS]; 2],
    words: [u32; WORDS * TRAINING],
    permutations: [u8; TRAINING],
    picks: [u32; TRAINING],
    states: [u32; WORDS * PROBES],
    previous: [u32; WORDS * PROBES],
    active: [u32; PROBES],
    relaxed: [Relaxed; PROBES],
}

impl<S: Scalar> Memory<S> {
    /// All zero, to the last bit: a `static` takes no flash and never passes over the stack.
    pub const fn zeroed() -> Self {
        Self {
            network: Network::zeroed(),
            descent: [[S::ZERO; L]; DESCENT],
            exponents: [[S::NO_EXPONENT; L]; 1],
            rows: [[S::ZERO; L]; SIZES.rows],
            offsets: [0; SIZES.offsets],
            indices: [0; SIZES.indices],
            order: [0; 2 * TRAINING],
            kept: Kept {
                anchor: [[S::ZERO; L]; NEURONS],
                importances: [[[S::Wide::ZERO; L]; NEURONS]; 2],
                words: [0; WORDS * TRAINING],
                permutations: [0; TRAINING],
                picks: [0; TRAINING],
                states: [0; WORDS * PROBES],
                previous: [0; WORDS * PROBES],
                active: [0; PROBES],
                relaxed: [Relaxed { end: End::Stable, sweeps: 0 }; PROBES],
            },
        }
    }
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
            proportion: 1.0,
            most_sweeps: 20,
            growth: Growth::Add,
            unique: None,
            task_neurons: TaskNeurons::Held,
        };
        let items = ItemBuffer::new(WORDS, &mut kept.words, &mut kept.permutations);
        let Kept { states, previous, active, relaxed, .. } = kept;
        let buffers = PseudoBuffers { items, states, previous, active, relaxed };
        Some(Either::Pseudorehearsal(Pseudorehearsal::new(options, buffers)))
    });
    learn(print, memory, "EWC", |kept| {
        let Kept { anchor, importances: [omega, fresh], picks, .. } = kept;
        let penalty = Penalty { lambda: 1.0, entry: Entry::Gradient };
        let estimate = Estimate { per: Per::Item, items: None, normalised: false };
        let importance = Importance::Fisher { loss: LOSS, estimate };
        let buffers = ConsolidationBuffers { anchor, omega, fresh, picks };
        Consolidation::new(&SHAPE, penalty, importance, buffers).ok().map(Either::Consolidation)
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
    let Some(mut method) = method(&mut memory.kept) else { return print(format_args!("a buffer is too short")) };
    let Ok(interaction) = Interaction::new(Kind::FallingLeak, 3, S::from_f64(0.01)) else { return };
    let temperature = S::from_f64(TRAINING_RULES.first_temperature);
    let model = Model { shape: SHAPE, coding: Coding::Bipolar, interaction, temperature };
    let rule = Rule { context: Context::Off, updated: Updated::Classes, activation: Activation::Identity, mean: true };
    let Memory { network, descent, exponents, rows, offsets, indices, order, .. } = memory;
    let carved = (
        Workspace::carve(Arena { rows, offsets, indices }, &SHAPE, CHUNK),
        network.weights(&SHAPE),
        Descent::carve(&SHAPE, descent, exponents),
    );
    let (Ok(workspace), Ok(mut weights), Ok(mut descent)) = carved else {
        return print(format_args!("a buffer is too short"));
    };
    let mut engine = Engine::new(model, rule, Sequential, Permutations::IDENTITY, workspace);
    weights.initialise(0.1, &mut Xoshiro128PlusPlus::of(SEED, Purpose::Weights, 0));
    let mut epochs_before = 0;
    for task in 0..2_u32 {
        let items = items(task as usize, 0, TRAINING);
        let mut shuffles = Xoshiro128PlusPlus::of(SEED, Purpose::Order, task);
        let mut draws = Xoshiro128PlusPlus::of(SEED, Purpose::Method, task);
        let mut trainer =
            Trainer { passes: &mut engine, weights: &mut weights, descent: &mut descent, order, epochs_before };
        let mut last = Last(method.method());
        let method: &mut dyn Method<S, L> = if task == 0 { &mut *last.0 } else { &mut last };
        let watch = |_| ControlFlow::Continue(());
        if trainer.learn(&TRAINING_RULES, items, method, &mut shuffles, &mut draws, watch).is_err() {
            return print(format_args!("a buffer is too short"));
        }
        epochs_before = trainer.epochs_before;
        let picks: [u32; VALIDATION] = core::array::from_fn(|i| i as u32);
        let known = [0, 1].map(|task| {
            let items = self::items(task, TRAINING, VALIDATION);
            let mut right = 0;
            classify(&mut engine, &mut weights, &Union::only(items), &picks, |item, answer| {
                let neuron = SHAPE.class_neurons().start + answer;
                right += u32::from(bits::is_on(items.bits(item as usize), neuron));
            });
            right
        });
        let mut fingerprint = Fingerprint::default();
        for weight in weights.rows().as_flattened() {
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

/// `count` items of a task, from `from` on.
fn items(task: usize, from: usize, count: usize) -> Items<'static> {
    let start = WORDS * ((TRAINING + VALIDATION) * task + from);
    Items::in_neuron_order(WORDS, LEARNED.get(start..start + WORDS * count).unwrap_or(&[]))
}
