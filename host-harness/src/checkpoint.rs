//! A trial between two of its tasks, in a file: it goes on from there, and ends with the same bits.
//!
//! The file is a line of JSON, the weights, the velocity and the state of the method as little-endian numbers in the order
//! in which [`Method::state`](dam_nostd::methods::Method::state) shows them, and the SHA-256 of all before it. It is for
//! the program that wrote it; nobody else is meant to read it.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use dam_nostd::Scalar;
use dam_nostd::methods::State;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use crate::file::atomic::{self, WriteError};
use crate::file::{self, ReadError};
use crate::rows::{LANES, Row};

/// A checkpoint that cannot be written or used.
#[derive(Debug, thiserror::Error)]
pub enum CheckpointError {
    /// It was damaged, or is another program's or trial's.
    #[error("the checkpoint {path} {reason}; go on with what it belongs to, or delete it, and the trial begins anew", path = .path.display())]
    Unusable {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        reason: String,
    },
    /// The file cannot be read.
    #[error(transparent)]
    Read(#[from] ReadError),
    /// The file cannot be written.
    #[error(transparent)]
    Write(#[from] WriteError),
}

/// Where a trial is kept between tasks.
#[derive(Clone, Debug)]
pub struct Checkpoint {
    path: PathBuf,
    identity: String,
}

#[derive(Serialize, Deserialize)]
struct Header<T> {
    version: String,
    identity: String,
    so_far: T,
}

impl Checkpoint {
    /// The file `path` for the trial of this identity.
    pub fn new(path: PathBuf, identity: String) -> Self {
        Self { path, identity }
    }

    /// The file.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Writes what was found so far and what `parts` shows.
    ///
    /// # Errors
    /// The file cannot be written.
    pub fn save<S: Scalar, T: Serialize>(
        &self,
        so_far: &T,
        parts: impl FnOnce(&mut dyn State<S, LANES>),
    ) -> Result<(), CheckpointError> {
        let version = env!("CARGO_PKG_VERSION").to_owned();
        let header = Header { version, identity: self.identity.clone(), so_far };
        let mut bytes = serde_json::to_vec(&header).expect("scores are plain data");
        bytes.push(b'\n');
        parts(&mut Writer(&mut bytes));
        let digest = Sha256::digest(&bytes);
        bytes.extend_from_slice(&digest);
        Ok(atomic::write(&self.path, &bytes)?)
    }

    /// Reads what was found so far, and puts back what `parts` shows; `None` where there is no such file.
    ///
    /// # Errors
    /// The file cannot be read or is not this trial's.
    pub fn load<S: Scalar, T: for<'de> Deserialize<'de>>(
        &self,
        parts: impl FnOnce(&mut dyn State<S, LANES>),
    ) -> Result<Option<T>, CheckpointError> {
        let bytes = match file::read(&self.path) {
            Ok(bytes) => bytes,
            Err(error) if error.source.kind() == io::ErrorKind::NotFound => return Ok(None),
            Err(error) => return Err(error.into()),
        };
        let unusable = |reason: &str| CheckpointError::Unusable { path: self.path.clone(), reason: reason.to_owned() };
        let (content, digest) = bytes.split_last_chunk::<32>().ok_or_else(|| unusable("is damaged"))?;
        if Sha256::digest(content).as_slice() != digest {
            return Err(unusable("is damaged"));
        }
        let end = content.iter().position(|&byte| byte == b'\n').ok_or_else(|| unusable("has no header"))?;
        let (header, rest) = content.split_at(end);
        let header: Header<T> = serde_json::from_slice(header).map_err(|error| unusable(&error.to_string()))?;
        if header.version != env!("CARGO_PKG_VERSION") {
            return Err(unusable(&format!("was written by version {}", header.version)));
        }
        if header.identity != self.identity {
            return Err(unusable(&format!("is that of the trial {}", header.identity)));
        }
        let mut reader = Reader { rest: &rest[1..], short: false };
        parts(&mut reader);
        if reader.short || !reader.rest.is_empty() {
            return Err(unusable("is not as long as it should be"));
        }
        Ok(Some(header.so_far))
    }

    /// Deletes the file, if there is one.
    pub fn remove(&self) {
        // What stays is as good as deleted: the trial has its result.
        let _ = fs::remove_file(&self.path);
    }
}

/// Writes what it is shown.
struct Writer<'a>(&'a mut Vec<u8>);

/// Overwrites what it is shown.
struct Reader<'a> {
    rest: &'a [u8],
    short: bool,
}

impl Reader<'_> {
    fn next<const BYTES: usize>(&mut self) -> [u8; BYTES] {
        match self.rest.split_first_chunk() {
            Some((first, rest)) => {
                self.rest = rest;
                *first
            }
            None => {
                self.short = true;
                [0; BYTES]
            }
        }
    }
}

impl Writer<'_> {
    fn numbers<S: Scalar>(&mut self, rows: &[Row<S>]) {
        for value in rows.as_flattened() {
            // Through f64, which all numbers go through unchanged; those of f32 also through that.
            if is_f32::<S>() {
                self.0.extend_from_slice(&(value.to_f64() as f32).to_le_bytes());
            } else {
                self.0.extend_from_slice(&value.to_f64().to_le_bytes());
            }
        }
    }
}

impl Reader<'_> {
    fn numbers<S: Scalar>(&mut self, rows: &mut [Row<S>]) {
        for value in rows.as_flattened_mut() {
            *value = S::from_f64(if is_f32::<S>() {
                f64::from(f32::from_le_bytes(self.next()))
            } else {
                f64::from_le_bytes(self.next())
            });
        }
    }
}

fn is_f32<S: Scalar>() -> bool {
    size_of::<S>() == size_of::<f32>() && !S::SATURATES
}

impl<S: Scalar> State<S, LANES> for Writer<'_> {
    fn rows(&mut self, rows: &mut [Row<S>]) {
        self.numbers(rows);
    }

    fn wide(&mut self, rows: &mut [Row<S::Wide>]) {
        self.numbers(rows);
    }

    fn words(&mut self, words: &mut [u32]) {
        self.0.extend(words.iter().flat_map(|word| word.to_le_bytes()));
    }

    fn bytes(&mut self, bytes: &mut [u8]) {
        self.0.extend_from_slice(bytes);
    }

    fn count(&mut self, count: &mut usize) {
        self.0.extend_from_slice(&(*count as u64).to_le_bytes());
    }
}

impl<S: Scalar> State<S, LANES> for Reader<'_> {
    fn rows(&mut self, rows: &mut [Row<S>]) {
        self.numbers(rows);
    }

    fn wide(&mut self, rows: &mut [Row<S::Wide>]) {
        self.numbers(rows);
    }

    fn words(&mut self, words: &mut [u32]) {
        for word in words {
            *word = u32::from_le_bytes(self.next());
        }
    }

    fn bytes(&mut self, bytes: &mut [u8]) {
        for byte in bytes {
            [*byte] = self.next();
        }
    }

    fn count(&mut self, count: &mut usize) {
        *count = u64::from_le_bytes(self.next()) as usize;
    }
}
