//! Synaptic Intelligence over whole tasks; by hand, step by step, it is among the penalties.
#![allow(missing_docs, reason = "a test")]

mod support;

use dam_nostd::methods::Last;
use dam_nostd::methods::si::SiOptions;
use support::{Store, TRAINING, Tasks, learn, numbers, random_weights, rng};

/// The path sum of two tasks learned with a small rate and all items at once.
#[test]
fn the_path_sum_of_si_is_the_fall_of_the_loss() {
    let tasks = Tasks::new(2, 20);
    let shape = tasks.shape;
    let training = dam_nostd::train::Training {
        epochs: 400,
        batch: dam_nostd::train::Batch::Full,
        rate: 2e-4,
        decay: 1.0,
        ..TRAINING
    };
    let mut store = Store::<f64>::new(&shape);
    // The penalty is strong, and has to be left out of the path.
    let mut method = store.si(&shape, SiOptions::new(0.3));
    let mut weights = random_weights::<f64>(&shape, 0.1, &mut rng(1));
    learn(&shape, &mut weights, &training, tasks.get(0), &mut method, 0);
    let losses = learn(&shape, &mut weights, &training, tasks.get(1), &mut Last(&mut method), 1);
    let path: f64 = numbers(&shape, method.path()).iter().sum();
    let fall = losses[0] - losses[losses.len() - 1];
    assert!(fall > 0.001 && (path / fall - 1.0).abs() < 0.02, "path {path}, fall {fall}");
}
