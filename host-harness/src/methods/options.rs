//! Options that several methods share.

use std::num::NonZeroUsize;

use dam_nostd::methods::estimate::{Estimate, Per};
use dam_nostd::methods::penalty::{Entry, Penalty};
use dam_nostd::methods::projection::Projected;
use dam_nostd::methods::rehearsal::portion;
use dam_nostd::rng::{Purpose, Xoshiro128PlusPlus};

use crate::config::{Config, ImportanceName, PenaltyEntry, ProjectedName, Sample};

/// Probes that are relaxed at once.
pub(super) const PROBES: usize = 1024;

/// Tasks that are earlier ones to the last.
pub(super) fn past(config: &Config) -> usize {
    config.tasks.saturating_sub(1)
}

/// Items that are kept of a task, or probes that are drawn after it.
pub(super) fn kept(config: &Config) -> usize {
    portion(config.proportion, config.training_items())
}

/// Items of a buffer of `kept` that are looked at for a batch.
pub(super) fn sampled(config: &Config, kept: usize) -> usize {
    number(config.memory_batch).map_or(kept, |sample| kept.min(sample.get()))
}

/// All, or so many.
pub(super) fn number(sample: Sample) -> Option<NonZeroUsize> {
    match sample {
        Sample::All => None,
        Sample::Items(items) => Some(items),
    }
}

/// What GEM and A-GEM project.
pub(super) fn projected(config: &Config) -> Projected {
    match config.projected {
        ProjectedName::Network => Projected::Network,
        ProjectedName::Memory => Projected::Memory,
    }
}

/// What samples of the buffer are drawn with.
pub(super) fn samples(config: &Config) -> Xoshiro128PlusPlus {
    Xoshiro128PlusPlus::of(config.seed, Purpose::Method, u32::MAX)
}

/// The penalty of L2, EWC, MAS and SI.
pub(super) fn penalty(config: &Config) -> Penalty {
    let entry = match config.penalty_entry {
        PenaltyEntry::Gradient => Entry::Gradient,
        PenaltyEntry::Step => Entry::Step,
    };
    Penalty { lambda: config.lambda, entry }
}

/// How EWC and MAS measure importances.
pub(super) fn estimate(config: &Config) -> Estimate {
    Estimate {
        per: match config.importance {
            ImportanceName::Batch => {
                let items = config.batch.of_training().items(config.training_items());
                Per::Batch(items.try_into().unwrap_or(NonZeroUsize::MIN))
            }
            ImportanceName::Item => Per::Item,
        },
        items: number(config.importance_items),
        normalised: config.importance_normalised,
    }
}
