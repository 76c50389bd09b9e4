//! The command `dam`, as tests of whole processes need it.

use std::error::Error;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::toolchain::output;

type Outcome<T> = Result<T, Box<dyn Error>>;

/// Builds the program and tells where it is.
///
/// # Errors
/// It does not compile.
pub fn build() -> Outcome<PathBuf> {
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let mut build = Command::new(cargo);
    build.args(["build", "--locked", "--package", "host-harness", "--bin", "dam", "--message-format", "json"]);
    let messages = output(&mut build)?;
    let executable = messages.lines().rev().find_map(|line| {
        let (_, rest) = line.split_once("\"executable\":\"")?;
        Some(PathBuf::from(rest.split_once('"')?.0))
    });
    executable.ok_or_else(|| "cargo does not tell where dam is".into())
}

/// The results of a store by name.
///
/// # Errors
/// A file that cannot be read.
pub fn results(store: &Path) -> Outcome<Vec<(String, Vec<u8>)>> {
    let Ok(entries) = fs::read_dir(store.join("trials")) else { return Ok(vec![]) };
    let mut results = vec![];
    for entry in entries {
        let entry = entry?;
        let name = entry.file_name().to_string_lossy().into_owned();
        if !name.starts_with('.') {
            results.push((name, fs::read(entry.path())?));
        }
    }
    results.sort();
    Ok(results)
}

/// Holds results against those of a run that nothing happened to.
///
/// # Errors
/// None were expected, or they are others.
pub fn compare(expected: &[(String, Vec<u8>)], found: &[(String, Vec<u8>)]) -> Outcome<()> {
    if expected.is_empty() || expected != found {
        return Err(format!("{} results, which are not the {} of a run left alone", found.len(), expected.len()).into());
    }
    Ok(())
}
