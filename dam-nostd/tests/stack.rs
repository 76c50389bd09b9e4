//! A network of the paper's size lives in a static and is trained with 64 KiB of stack.
#![allow(missing_docs, reason = "a test")]

mod support;

use std::sync::Mutex;

use dam_nostd::engine::Buffers;
use dam_nostd::executor::Sequential;
use dam_nostd::index_lists::Lists;
use dam_nostd::methods::gem::{Gem, GemBuffers, GemOptions};
use dam_nostd::methods::projection::Projected;
use dam_nostd::methods::rehearsal::ItemBuffer;
use dam_nostd::train::{Trainer, Training};
use dam_nostd::{Engine, Items, Kind, Network, Shape, Sizes, Wirings};
use support::{LOSS, RULE, TRAINING, model, random_items, rng};

const LANES: usize = 64;

static NETWORK: Mutex<Network<f32, 799, 8, LANES>> = Mutex::new(Network::zeroed());

fn train() {
    let shape = Shape::new(784, 5, 10, 512).unwrap();
    let mut network = NETWORK.lock().unwrap();
    dam_nostd::network::initialise(&shape, network.rows_mut(), 0.1, &mut rng(1));
    let sizes = Sizes::new(&shape, LANES, 16, 0);
    let rows = |count: usize| vec![[0.0f32; LANES]; count];
    let numbers = |count: usize| vec![0.0f32; count];
    let (mut on, mut on_ends) = (vec![0; sizes.names], vec![0; sizes.item_ends]);
    let (mut by, mut by_ends) = (vec![0; sizes.names], vec![0; sizes.name_ends]);
    let (mut totals, mut sums, mut similarities) = (rows(sizes.totals), rows(sizes.sums), rows(sizes.similarities));
    let (mut shares, mut fields, mut states) = (numbers(sizes.shares), numbers(sizes.fields), numbers(sizes.fields));
    let (mut targets, mut coefficients) = (numbers(sizes.fields), numbers(sizes.fields));
    let buffers = Buffers {
        totals: &mut totals,
        sums: &mut sums,
        exponents: &mut [],
        tables: &mut [],
        similarities: &mut similarities,
        shares: &mut shares,
        fields: &mut fields,
        states: &mut states,
        targets: &mut targets,
        coefficients: &mut coefficients,
        on: Lists::new(&mut on, &mut on_ends),
        shown_by: Lists::new(&mut by, &mut by_ends),
        patterns: &mut [],
        chunk: 16,
    };
    let mut engine = Engine::new(model(shape, Kind::LeakyRectified, 3), RULE, Sequential, Wirings::IDENTITY, buffers);
    let (mut words, mut wirings) = (vec![0; 64 * shape.words()], vec![0; 64]);
    let (mut past, mut picks, mut partials) =
        (rows(2 * shape.rows(LANES)), vec![0; 20], vec![0.0; 8 * Projected::Memory.partials(2, LANES)]);
    let buffers = GemBuffers {
        items: ItemBuffer::new(shape.words(), &mut words, &mut wirings),
        gradients: &mut past,
        picks: &mut picks,
        partials: &mut partials,
    };
    let options = GemOptions { proportion: 1.0, margin: 0.0, sample: None, projected: Projected::Memory, loss: LOSS };
    let mut method = Gem::new(&shape, options, buffers, rng(2)).unwrap();
    let (mut velocity, mut gradient) = (rows(shape.rows(LANES)), rows(shape.rows(LANES)));
    let (mut sizes, mut order) = (rows(8), vec![0; 20]);
    let mut trainer = Trainer {
        engine: &mut engine,
        weights: network.rows_mut(),
        velocity: &mut velocity,
        gradient: &mut gradient,
        sizes: &mut sizes,
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
