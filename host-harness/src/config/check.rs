//! The range of every setting.

use std::fmt;

use super::{Config, ConfigError};

impl Config {
    /// Checks the range of every value by itself.
    pub(crate) fn check_ranges(&self) -> Result<(), ConfigError> {
        let range = |name, value: &dyn fmt::Display, good: bool, remedy| {
            if good { Ok(()) } else { Err(ConfigError::Range { name, value: value.to_string(), remedy }) }
        };
        let positive = "give a number above 0";
        let share = "give a number from 0 to 1";
        range("n", &self.n, (1..=100).contains(&self.n), "give an interaction vertex from 1 to 100")?;
        range("probe_vertex", &self.probe_vertex, self.probe_vertex <= 100, "give 1 to 100, or 0 for n")?;
        range("tasks", &self.tasks, (1..=200).contains(&self.tasks), "give 1 to 200 tasks")?;
        range("items", &self.items, self.items >= 2, "give at least 2 items, one to train on and one to validate")?;
        let validation = self.validation_items();
        let both = validation >= 1 && validation < self.items && self.validation < 1.0;
        range("validation", &self.validation, both, "give a share that leaves items on both sides")?;
        range("epochs", &self.epochs, self.epochs >= 1, "give at least 1 epoch")?;
        range("memories", &self.memories, (1..=65_536).contains(&self.memories), "give 1 to 65536 memory vectors")?;
        range("learning_rate", &self.learning_rate, above_zero(self.learning_rate), positive)?;
        range("decay", &self.decay, above_zero(self.decay) && self.decay <= 1.0, "give a number above 0, at most 1")?;
        range("temperature", &self.temperature, above_zero(self.temperature), positive)?;
        range("final_temperature", &self.final_temperature, above_zero(self.final_temperature), positive)?;
        range("momentum", &self.momentum, (0.0..1.0).contains(&self.momentum), "give a number from 0, below 1")?;
        range("floor", &self.floor, above_zero(self.floor), positive)?;
        range("error_exponent", &self.error_exponent, (1..=10).contains(&self.error_exponent), "give 1 to 10")?;
        range("leak", &self.leak, self.leak.is_finite() && self.leak >= 0.0, "give a number from 0")?;
        range("deviation", &self.deviation, above_zero(self.deviation), positive)?;
        range("proportion", &self.proportion, (0.0..=1.0).contains(&self.proportion), share)?;
        range("margin", &self.margin, self.margin.is_finite() && self.margin >= 0.0, "give a number from 0")?;
        range("max_sweeps", &self.max_sweeps, self.max_sweeps >= 1, "give at least 1 sweep")?;
        range("lambda", &self.lambda, self.lambda.is_finite() && self.lambda >= 0.0, "give a number from 0")?;
        range("xi", &self.xi, above_zero(self.xi), positive)?;
        range("permuted_share", &self.permuted_share, (0.0..=1.0).contains(&self.permuted_share), share)?;
        range("angle", &self.angle, self.angle.is_finite(), "give a number of degrees")?;
        range("classes_per_task", &self.classes_per_task, self.classes_per_task >= 1, "give at least 1 class")?;
        range("threshold", &self.threshold, self.threshold >= 1, "give a grey value from 1 to 255")
    }

    /// Items of a task that are kept for validation.
    pub fn validation_items(&self) -> usize {
        (self.validation * self.items as f64).round() as usize
    }

    /// Items of a task that are trained on.
    pub fn training_items(&self) -> usize {
        self.items - self.validation_items()
    }
}

fn above_zero(value: f64) -> bool {
    value.is_finite() && value > 0.0
}
