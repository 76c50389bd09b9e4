//! Small networks with buffers of their own.
#![allow(dead_code, missing_docs, reason = "each test uses a part")]

use dam_nostd::engine::{Buffers, Rule};
use dam_nostd::executor::Sequential;
use dam_nostd::objective::Activation;
use dam_nostd::presentation::{Context, Lists, Updated};
use dam_nostd::rng::Xoshiro128PlusPlus;
use dam_nostd::{Engine, Interaction, Kind, Model, Scalar, Shape, Sizes, Wirings};
use rand_core::{Rng, SeedableRng};

pub const L: usize = 8;

/// The rule of the paper as it is read by default.
pub const RULE: Rule =
    Rule { context: Context::Off, updated: Updated::Classes, activation: Activation::Identity, mean: true };

pub fn model<S: Scalar>(shape: Shape, kind: Kind, vertex: u32) -> Model<S> {
    let interaction = Interaction::new(kind, vertex, S::from_f64(0.01)).unwrap();
    Model { shape, interaction, temperature: S::from_f64(0.95) }
}

/// Owns what an engine borrows.
pub struct Bench<S> {
    sizes: Sizes,
    rows: [Vec<[S; L]>; 5],
    numbers: [Vec<S>; 5],
    names: [Vec<u16>; 2],
    ends: [Vec<u32>; 2],
    chunk: usize,
}

impl<S: Scalar> Bench<S> {
    pub fn new(shape: &Shape, chunk: usize, tables: bool) -> Self {
        let sizes = Sizes::new(shape, L, chunk, tables);
        let rows = |count: usize| vec![[S::ZERO; L]; count];
        let numbers = |count: usize| vec![S::ZERO; count];
        Self {
            sizes,
            rows: [sizes.totals, sizes.sums, sizes.table, sizes.buckets, sizes.similarities].map(rows),
            numbers: [sizes.shares, sizes.fields, sizes.fields, sizes.fields, sizes.fields].map(numbers),
            names: [sizes.names, sizes.names].map(|count| vec![0; count]),
            ends: [sizes.item_ends, sizes.name_ends].map(|count| vec![0; count]),
            chunk,
        }
    }

    pub fn engine<'a>(&'a mut self, model: Model<S>, rule: Rule, wirings: Wirings<'a>) -> Engine<'a, S, L, Sequential> {
        let [totals, sums, table, buckets, similarities] = &mut self.rows;
        let [shares, fields, states, targets, coefficients] = &mut self.numbers;
        let [on, by] = &mut self.names;
        let [on_ends, by_ends] = &mut self.ends;
        let buffers = Buffers {
            totals,
            sums,
            table,
            buckets,
            similarities,
            shares,
            fields,
            states,
            targets,
            coefficients,
            on: Lists::new(on, on_ends),
            shown_by: Lists::new(by, by_ends),
            chunk: self.chunk,
        };
        Engine::new(model, rule, Sequential, wirings, buffers)
    }
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
    let mut rows = vec![[S::ZERO; L]; shape.rows(L)];
    dam_nostd::network::initialise(shape, &mut rows, deviation, rng);
    rows
}
