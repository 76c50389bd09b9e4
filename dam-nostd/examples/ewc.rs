//! Two tasks, one after the other, with Elastic Weight Consolidation, in one static of fixed size.
//!
//! `cargo run -p dam-nostd --example ewc`

use std::error::Error;
use std::ops::ControlFlow;
use std::sync::Mutex;

use dam_nostd::methods::consolidation::{Consolidation, ConsolidationMemory, Importance};
use dam_nostd::methods::estimate::Estimate;
use dam_nostd::methods::penalty::Penalty;
use dam_nostd::methods::{Last, Method, Vanilla};
use dam_nostd::objective::Activation;
use dam_nostd::rng::{Purpose, Xoshiro128PlusPlus, below};
use dam_nostd::rule::{Context, Rule, Updated};
use dam_nostd::train::{Batch, Decays, Training};
use dam_nostd::{Chunk, Coding, Interaction, Kind, Learner, Model, Session, Shape, bits, learner};

/// 24 pixels, 2 tasks, 2 classes, 8 memory vectors.
const SHAPE: Shape = match Shape::new(24, 2, 2, 8) {
    Ok(shape) => shape,
    Err(_) => panic!("a network of this shape cannot be"),
};
const L: usize = 8;
const CHUNK: Chunk = Chunk { items: 4, tables: 0, kept: 0 };
/// Items of a task.
const ITEMS: usize = 20;

type Memory = ConsolidationMemory<f32, L, { SHAPE.rows(L) }, ITEMS>;
type Board = learner!(f32, L, SHAPE, CHUNK, ITEMS, 0, Memory);

static BOARD: Mutex<Board> = Mutex::new(Learner::zeroed(Memory::ZEROED));

/// An item of a task and its class: half of the pixels are on, those of one half in class 0 and those of the other in class
/// 1, but for some noise. The halves are the first and the last pixels in one task, every second in the other.
fn item(task: usize, rng: &mut Xoshiro128PlusPlus) -> ([u32; 1], usize) {
    let (mut state, class) = ([0], below(rng, 2) as usize);
    for pixel in 0..SHAPE.pixels() {
        let half = if task == 0 { pixel / 12 } else { pixel % 2 };
        bits::set(&mut state, pixel, (half == class) != (below(rng, 6) == 0));
    }
    bits::set(&mut state, SHAPE.task_neurons().start + task, true);
    bits::set(&mut state, SHAPE.class_neurons().start + class, true);
    (state, class)
}

/// Learns both tasks; returns how many of 100 new items of each are classified right afterwards.
fn learn(session: &mut Session<'_, f32, L>, method: &mut dyn Method<f32, L>) -> Result<[u32; 2], Box<dyn Error>> {
    let training = Training {
        epochs: 30,
        batch: Batch::Full,
        decay: 0.99,
        decays: Decays::EachEpoch,
        first_temperature: 0.5,
        last_temperature: 0.5,
        ..Training::PAPER
    };
    let generator = |purpose, index| Xoshiro128PlusPlus::of(1, purpose, index);
    session.weights.initialise(0.1, &mut generator(Purpose::Weights, 0));
    for task in 0..2 {
        let (mut images, index) = (generator(Purpose::Images, task as u32), task as u32);
        for _ in 0..ITEMS {
            session.push(&item(task, &mut images).0)?;
        }
        let (mut order, mut draws) = (generator(Purpose::Order, index), generator(Purpose::Method, index));
        let watch = |_| ControlFlow::Continue(());
        if task == 0 {
            session.learn(&training, method, &mut order, &mut draws, watch)?;
        } else {
            session.learn(&training, &mut Last(method), &mut order, &mut draws, watch)?;
        }
    }
    let mut images = generator(Purpose::Images, 9);
    Ok([0, 1].map(|task| {
        let mut right = || {
            let (state, class) = item(task, &mut images);
            u32::from(session.classify(&state) == class)
        };
        (0..100).map(|_| right()).sum()
    }))
}

fn main() -> Result<(), Box<dyn Error>> {
    println!("{} bytes", Board::BYTES);
    let mut board = BOARD.lock().map_err(|_| "the static is taken")?;
    let interaction = Interaction::new(Kind::FallingLeak, 2, 0.01)?;
    let model = Model { shape: SHAPE, coding: Coding::Bipolar, interaction, temperature: 0.5 };
    let rule = Rule { context: Context::Off, updated: Updated::Classes, activation: Activation::Tanh, mean: true };

    let (mut session, _) = board.open(model, rule, CHUNK)?;
    println!("no method: right {:?} of 100 of each task", learn(&mut session, &mut Vanilla)?);

    let (mut session, memory) = board.open(model, rule, CHUNK)?;
    let importance = Importance::Fisher { loss: Training::PAPER.loss, estimate: Estimate::default() };
    let mut ewc = Consolidation::new(&SHAPE, Penalty::new(100.0), importance, memory.buffers())?;
    println!("EWC:       right {:?} of 100 of each task", learn(&mut session, &mut ewc)?);
    Ok(())
}
