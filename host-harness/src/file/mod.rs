//! Files: written whole or not at all, networks, and tensors shared with other programs.

pub mod atomic;
pub mod network;
pub mod sealed;
pub mod tensors;

use std::fmt;
use std::io;
use std::path::{Path, PathBuf};

/// A file cannot be read. The message names it and the remedy.
#[derive(Debug)]
pub struct ReadError {
    /// The file.
    pub path: PathBuf,
    /// What the operating system says.
    pub source: io::Error,
}

impl fmt::Display for ReadError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "cannot read {}: {}", self.path.display(), self.source)?;
        f.write_str(match self.source.kind() {
            io::ErrorKind::NotFound => "; check the name",
            io::ErrorKind::IsADirectory => "; give the file inside it",
            io::ErrorKind::PermissionDenied => "; allow yourself to read it",
            _ => "",
        })
    }
}

impl std::error::Error for ReadError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        Some(&self.source)
    }
}

/// Reads a whole file.
///
/// # Errors
/// The operating system's, with the name of the file.
pub fn read(path: &Path) -> Result<Vec<u8>, ReadError> {
    std::fs::read(path).map_err(|source| ReadError { path: path.to_owned(), source })
}
