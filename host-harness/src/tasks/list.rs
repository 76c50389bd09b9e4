//! Tasks of one's own, from a TOML file.

use super::kinds::{Making, TaskKind};
use crate::config::{Config, ConfigError, Kind, OwnTask};

/// The tasks are in the configuration.
pub(super) struct List;

fn tasks(config: &Config) -> &[OwnTask] {
    match &config.kind {
        Kind::List(tasks) => tasks,
        _ => &[],
    }
}

impl TaskKind for List {
    fn making(&self, config: &Config, task: usize) -> Making {
        let OwnTask { permuted, angle, classes, set } = tasks(config).get(task).cloned().unwrap_or_default();
        Making { permuted, angle, classes, set }
    }

    fn check(&self, config: &Config) -> Result<(), ConfigError> {
        let range = |name, value: String, remedy| Err(ConfigError::Range { name, value, remedy });
        if config.tasks > tasks(config).len() {
            return range(
                "tasks",
                config.tasks.to_string(),
                "the list of --kind has fewer tasks: give as many, or fewer",
            );
        }
        for task in tasks(config) {
            if !(0.0..=1.0).contains(&task.permuted) {
                return range("permuted", task.permuted.to_string(), "give each task of the list a share from 0 to 1");
            }
            if !task.angle.is_finite() {
                return range("angle", task.angle.to_string(), "give each task of the list a number of degrees");
            }
            if task.classes.as_ref().is_some_and(Vec::is_empty) {
                return range(
                    "classes",
                    "[]".to_owned(),
                    "give each task of the list a class, or leave classes out for all",
                );
            }
        }
        Ok(())
    }
}
