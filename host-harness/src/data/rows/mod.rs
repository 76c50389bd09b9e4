//! Data that are no images: tables of numbers and words, and patterns drawn around prototypes, as rows of binary neurons.
//!
//! A row becomes an image one pixel high. A table's [`Encoding`] says which neurons its columns have; a network keeps it, so
//! that rows which are shown to it later are encoded as those that it was trained with.

mod arrays;
mod comma_separated;
pub mod encoding;
mod numpy;
mod prototypes;

use std::path::{Path, PathBuf};

use serde::Deserialize;

use super::sets::Named;
use super::{DataError, Dataset, words_for};
pub use encoding::Encoding;
use prototypes::Prototypes;

/// Neurons of a column of numbers unless said otherwise.
const LEVELS: usize = 8;

/// Why a file has no rows to learn.
#[derive(Debug, thiserror::Error)]
#[allow(missing_docs, reason = "the messages say it")]
pub enum RowsError {
    #[error("{0}; give comma-separated values whose first line has the names of the columns")]
    Csv(#[from] csv::Error),
    #[error("line {line}: the label is missing; give every row one")]
    NoLabel { line: u64 },
    #[error("there is no column {label:?}; there are {}", columns.join(", "))]
    NoColumn { label: String, columns: Vec<String> },
    #[error("no rows, or no columns beside the label: there is nothing to learn; values are separated by commas")]
    Empty,
    #[error("{0}; give a safetensors file with the tensors x, [rows, columns], and y, [rows]")]
    Arrays(String),
    #[error("{0}; give an archive of numpy.savez with the arrays x, [rows, columns], and y, [rows]")]
    Numpy(String),
    #[error("{0}; docs/data.md has what such a file says")]
    Toml(#[from] toml::de::Error),
    #[error("it describes no data, or several kinds of it; give one of [table], [prototypes] and [[set]]")]
    OneOf,
    #[error("{name} = {value}: {remedy}")]
    Range { name: &'static str, value: String, remedy: &'static str },
    #[error("column {column} has {found} different words; give at most {most}, or leave it out with ignore")]
    Words { column: String, found: usize, most: usize },
    #[error("{found} classes; give at most {most}")]
    Classes { found: usize, most: usize },
    #[error("label {label:?} is none of the network's classes, {}", classes.join(", "))]
    Label { label: String, classes: Vec<String> },
    #[error("it has not the columns of the table that the network was trained with: {expected:?} is missing")]
    Column { expected: String },
    #[error("every column has one value only; there is nothing to learn")]
    Flat,
}

/// A table before it is encoded.
#[derive(Debug, Default)]
pub(crate) struct Table {
    /// Names of the columns, the label's left out.
    pub names: Vec<String>,
    /// The columns.
    pub columns: Vec<Values>,
    /// The label of each row.
    pub labels: Vec<String>,
}

/// The values of a column.
#[derive(Debug)]
pub(crate) enum Values {
    /// Numbers; what is missing is none.
    Numbers(Vec<f64>),
    /// Words; what is missing is empty.
    Words(Vec<String>),
}

/// A file that says where rows come from.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Description {
    table: Option<TableOptions>,
    prototypes: Option<Prototypes>,
    #[serde(default)]
    set: Vec<Named>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct TableOptions {
    file: PathBuf,
    label: Option<String>,
    #[serde(default = "levels")]
    levels: usize,
    #[serde(default)]
    ignore: Vec<String>,
}

fn levels() -> usize {
    LEVELS
}

/// Whether `path` names rows, by its ending, and not a folder of images.
pub fn is_rows(path: &Path) -> bool {
    let ending = path.extension().map(|ending| ending.to_ascii_lowercase());
    ending.is_some_and(|ending| ["csv", "safetensors", "npz", "toml"].iter().any(|known| ending == *known))
        && !path.is_dir()
}

/// The sets of images that `path` says are one; none where it is no such file.
pub(super) fn sets(path: &Path) -> Result<Vec<Named>, DataError> {
    if path.is_dir() {
        return Ok(vec![]);
    }
    let Description { table, prototypes, set } = describe(path)?;
    if !set.is_empty() && (table.is_some() || prototypes.is_some()) {
        return Err(refused(path, RowsError::OneOf));
    }
    Ok(set)
}

/// The files that are read for `path`.
pub(super) fn sources(path: &Path) -> Vec<PathBuf> {
    let mut sources = vec![path.to_owned()];
    if let Ok(Description { table: Some(table), .. }) = describe(path) {
        sources.push(beside(path, &table.file));
    }
    sources
}

/// The rows of `path`, encoded as they ask for, or as `encoding` says.
pub(super) fn load(path: &Path, encoding: Option<&Encoding>) -> Result<Dataset, DataError> {
    let name = path.file_stem().map_or_else(|| path.display().to_string(), |name| name.to_string_lossy().into_owned());
    let rows = |source| refused(path, source);
    if has_ending(path, "toml") {
        let Description { table, prototypes, .. } = describe(path)?;
        return match (table, prototypes) {
            (Some(options), None) => {
                let file = beside(path, &options.file);
                let rows = |source| refused(&file, source);
                of_table(&name, read(&file, options.label.as_deref(), &options.ignore)?, options.levels, encoding)
                    .map_err(rows)
            }
            (None, Some(prototypes)) => prototypes.draw(&name).map_err(rows),
            _ => Err(rows(RowsError::OneOf)),
        };
    }
    of_table(&name, read(path, None, &[])?, LEVELS, encoding).map_err(rows)
}

fn refused(path: &Path, source: RowsError) -> DataError {
    DataError::Rows { path: path.to_owned(), source: Box::new(source) }
}

fn describe(path: &Path) -> Result<Description, DataError> {
    if !has_ending(path, "toml") {
        return Ok(Description { table: None, prototypes: None, set: vec![] });
    }
    let text =
        std::fs::read_to_string(path).map_err(|reason| DataError::Unreadable { path: path.to_owned(), reason })?;
    toml::from_str(&text).map_err(|error| refused(path, error.into()))
}

fn has_ending(path: &Path, ending: &str) -> bool {
    path.extension().is_some_and(|found| found.eq_ignore_ascii_case(ending))
}

/// `file` as `description` names it: from the folder that this lies in.
fn beside(description: &Path, file: &Path) -> PathBuf {
    description.parent().unwrap_or(Path::new("")).join(file)
}

fn read(path: &Path, label: Option<&str>, ignore: &[String]) -> Result<Table, DataError> {
    let bytes = std::fs::read(path).map_err(|reason| DataError::Unreadable { path: path.to_owned(), reason })?;
    let table = if has_ending(path, "safetensors") {
        arrays::read(&bytes)
    } else if has_ending(path, "npz") {
        numpy::read(&bytes)
    } else {
        comma_separated::read(&bytes, label, ignore)
    };
    table.map_err(|source| refused(path, source))
}

fn of_table(name: &str, table: Table, levels: usize, encoding: Option<&Encoding>) -> Result<Dataset, RowsError> {
    let drawn;
    let encoding = match encoding {
        Some(encoding) => encoding,
        None => {
            drawn = Encoding::of(&table, levels)?;
            &drawn
        }
    };
    let (neurons, labels) = (encoding.neurons(), encoding.labels(&table)?);
    let mut bits = vec![0; labels.len() * words_for(neurons)];
    encoding.encode(&table, &mut bits)?;
    let set = Dataset::from_parts(name, neurons, 1, 1, bits, labels).expect("sizes were checked");
    Ok(set.encoded(encoding.clone()))
}
