//! What a trial measured, as a result file has it: docs/result-file.md.

use serde::{Deserialize, Serialize};

use crate::methods::diagnostics::Diagnostics;
use crate::number_or_null;

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
    /// The mean over all tasks but the last of: best accuracy from learning the task to before the last one, less that at the
    /// end.
    pub forgetting: f64,
    /// The mean over all tasks but the last of: accuracy at the end, less that just after the task.
    pub backward_transfer: f64,
    /// The mean over all tasks but the first of: accuracy just before the task, less that of the first, random weights.
    pub forward_transfer: f64,
    /// Accuracy on each task of the first, random weights.
    pub untrained_accuracy: Vec<f64>,
    /// Mean loss of each task's last epoch; none of a number where training diverged.
    #[serde(deserialize_with = "number_or_null::numbers")]
    pub last_loss: Vec<f64>,
    /// Memory vectors that hardly moved at each task's last step: their gradient was below the floor.
    pub stalled_memories: Vec<usize>,
    /// Fixed-point numbers that came to the end of their range in each task: fields, weights, and gradients of memory vectors.
    #[serde(skip_serializing_if = "Vec::is_empty", default)]
    pub saturations: Vec<u64>,
    /// After each task: what the method tells of itself.
    pub diagnostics: Vec<Diagnostics>,
    /// `[task][class][answer]`: decisions after the last task.
    pub confusion: Vec<Vec<Vec<u32>>>,
    /// The last test, where tasks were drawn from the training images alone.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub test: Option<LastTest>,
}

/// What the trained network makes of images that no task was drawn from, after the last task.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct LastTest {
    /// Images, the same in each task's permutation.
    pub images: usize,
    /// `[task]`: correct decisions.
    pub accuracy: Vec<f64>,
    /// `[task]`: F1, the mean over classes.
    pub macro_f1: Vec<f64>,
    /// The mean of the accuracies.
    pub average_accuracy: f64,
    /// The mean of the macro F1.
    pub average_macro_f1: f64,
}

/// The mean of the entries of `row` up to and with task `last`.
pub fn mean_up_to(row: &[f64], last: usize) -> f64 {
    row[..=last].iter().sum::<f64>() / (last + 1) as f64
}
