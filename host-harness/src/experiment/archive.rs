//! All results of a store in one file, so that they can be kept, moved and gone on with: gzip of one JSON object a line,
//! `{"outcome": .., "course": .., "inspections": ..}`, in the order of identities. The same results give the same bytes.

use std::io::{BufRead, BufReader, Read, Write};

use flate2::read::MultiGzDecoder;
use flate2::{Compression, GzBuilder};
use serde::{Deserialize, Serialize};

use super::store::{Store, StoreError};
use crate::inspection::Inspection;
use crate::outcome::{Course, Outcome};

/// A file that is no archive of results.
#[derive(Debug, thiserror::Error)]
pub enum ArchiveError {
    /// It is not gzip, or cut off.
    #[error("line {line}: {source}; the file is no archive of `dam store pack`, or a part of one is missing")]
    Damaged {
        /// The line, from 1.
        line: usize,
        /// What is wrong.
        source: std::io::Error,
    },
    /// A line is no result.
    #[error("line {line}: {source}; the file is no archive of `dam store pack`")]
    Line {
        /// The line, from 1.
        line: usize,
        /// What is wrong.
        source: serde_json::Error,
    },
    /// The store cannot be read or written.
    #[error(transparent)]
    Store(#[from] StoreError),
}

#[derive(Serialize)]
struct Packed<'a> {
    outcome: &'a Outcome,
    course: Option<&'a Course>,
    #[serde(skip_serializing_if = "Option::is_none")]
    inspections: Option<Vec<Inspection>>,
}

#[derive(Deserialize)]
struct Line {
    outcome: Outcome,
    course: Option<Course>,
    #[serde(default)]
    inspections: Option<Vec<Inspection>>,
}

/// All results of `store`, as the bytes of an archive.
///
/// # Errors
/// Those of [`Store::courses`].
pub fn pack(store: &Store) -> Result<Vec<u8>, StoreError> {
    let courses = store.courses()?;
    let mut gzip = GzBuilder::new().write(vec![], Compression::best());
    for (identity, outcome) in store.outcomes() {
        let packed = Packed { outcome, course: courses.get(identity), inspections: store.inspections(identity)? };
        serde_json::to_writer(&mut gzip, &packed).expect("results are plain data");
        gzip.write_all(b"\n").expect("memory takes everything");
    }
    Ok(gzip.finish().expect("memory takes everything"))
}

/// Puts the results of an archive into `store`; what it holds already stays as it is. Returns how many were new.
///
/// Nothing is written unless the whole archive can be read.
///
/// # Errors
/// Bytes that are no archive; a store that cannot be written.
pub fn unpack(archive: impl Read, store: &Store) -> Result<usize, ArchiveError> {
    let mut lines: Vec<Line> = vec![];
    for (i, text) in BufReader::new(MultiGzDecoder::new(archive)).lines().enumerate() {
        let text = text.map_err(|source| ArchiveError::Damaged { line: i + 1, source })?;
        lines.push(serde_json::from_str(&text).map_err(|source| ArchiveError::Line { line: i + 1, source })?);
    }
    let mut new = 0;
    for Line { outcome, course, inspections } in lines {
        let identity = outcome.identity();
        // Before the result, as where a trial is run.
        if let (Some(inspections), None) = (inspections, store.inspections(&identity)?) {
            Store::keep_inspections(store.folder(), &identity, inspections)?;
        }
        if store.get(&identity).is_none() {
            store.put(&outcome, course.as_ref())?;
            new += 1;
        }
    }
    Ok(new)
}

#[cfg(test)]
mod tests {
    use std::ops::ControlFlow;

    use super::*;
    use crate::config::{MethodName, Settings};
    use crate::data::Dataset;
    use crate::machine::Machine;
    use crate::trial;

    #[test]
    fn what_is_packed_comes_out_again_and_what_is_damaged_changes_nothing() {
        let (data, machine) = (Dataset::embedded(1).unwrap(), Machine::new(1, None).unwrap());
        let folder = tempfile::tempdir().unwrap();
        for seed in 1..=2 {
            let settings = Settings {
                method: Some(MethodName::Mas),
                tasks: Some(2),
                items: Some(10),
                epochs: Some(1),
                memories: Some(2),
                seed: Some(seed),
                ..Settings::default()
            };
            let config = settings.config().unwrap();
            let done = trial::run(&config, &data, &machine, &mut |_| ControlFlow::Continue(())).unwrap();
            Store::keep(folder.path(), &done.outcome, &done.course).unwrap();
        }
        let store = Store::open(folder.path()).unwrap();
        let bytes = pack(&store).unwrap();
        let other = tempfile::tempdir().unwrap();
        let empty = Store::open(other.path()).unwrap();
        for end in [0, 10, bytes.len() / 2, bytes.len() - 1] {
            assert!(unpack(&bytes[..end], &empty).is_err(), "{end} bytes");
        }
        assert_eq!(Store::open(other.path()).unwrap().outcomes().count(), 0);
        assert_eq!(unpack(&bytes[..], &empty).unwrap(), 2);
        let back = Store::open(other.path()).unwrap();
        assert_eq!(unpack(&bytes[..], &back).unwrap(), 0);
        assert_eq!(pack(&back).unwrap(), bytes);
    }
}
