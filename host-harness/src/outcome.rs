//! What a trial measured: the keys of a result file, docs/results.md.

use serde::{Deserialize, Deserializer, Serialize};
use sha2::{Digest, Sha256};

use crate::config::{Config, Settings};
use crate::method::Diagnostics;

/// Averages over the tasks, after the last of them.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Averages {
    /// F1, the mean over classes.
    pub macro_f1: f64,
    /// F1 of all decisions together, which with one label an item is the accuracy.
    pub micro_f1: f64,
    /// F1, the mean over classes weighted by their items.
    pub weighted_f1: f64,
    /// Correct decisions.
    pub accuracy: f64,
}

/// Where the images came from.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct DataSource {
    /// The set.
    pub name: String,
    /// Its images.
    pub images: usize,
    /// Pixels of an image.
    pub pixels: usize,
    /// Classes.
    pub classes: usize,
    /// SHA-256 of the thresholded images and labels.
    pub digest: String,
}

/// What a trial measured that depends on nothing but its configuration.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Measured {
    /// `[after][task]`: accuracy on the validation items; 0-based, tasks not learned yet included.
    pub accuracy_matrix: Vec<Vec<f64>>,
    /// The same, macro F1.
    pub macro_f1_matrix: Vec<Vec<f64>>,
    /// The same, weighted F1.
    pub weighted_f1_matrix: Vec<Vec<f64>>,
    /// After the last task, means over all tasks.
    pub average_accuracy: Averages,
    /// The mean accuracy of the tasks learned so far, after each task.
    pub average_accuracy_after: Vec<f64>,
    /// The mean over all tasks but the last of: best accuracy at any time before the end, less that at the end.
    pub forgetting: f64,
    /// The mean over all tasks but the last of: accuracy at the end, less that just after the task.
    pub backward_transfer: f64,
    /// The mean over all tasks but the first of: accuracy just before the task, less that of the first, random weights.
    pub forward_transfer: f64,
    /// Accuracy on each task of the first, random weights.
    pub untrained_accuracy: Vec<f64>,
    /// Mean loss of each task's last epoch; none of a number where training diverged.
    #[serde(deserialize_with = "numbers_or_null")]
    pub last_loss: Vec<f64>,
    /// Memory vectors that hardly moved at each task's last step: their gradient was below the floor.
    pub stalled_memories: Vec<usize>,
    /// Fixed-point numbers that ended at a rail in each task: fields, weights, and gradients of memory vectors.
    #[serde(skip_serializing_if = "Vec::is_empty", default)]
    pub saturations: Vec<u64>,
    /// After each task: what the method tells of itself.
    pub diagnostics: Vec<Diagnostics>,
    /// `[task][class][answer]`: decisions after the last task.
    pub confusion: Vec<Vec<Vec<u32>>>,
}

/// What a trial found: the same bytes wherever and however often it runs.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Outcome {
    /// The form of this file.
    pub format: u32,
    /// The version of this program.
    pub version: String,
    /// The whole configuration. A setting that a file of an earlier version lacks is what it
    /// was before it could be set.
    #[serde(deserialize_with = "config")]
    pub config: Config,
    /// The seed, as in the configuration.
    pub seed: u64,
    /// Where the images came from.
    pub data: DataSource,
    /// What was measured.
    #[serde(flatten)]
    pub measured: Measured,
    /// Items presented in training, each epoch's once more.
    pub item_presentations: u64,
}

impl Outcome {
    /// The `format` that this version writes.
    pub const FORMAT: u32 = 1;

    /// What tells this trial from every other.
    pub fn identity(&self) -> String {
        identity(&self.config, &self.data.digest)
    }
}

/// How a trial ran: what differs from run to run and from machine to machine.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Course {
    /// The instruction set.
    pub instruction_set: String,
    /// Threads.
    pub threads: usize,
    /// Items presented in a second of training.
    pub item_presentations_per_second: f64,
    /// Seconds from the first to the last moment, drawing the tasks and validation included.
    pub wall_seconds: f64,
    /// The most memory that this process held; absent where the system does not tell.
    pub peak_memory_bytes: Option<u64>,
}

impl Course {
    /// Hours that one core would have taken.
    pub fn core_hours(&self) -> f64 {
        self.wall_seconds * self.threads as f64 / 3600.0
    }
}

/// The result file of `dam run`: what was found, and how.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ResultFile {
    /// What was found.
    #[serde(flatten)]
    pub outcome: Outcome,
    /// How it ran.
    #[serde(flatten)]
    pub course: Course,
}

/// Numbers, as a result file has them: what is infinite or none of a number was written as `null`, and is read as the latter.
pub(crate) fn numbers_or_null<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<f64>, D::Error> {
    let numbers: Vec<Option<f64>> = Vec::deserialize(deserializer)?;
    Ok(numbers.into_iter().map(|number| number.unwrap_or(f64::NAN)).collect())
}

/// One such number.
pub(crate) fn number_or_null<'de, D: Deserializer<'de>>(deserializer: D) -> Result<f64, D::Error> {
    Ok(Option::deserialize(deserializer)?.unwrap_or(f64::NAN))
}

fn config<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Config, D::Error> {
    Settings::deserialize(deserializer)?.recorded().config().map_err(serde::de::Error::custom)
}

/// What tells a trial from every other: twelve hexadecimal digits of the SHA-256 of its configuration and of the digest of
/// its images.
pub fn identity(config: &Config, data_digest: &str) -> String {
    let text = serde_json::to_string(config).expect("a configuration is plain data") + data_digest;
    Sha256::digest(text.as_bytes()).iter().take(6).map(|byte| format!("{byte:02x}")).collect()
}

/// The mean of the entries of `row` up to and with task `last`.
pub fn mean_up_to(row: &[f64], last: usize) -> f64 {
    row[..=last].iter().sum::<f64>() / (last + 1) as f64
}

/// The most memory that this process held, in bytes.
pub fn peak_memory() -> Option<u64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"))?;
    Some(line.trim().strip_suffix("kB")?.trim().parse::<u64>().ok()? * 1024)
}
