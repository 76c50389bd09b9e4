//! Trials as a table: every value comes back from CSV and from Parquet.

mod common;

use std::num::NonZeroUsize;

use ::parquet::file::reader::{FileReader, SerializedFileReader};
use ::parquet::record::Field;
use common::{course, outcome};
use host_harness::config::{Batch, Config, MethodName, Settings};
use host_harness::outcome::Outcome;
use host_harness::table::{Kind, Table, Value, csv, parquet};

fn trials() -> Vec<Outcome> {
    let config = |settings: Settings| -> Config { settings.config().unwrap() };
    let first = Settings { tasks: Some(2), seed: Some(u64::MAX), batch: Some(Batch::Full), ..Settings::default() };
    let batch = Batch::Items(NonZeroUsize::new(7).unwrap());
    let second = Settings { method: Some(MethodName::AGem), tasks: Some(3), batch: Some(batch), ..Settings::default() };
    let mut trials = vec![outcome(config(first), 0.8, 1.0 / 3.0), outcome(config(second), 0.9, 1e-7)];
    trials[0].measured.forgetting = f64::NAN;
    trials[1].data.name = "a \"set\", of\nlines".to_owned();
    trials
}

/// The second trial left no word of how it ran.
fn table(trials: &[Outcome]) -> Table {
    let course = course();
    let trials: Vec<_> = trials.iter().zip([Some(&course), None]).collect();
    Table::new(&trials)
}

fn cell<'a>(table: &'a Table, row: usize, name: &str) -> Option<&'a Value> {
    let place = table.columns().iter().position(|column| column.name == name);
    table.rows()[row][place.unwrap_or_else(|| panic!("no column {name}"))].as_ref()
}

#[test]
fn a_row_has_what_the_trial_has() {
    let trials = trials();
    let table = table(&trials);
    for (row, trial) in table.rows().iter().zip(&trials) {
        assert_eq!(row.len(), table.columns().len());
        assert_eq!(row[0], Some(trial.identity().as_str().into()));
        for (cell, column) in row.iter().zip(table.columns()) {
            assert!(cell.as_ref().is_none_or(|cell| cell.kind() == column.kind), "{}", column.name);
        }
    }
    assert_eq!(cell(&table, 0, "method"), Some(&"vanilla".into()));
    assert_eq!(cell(&table, 0, "batch"), Some(&"full".into()));
    assert_eq!(cell(&table, 1, "batch"), Some(&"7".into()));
    assert_eq!(cell(&table, 0, "seed"), Some(&u64::MAX.into()));
    assert_eq!(cell(&table, 0, "forgetting"), None);
    assert_eq!(cell(&table, 0, "peak_memory_bytes"), Some(&(1u64 << 40).into()));
    assert_eq!(cell(&table, 1, "peak_memory_bytes"), None);
    assert_eq!(cell(&table, 1, "wall_seconds"), None);
    assert_eq!(cell(&table, 1, "average_macro_f1"), Some(&trials[1].measured.average_accuracy.macro_f1.into()));
    assert_eq!(cell(&table, 1, "accuracy_after_3_task_1"), Some(&1e-7.into()));
    assert_eq!(cell(&table, 0, "accuracy_after_2_task_1"), Some(&(1.0 / 3.0).into()));
    assert_eq!(cell(&table, 0, "accuracy_after_3_task_1"), None);
    let mut names: Vec<_> = table.columns().iter().map(|column| &column.name).collect();
    names.sort();
    names.dedup();
    assert_eq!(names.len(), table.columns().len(), "a name stands twice");
}

#[test]
fn csv_reads_back() {
    for trials in [trials(), vec![]] {
        let table = table(&trials);
        let file = csv::csv(&table).unwrap();
        let mut reader = ::csv::Reader::from_reader(file.as_slice());
        assert!(reader.headers().unwrap().iter().eq(table.columns().iter().map(|column| &column.name)));
        let mut rows = 0;
        for (record, row) in reader.records().zip(table.rows()) {
            let record = record.unwrap();
            for ((text, cell), column) in record.iter().zip(row).zip(table.columns()) {
                let read = (!text.is_empty()).then(|| match column.kind {
                    Kind::Count => Value::Count(text.parse().unwrap()),
                    Kind::Real => Value::Real(text.parse().unwrap()),
                    Kind::Truth => Value::Truth(text.parse().unwrap()),
                    Kind::Text => text.into(),
                });
                assert_eq!(read, *cell, "{}", column.name);
            }
            rows += 1;
        }
        assert_eq!(rows, trials.len());
    }
}

#[test]
fn parquet_reads_back() {
    for trials in [trials(), vec![]] {
        let table = table(&trials);
        let file = parquet::parquet(&table).unwrap();
        let reader = SerializedFileReader::new(::bytes::Bytes::from(file)).unwrap();
        assert_eq!(reader.metadata().file_metadata().num_rows(), trials.len() as i64);
        let mut rows = 0;
        for (record, row) in reader.get_row_iter(None).unwrap().zip(table.rows()) {
            let record = record.unwrap();
            assert_eq!(record.len(), row.len());
            for (((name, field), cell), column) in record.get_column_iter().zip(row).zip(table.columns()) {
                assert_eq!(*name, column.name);
                let read = match field {
                    Field::Null => None,
                    Field::ULong(count) => Some(Value::Count(*count)),
                    Field::Double(real) => Some(Value::Real(*real)),
                    Field::Bool(truth) => Some(Value::Truth(*truth)),
                    Field::Str(text) => Some(text.as_str().into()),
                    other => panic!("{name}: {other}"),
                };
                assert_eq!(read, *cell, "{name}");
            }
            rows += 1;
        }
        assert_eq!(rows, trials.len());
    }
}
