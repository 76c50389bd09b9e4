//! A whole tiny sequence: three permuted tasks, one after the other, with and without naive rehearsal, and what the
//! benchmark measures of them.
//!
//! `cargo run -p dam-nostd --example sequence`

use std::error::Error;
use std::ops::ControlFlow;

use dam_nostd::classify::classify;
use dam_nostd::items::Union;
use dam_nostd::methods::rehearsal::ItemBuffer;
use dam_nostd::methods::{Method, NaiveRehearsal, Vanilla};
use dam_nostd::metrics::Accuracies;
use dam_nostd::objective::Activation;
use dam_nostd::rng::{self, Purpose, Xoshiro128PlusPlus};
use dam_nostd::rule::{Context, Rule, Updated};
use dam_nostd::train::{Batch, Decays, Trainer, Training};
use dam_nostd::{
    Arena, Chunk, Coding, Descent, Engine, Interaction, Items, Kind, Model, Permutations, Sequential, Shape, Sizes,
    Weights, Workspace, bits,
};

const TASKS: usize = 3;
const PIXELS: usize = 30;
const CLASSES: usize = 3;
/// Items of a task; a fifth is for validation.
const ITEMS: usize = 60;
const TRAINING: usize = ITEMS * 4 / 5;
/// Memory vectors of a block.
const L: usize = 8;

/// Items of one task: of each class, ten pixels are on but for some noise. All tasks have the same images, permuted.
fn items(shape: &Shape, task: usize, rng: &mut Xoshiro128PlusPlus) -> (Vec<u32>, Vec<usize>) {
    let (mut words, mut labels) = (vec![0; ITEMS * shape.words()], vec![]);
    for state in words.chunks_exact_mut(shape.words()) {
        let class = rng::below(rng, CLASSES as u32) as usize;
        for pixel in 0..PIXELS {
            bits::set(state, pixel, (pixel / 10 == class) != (rng::below(rng, 8) == 0));
        }
        bits::set(state, shape.task_neurons().start + task, true);
        bits::set(state, shape.class_neurons().start + class, true);
        labels.push(class);
    }
    (words, labels)
}

/// Learns the tasks in their order; returns the accuracy of each task after each.
fn learn(method: &mut dyn Method<f32, L>) -> Result<Vec<f64>, Box<dyn Error>> {
    let shape = Shape::new(PIXELS, TASKS, CLASSES, 16)?;
    let generator = |purpose, index: usize| Xoshiro128PlusPlus::of(1, purpose, index as u32);
    let mut maps = vec![];
    for task in 0..TASKS {
        let mut map: Vec<u16> = (0..PIXELS as u16).collect();
        rng::shuffle(&mut map, &mut generator(Purpose::Permutation, task));
        maps.extend(map);
    }
    let permutations = Permutations::new(PIXELS, &maps)?;
    let tasks: Vec<_> = (0..TASKS).map(|task| items(&shape, task, &mut generator(Purpose::Images, task))).collect();
    let of_task: Vec<Vec<u8>> = (0..TASKS).map(|task| vec![task as u8; ITEMS]).collect();

    let interaction = Interaction::new(Kind::FallingLeak, 2, 0.01)?;
    let model = Model { shape, coding: Coding::Bipolar, interaction, temperature: 0.5 };
    let rule = Rule { context: Context::Off, updated: Updated::Classes, activation: Activation::Tanh, mean: true };
    let chunk = Chunk { items: 16, tables: 0, kept: 0 };
    let sizes = Sizes::new(&shape, L, chunk);
    let (mut rows, mut offsets) = (vec![[0.0; L]; sizes.rows], vec![0; sizes.offsets]);
    let mut indices = vec![0; sizes.indices];
    let arena = Arena { rows: &mut rows, offsets: &mut offsets, indices: &mut indices };
    let mut engine = Engine::new(model, rule, Sequential, permutations, Workspace::carve(arena, &shape, chunk)?);
    let (mut numbers, mut totals) = (vec![[0.0; L]; shape.rows(L)], vec![[0.0; L]; shape.blocks(L)]);
    let mut weights = Weights::new(&shape, &mut numbers, &mut totals)?;
    weights.initialise(0.1, &mut generator(Purpose::Weights, 0));
    let (mut numbers, mut exponents) = (vec![[0.0; L]; Descent::<f32, L>::rows(&shape, L)], vec![[(); L]; 2]);
    let mut descent = Descent::carve(&shape, &mut numbers, &mut exponents)?;

    let training = Training {
        epochs: 40,
        batch: Batch::Full,
        decay: 0.99,
        decays: Decays::EachEpoch,
        first_temperature: 0.5,
        last_temperature: 0.5,
        ..Training::PAPER
    };
    let (mut order, mut accuracies) = (vec![0; ITEMS * TASKS], vec![]);
    for task in 0..TASKS {
        let new = Items::new(shape.words(), &tasks[task].0, &of_task[task][..TRAINING]);
        let mut trainer = Trainer {
            passes: &mut engine,
            weights: &mut weights,
            descent: &mut descent,
            order: &mut order,
            epochs_before: 0,
        };
        let (mut shuffles, mut draws) = (generator(Purpose::Order, task), generator(Purpose::Method, task));
        trainer.learn(&training, new, method, &mut shuffles, &mut draws, |_| ControlFlow::Continue(()))?;
        for (other, (words, labels)) in tasks.iter().enumerate() {
            let items = Items::new(shape.words(), words, &of_task[other]);
            let validation: Vec<u32> = (TRAINING as u32..ITEMS as u32).collect();
            let mut right = 0;
            classify(&mut engine, &mut weights, &Union::only(items), &validation, |item, class| {
                right += u32::from(labels[item as usize] == class);
            });
            accuracies.push(f64::from(right) / validation.len() as f64);
        }
    }
    Ok(accuracies)
}

fn main() -> Result<(), Box<dyn Error>> {
    let words = (PIXELS + TASKS + CLASSES).div_ceil(32);
    let (mut kept, mut permutations) = (vec![0; TASKS * TRAINING * words], vec![0; TASKS * TRAINING]);
    let buffer = ItemBuffer::new(words, &mut kept, &mut permutations);
    let mut methods: [(&str, &mut dyn Method<f32, L>); 2] =
        [("vanilla", &mut Vanilla), ("rehearsal of a half", &mut NaiveRehearsal::new(0.5, buffer))];
    for (name, method) in &mut methods {
        let matrix = learn(*method)?;
        println!("{name}");
        for (after, row) in matrix.chunks_exact(TASKS).enumerate() {
            println!("  after task {}: {}", after + 1, row.iter().map(|a| format!("{a:.2} ")).collect::<String>());
        }
        let accuracies = Accuracies::new(TASKS, &matrix).ok_or("a row and a column for each task")?;
        println!("  average {:.2}, forgetting {:.2}", accuracies.average(TASKS - 1), accuracies.forgetting());
    }
    Ok(())
}
