//! Why a machine cannot be used as asked.

use rayon::ThreadPoolBuildError;

use super::InstructionSet;

/// The machine cannot be used as asked.
#[derive(Debug, thiserror::Error)]
pub enum MachineError {
    /// The processor lacks an instruction set.
    #[error("this processor has no {0}; choose --isa from {list}", list = names(.1))]
    NoSuchInstructionSet(InstructionSet, Vec<InstructionSet>),
    /// More threads than would do anything but wait for one another.
    #[error(
        "{threads} threads are too many for the {cores} cores of this machine: give at most {most}, or 0 for one a core"
    )]
    TooManyThreads {
        /// Threads that were asked for.
        threads: usize,
        /// Cores there are.
        cores: usize,
        /// The most that are started.
        most: usize,
    },
    /// Threads could not be started.
    #[error("cannot start {0} threads: {1}")]
    Threads(usize, ThreadPoolBuildError),
}

pub(super) fn names(sets: &[InstructionSet]) -> String {
    sets.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ")
}
