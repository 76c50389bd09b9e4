//! When the first memory vector becomes committed: what theory says, and what is measured.
//!
//! A memory vector is committed to an item once the power outweighs the leak, s^n > leak * s, which is where its similarity
//! is above leak^(1 / (n - 1)). Until then it drifts: its pulls hardly depend on s, so its direction stays. A step moves the
//! weights by the learning rate at most, and s by beta = 1 / T times the learning rate at most, where all N weights go the
//! item's way: s = (beta / N) <zeta, xi> has N above and below. So after t steps s is at most beta times the sum of the
//! learning rates, and a share of it, the *speed*, where the direction is not the item's alone.

use std::ops::ControlFlow;

use dam_nostd::train::Decays;

use crate::config::Config;
use crate::data::Dataset;
use crate::evaluation::EvaluationError;
use crate::machine::Machine;
use crate::pictures;
use crate::trial::{self, TrialError};

/// Epochs that are trained at most before a network counts as one whose memory vectors stay uncommitted.
const MOST_EPOCHS: u32 = 1024;

/// Why the point cannot be measured.
#[derive(Debug, thiserror::Error)]
#[allow(missing_docs, reason = "the names say it")]
pub enum CommitmentError {
    #[error(transparent)]
    Trial(#[from] TrialError),
    #[error(transparent)]
    Network(#[from] EvaluationError),
}

/// When the first memory vector of a network is committed, in epochs of its first task.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Commitment {
    /// The similarity from which on one is: leak^(1 / (n - 1)).
    pub similarity: f64,
    /// When it would be, did all its weights go an item's way: the earliest that there is.
    pub at_full_speed: f64,
    /// When it is, between two epochs by straight line. 0: at its first weights; absent: not within 1024 epochs.
    pub measured: Option<f64>,
}

impl Commitment {
    /// The share of the full speed that it moved with. Absent where it did not move.
    pub fn speed(&self, config: &Config) -> Option<f64> {
        let measured = self.measured.filter(|&measured| measured > 0.0)?;
        Some(self.similarity * config.temperature / rates(config, measured))
    }
}

/// The sum of the learning rates of the first `epochs` epochs, the steps of the last one in part.
fn rates(config: &Config, epochs: f64) -> f64 {
    let items = config.items - config.validation_items();
    let batches = items.div_ceil(config.batch.of_training().items(items).max(1)) as u32;
    let steps = epochs * f64::from(batches);
    let rate = |step: u32| {
        let decays = if config.decays == Decays::EachBatch.into() { step } else { step / batches } + 1;
        (steps - f64::from(step)).min(1.0) * config.learning_rate * config.decay.powi(decays as i32)
    };
    (0..steps.ceil() as u32).map(rate).sum()
}

/// The epochs after which a memory vector that moves with `speed`, a share of the full one, is committed; infinite where the
/// learning rate decays before.
pub fn predicted(config: &Config, speed: f64) -> f64 {
    let needed = pictures::memory::least_similarity(config) * config.temperature / speed;
    let (mut low, mut high) = (0.0, 1.0);
    while rates(config, high) < needed {
        if high > f64::from(MOST_EPOCHS) {
            return f64::INFINITY;
        }
        (low, high) = (high, 2.0 * high);
    }
    while high - low > 1e-3 * high {
        let middle = (low + high) / 2.0;
        if rates(config, middle) < needed { low = middle } else { high = middle }
    }
    high
}

/// Measures it by training the first task of `config`, for more and more epochs.
///
/// # Errors
/// Settings or data that a trial cannot be run with; a training that diverges.
pub fn measure(config: &Config, data: &Dataset, machine: &Machine) -> Result<Commitment, CommitmentError> {
    let similarity = pictures::memory::least_similarity(config);
    // Largest similarity after so many epochs.
    let largest = |epochs: u32| -> Result<f64, CommitmentError> {
        let config = Config { tasks: 1, epochs, ..config.clone() };
        let network = trial::run(&config, data, machine, &mut |_| ControlFlow::Continue(()))?.network;
        let memories = pictures::memories(&network, data, machine)?.each;
        Ok(memories.iter().map(|memory| memory.similarity).fold(f64::NEG_INFINITY, f64::max))
    };
    let at_full_speed = predicted(config, 1.0);
    // (epochs, similarity): below, and above.
    let (mut below, mut above) = ((0, 0.0), (1, largest(1)?));
    while above.1 <= similarity {
        below = above;
        if below.0 >= MOST_EPOCHS {
            return Ok(Commitment { similarity, at_full_speed, measured: None });
        }
        above = (2 * below.0, largest(2 * below.0)?);
    }
    while above.0 - below.0 > 1 {
        let middle = (above.0 + below.0) / 2;
        let found = (middle, largest(middle)?);
        if found.1 > similarity { above = found } else { below = found }
    }
    let share = ((similarity - below.1) / (above.1 - below.1)).clamp(0.0, 1.0);
    Ok(Commitment { similarity, at_full_speed, measured: Some(f64::from(below.0) + share) })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::Settings;

    fn config(learning_rate: f64, temperature: f64) -> Config {
        let settings = Settings {
            n: Some(3),
            items: Some(100),
            memories: Some(64),
            learning_rate: Some(learning_rate),
            temperature: Some(temperature),
            ..Settings::default()
        };
        settings.config().unwrap()
    }

    #[test]
    fn the_prediction_is_the_way_divided_by_the_rates() {
        // Two batches an epoch: 0.1 T / 0.02 steps without decay, a little more with it.
        let epochs = predicted(&config(0.02, 0.8), 1.0);
        assert!((2.0..2.01).contains(&epochs), "{epochs}");
        assert!((predicted(&config(0.04, 0.8), 1.0) / epochs - 0.5).abs() < 0.01);
        // A rate that decays to nothing first never comes there.
        assert!(predicted(&Config { decay: 0.5, ..config(0.02, 0.8) }, 1.0).is_infinite());
    }

    #[test]
    fn twice_the_rate_and_half_the_temperature_take_half_as_long() {
        let (data, machine) = (Dataset::embedded(1).unwrap(), Machine::new(1, None).unwrap());
        let first = measure(&config(0.02, 1.0), &data, &machine).unwrap();
        let speed = first.speed(&config(0.02, 1.0)).unwrap();
        assert!(speed < 1.0 && first.measured.unwrap() > first.at_full_speed);
        for config in [config(0.04, 1.0), config(0.02, 0.5)] {
            let found = measure(&config, &data, &machine).unwrap();
            let ratio = found.measured.unwrap() / predicted(&config, speed);
            assert!((0.8..1.25).contains(&ratio), "{found:?}, {ratio}");
        }
    }
}
