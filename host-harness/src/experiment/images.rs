//! The images of an experiment, thresholded and pooled as its trials want them.

use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError};

use crate::config::Config;
use crate::console::warn;
use crate::data::{DataError, Dataset, Pixels};

/// One set of images, read once for each threshold and size that is asked for.
#[derive(Debug)]
pub struct Images {
    directory: Option<PathBuf>,
    sets: Mutex<Vec<(u8, Pixels, Arc<Dataset>)>>,
}

impl Images {
    /// The embedded MNIST, or the IDX files of a directory.
    pub fn new(directory: Option<PathBuf>) -> Self {
        Self { directory, sets: Mutex::default() }
    }

    /// The images that `config` asks for. Warns, once, of what is odd about them.
    ///
    /// # Errors
    /// They cannot be read.
    pub fn of(&self, config: &Config) -> Result<Arc<Dataset>, DataError> {
        let (threshold, pixels) = (config.threshold, config.pixels);
        let mut sets = self.sets.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some((.., set)) = sets.iter().find(|&&(t, p, _)| (t, p) == (threshold, pixels)) {
            return Ok(Arc::clone(set));
        }
        let set = Arc::new(Dataset::load(self.directory.as_deref(), threshold, pixels)?);
        set.warnings().into_iter().for_each(warn);
        sets.push((threshold, pixels, Arc::clone(&set)));
        Ok(set)
    }
}
