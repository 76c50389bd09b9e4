//! Small networks with buffers of their own.
#![allow(dead_code, missing_docs, reason = "each test uses a part")]

pub mod flash;
pub mod tolerance;

use core::num::NonZeroUsize;
use core::ops::ControlFlow;

use dam_nostd::executor::{Executor, Sequential};
use dam_nostd::methods::agem::{AGemBuffers, AGemOptions};
use dam_nostd::methods::consolidation::{ConsolidationBuffers, Importance};
use dam_nostd::methods::gem::{GemBuffers, GemOptions};
use dam_nostd::methods::penalty::Penalty;
use dam_nostd::methods::projection::Projected;
use dam_nostd::methods::pseudorehearsal::{PseudoBuffers, PseudoOptions};
use dam_nostd::methods::rehearsal::ItemBuffer;
use dam_nostd::methods::si::{SiBuffers, SiOptions};
use dam_nostd::methods::{AGem, Consolidation, Gem, HeterogeneousPseudorehearsal, Method, Pseudorehearsal, Si};
use dam_nostd::objective::{Activation, Loss};
use dam_nostd::passes::Scale;
use dam_nostd::relax::{End, Relaxed};
use dam_nostd::rng::Xoshiro128PlusPlus;
use dam_nostd::rule::{Context, Rule, Updated};
use dam_nostd::train::{Batch, Decays, Progress, Trainer, Training};
use dam_nostd::{
    Arena, Chunk, Coding, Descent, Engine, Gradient, Interaction, Items, Kind, Model, Permutations, Scalar, Shape,
    Sizes, Weights, Workspace,
};
use rand_core::{Rng, SeedableRng};

pub const L: usize = 8;

/// The rule of the paper as it is read by default.
pub const RULE: Rule =
    Rule { context: Context::Off, updated: Updated::Classes, activation: Activation::Identity, mean: true };

pub fn model<S: Scalar>(shape: Shape, kind: Kind, vertex: u32) -> Model<S> {
    let interaction = Interaction::new(kind, vertex, S::from_f64(0.01)).unwrap();
    Model { shape, coding: Coding::Bipolar, interaction, temperature: S::from_f64(0.95) }
}

/// Owns what an engine borrows.
pub struct Bench<S: Scalar> {
    shape: Shape,
    chunk: Chunk,
    rows: Vec<[S; L]>,
    offsets: Vec<u32>,
    indices: Vec<u16>,
}

impl<S: Scalar> Bench<S> {
    pub fn new(shape: &Shape, chunk: usize, tables: bool) -> Self {
        Self::of(shape, Chunk { items: chunk, tables: usize::from(tables), kept: 0 })
    }

    pub fn of(shape: &Shape, chunk: Chunk) -> Self {
        let sizes = Sizes::new(shape, L, chunk);
        Self {
            shape: *shape,
            chunk,
            rows: vec![[S::ZERO; L]; sizes.rows],
            offsets: vec![0; sizes.offsets],
            indices: vec![0; sizes.indices],
        }
    }

    pub fn engine<'a>(
        &'a mut self,
        model: Model<S>,
        rule: Rule,
        permutations: Permutations<'a>,
    ) -> Engine<'a, S, L, Sequential> {
        self.engine_on(Sequential, model, rule, permutations)
    }

    pub fn engine_on<'a, E: Executor>(
        &'a mut self,
        executor: E,
        model: Model<S>,
        rule: Rule,
        permutations: Permutations<'a>,
    ) -> Engine<'a, S, L, E> {
        let Self { rows, offsets, indices, .. } = self;
        let workspace = Workspace::carve(Arena { rows, offsets, indices }, &self.shape, self.chunk).unwrap();
        Engine::new(model, rule, executor, permutations, workspace)
    }
}

/// Weights that are a copy of `rows`, in memory that is never given back: a test is short.
pub fn lend<S: Scalar>(shape: &Shape, rows: &[[S; L]]) -> Weights<'static, S, L> {
    Weights::new(shape, rows.to_vec().leak(), vec![[S::ZERO; L]; shape.blocks(L)].leak()).unwrap()
}

/// A gradient in `rows`, without exponents.
pub fn unscaled<S: Scalar>(rows: &mut [[S; L]]) -> Gradient<'_, S, L> {
    Gradient::new(rows, Scale::ONE)
}

/// A gradient for what overwrites or only passes it on.
pub fn waste<S: Scalar>(shape: &Shape) -> Gradient<'static, S, L> {
    unscaled(vec![[S::ZERO; L]; shape.rows(L)].leak())
}

pub fn set_weight<S: Scalar>(shape: &Shape, rows: &mut [[S; L]], memory: usize, neuron: usize, weight: S) {
    rows[memory / L * shape.neurons() + neuron][memory % L] = weight;
}

pub fn rng(seed: u64) -> Xoshiro128PlusPlus {
    Xoshiro128PlusPlus::seed_from_u64(seed)
}

/// `items` states with a third of the pixels, one task neuron and one class neuron on.
pub fn random_items(shape: &Shape, items: usize, rng: &mut impl Rng) -> Vec<u32> {
    let mut words = vec![0; items * shape.words()];
    for state in words.chunks_exact_mut(shape.words()) {
        for pixel in 0..shape.pixels() {
            dam_nostd::bits::set(state, pixel, rng.next_u32().is_multiple_of(3));
        }
        if shape.tasks() > 0 {
            let task = dam_nostd::rng::below(rng, shape.tasks() as u32) as usize;
            dam_nostd::bits::set(state, shape.pixels() + task, true);
        }
        let class = dam_nostd::rng::below(rng, shape.classes() as u32) as usize;
        dam_nostd::bits::set(state, shape.class_neurons().start + class, true);
    }
    words
}

pub fn random_weights<S: Scalar>(shape: &Shape, deviation: f64, rng: &mut impl Rng) -> Vec<[S; L]> {
    let (mut rows, mut totals) = (vec![[S::ZERO; L]; shape.rows(L)], vec![[S::ZERO; L]; shape.blocks(L)]);
    Weights::new(shape, &mut rows, &mut totals).unwrap().initialise(deviation, rng);
    rows
}

/// Full batches of the paper's loss at a small number of epochs.
pub const TRAINING: Training = Training {
    epochs: 6,
    batch: Batch::Items(NonZeroUsize::new(7).unwrap()),
    rate: 0.08,
    decay: 0.99,
    decays: Decays::EachEpoch,
    first_temperature: 0.95,
    last_temperature: 0.95,
    momentum: 0.6,
    floor: 1e-30,
    loss: LOSS,
    carry_momentum: false,
    carry_rate: false,
};

pub const LOSS: Loss = Loss::Power { exponent: 1 };

/// Tasks of random items on a small network, all in neuron order.
pub struct Tasks {
    pub shape: Shape,
    pub coding: Coding,
    pub items: usize,
    pub words: Vec<Vec<u32>>,
}

impl Tasks {
    pub fn new(tasks: usize, items: usize) -> Self {
        let shape = Shape::new(18, 2, 4, 11).unwrap();
        let mut rng = rng(99);
        let coding = Coding::Bipolar;
        Self { shape, coding, items, words: (0..tasks).map(|_| random_items(&shape, items, &mut rng)).collect() }
    }

    pub fn get(&self, task: usize) -> Items<'_> {
        Items::in_neuron_order(self.shape.words(), &self.words[task])
    }

    /// Learns all tasks in their order; returns the weights.
    pub fn learn<S: Scalar>(&self, training: &Training, method: &mut dyn Method<S, L>) -> Vec<[S; L]> {
        self.learn_on(Sequential, training, method)
    }

    pub fn learn_on<S: Scalar, E: Executor + Copy>(
        &self,
        executor: E,
        training: &Training,
        method: &mut dyn Method<S, L>,
    ) -> Vec<[S; L]> {
        let mut weights = random_weights(&self.shape, 0.1, &mut rng(1));
        for task in 0..self.words.len() {
            let model = Model { coding: self.coding, ..model(self.shape, Kind::FallingLeak, 3) };
            learn_on(executor, model, &mut weights, training, self.get(task), method, task as u64);
        }
        weights
    }
}

/// Learns one task with generators that depend on `seed` alone; returns the loss of each epoch.
pub fn learn<S: Scalar>(
    shape: &Shape,
    weights: &mut [[S; L]],
    training: &Training,
    items: Items<'_>,
    method: &mut dyn Method<S, L>,
    seed: u64,
) -> Vec<f64> {
    learn_on(Sequential, model(*shape, Kind::FallingLeak, 3), weights, training, items, method, seed)
}

pub fn learn_on<S: Scalar, E: Executor>(
    executor: E,
    model: Model<S>,
    weights: &mut [[S; L]],
    training: &Training,
    items: Items<'_>,
    method: &mut dyn Method<S, L>,
    seed: u64,
) -> Vec<f64> {
    let shape = &model.shape;
    let mut bench = Bench::new(shape, 16, true);
    let mut engine = bench.engine_on(executor, model, RULE, Permutations::IDENTITY);
    let mut rows = vec![[S::ZERO; L]; Descent::<S, L>::rows(shape, L)];
    let mut exponents = vec![[S::NO_EXPONENT; L]; shape.blocks(L)];
    let mut descent = Descent::carve(shape, &mut rows, &mut exponents).unwrap();
    let mut totals = vec![[S::ZERO; L]; shape.blocks(L)];
    let mut weights = Weights::new(shape, weights, &mut totals).unwrap();
    let mut order = vec![0; 10_000];
    let mut trainer = Trainer {
        passes: &mut engine,
        weights: &mut weights,
        descent: &mut descent,
        order: &mut order,
        epochs_before: 0,
    };
    let mut losses = Vec::new();
    let watch = |progress: Progress<S>| {
        losses.push(progress.loss.to_f64());
        ControlFlow::Continue(())
    };
    trainer.learn(training, items, method, &mut rng(seed), &mut rng(1000 + seed), watch).unwrap();
    losses
}

/// Owns what the methods borrow: rows by name of use, and a buffer of items.
pub struct Store<S: Scalar> {
    pub rows: [Vec<[S; L]>; 6],
    pub wide: [Vec<[S::Wide; L]>; 2],
    pub gradients: Vec<[S; L]>,
    pub words: Vec<u32>,
    pub permutations: Vec<u8>,
    pub picks: Vec<u32>,
    pub partials: Vec<f64>,
    words_per_item: usize,
}

impl<S: Scalar> Store<S> {
    pub fn new(shape: &Shape) -> Self {
        let rows = |count: usize| vec![[S::from_f64(0.7); L]; count];
        Self {
            rows: [0; 6].map(|_| rows(shape.rows(L))),
            wide: [0; 2].map(|_| vec![[S::Wide::from_f64(0.7); L]; shape.rows(L)]),
            gradients: rows(16 * shape.rows(L)),
            words: vec![0; 2000 * shape.words()],
            permutations: vec![0; 2000],
            picks: vec![0; 2000],
            partials: vec![0.0; Projected::Memory.partials(16, L) * shape.blocks(L)],
            words_per_item: shape.words(),
        }
    }

    pub fn items(&mut self) -> ItemBuffer<'_> {
        ItemBuffer::new(self.words_per_item, &mut self.words, &mut self.permutations)
    }

    pub fn consolidation<'a>(
        &'a mut self,
        shape: &Shape,
        penalty: Penalty,
        importance: Importance,
    ) -> Consolidation<'a, S, L> {
        let ([omega, fresh], [anchor, ..]) = (&mut self.wide, &mut self.rows);
        let buffers = ConsolidationBuffers { anchor, omega, fresh, picks: &mut self.picks };
        Consolidation::new(shape, penalty, importance, buffers).unwrap()
    }

    pub fn si<'a>(&'a mut self, shape: &Shape, options: SiOptions) -> Si<'a, S, L> {
        let ([omega, path], [anchor, start, before, gradient, ..]) = (&mut self.wide, &mut self.rows);
        Si::new(shape, options, SiBuffers { omega, anchor, start, path, before, gradient }).unwrap()
    }

    pub fn gem<'a>(&'a mut self, shape: &Shape, options: GemOptions) -> Gem<'a, S, L> {
        let items = ItemBuffer::new(self.words_per_item, &mut self.words, &mut self.permutations);
        let (gradients, picks, partials) = (&mut self.gradients, &mut self.picks, &mut self.partials);
        Gem::new(shape, options, GemBuffers { items, gradients, picks, partials }, rng(5)).unwrap()
    }

    pub fn agem<'a>(&'a mut self, shape: &Shape, options: AGemOptions) -> AGem<'a, S, L> {
        let items = ItemBuffer::new(self.words_per_item, &mut self.words, &mut self.permutations);
        let (gradient, picks, partials) = (&mut self.rows[0], &mut self.picks, &mut self.partials);
        AGem::new(shape, options, AGemBuffers { items, gradient, picks, partials }, rng(5)).unwrap()
    }
}

/// Owns what relaxing probes borrows.
pub struct Probes {
    states: Vec<u32>,
    previous: Vec<u32>,
    active: Vec<u32>,
    relaxed: Vec<Relaxed>,
}

impl Probes {
    pub fn new(shape: &Shape, chunk: usize) -> Self {
        let words = vec![0; chunk * shape.words()];
        let relaxed = vec![Relaxed { end: End::Limit, sweeps: 0 }; chunk];
        Self { states: words.clone(), previous: words, active: vec![0; chunk], relaxed }
    }

    pub fn method<'a>(&'a mut self, options: PseudoOptions, items: ItemBuffer<'a>) -> Pseudorehearsal<'a> {
        let Self { states, previous, active, relaxed } = self;
        Pseudorehearsal::new(options, PseudoBuffers { items, states, previous, active, relaxed })
    }

    pub fn pairs<'a>(
        &'a mut self,
        proportion: f64,
        most_sweeps: u32,
        items: ItemBuffer<'a>,
        starts: &'a mut [u32],
    ) -> HeterogeneousPseudorehearsal<'a> {
        let Self { states, previous, active, relaxed } = self;
        let buffers = PseudoBuffers { items, states, previous, active, relaxed };
        HeterogeneousPseudorehearsal::new(proportion, most_sweeps, buffers, starts)
    }
}

/// The bits of numbers, to be compared.
pub fn bits<S: Scalar>(rows: &[[S; L]]) -> Vec<u64> {
    rows.iter().flatten().map(|weight| weight.to_f64().to_bits()).collect()
}

/// Each memory vector's numbers, as `f64`.
pub fn numbers<S: Scalar>(shape: &Shape, rows: &[[S; L]]) -> Vec<f64> {
    let all = (0..shape.memories()).flat_map(|k| (0..shape.neurons()).map(move |j| (k, j)));
    all.map(|(k, j)| dam_nostd::network::weight(shape, rows, k, j).unwrap().to_f64()).collect()
}

pub fn dot(a: &[f64], b: &[f64]) -> f64 {
    a.iter().zip(b).map(|(a, b)| a * b).sum()
}
