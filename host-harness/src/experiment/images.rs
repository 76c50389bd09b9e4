//! The images of an experiment, thresholded as its trials want them.

use std::path::PathBuf;
use std::sync::OnceLock;

use crate::config::Config;
use crate::console::warn;
use crate::data::{DataError, Dataset};

/// One set of images, read once for each threshold that is asked for.
#[derive(Debug)]
pub struct Images {
    directory: Option<PathBuf>,
    by_threshold: Vec<OnceLock<Dataset>>,
}

impl Images {
    /// The embedded MNIST, or the IDX files of a directory.
    pub fn new(directory: Option<PathBuf>) -> Self {
        Self { directory, by_threshold: (0..=u8::MAX).map(|_| OnceLock::new()).collect() }
    }

    /// The images that `config` asks for.
    ///
    /// # Errors
    /// They cannot be read.
    pub fn of(&self, config: &Config) -> Result<&Dataset, DataError> {
        let place = &self.by_threshold[usize::from(config.threshold)];
        if let Some(set) = place.get() {
            return Ok(set);
        }
        let set = Dataset::load(self.directory.as_deref(), config.threshold)?;
        set.warnings().into_iter().for_each(warn);
        Ok(place.get_or_init(|| set))
    }
}
