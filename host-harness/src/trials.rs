//! Whole trials in each number type: whether learning in fixed point ends where learning in `f32` does.

use std::fmt::Write;
use std::num::NonZeroUsize;
use std::ops::ControlFlow;

use clap::ValueEnum;

use crate::audit::SIDE;
use crate::config::{Batch, Config, MethodName, Precision, Sample, Settings};
use crate::data::Dataset;
use crate::machine::Machine;
use crate::trial;

/// Interaction vertices.
pub const VERTICES: [u32; 5] = [2, 3, 5, 10, 20];

/// Number types; the first is what the others are held against, and `f64` shows how far apart two trials end that differ
/// in nothing but rounding.
pub const FORMATS: [Precision; 4] = [Precision::F32, Precision::F64, Precision::Fixed32, Precision::Fixed16];

/// Epochs of each task.
pub const EPOCHS: u32 = 50;

/// Seeds: 1 to so many.
pub const SEEDS: u64 = 3;

/// The mean over the seeds of the average accuracy after the last task.
#[derive(Clone, Debug)]
pub struct Cell {
    /// The method.
    pub method: MethodName,
    /// The interaction vertex.
    pub n: u32,
    /// One for each of [`FORMATS`].
    pub accuracies: Vec<f64>,
}

/// All cells.
#[derive(Clone, Debug)]
pub struct Trials(pub Vec<Cell>);

/// The trial of a cell: five tasks of 2000 items, 14 x 14 pixels, 64 memory vectors, minibatches of 100.
fn settings(method: MethodName, n: u32, seed: u64, epochs: u32, precision: Precision) -> Settings {
    Settings {
        method: Some(method),
        n: Some(n),
        seed: Some(seed),
        epochs: Some(epochs),
        precision: Some(precision),
        memories: Some(64),
        items: Some(2000),
        tasks: Some(5),
        batch: NonZeroUsize::new(100).map(Batch::Items),
        memory_batch: NonZeroUsize::new(100).map(Sample::Items),
        ..Settings::default()
    }
}

/// Runs all trials. `tell` is told of each.
///
/// # Errors
/// Images that cannot be pooled, or too few.
pub fn run(
    data: &Dataset,
    epochs: u32,
    machine: &Machine,
    mut tell: impl FnMut(&Config, Precision, f64),
) -> Result<Trials, Box<dyn std::error::Error + Send + Sync>> {
    let data = data.pooled(SIDE, SIDE)?;
    let mut cells = vec![];
    for n in VERTICES {
        for &method in MethodName::value_variants() {
            let mut accuracies = vec![0.0; FORMATS.len()];
            for seed in 1..=SEEDS {
                for (sum, format) in accuracies.iter_mut().zip(FORMATS) {
                    let config = settings(method, n, seed, epochs, format).config()?;
                    let outcome = trial::run(&config, &data, machine, &mut |_| ControlFlow::Continue(()))?.outcome;
                    let accuracy = outcome.measured.average_accuracy.accuracy;
                    *sum += accuracy / SEEDS as f64;
                    tell(&config, format, accuracy);
                }
            }
            cells.push(Cell { method, n, accuracies });
        }
    }
    Ok(Trials(cells))
}

impl Trials {
    /// The table, its cells separated by tabs: accuracies, and how far each is from the first.
    pub fn table(&self) -> String {
        let mut text = String::from("method\tn");
        FORMATS.iter().for_each(|format| text += &format!("\t{format}"));
        FORMATS.iter().skip(1).for_each(|format| text += &format!("\t{format} - {}", FORMATS[0]));
        text.push('\n');
        for Cell { method, n, accuracies } in &self.0 {
            let _ = write!(text, "{method}\t{n}");
            accuracies.iter().for_each(|accuracy| text += &format!("\t{accuracy:.3}"));
            accuracies.iter().skip(1).for_each(|accuracy| text += &format!("\t{:+.3}", accuracy - accuracies[0]));
            text.push('\n');
        }
        text
    }
}
