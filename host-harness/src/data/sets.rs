//! Several sets in one: `[[set]]` in a TOML file, of which each task of a list may be drawn from another.

use std::ops::Range;
use std::path::{Path, PathBuf};

use serde::Deserialize;

use super::{DataError, Dataset};

/// A set of the file.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Named {
    /// What tasks call it.
    name: String,
    /// Where it is, from the file's folder; the embedded MNIST where absent.
    path: Option<PathBuf>,
    /// The class that its class 0 becomes.
    #[serde(default)]
    first_class: u8,
}

/// Where a set of several lies among all images.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Part {
    /// What tasks call it.
    pub name: String,
    /// Its images for training, and for tests.
    pub images: [Range<usize>; 2],
}

/// Why several sets are not one.
#[derive(Debug, thiserror::Error)]
#[allow(missing_docs, reason = "the messages say it")]
pub enum SetsError {
    #[error("two sets are called {0:?}; give every set a name of its own")]
    SameName(String),
    #[error("{name} is {} x {} pixels, and the sets before it {} x {}; give sets of one size", found.0, found.1, expected.0, expected.1)]
    Sizes { name: String, found: (usize, usize), expected: (usize, usize) },
    #[error("{0} has rows, no images; give sets of images")]
    Rows(String),
    #[error("{name} would have classes up to {highest}; give a first_class with which all are below 256")]
    Classes { name: String, highest: usize },
}

impl Named {
    /// The set's own place, if it is not embedded.
    pub fn path(&self, file: &Path) -> Option<PathBuf> {
        self.path.as_ref().map(|path| file.parent().unwrap_or(Path::new("")).join(path))
    }
}

/// The sets of `file` one after the other: all images for training first, then those for tests.
pub(super) fn load(file: &Path, sets: &[Named], threshold: u8) -> Result<Dataset, DataError> {
    let refused = |source| DataError::Sets { path: file.to_owned(), source: Box::new(source) };
    let mut loaded: Vec<(&Named, Dataset)> = vec![];
    for set in sets {
        let path = set.path(file);
        if let Some(path) = path.as_deref().filter(|path| super::rows::is_rows(path)) {
            return Err(refused(SetsError::Rows(path.display().to_string())));
        }
        if loaded.iter().any(|(other, _)| other.name == set.name) {
            return Err(refused(SetsError::SameName(set.name.clone())));
        }
        let data = match &path {
            Some(path) => Dataset::from_idx_dir(path, threshold)?,
            None => Dataset::embedded(threshold)?,
        };
        let size = |data: &Dataset| (data.width(), data.height());
        if let Some((_, first)) = loaded.first().filter(|(_, first)| size(first) != size(&data)) {
            let (name, found, expected) = (set.name.clone(), size(&data), size(first));
            return Err(refused(SetsError::Sizes { name, found, expected }));
        }
        let highest = usize::from(set.first_class) + data.classes() - 1;
        if highest > usize::from(u8::MAX) {
            return Err(refused(SetsError::Classes { name: set.name.clone(), highest }));
        }
        loaded.push((set, data));
    }
    let (mut bits, mut labels, mut training) = (vec![], vec![], 0);
    let mut parts: Vec<Part> = sets.iter().map(|set| Part { name: set.name.clone(), images: [0..0, 0..0] }).collect();
    for test in [false, true] {
        for ((set, data), part) in loaded.iter().zip(&mut parts) {
            let images = if test { data.training_images()..data.len() } else { 0..data.training_images() };
            let first = labels.len();
            for image in images {
                bits.extend_from_slice(data.image(image));
                labels.push(set.first_class + data.label(image));
            }
            part.images[usize::from(test)] = first..labels.len();
        }
        if !test {
            training = labels.len();
        }
    }
    let Some((_, first)) = loaded.first() else { return Err(DataError::NoImages) };
    let name = parts.iter().map(|part| part.name.as_str()).collect::<Vec<_>>().join("+");
    let whole = Dataset::from_parts(name, first.width(), first.height(), threshold, bits, labels)?;
    Ok(whole.divided(training).of_parts(parts))
}
