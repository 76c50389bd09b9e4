//! Permuted tasks: each has a permutation of its own, of all pixels or of a share of them.

use super::kinds::{Making, TaskKind};
use crate::config::Config;

pub(super) struct Permuted;

impl TaskKind for Permuted {
    fn settings(&self) -> &'static [&'static str] {
        &["permuted_share"]
    }

    fn making(&self, config: &Config, _: usize) -> Making {
        Making { permuted: config.permuted_share, ..Making::default() }
    }
}
