//! What can be compared of trials: numbers of their results, and of what was seen of their networks after each task.

use std::fmt;

use clap::ValueEnum;
use serde::Deserialize;

use crate::inspection::Inspection;
use crate::outcome::Outcome;

/// A trial, and what was seen of its networks.
#[derive(Clone, Debug)]
pub struct Seen {
    /// What it found.
    pub outcome: Outcome,
    /// Its networks, task after task; none where they were not looked at.
    pub inspections: Vec<Inspection>,
}

/// A number of a trial.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, ValueEnum)]
#[serde(rename_all = "kebab-case")]
pub enum Quantity {
    /// Mean accuracy of all tasks after the last
    Accuracy,
    /// How much of each task's best accuracy is lost in the end
    Forgetting,
    /// Accuracy just before a task less that of the first weights
    ForwardTransfer,
    /// Accuracy of the first task when it has just been learned
    FirstTask,
    /// Mean accuracy of the later tasks, each when it has just been learned
    LaterTasks,
    /// Share of the memory vectors that are committed after the first task
    CommittedFirst,
    /// The same after the last
    Committed,
    /// How many memory vectors share an item after the first task
    VectorsPerItem,
    /// Share of random states that relax to digits after the first task
    DigitsFirst,
    /// The same after the last
    Digits,
    /// The same, digits of tasks before the last
    DigitsPast,
    /// Share of the first task's items that are fixed points after that task
    FixedFirst,
    /// Share of all tasks' items that are fixed points after the last
    Fixed,
    /// How far committed memory vectors move in a later task, as a share of their length: the mean over tasks
    Moved,
    /// Cosine between a task's gradient and that of the tasks before, the median over memory vectors, the mean over tasks
    Cosine,
    /// Share of the memory vectors where these gradients are opposed, the mean over tasks
    Opposed,
    /// How evenly EWC's importances of the first task lie on memory vectors
    EvenLoss,
    /// How evenly those of MAS do
    EvenOutput,
}

impl Quantity {
    /// As files and the command line have it.
    pub fn name(self) -> String {
        self.to_possible_value().map(|value| value.get_name().to_owned()).unwrap_or_default()
    }

    /// Its value; `None` where the trial has none.
    pub fn of(self, seen: &Seen) -> Option<f64> {
        let (measured, inspections) = (&seen.outcome.measured, &seen.inspections);
        let (first, last) = (inspections.first(), inspections.last());
        let just_learned = |task: usize| measured.accuracy_matrix.get(task)?.get(task).copied();
        match self {
            Self::Accuracy => Some(measured.average_accuracy.accuracy),
            Self::Forgetting => Some(measured.forgetting),
            Self::ForwardTransfer => Some(measured.forward_transfer),
            Self::FirstTask => just_learned(0),
            Self::LaterTasks => mean((1..measured.accuracy_matrix.len()).filter_map(just_learned)),
            Self::CommittedFirst => first.map(|first| first.committed),
            Self::Committed => last.map(|last| last.committed),
            Self::VectorsPerItem => first.map(|first| first.vectors_per_item),
            Self::DigitsFirst => first.map(|first| first.digits),
            Self::Digits => last.map(|last| last.digits),
            Self::DigitsPast => last.map(|last| last.digits_by_task.iter().rev().skip(1).sum()),
            Self::FixedFirst => first.and_then(|first| first.fixed.first().copied()),
            Self::Fixed => last.and_then(|last| mean(last.fixed.iter().copied())),
            Self::Moved => mean(inspections.iter().filter_map(|task| task.moved)),
            Self::Cosine => mean(inspections.iter().filter_map(|task| task.conflict).map(|conflict| conflict.cosine)),
            Self::Opposed => mean(inspections.iter().filter_map(|task| task.conflict).map(|conflict| conflict.opposed)),
            Self::EvenLoss => first.map(|first| first.evenness.loss),
            Self::EvenOutput => first.map(|first| first.evenness.output),
        }
    }
}

impl fmt::Display for Quantity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.name().replace('-', " "))
    }
}

fn mean(values: impl Iterator<Item = f64>) -> Option<f64> {
    let (count, sum) = values.fold((0, 0.0), |(count, sum), value| (count + 1, sum + value));
    (count > 0).then(|| sum / f64::from(count))
}
