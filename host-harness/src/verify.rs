//! What of a result follows from the rest of it, computed again: a file that was edited by hand, or cut short, is told from
//! one that a trial wrote.

use dam_nostd::metrics::Accuracies;

use crate::config::Config;
use crate::measured::{DataSource, Measured, mean_up_to};
use crate::methods;
use crate::scores::Confusion;

/// How far a number may be from what it is computed to be: sums in another order.
const ROUNDING: f64 = 1e-9;

/// A value that does not follow from the others.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
#[error("{key} is {found}, and the rest of the file makes it {expected}")]
pub struct Disagreement {
    key: String,
    found: String,
    expected: String,
}

/// Holds a result against itself: sizes of lists, scores of confusion matrices, means, transfer and forgetting, items that
/// were presented.
///
/// # Errors
/// The first value that does not follow from the others.
pub fn check(
    config: &Config,
    seed: u64,
    data: &DataSource,
    measured: &Measured,
    presented: u64,
) -> Result<(), Disagreement> {
    let at_once = methods::about(config.method).at_once();
    let tasks = config.tasks;
    let learned = if at_once { 1 } else { tasks };
    equal("seed", &seed, &config.seed)?;
    for (key, length, expected) in [
        ("average_accuracy_after", measured.average_accuracy_after.len(), tasks),
        ("untrained_accuracy", measured.untrained_accuracy.len(), tasks),
        ("last_loss", measured.last_loss.len(), learned),
        ("stalled_memories", measured.stalled_memories.len(), learned),
        ("diagnostics", measured.diagnostics.len(), learned),
    ] {
        equal(&format!("the length of {key}"), &length, &expected)?;
    }
    let accuracy = square("accuracy_matrix", &measured.accuracy_matrix, tasks)?;
    square("macro_f1_matrix", &measured.macro_f1_matrix, tasks)?;
    square("weighted_f1_matrix", &measured.weighted_f1_matrix, tasks)?;
    let last = |matrix: &[Vec<f64>]| matrix[tasks - 1].clone();
    let (accuracies, macros, weighted) =
        (last(&measured.accuracy_matrix), last(&measured.macro_f1_matrix), last(&measured.weighted_f1_matrix));
    // Made-up results have none.
    if !measured.confusion.is_empty() {
        equal("the length of confusion", &measured.confusion.len(), &tasks)?;
        for (task, rows) in measured.confusion.iter().enumerate() {
            let key = |of: &str| format!("{of}[{}][{task}]", tasks - 1);
            let confusion = Confusion::of(data.classes, rows).ok_or_else(|| Disagreement {
                key: format!("confusion[{task}]"),
                found: format!("of {} rows", rows.len()),
                expected: format!("{0} rows of {0} numbers", data.classes),
            })?;
            let items = format!("the sum of confusion[{task}]");
            equal(&items, &confusion.items(), &(config.validation_items() as u64))?;
            near(&key("accuracy_matrix"), accuracies[task], confusion.accuracy())?;
            near(&key("macro_f1_matrix"), macros[task], confusion.macro_f1())?;
            near(&key("weighted_f1_matrix"), weighted[task], confusion.weighted_f1())?;
        }
    }
    let mean = |row: &[f64]| mean_up_to(row, tasks - 1);
    let average = measured.average_accuracy;
    near("average_accuracy.accuracy", average.accuracy, mean(&accuracies))?;
    near("average_accuracy.micro_f1", average.micro_f1, mean(&accuracies))?;
    near("average_accuracy.macro_f1", average.macro_f1, mean(&macros))?;
    near("average_accuracy.weighted_f1", average.weighted_f1, mean(&weighted))?;
    for (after, &found) in measured.average_accuracy_after.iter().enumerate() {
        let so_far = if at_once { tasks - 1 } else { after };
        let expected = mean_up_to(&measured.accuracy_matrix[after], so_far);
        near(&format!("average_accuracy_after[{after}]"), found, expected)?;
    }
    if let Some(accuracies) = Accuracies::new(tasks, &accuracy) {
        near("forgetting", measured.forgetting, accuracies.forgetting())?;
        near("backward_transfer", measured.backward_transfer, accuracies.backward_transfer())?;
        let transfer = accuracies.forward_transfer(&measured.untrained_accuracy);
        near("forward_transfer", measured.forward_transfer, transfer)?;
    }
    if let Some(test) = &measured.test {
        equal("the length of test.accuracy", &test.accuracy.len(), &tasks)?;
        equal("the length of test.macro_f1", &test.macro_f1.len(), &tasks)?;
        near("test.average_accuracy", test.average_accuracy, mean(&test.accuracy))?;
        near("test.average_macro_f1", test.average_macro_f1, mean(&test.macro_f1))?;
    }
    // Made-up results have neither.
    if measured.confusion.is_empty() { Ok(()) } else { presentations(config, measured, presented) }
}

/// The items that were presented in training.
fn presentations(config: &Config, measured: &Measured, found: u64) -> Result<(), Disagreement> {
    let about = methods::about(config.method);
    let expected = if (0..config.tasks).any(|task| about.joining(config, task) > 0) {
        // How many pseudo-items were kept is not known beforehand.
        let rehearsed: usize =
            measured.diagnostics.iter().take(config.tasks - 1).map(|told| told.rehearsed_items).sum();
        let once = (config.tasks * config.training_items()).saturating_add(rehearsed);
        (once as u64).saturating_mul(config.epochs.into())
    } else {
        methods::presentations(config)
    };
    equal("item_presentations", &found, &expected)
}

/// The entries of a matrix of `tasks` rows and columns, row by row.
fn square(key: &str, matrix: &[Vec<f64>], tasks: usize) -> Result<Vec<f64>, Disagreement> {
    equal(&format!("the number of rows of {key}"), &matrix.len(), &tasks)?;
    for (after, row) in matrix.iter().enumerate() {
        equal(&format!("the length of {key}[{after}]"), &row.len(), &tasks)?;
        if let Some(score) = row.iter().find(|score| !(0.0..=1.0).contains(*score)) {
            let (key, found) = (format!("a score of {key}[{after}]"), score.to_string());
            return Err(Disagreement { key, found, expected: "a number from 0 to 1".to_owned() });
        }
    }
    Ok(matrix.concat())
}

fn equal<T: PartialEq + ToString>(key: &str, found: &T, expected: &T) -> Result<(), Disagreement> {
    if found == expected {
        return Ok(());
    }
    Err(Disagreement { key: key.to_owned(), found: found.to_string(), expected: expected.to_string() })
}

fn near(key: &str, found: f64, expected: f64) -> Result<(), Disagreement> {
    if (found - expected).abs() <= ROUNDING {
        return Ok(());
    }
    Err(Disagreement { key: key.to_owned(), found: found.to_string(), expected: expected.to_string() })
}
