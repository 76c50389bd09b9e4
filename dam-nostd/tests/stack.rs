//! A network of the paper's size lives in a static and is trained with 64 KiB of stack.
#![allow(missing_docs, reason = "a test")]

mod support;

use std::sync::Mutex;

use dam_nostd::executor::Sequential;
use dam_nostd::methods::gem::{Gem, GemBuffers, GemOptions};
use dam_nostd::methods::projection::Projected;
use dam_nostd::methods::rehearsal::ItemBuffer;
use dam_nostd::train::{Trainer, Training};
use dam_nostd::{Arena, Chunk, Descent, Engine, Items, Kind, Network, Permutations, Shape, Sizes, Workspace};
use support::{LOSS, RULE, TRAINING, model, random_items, rng};

const LANES: usize = 64;

static NETWORK: Mutex<Network<f32, 799, 8, LANES>> = Mutex::new(Network::zeroed());

fn train() {
    let shape = Shape::new(784, 5, 10, 512).unwrap();
    let mut network = NETWORK.lock().unwrap();
    let mut weights = network.weights(&shape).unwrap();
    weights.initialise(0.1, &mut rng(1));
    let chunk = Chunk { items: 16, tables: 0, kept: 0 };
    let sizes = Sizes::new(&shape, LANES, chunk);
    let rows = |count: usize| vec![[0.0f32; LANES]; count];
    let (mut numbers, mut offsets, mut indices) = (rows(sizes.rows), vec![0; sizes.offsets], vec![0; sizes.indices]);
    let arena = Arena { rows: &mut numbers, offsets: &mut offsets, indices: &mut indices };
    let workspace = Workspace::carve(arena, &shape, chunk).unwrap();
    let mut engine =
        Engine::new(model(shape, Kind::FallingLeak, 3), RULE, Sequential, Permutations::IDENTITY, workspace);
    let (mut words, mut permutations) = (vec![0; 64 * shape.words()], vec![0; 64]);
    let (mut past, mut picks, mut partials) =
        (rows(2 * shape.rows(LANES)), vec![0; 20], vec![0.0; 8 * Projected::Memory.partials(2, LANES)]);
    let buffers = GemBuffers {
        items: ItemBuffer::new(shape.words(), &mut words, &mut permutations),
        gradients: &mut past,
        picks: &mut picks,
        partials: &mut partials,
    };
    let options = GemOptions { proportion: 1.0, margin: 0.0, sample: None, projected: Projected::Memory, loss: LOSS };
    let mut method = Gem::new(&shape, options, buffers, rng(2)).unwrap();
    let (mut numbers, mut exponents) = (rows(Descent::<f32, LANES>::rows(&shape, LANES)), vec![[(); LANES]; 8]);
    let mut descent = Descent::carve(&shape, &mut numbers, &mut exponents).unwrap();
    let mut order = vec![0; 20];
    let mut trainer = Trainer {
        passes: &mut engine,
        weights: &mut weights,
        descent: &mut descent,
        order: &mut order,
        epochs_before: 0,
    };
    let training = Training { epochs: 3, ..TRAINING };
    let mut losses = Vec::new();
    for task in 0..2 {
        let words = random_items(&shape, 20, &mut rng(task));
        let items = Items::in_neuron_order(shape.words(), &words);
        let watch = |progress: dam_nostd::train::Progress<f32>| {
            losses.push(progress.loss);
            core::ops::ControlFlow::Continue(())
        };
        trainer.learn(&training, items, &mut method, &mut rng(4), &mut rng(5), watch).unwrap();
    }
    assert!(losses[2] < losses[0] && losses[5] < losses[3], "{losses:?}");
}

#[test]
fn a_large_network_never_passes_over_the_stack() {
    assert!(size_of::<Network<f32, 799, 8, LANES>>() > 1_600_000);
    std::thread::Builder::new().stack_size(64 * 1024).spawn(train).unwrap().join().unwrap();
}
