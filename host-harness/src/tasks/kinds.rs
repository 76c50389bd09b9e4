//! The kinds of sequences, a file each: what makes each task of one.

use super::{instances, list, permuted, rotated, split};
use crate::config::{Config, ConfigError, Kind};

/// What makes a task.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Making {
    /// Share of the pixels that are permuted.
    pub permuted: f64,
    /// Degrees that images are turned by, against the clock.
    pub angle: f64,
    /// Its classes; all where absent.
    pub classes: Option<Vec<u8>>,
    /// The set that its images are of; of any where absent.
    pub set: Option<String>,
}

/// A kind of sequence. Tasks are counted from 0.
pub(super) trait TaskKind: Sync {
    /// The names of the settings that concern it, of those that do not concern every kind.
    fn settings(&self) -> &'static [&'static str] {
        &[]
    }

    /// What makes `task`.
    fn making(&self, config: &Config, task: usize) -> Making;

    /// Whether no image is in two tasks.
    fn apart(&self) -> bool {
        false
    }

    /// Whether the kind can make the tasks of `config`.
    fn check(&self, config: &Config) -> Result<(), ConfigError> {
        let _ = config;
        Ok(())
    }
}

/// The file of a kind.
pub(super) fn of(kind: &Kind) -> &dyn TaskKind {
    match kind {
        Kind::Permuted => &permuted::Permuted,
        Kind::Rotated => &rotated::Rotated,
        Kind::Split => &split::Split,
        Kind::Instances => &instances::Instances,
        Kind::List(_) => &list::List,
    }
}

/// The names of the settings that concern a kind, of those that do not concern every kind.
pub fn settings(kind: &Kind) -> &'static [&'static str] {
    of(kind).settings()
}

/// The names of the settings that concern some kind, and not all.
pub fn settings_of_some() -> Vec<&'static str> {
    let kinds = Kind::NAMED.into_iter().map(|(_, kind)| kind).chain([Kind::List(vec![])]);
    kinds.flat_map(|kind| settings(&kind)).copied().collect()
}

/// Whether there are tasks of `config`.
///
/// # Errors
/// A setting of its kind without sense.
pub fn check(config: &Config) -> Result<(), ConfigError> {
    of(&config.kind).check(config)
}
