//! Rotated tasks: the first has the images as they are, each later one turns them by `angle` more.

use super::kinds::{Making, TaskKind};
use crate::config::Config;

pub(super) struct Rotated;

impl TaskKind for Rotated {
    fn settings(&self) -> &'static [&'static str] {
        &["angle"]
    }

    fn making(&self, config: &Config, task: usize) -> Making {
        Making { angle: config.angle * task as f64, ..Making::default() }
    }
}
