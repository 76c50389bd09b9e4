//! Split tasks: each has `classes_per_task` classes that no other has, in their order.

use super::kinds::{Making, TaskKind};
use crate::config::Config;

pub(super) struct Split;

impl TaskKind for Split {
    fn settings(&self) -> &'static [&'static str] {
        &["classes_per_task"]
    }

    fn making(&self, config: &Config, task: usize) -> Making {
        let first = task * config.classes_per_task;
        let classes = (first..first + config.classes_per_task).map(|class| class.min(usize::from(u8::MAX)) as u8);
        Making { classes: Some(classes.collect()), ..Making::default() }
    }
}
