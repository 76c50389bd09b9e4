//! A small network that learns two tasks, relaxes and classifies, with every method, on a machine without an operating
//! system.
//!
//! Nothing here is run: `cargo xtask bare` compiles it for each target, links each of the exported functions by itself,
//! and looks at what was linked. Generic code is compiled only where its types are named; here they are. Whatever can be
//! chosen at run time comes in through [`Options`], so that no branch of the core is optimised away.
//!
//! All memory is lent by the caller, so that `unsafe` is only ever the attribute that exports a name.
#![no_std]

use core::ops::ControlFlow;

use dam_nostd::classify::classify;
use dam_nostd::items::Union;
use dam_nostd::lanes::Row;
use dam_nostd::methods::agem::{AGemBuffers, AGemOptions};
use dam_nostd::methods::consolidation::{ConsolidationBuffers, Importance};
use dam_nostd::methods::gem::{GemBuffers, GemOptions};
use dam_nostd::methods::penalty::Penalty;
use dam_nostd::methods::projection::Projected;
use dam_nostd::methods::pseudorehearsal::{PseudoBuffers, PseudoOptions};
use dam_nostd::methods::rehearsal::ItemBuffer;
use dam_nostd::methods::si::{SiBuffers, SiOptions};
use dam_nostd::methods::{
    AGem, Consolidation, Gem, HeterogeneousPseudorehearsal, Last, Method, NaiveRehearsal, Pseudorehearsal, Si,
    SweepRehearsal, Vanilla,
};
use dam_nostd::metrics::{Average, Confusion};
use dam_nostd::relax::{self, Relaxed};
use dam_nostd::rng::{Purpose, Xoshiro128PlusPlus};
use dam_nostd::train::{Trainer, Training};
use dam_nostd::{
    Arena, Chunk, Descent, Engine, Fixed32, Items, Model, Network, Passes, Permutations, Rule, Scalar, Sequential,
    Shape, Sizes, TooShort, Workspace,
};

/// Memory vectors of a block.
const L: usize = 4;
const SHAPE: Shape = match Shape::new(24, 2, 4, 10) {
    Ok(shape) => shape,
    Err(_) => panic!("a network of this shape cannot be"),
};
const NEURONS: usize = SHAPE.neurons();
const BLOCKS: usize = SHAPE.blocks(L);
const ROWS: usize = SHAPE.rows(L);
const WORDS: usize = SHAPE.words();
const CHUNK: Chunk = Chunk { items: 8, tables: 1, kept: 8 };
const SIZES: Sizes = Sizes::new(&SHAPE, L, CHUNK);
const DESCENT: usize = Descent::<f32, L>::rows(&SHAPE, L);
const TASKS: usize = 2;
/// Items of a task.
const ITEMS: usize = 16;
/// Probes that are relaxed at once.
const PROBES: usize = 4;

/// What can be chosen at run time.
#[derive(Debug)]
pub struct Options<S: Scalar> {
    /// The network without its weights.
    pub model: Model<S>,
    /// How fields are taken.
    pub rule: Rule,
    /// How a task is learned.
    pub training: Training,
    /// How scores of classes are averaged.
    pub average: Average,
    /// The most sweeps of a relaxation.
    pub sweeps: u32,
    /// For L2, Elastic Weight Consolidation and Memory Aware Synapses.
    pub penalty: Penalty,
    /// Which of these three, and how.
    pub importance: Importance,
    /// For Synaptic Intelligence.
    pub si: SiOptions,
    /// For Gradient Episodic Memory.
    pub gem: GemOptions,
    /// For averaged GEM.
    pub agem: AGemOptions,
    /// For pseudorehearsal.
    pub pseudo: PseudoOptions,
    /// For naive rehearsal and sweep rehearsal.
    pub proportion: f64,
    /// For sweep rehearsal.
    pub sample: usize,
    /// Where all randomness comes from.
    pub seed: u64,
}

/// All that is learned from and with, but for what methods keep.
#[derive(Debug)]
pub struct Memory<S: Scalar> {
    network: Network<S, NEURONS, BLOCKS, L>,
    descent: [Row<S, L>; DESCENT],
    exponents: [Row<S::Exponent, L>; BLOCKS],
    order: [u32; ITEMS * TASKS],
    rows: [Row<S, L>; SIZES.rows],
    offsets: [u32; SIZES.offsets],
    indices: [u16; SIZES.indices],
    /// The pixels' permutation in each task.
    permutations: [u16; 24 * TASKS],
    /// The items of each task.
    words: [[u32; WORDS * ITEMS]; TASKS],
    /// The permutation of each item of each task.
    names_of_permutations: [[u8; ITEMS]; TASKS],
    probes: Probes,
    walk: [u16; NEURONS],
    similarities: [Row<S, L>; BLOCKS],
    confusion: [u32; SHAPE.classes() * SHAPE.classes()],
}

/// What methods keep.
#[derive(Debug)]
pub struct Kept<S: Scalar> {
    rows: [[Row<S, L>; ROWS]; 6],
    wide: [[Row<S::Wide, L>; ROWS]; 2],
    partials: [f64; BLOCKS * Projected::Memory.partials(6, L)],
    words: [u32; WORDS * ITEMS],
    permutations: [u8; ITEMS],
    picks: [u32; ITEMS],
    probes: Probes,
    starts: [u32; WORDS * PROBES],
}

/// States under relaxation.
#[derive(Debug)]
struct Probes {
    states: [u32; WORDS * PROBES],
    previous: [u32; WORDS * PROBES],
    active: [u32; PROBES],
    relaxed: [Relaxed; PROBES],
}

impl<S: Scalar> Kept<S> {
    fn items<'a>(words: &'a mut [u32], permutations: &'a mut [u8]) -> ItemBuffer<'a> {
        ItemBuffer::new(WORDS, words, permutations)
    }
}

/// Learns both tasks, classifies their items and relaxes some states. The number that comes out depends on all of it; it is
/// 0 where something did not fit.
fn run<S: Scalar>(memory: &mut Memory<S>, options: &Options<S>, method: &mut dyn Method<S, L>) -> u32 {
    let generator = |purpose| Xoshiro128PlusPlus::of(options.seed, purpose, 0);
    let Ok(permutations) = Permutations::new(SHAPE.pixels(), &memory.permutations) else { return 0 };
    let arena = Arena { rows: &mut memory.rows, offsets: &mut memory.offsets, indices: &mut memory.indices };
    let Ok(workspace) = Workspace::carve(arena, &SHAPE, CHUNK) else { return 0 };
    let Ok(mut descent) = Descent::carve(&SHAPE, &mut memory.descent, &mut memory.exponents) else { return 0 };
    let Ok(mut weights) = memory.network.weights(&SHAPE) else { return 0 };
    let mut engine = Engine::new(options.model, options.rule, Sequential, permutations, workspace);
    weights.initialise(0.1, &mut generator(Purpose::Weights));

    let tasks = memory.words.iter().zip(&memory.names_of_permutations);
    let tasks = tasks.map(|(words, permutations)| Items::new(WORDS, words, permutations));
    let (mut order, mut draws) = (generator(Purpose::Order), generator(Purpose::Method));
    for (task, items) in tasks.clone().enumerate() {
        let mut trainer = Trainer {
            passes: &mut engine,
            weights: &mut weights,
            descent: &mut descent,
            order: &mut memory.order,
            epochs_before: 0,
        };
        let mut last = Last(method);
        let method: &mut dyn Method<S, L> = if task + 1 < TASKS { &mut *last.0 } else { &mut last };
        let watch = |progress: dam_nostd::train::Progress<S>| {
            if progress.loss.to_f64().is_finite() { ControlFlow::Continue(()) } else { ControlFlow::Break(()) }
        };
        if trainer.learn(&options.training, items, method, &mut order, &mut draws, watch).is_err() {
            return 0;
        }
    }

    let Some(mut confusion) = Confusion::new(SHAPE.classes(), &mut memory.confusion) else { return 0 };
    for (i, pick) in memory.order.iter_mut().enumerate() {
        *pick = i as u32;
    }
    for items in tasks {
        let picks = memory.order.get(..items.len()).unwrap_or(&[]);
        classify(&mut engine, &mut weights, &Union::only(items), picks, |item, answer| {
            let on =
                |&class: &usize| dam_nostd::bits::is_on(items.bits(item as usize), SHAPE.class_neurons().start + class);
            confusion.add((0..SHAPE.classes()).find(on).unwrap_or(0), answer);
        });
    }
    let score = (100.0 * confusion.f1(options.average)) as u32;
    let Probes { states, previous, active, relaxed } = &mut memory.probes;
    relax::synchronous(&mut engine, &mut weights, states, previous, active, relaxed, options.sweeps);
    let sweeps: u32 = relaxed.iter().map(|relaxed| relaxed.sweeps).sum();
    let energies = engine.energies(&weights, &Union::only(Items::in_neuron_order(WORDS, states)), &[0]).len();
    let walked = relax::asynchronous(
        &options.model,
        weights.rows(),
        states,
        &memory.walk,
        &mut memory.similarities,
        options.sweeps,
    );
    score + sweeps + walked.sweeps + energies as u32
}

fn run_if_it_fits<S: Scalar, M: Method<S, L>>(
    memory: &mut Memory<S>,
    options: &Options<S>,
    method: Result<M, TooShort>,
) -> u32 {
    match method {
        Ok(mut method) => run(memory, options, &mut method),
        Err(_) => 0,
    }
}

/// Without a method.
fn vanilla<S: Scalar>(memory: &mut Memory<S>, options: &Options<S>, _kept: &mut Kept<S>) -> u32 {
    run(memory, options, &mut Vanilla)
}

/// Naive rehearsal.
fn rehearsal<S: Scalar>(memory: &mut Memory<S>, options: &Options<S>, kept: &mut Kept<S>) -> u32 {
    let items = Kept::<S>::items(&mut kept.words, &mut kept.permutations);
    run(memory, options, &mut NaiveRehearsal::new(options.proportion, items))
}

/// Sweep rehearsal.
fn sweep_rehearsal<S: Scalar>(memory: &mut Memory<S>, options: &Options<S>, kept: &mut Kept<S>) -> u32 {
    let items = Kept::<S>::items(&mut kept.words, &mut kept.permutations);
    run(memory, options, &mut SweepRehearsal::new(options.proportion, options.sample, items))
}

/// Pseudorehearsal.
fn pseudorehearsal<S: Scalar>(memory: &mut Memory<S>, options: &Options<S>, kept: &mut Kept<S>) -> u32 {
    let items = Kept::<S>::items(&mut kept.words, &mut kept.permutations);
    let Probes { states, previous, active, relaxed } = &mut kept.probes;
    let buffers = PseudoBuffers { items, states, previous, active, relaxed };
    run(memory, options, &mut Pseudorehearsal::new(options.pseudo, buffers))
}

/// Heterogeneous pseudorehearsal.
fn heterogeneous<S: Scalar>(memory: &mut Memory<S>, options: &Options<S>, kept: &mut Kept<S>) -> u32 {
    let items = Kept::<S>::items(&mut kept.words, &mut kept.permutations);
    let Probes { states, previous, active, relaxed } = &mut kept.probes;
    let buffers = PseudoBuffers { items, states, previous, active, relaxed };
    let (proportion, sweeps) = (options.proportion, options.sweeps);
    run(memory, options, &mut HeterogeneousPseudorehearsal::new(proportion, sweeps, buffers, &mut kept.starts))
}

/// Gradient Episodic Memory.
fn gem<S: Scalar>(memory: &mut Memory<S>, options: &Options<S>, kept: &mut Kept<S>) -> u32 {
    let items = Kept::<S>::items(&mut kept.words, &mut kept.permutations);
    let gradients = kept.rows.as_flattened_mut();
    let buffers = GemBuffers { items, gradients, picks: &mut kept.picks, partials: &mut kept.partials };
    let rng = Xoshiro128PlusPlus::of(options.seed, Purpose::Method, 1);
    run_if_it_fits(memory, options, Gem::new(&SHAPE, options.gem, buffers, rng))
}

/// Averaged GEM.
fn agem<S: Scalar>(memory: &mut Memory<S>, options: &Options<S>, kept: &mut Kept<S>) -> u32 {
    let items = Kept::<S>::items(&mut kept.words, &mut kept.permutations);
    let [gradient, ..] = &mut kept.rows;
    let buffers = AGemBuffers { items, gradient, picks: &mut kept.picks, partials: &mut kept.partials };
    let rng = Xoshiro128PlusPlus::of(options.seed, Purpose::Method, 1);
    run_if_it_fits(memory, options, AGem::new(&SHAPE, options.agem, buffers, rng))
}

/// L2, Elastic Weight Consolidation, Memory Aware Synapses.
fn consolidation<S: Scalar>(memory: &mut Memory<S>, options: &Options<S>, kept: &mut Kept<S>) -> u32 {
    let ([omega, fresh], [anchor, ..]) = (&mut kept.wide, &mut kept.rows);
    let buffers = ConsolidationBuffers { anchor, omega, fresh, picks: &mut kept.picks };
    run_if_it_fits(memory, options, Consolidation::new(&SHAPE, options.penalty, options.importance, buffers))
}

/// Synaptic Intelligence.
fn si<S: Scalar>(memory: &mut Memory<S>, options: &Options<S>, kept: &mut Kept<S>) -> u32 {
    let ([omega, path], [anchor, start, before, gradient, ..]) = (&mut kept.wide, &mut kept.rows);
    let buffers = SiBuffers { omega, anchor, start, path, before, gradient };
    run_if_it_fits(memory, options, Si::new(&SHAPE, options.si, buffers))
}

/// Exports a method for both number types.
macro_rules! export {
    ($($method:ident $float:ident $fixed:ident),+ $(,)?) => {$(
        #[doc = concat!("With `f32`: ", stringify!($method), ".")]
        #[unsafe(no_mangle)]
        pub extern "C" fn $float(memory: &mut Memory<f32>, options: &Options<f32>, kept: &mut Kept<f32>) -> u32 {
            $method(memory, options, kept)
        }

        #[doc = concat!("With `Fixed32`: ", stringify!($method), ".")]
        #[unsafe(no_mangle)]
        pub extern "C" fn $fixed(
            memory: &mut Memory<Fixed32>,
            options: &Options<Fixed32>,
            kept: &mut Kept<Fixed32>,
        ) -> u32 {
            $method(memory, options, kept)
        }
    )+};
}

export! {
    vanilla check_vanilla check_fixed_vanilla,
    rehearsal check_rehearsal check_fixed_rehearsal,
    sweep_rehearsal check_sweep_rehearsal check_fixed_sweep_rehearsal,
    pseudorehearsal check_pseudorehearsal check_fixed_pseudorehearsal,
    heterogeneous check_heterogeneous check_fixed_heterogeneous,
    gem check_gem check_fixed_gem,
    agem check_agem check_fixed_agem,
    consolidation check_consolidation check_fixed_consolidation,
    si check_si check_fixed_si,
}

mod device;

/// A function that may panic, so that it is seen whether panics are found.
#[unsafe(no_mangle)]
pub extern "C" fn control_panics(memory: &Memory<f32>, place: usize) -> u32 {
    memory.order[place]
}

/// Keeps where the panic came from, so that what was linked names every place that may panic, and stops.
#[panic_handler]
fn stop(panic: &core::panic::PanicInfo<'_>) -> ! {
    core::hint::black_box(panic.location());
    loop {
        core::hint::spin_loop();
    }
}
