//! Sequential learning on the device: two small permuted tasks, one after the other, in fixed buffers.
//!
//! Each method learns the first task and then the second. What is printed is how much of each task is known afterwards:
//! without a method the first is forgotten.

use core::fmt::Arguments;
use core::ops::ControlFlow;

use dam_nostd::bits;
use dam_nostd::classify::classify;
use dam_nostd::engine::{Buffers, Rule};
use dam_nostd::items::Union;
use dam_nostd::lanes::Row;
use dam_nostd::methods::estimate::{Estimate, EstimateBuffers, Per};
use dam_nostd::methods::ewc::{EwcBuffers, EwcOptions};
use dam_nostd::methods::penalty::{Entry, Penalty};
use dam_nostd::methods::pseudorehearsal::{Growth, PseudoBuffers, PseudoOptions, TaskNeurons};
use dam_nostd::methods::rehearsal::ItemBuffer;
use dam_nostd::methods::{Ewc, Last, Method, Pseudorehearsal, Vanilla};
use dam_nostd::objective::{Activation, Loss};
use dam_nostd::presentation::{Context, Lists, Updated};
use dam_nostd::relax::{End, Relaxed};
use dam_nostd::rng::{Purpose, Xoshiro128PlusPlus};
use dam_nostd::train::{Batch, Decays, Trainer, Training};
use dam_nostd::{
    Coding, Engine, Fixed32, Interaction, Items, Kind, Model, Network, Scalar, Sequential, Shape, Sizes, Wirings,
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
const CHUNK: usize = 4;
const SIZES: Sizes = Sizes::new(&SHAPE, L, CHUNK, 0);
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
    velocity: [Row<S, L>; NEURONS],
    gradient: [Row<S, L>; NEURONS],
    sizes: [Row<S, L>; 1],
    order: [u32; 2 * TRAINING],
    totals: [Row<S, L>; SIZES.totals],
    sums: [Row<S, L>; SIZES.sums],
    exponents: [Row<S::Exponent, L>; SIZES.exponents],
    similarities: [Row<S, L>; SIZES.similarities],
    shares: [S; SIZES.shares],
    fields: [S; SIZES.fields],
    states: [S; SIZES.fields],
    targets: [S; SIZES.fields],
    coefficients: [S; SIZES.fields],
    names: [[u16; SIZES.names]; 2],
    item_ends: [u32; SIZES.item_ends],
    name_ends: [u32; SIZES.name_ends],
    kept: Kept<S>,
}

/// What methods keep.
#[derive(Debug)]
struct Kept<S: Scalar> {
    rows: [[Row<S, L>; NEURONS]; 2],
    importances: [[Row<S::Wide, L>; NEURONS]; 2],
    words: [u32; WORDS * TRAINING],
    wirings: [u8; TRAINING],
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
            velocity: [[S::ZERO; L]; NEURONS],
            gradient: [[S::ZERO; L]; NEURONS],
            sizes: [[S::ZERO; L]; 1],
            order: [0; 2 * TRAINING],
            totals: [[S::ZERO; L]; SIZES.totals],
            sums: [[S::ZERO; L]; SIZES.sums],
            exponents: [[S::NO_ORDERS; L]; SIZES.exponents],
            similarities: [[S::ZERO; L]; SIZES.similarities],
            shares: [S::ZERO; SIZES.shares],
            fields: [S::ZERO; SIZES.fields],
            states: [S::ZERO; SIZES.fields],
            targets: [S::ZERO; SIZES.fields],
            coefficients: [S::ZERO; SIZES.fields],
            names: [[0; SIZES.names]; 2],
            item_ends: [0; SIZES.item_ends],
            name_ends: [0; SIZES.name_ends],
            kept: Kept {
                rows: [[[S::ZERO; L]; NEURONS]; 2],
                importances: [[[S::Wide::ZERO; L]; NEURONS]; 2],
                words: [0; WORDS * TRAINING],
                wirings: [0; TRAINING],
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
        let items = ItemBuffer::new(WORDS, &mut kept.words, &mut kept.wirings);
        let Kept { states, previous, active, relaxed, .. } = kept;
        let buffers = PseudoBuffers { items, states, previous, active, relaxed };
        Some(Either::Pseudorehearsal(Pseudorehearsal::new(options, buffers)))
    });
    learn(print, memory, "EWC", |kept| {
        let ([omega, fresh], [anchor, gradient]) = (&mut kept.importances, &mut kept.rows);
        let estimate = EstimateBuffers { fresh, gradient, picks: &mut kept.picks };
        let options = EwcOptions {
            penalty: Penalty { lambda: 1.0, entry: Entry::Gradient },
            estimate: Estimate { per: Per::Item, items: None, normalised: false },
            loss: LOSS,
        };
        Ewc::new(&SHAPE, options, EwcBuffers { omega, anchor, estimate }).ok().map(Either::Ewc)
    });
}

/// A method by its kind.
enum Either<'a, S: Scalar> {
    Vanilla(Vanilla),
    Pseudorehearsal(Pseudorehearsal<'a>),
    Ewc(Ewc<'a, S, L>),
}

impl<S: Scalar> Either<'_, S> {
    fn method(&mut self) -> &mut dyn Method<S, L, Sequential> {
        match self {
            Self::Vanilla(method) => method,
            Self::Pseudorehearsal(method) => method,
            Self::Ewc(method) => method,
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
    let Ok(interaction) = Interaction::new(Kind::LeakyRectified, 3, S::from_f64(0.01)) else { return };
    let temperature = S::from_f64(TRAINING_RULES.first_temperature);
    let model = Model { shape: SHAPE, coding: Coding::Bipolar, interaction, temperature };
    let rule = Rule { context: Context::Off, updated: Updated::Classes, activation: Activation::Identity, mean: true };
    let [on, shown_by] = &mut memory.names;
    let buffers = Buffers {
        totals: &mut memory.totals,
        sums: &mut memory.sums,
        exponents: &mut memory.exponents,
        tables: &mut [],
        similarities: &mut memory.similarities,
        shares: &mut memory.shares,
        fields: &mut memory.fields,
        states: &mut memory.states,
        targets: &mut memory.targets,
        coefficients: &mut memory.coefficients,
        on: Lists::new(on, &mut memory.item_ends),
        shown_by: Lists::new(shown_by, &mut memory.name_ends),
        patterns: &mut [],
        chunk: CHUNK,
    };
    let mut engine = Engine::new(model, rule, Sequential, Wirings::IDENTITY, buffers);
    let weights = memory.network.rows_mut();
    let mut first = Xoshiro128PlusPlus::of(SEED, Purpose::Weights, 0);
    dam_nostd::network::initialise(&SHAPE, weights, 0.1, &mut first);
    let mut epochs_before = 0;
    for task in 0..2_u32 {
        let items = items(task as usize, 0, TRAINING);
        let mut order = Xoshiro128PlusPlus::of(SEED, Purpose::Order, task);
        let mut draws = Xoshiro128PlusPlus::of(SEED, Purpose::Method, task);
        let mut trainer = Trainer {
            engine: &mut engine,
            weights,
            velocity: &mut memory.velocity,
            gradient: &mut memory.gradient,
            sizes: &mut memory.sizes,
            order: &mut memory.order,
            epochs_before,
        };
        let mut last = Last(method.method());
        let method: &mut dyn Method<S, L, Sequential> = if task == 0 { &mut *last.0 } else { &mut last };
        let watch = |_| ControlFlow::Continue(());
        if trainer.learn(&TRAINING_RULES, items, method, &mut order, &mut draws, watch).is_err() {
            return print(format_args!("a buffer is too short"));
        }
        epochs_before = trainer.epochs_before;
        let picks: [u32; VALIDATION] = core::array::from_fn(|i| i as u32);
        let known = [0, 1].map(|task| {
            let items = self::items(task, TRAINING, VALIDATION);
            let mut right = 0;
            classify(&mut engine, weights, &Union::only(items), &picks, |item, answer| {
                let neuron = SHAPE.class_neurons().start + answer;
                right += u32::from(bits::is_on(items.bits(item as usize), neuron));
            });
            right
        });
        let mut fingerprint = Fingerprint::default();
        for weight in weights.as_flattened() {
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
