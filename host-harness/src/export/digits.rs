//! Validation digits as the states that exported models are shown.

use dam_nostd::bits;

use crate::config::ConfigError;
use crate::data::Dataset;
use crate::network::TrainedNetwork;
use crate::tasks::{self, TaskError, Tasks};

/// Digits of one task, pixel by pixel, with the task's neuron on and all class neurons off.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Digits {
    /// Words of one state.
    pub words: usize,
    /// States, one after the other.
    pub states: Vec<u32>,
    /// Their classes.
    pub labels: Vec<u8>,
}

/// Why there are none.
#[derive(Debug, thiserror::Error)]
pub enum DigitsError {
    /// The network's configuration has no sense.
    #[error(transparent)]
    Config(#[from] ConfigError),
    /// The set is too small.
    #[error(transparent)]
    Tasks(#[from] TaskError),
}

impl Digits {
    /// The validation digits of `task` (from 0) of `network`, from the images it was trained with.
    ///
    /// # Errors
    /// Too few images.
    pub fn of(network: &TrainedNetwork, data: &Dataset, task: usize) -> Result<Self, DigitsError> {
        let shape = network.shape()?;
        let tasks = Tasks::draw(&network.config, data, shape)?;
        let tiles = tasks::tiles(network.image.0, network.image.1);
        let (items, labels) = tasks.validation(task);
        let mut states = vec![0; items.len() * shape.words()];
        for (i, state) in states.chunks_exact_mut(shape.words()).enumerate() {
            for (position, &pixel) in tiles.iter().enumerate() {
                bits::set(state, usize::from(pixel), bits::is_on(items.bits(i), position));
            }
            bits::set(state, shape.task_neurons().start + task, network.config.task_id);
        }
        Ok(Self { words: shape.words(), states, labels: labels.to_vec() })
    }

    /// The states, one by one.
    pub fn each(&self) -> impl Iterator<Item = (&[u32], u8)> {
        self.states.chunks_exact(self.words).zip(self.labels.iter().copied())
    }
}
