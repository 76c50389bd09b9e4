//! Outcomes made up for tests.

use std::collections::BTreeMap;

use dam_nostd::metrics::Accuracies;
use host_harness::config::Config;
use host_harness::measured::{Averages, DataSource, Measured, mean_up_to};
use host_harness::methods::diagnostics::Diagnostics;
use host_harness::outcome::{Course, Outcome};

/// An outcome of `config` in which a task has the accuracy `new` when it was just learned and `old` ever after.
pub fn outcome(config: Config, new: f64, old: f64) -> Outcome {
    let tasks = config.tasks;
    let score = |after: usize, task: usize| {
        if task == after {
            new
        } else if task < after {
            old
        } else {
            0.1
        }
    };
    let matrix: Vec<Vec<f64>> = (0..tasks).map(|after| (0..tasks).map(|task| score(after, task)).collect()).collect();
    let less =
        |by: f64| matrix.iter().map(|row| row.iter().map(|score| score - by).collect()).collect::<Vec<Vec<f64>>>();
    let (macro_f1_matrix, weighted_f1_matrix) = (less(0.01), less(0.005));
    let mean = |matrix: &[Vec<f64>]| mean_up_to(&matrix[tasks - 1], tasks - 1);
    let (flat, untrained) = (matrix.concat(), vec![0.1; tasks]);
    let accuracies = Accuracies::new(tasks, &flat).unwrap();
    Outcome {
        format: Outcome::FORMAT,
        version: env!("CARGO_PKG_VERSION").to_owned(),
        commit: None,
        unknown: BTreeMap::new(),
        seed: config.seed,
        data: DataSource {
            name: "made up".to_owned(),
            images: 70_000,
            pixels: 784,
            classes: 10,
            digest: "0123456789abcdef".to_owned(),
        },
        measured: Measured {
            average_accuracy: Averages {
                macro_f1: mean(&macro_f1_matrix),
                micro_f1: mean(&matrix),
                weighted_f1: mean(&weighted_f1_matrix),
                accuracy: mean(&matrix),
            },
            average_accuracy_after: (0..tasks).map(|after| mean_up_to(&matrix[after], after)).collect(),
            forgetting: accuracies.forgetting(),
            backward_transfer: accuracies.backward_transfer(),
            forward_transfer: accuracies.forward_transfer(&untrained),
            untrained_accuracy: untrained,
            last_loss: vec![0.1; tasks],
            stalled_memories: vec![0; tasks],
            saturations: vec![],
            diagnostics: vec![Diagnostics::default(); tasks],
            confusion: vec![],
            test: None,
            accuracy_matrix: matrix,
            macro_f1_matrix,
            weighted_f1_matrix,
        },
        item_presentations: 4_000_000,
        config,
    }
}

/// A course of 36 seconds on two threads.
pub fn course() -> Course {
    Course {
        instruction_set: "avx2".to_owned(),
        threads: 2,
        item_presentations_per_second: 100_000.5,
        wall_seconds: 36.0,
        peak_memory_bytes: Some(1 << 40),
    }
}
