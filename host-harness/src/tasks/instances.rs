//! New instances: every task has the same classes and the images as they are, but no image is in two tasks.

use super::kinds::{Making, TaskKind};
use crate::config::Config;

pub(super) struct Instances;

impl TaskKind for Instances {
    fn making(&self, _: &Config, _: usize) -> Making {
        Making::default()
    }

    fn apart(&self) -> bool {
        true
    }
}
