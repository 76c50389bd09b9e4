//! Whole trials in each number type: whether learning in fixed point ends where learning in `f32` does.

use std::fmt::Write;
use std::num::NonZeroUsize;
use std::ops::ControlFlow;

use clap::ValueEnum;

use crate::audit::layers::SIDE;
use crate::config::{
    Batch, CodingName, Config, ImportanceName, MethodName, Precision, ProjectedName, Sample, Settings,
};
use crate::data::Dataset;
use crate::machine::Machine;
use crate::trial;

/// The number type that the others are held against.
pub const REFERENCE: Precision = Precision::F32;

/// Epochs of each task.
pub const EPOCHS: u32 = 50;

/// Which trials: each method at each interaction vertex with each seed in each number type.
#[derive(Clone, Debug, PartialEq)]
pub struct Scope {
    /// Methods.
    pub methods: Vec<MethodName>,
    /// Interaction vertices.
    pub vertices: Vec<u32>,
    /// Number types beside [`REFERENCE`]. `f64` shows how far apart two trials end that differ in nothing but rounding.
    pub formats: Vec<Precision>,
    /// Seeds: 1 to so many.
    pub seeds: u64,
    /// Epochs of each task.
    pub epochs: u32,
}

impl Default for Scope {
    /// The whole table.
    fn default() -> Self {
        Self {
            methods: MethodName::value_variants().to_vec(),
            vertices: vec![2, 3, 5, 10, 20],
            formats: vec![Precision::F64, Precision::Fixed32, Precision::Fixed16],
            seeds: 3,
            epochs: EPOCHS,
        }
    }
}

/// What the seeds of one method at one interaction vertex in one number type gave.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Series {
    /// By seed: the average accuracy after the last task.
    pub accuracies: Vec<f64>,
    /// Numbers that came to the end of their range, in all trials together.
    pub saturations: u64,
}

impl Series {
    /// The mean accuracy.
    pub fn mean(&self) -> f64 {
        mean(&self.accuracies)
    }

    /// How far this is above `reference`, seed by seed: the mean, and its standard error, which one seed does not have.
    pub fn above(&self, reference: &Self) -> (f64, Option<f64>) {
        let apart: Vec<f64> = self.accuracies.iter().zip(&reference.accuracies).map(|(a, b)| a - b).collect();
        let (mean, count) = (mean(&apart), apart.len() as f64);
        let squares: f64 = apart.iter().map(|d| (d - mean) * (d - mean)).sum();
        (mean, (apart.len() > 1).then(|| (squares / (count - 1.0) / count).sqrt()))
    }
}

fn mean(numbers: &[f64]) -> f64 {
    numbers.iter().sum::<f64>() / numbers.len().max(1) as f64
}

/// One method at one interaction vertex.
#[derive(Clone, Debug, PartialEq)]
pub struct Cell {
    /// The method.
    pub method: MethodName,
    /// The interaction vertex.
    pub n: u32,
    /// [`REFERENCE`], and then the other number types.
    pub series: Vec<Series>,
}

/// All cells.
#[derive(Clone, Debug, PartialEq)]
pub struct Trials {
    /// [`REFERENCE`], and then the other number types.
    pub formats: Vec<Precision>,
    /// Cells, vertex by vertex.
    pub cells: Vec<Cell>,
}

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
        coding: Some(CodingName::Bipolar),
        threshold: Some(1),
        importance: Some(ImportanceName::Item),
        projected: Some(ProjectedName::Network),
        ..Settings::default()
    }
}

/// Runs all trials. `tell` is told of each.
///
/// # Errors
/// Images that cannot be pooled, or too few.
pub fn run(
    data: &Dataset,
    scope: &Scope,
    machine: &Machine,
    mut tell: impl FnMut(&Config, f64),
) -> Result<Trials, Box<dyn std::error::Error + Send + Sync>> {
    let data = data.pooled(SIDE, SIDE)?;
    let others = scope.formats.iter().copied().filter(|&format| format != REFERENCE);
    let formats: Vec<Precision> = std::iter::once(REFERENCE).chain(others).collect();
    let mut cells = vec![];
    for &n in &scope.vertices {
        for &method in &scope.methods {
            let mut series = vec![Series::default(); formats.len()];
            for seed in 1..=scope.seeds {
                for (series, &format) in series.iter_mut().zip(&formats) {
                    let config = settings(method, n, seed, scope.epochs, format).config()?;
                    let measured =
                        trial::run(&config, &data, machine, &mut |_| ControlFlow::Continue(()))?.outcome.measured;
                    let accuracy = measured.average_accuracy.accuracy;
                    series.accuracies.push(accuracy);
                    series.saturations += measured.saturations.iter().sum::<u64>();
                    tell(&config, accuracy);
                }
            }
            cells.push(Cell { method, n, series });
        }
    }
    Ok(Trials { formats, cells })
}

impl Trials {
    /// The table, its cells separated by tabs: mean accuracies, how far each is above the first with its standard error, and
    /// how many numbers came to the end of their range.
    pub fn table(&self) -> String {
        let mut text = String::from("method\tn");
        let others = || self.formats.iter().skip(1);
        self.formats.iter().for_each(|format| text += &format!("\t{format}"));
        others().for_each(|format| text += &format!("\t{format} - {REFERENCE}\terror"));
        others().filter(|format| format.is_fixed()).for_each(|format| text += &format!("\tsaturated {format}"));
        text.push('\n');
        for Cell { method, n, series } in &self.cells {
            let _ = write!(text, "{method}\t{n}");
            series.iter().for_each(|series| text += &format!("\t{:.3}", series.mean()));
            for other in series.iter().skip(1) {
                let (above, error) = series.first().map_or((0.0, None), |first| other.above(first));
                let error = error.map_or("-".to_owned(), |error| format!("{error:.3}"));
                let _ = write!(text, "\t{above:+.3}\t{error}");
            }
            for (series, _) in series.iter().zip(&self.formats).filter(|(_, format)| format.is_fixed()) {
                let _ = write!(text, "\t{}", series.saturations);
            }
            text.push('\n');
        }
        text
    }
}

#[cfg(test)]
mod tests {
    use dam_tests::tolerance::FEW_TERMS;

    use super::*;

    #[test]
    fn differences_are_taken_seed_by_seed() {
        let of = |accuracies: &[f64]| Series { accuracies: accuracies.to_vec(), saturations: 2 };
        let (first, other) = (of(&[0.5, 0.7]), of(&[0.6, 0.7]));
        let (above, error) = other.above(&first);
        assert!((above - 0.05).abs() < FEW_TERMS && (error.unwrap() - 0.05).abs() < FEW_TERMS);
        assert_eq!(of(&[0.5]).above(&of(&[0.25])), (0.25, None));
        let cell = Cell { method: MethodName::Gem, n: 10, series: vec![first, other] };
        let table = Trials { formats: vec![REFERENCE, Precision::Fixed32], cells: vec![cell] }.table();
        assert!(table.ends_with("\ngem\t10\t0.600\t0.650\t+0.050\t0.050\t2\n"), "{table}");
    }
}
