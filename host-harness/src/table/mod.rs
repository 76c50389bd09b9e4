//! Trials as one table, a row a trial, for pandas, polars and the like: the columns are in docs/result-file.md.

pub mod csv;
pub mod parquet;

pub use crate::config::value::{Kind, Value};

use crate::config::Settings;
use crate::outcome::{Course, Outcome};

/// A column's name and what is in it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Column {
    /// The name.
    pub name: String,
    /// What is in it.
    pub kind: Kind,
}

/// A row a trial. A cell is empty where a trial has no such value.
#[derive(Clone, Debug, PartialEq)]
pub struct Table {
    columns: Vec<Column>,
    rows: Vec<Vec<Option<Value>>>,
}

impl Table {
    /// The table of `trials` in their order: what each found and, where that is known, how it ran.
    pub fn new(trials: &[(&Outcome, Option<&Course>)]) -> Self {
        let tasks = trials.iter().map(|(outcome, _)| outcome.measured.accuracy_matrix.len()).max().unwrap_or(0);
        let row = |(outcome, course): &(&Outcome, Option<&Course>)| row(outcome, *course, tasks);
        Self { columns: columns(tasks), rows: trials.iter().map(row).collect() }
    }

    /// The columns, from the left.
    pub fn columns(&self) -> &[Column] {
        &self.columns
    }

    /// The rows, each with a cell a column.
    pub fn rows(&self) -> &[Vec<Option<Value>>] {
        &self.rows
    }

    /// The values of the column at `place`.
    pub fn column(&self, place: usize) -> impl Iterator<Item = Option<&Value>> {
        self.rows.iter().map(move |row| row[place].as_ref())
    }
}

/// The columns for trials of at most `tasks` tasks.
fn columns(tasks: usize) -> Vec<Column> {
    let config = Settings::default().config().expect("the defaults have sense");
    let mut columns = vec![];
    let mut add = |name: &str, kind| columns.push(Column { name: name.to_owned(), kind });
    add("identity", Kind::Text);
    add("version", Kind::Text);
    for (name, value) in config.values() {
        add(name, value.kind());
    }
    add("data_name", Kind::Text);
    add("data_digest", Kind::Text);
    for name in ["average_macro_f1", "average_micro_f1", "average_weighted_f1", "average_accuracy"] {
        add(name, Kind::Real);
    }
    add("forgetting", Kind::Real);
    add("backward_transfer", Kind::Real);
    add("forward_transfer", Kind::Real);
    add("test_average_accuracy", Kind::Real);
    add("item_presentations", Kind::Count);
    add("instruction_set", Kind::Text);
    add("threads", Kind::Count);
    add("item_presentations_per_second", Kind::Real);
    add("wall_seconds", Kind::Real);
    add("peak_memory_bytes", Kind::Count);
    for score in ["accuracy", "macro_f1", "weighted_f1"] {
        for (after, task) in pairs(tasks) {
            add(&format!("{score}_after_{}_task_{}", after + 1, task + 1), Kind::Real);
        }
    }
    columns
}

/// The cells of a trial in the order of [`columns`].
fn row(outcome: &Outcome, course: Option<&Course>, tasks: usize) -> Vec<Option<Value>> {
    let measured = &outcome.measured;
    let average = measured.average_accuracy;
    let mut cells: Vec<Option<Value>> = vec![];
    let mut add =
        |value: Option<Value>| cells.push(value.filter(|value| !matches!(value, Value::Real(x) if !x.is_finite())));
    add(Some(Value::Text(outcome.identity())));
    add(Some(outcome.version.as_str().into()));
    for (_, value) in outcome.config.values() {
        add(Some(value));
    }
    add(Some(outcome.data.name.as_str().into()));
    add(Some(outcome.data.digest.as_str().into()));
    for value in [average.macro_f1, average.micro_f1, average.weighted_f1, average.accuracy] {
        add(Some(value.into()));
    }
    for value in [measured.forgetting, measured.backward_transfer, measured.forward_transfer] {
        add(Some(value.into()));
    }
    add(measured.test.as_ref().map(|test| test.average_accuracy.into()));
    add(Some(outcome.item_presentations.into()));
    add(course.map(|course| course.instruction_set.as_str().into()));
    add(course.map(|course| course.threads.into()));
    add(course.map(|course| course.item_presentations_per_second.into()));
    add(course.map(|course| course.wall_seconds.into()));
    add(course.and_then(|course| course.peak_memory_bytes).map(Value::from));
    for matrix in [&measured.accuracy_matrix, &measured.macro_f1_matrix, &measured.weighted_f1_matrix] {
        for (after, task) in pairs(tasks) {
            add(matrix.get(after).and_then(|row| row.get(task)).map(|&score| score.into()));
        }
    }
    cells
}

/// After which task which task was tested: all pairs, row by row.
fn pairs(tasks: usize) -> impl Iterator<Item = (usize, usize)> {
    (0..tasks).flat_map(move |after| (0..tasks).map(move |task| (after, task)))
}
