//! `cargo xtask search`: settings of networks for boards, chosen by validation and reported on images that no choice saw.

use std::error::Error;
use std::fmt;
use std::fs;
use std::num::NonZeroUsize;
use std::ops::ControlFlow;
use std::path::{Path, PathBuf};

use host_harness::config::{
    ActivationName, Batch, CodingName, ContextName, DecaysName, InteractionName, LossName, MethodName, Settings,
    TrainedName,
};
use host_harness::data::Dataset;
use host_harness::export::{self, ExportPrecision, margins};
use host_harness::machine::Machine;
use host_harness::trial::{self, Finished};

use crate::firmware::models::{CLASSIFIER, bytes};
use crate::splits::{self, Splits};

type Outcome<T> = Result<T, Box<dyn Error>>;

/// Grey value from which a pixel is on: with 128 fewer are on than with 1, so that recall adds fewer rows, and no more
/// answers are wrong.
pub const THRESHOLD: u8 = 128;
/// Pixels across and down.
pub const PIXELS: (usize, usize) = (14, 14);
/// Images of a trial of the search, and of the training of a network that is shipped: a sixth is for validation.
const SEARCHED: usize = 12_000;
const SHIPPED: usize = 60_000;

/// Arguments of `cargo xtask search`.
#[derive(clap::Args)]
pub struct SearchTask {
    /// Memory vectors; may be given several times
    #[arg(long = "memories", value_name = "COUNT", default_values_t = [8, 16, 32, 64])]
    memories: Vec<usize>,

    /// Pixels across and down
    #[arg(long, value_name = "WxH", value_parser = pixels, default_value = "14x14")]
    pixels: (usize, usize),

    /// Only this interaction vertex
    #[arg(long, value_name = "N")]
    n: Option<u32>,

    /// Write every trial into this file, as tab-separated values
    #[arg(long, value_name = "FILE")]
    out: Option<PathBuf>,

    /// Instead train the whole network, 28 x 28 pixels and 512 memory vectors, and write its model of 8 bits into this file
    #[arg(long, value_name = "FILE")]
    whole: Option<PathBuf>,
}

fn pixels(text: &str) -> Result<(usize, usize), String> {
    let sides = text.split_once('x').and_then(|(width, height)| Some((width.parse().ok()?, height.parse().ok()?)));
    sides.ok_or_else(|| "not two numbers, as 14x14 is".into())
}

/// What is searched.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Candidate {
    /// The interaction vertex.
    pub n: u32,
    /// The temperature.
    pub temperature: f64,
    /// The loss: cross-entropy, or squares of tanh's error.
    pub loss: LossName,
    /// The leak, which rises.
    pub leak: f64,
    /// Epochs; the learning rate falls to 3% in them.
    pub epochs: u32,
}

impl fmt::Display for Candidate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { n, temperature, loss, leak, epochs } = self;
        write!(f, "{n}\t{temperature}\t{loss}\t{leak}\t{epochs}")
    }
}

impl Candidate {
    /// All settings of its training.
    pub fn settings(&self, memories: usize, items: usize) -> Settings {
        let activation =
            if self.loss == LossName::CrossEntropy { ActivationName::Identity } else { ActivationName::Tanh };
        Settings {
            method: Some(MethodName::Vanilla),
            n: Some(self.n),
            tasks: Some(1),
            items: Some(items),
            validation: Some(1.0 / 6.0),
            epochs: Some(self.epochs),
            memories: Some(memories),
            batch: NonZeroUsize::new(200).map(Batch::Items),
            learning_rate: Some(0.1),
            decay: Some(0.03_f64.powf(1.0 / f64::from(self.epochs))),
            decays: Some(DecaysName::Epoch),
            temperature: Some(self.temperature),
            momentum: Some(0.6),
            error_exponent: Some(1),
            loss: Some(self.loss),
            activation: Some(activation),
            coding: Some(CodingName::Bipolar),
            context: Some(ContextName::Off),
            trained: Some(TrainedName::Classes),
            interaction: Some(InteractionName::RisingLeak),
            leak: Some(self.leak),
            deviation: Some(0.1),
            threshold: Some(THRESHOLD),
            seed: Some(1),
            ..Settings::default()
        }
    }

    /// The network that is shipped.
    ///
    /// # Errors
    /// Those of a trial.
    pub fn trained(&self, memories: usize, splits: &Splits) -> Outcome<Finished> {
        self.run(memories, SHIPPED, splits)
    }

    /// A network of `items` images of `data`, a sixth for validation.
    ///
    /// # Errors
    /// Those of a trial.
    pub fn trained_with(&self, memories: usize, items: usize, data: &Dataset) -> Outcome<Finished> {
        let config = self.settings(memories, items).config()?;
        let machine = Machine::new(0, None)?;
        Ok(trial::run(&config, data, &machine, &mut |_| ControlFlow::Continue(()))?)
    }

    fn run(&self, memories: usize, items: usize, splits: &Splits) -> Outcome<Finished> {
        self.trained_with(memories, items, &splits.training)
    }
}

/// Searches for each number of memory vectors, trains what was chosen with all images, and reports it on the test images.
///
/// First n, temperature and loss in all combinations, then the leak, then the epochs.
///
/// # Errors
/// A trial or the file fails.
pub fn run(task: &SearchTask) -> Outcome<()> {
    if let Some(path) = &task.whole {
        return whole(path);
    }
    let splits = Splits::new(THRESHOLD, task.pixels)?;
    let digits = splits::states(&splits.test, 0..splits.test.len());
    let size = format!("{}x{}", task.pixels.0, task.pixels.1);
    let mut table =
        String::from("pixels\tmemories\tn\ttemperature\tloss\tleak\tepochs\tvalidation\ttest_f32\ttest_i8\tbytes_i8\n");
    print!("{table}");
    for &memories in &task.memories {
        let mut best: Option<(Candidate, f64)> = None;
        for stage in 0..3 {
            let tried = candidates(stage, best.map(|(candidate, _)| candidate));
            for candidate in tried.into_iter().filter(|candidate| task.n.is_none_or(|n| candidate.n == n)) {
                let found = candidate.run(memories, SEARCHED, &splits)?.outcome.measured.average_accuracy.accuracy;
                add(&mut table, format!("{size}\t{memories}\t{candidate}\t{found:.4}\t\t\t\n"));
                if best.is_none_or(|(_, accuracy)| found > accuracy) {
                    best = Some((candidate, found));
                }
            }
        }
        let (chosen, _) = best.ok_or("nothing was tried")?;
        let Finished { outcome, network, .. } = chosen.trained(memories, &splits)?;
        let share = |right: usize| right as f64 / digits.labels.len() as f64;
        let (f32, i8) =
            (export::model(&network, ExportPrecision::F32, 1)?, export::model(&network, ExportPrecision::I8, 1)?);
        let validation = outcome.measured.average_accuracy.accuracy;
        let (of_f32, of_i8) = (margins::right::<f32>(&f32, &digits)?, margins::right::<i8>(&i8, &digits)?);
        let (of_f32, of_i8, bytes) = (share(of_f32), share(of_i8), 4 * i8.len());
        add(&mut table, format!("{size}\t{memories}\t{chosen}\t{validation:.4}\t{of_f32:.4}\t{of_i8:.4}\t{bytes}\n"));
        if let Some(path) = &task.out {
            fs::write(path, &table).map_err(|error| format!("cannot write {}: {error}", path.display()))?;
        }
    }
    Ok(())
}

/// The whole network, of fewer images and epochs than the small ones: it takes minutes all the same.
fn whole(path: &Path) -> Outcome<()> {
    let splits = Splits::new(THRESHOLD, (28, 28))?;
    let Finished { outcome, network, .. } =
        Candidate { temperature: 0.02, leak: 0.03, epochs: 10, ..CLASSIFIER }.run(512, 24_000, &splits)?;
    let words = export::model(&network, ExportPrecision::I8, 1)?;
    let digits = splits::states(&splits.test, 0..splits.test.len());
    let right = margins::right::<i8>(&words, &digits)?;
    println!(
        "validation {:.4}, test in i8 {:.4}",
        outcome.measured.average_accuracy.accuracy,
        right as f64 / digits.labels.len() as f64
    );
    fs::write(path, bytes(&words)).map_err(|error| format!("cannot write {}: {error}", path.display()).into())
}

fn add(table: &mut String, line: String) {
    print!("{line}");
    *table += &line;
}

/// The candidates of a stage.
fn candidates(stage: u32, best: Option<Candidate>) -> Vec<Candidate> {
    let first = Candidate { n: 2, temperature: 0.02, loss: LossName::CrossEntropy, leak: 0.03, epochs: 25 };
    let best = best.unwrap_or(first);
    match stage {
        0 => {
            let losses = [LossName::CrossEntropy, LossName::Power];
            let temperatures = [0.02, 0.05, 0.1];
            let pairs = temperatures.into_iter().flat_map(|temperature| losses.map(|loss| (temperature, loss)));
            pairs.flat_map(|(temperature, loss)| [2, 3].map(|n| Candidate { n, temperature, loss, ..best })).collect()
        }
        1 => [0.003, 0.1].map(|leak| Candidate { leak, ..best }).to_vec(),
        _ => [12, 50].map(|epochs| Candidate { epochs, ..best }).to_vec(),
    }
}
