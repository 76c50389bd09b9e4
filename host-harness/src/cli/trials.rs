//! `dam trials`: all trials of a store as one table.

use std::path::PathBuf;

use super::error::Error;
use super::experiment;
use super::files::Form;
use crate::experiment::source::RunError;
use crate::experiment::store::Store;
use crate::file::atomic;
use crate::table::{Table, csv, parquet};

/// Arguments of `dam trials`.
#[derive(Clone, Debug, clap::Args)]
pub struct TrialsArgs {
    /// Where to.
    #[command(flatten)]
    pub files: Files,
    /// Folder of the results
    #[arg(long, value_name = "DIR", default_value = "results/store")]
    pub store: PathBuf,
}

/// Files of the table, one at least.
#[derive(Clone, Debug, clap::Args)]
#[group(required = true, multiple = true)]
pub struct Files {
    /// File of comma-separated values
    #[arg(long, value_name = "FILE")]
    pub csv: Option<PathBuf>,
    /// Parquet file
    #[arg(long, value_name = "FILE")]
    pub parquet: Option<PathBuf>,
}

/// Writes the table.
///
/// # Errors
/// Results that cannot be read, none at all, a file that cannot be written.
pub fn run(args: &TrialsArgs) -> Result<String, Error> {
    let Files { csv: csv_file, parquet: parquet_file } = &args.files;
    let read = super::files::Files::new().reads("--store", Store::files(&args.store));
    read.writes("--csv", csv_file, Form::Csv).writes("--parquet", parquet_file, Form::Parquet).check()?;
    let store = experiment::open(&args.store)?;
    let courses = store.courses().map_err(RunError::from)?;
    let trials: Vec<_> = store.outcomes().map(|(identity, outcome)| (outcome, courses.get(identity))).collect();
    if trials.is_empty() {
        let message = format!("--store {}: no trial is there; run some with `dam reproduce`", args.store.display());
        return Err(Error::usage(message));
    }
    let table = Table::new(&trials);
    let mut text = format!("{} trials, {} columns\n", table.rows().len(), table.columns().len());
    if let Some(path) = csv_file {
        atomic::write(path, &csv::csv(&table).map_err(Error::failure)?).map_err(Error::failure)?;
        text += &format!("CSV      {}\n", path.display());
    }
    if let Some(path) = parquet_file {
        atomic::write(path, &parquet::parquet(&table).map_err(Error::failure)?).map_err(Error::failure)?;
        text += &format!("Parquet  {}\n", path.display());
    }
    Ok(text)
}
