//! The desktop's threads and instruction sets, behind the core's `Executor`.

use std::fmt;
use std::sync::Arc;

use dam_nostd::executor::{Executor, Operation};
use rayon::{ThreadPool, ThreadPoolBuildError, ThreadPoolBuilder};
use serde::{Deserialize, Serialize};

/// An instruction set that the loops of the core are compiled for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, clap::ValueEnum)]
#[serde(rename_all = "kebab-case")]
pub enum InstructionSet {
    /// What every processor of the architecture has.
    Baseline,
    /// AVX2 and what came with it (x86-64-v3).
    Avx2,
    /// AVX-512 (x86-64-v4).
    Avx512,
    /// NEON of AArch64.
    Neon,
}

impl fmt::Display for InstructionSet {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Baseline => "baseline",
            Self::Avx2 => "avx2",
            Self::Avx512 => "avx512",
            Self::Neon => "neon",
        })
    }
}

impl InstructionSet {
    /// Those that this processor has, the widest first.
    pub fn available() -> Vec<Self> {
        let mut sets = vec![];
        #[cfg(target_arch = "x86_64")]
        {
            if pulp::x86::V4::try_new().is_some() {
                sets.push(Self::Avx512);
            }
            if pulp::x86::V3::try_new().is_some() {
                sets.push(Self::Avx2);
            }
        }
        #[cfg(target_arch = "aarch64")]
        if pulp::aarch64::Neon::try_new().is_some() {
            sets.push(Self::Neon);
        }
        sets.push(Self::Baseline);
        sets
    }

    fn arch(self) -> Result<pulp::Arch, MachineError> {
        let missing = || MachineError::NoSuchInstructionSet(self, Self::available());
        match self {
            #[cfg(target_arch = "x86_64")]
            Self::Avx512 => pulp::x86::V4::try_new().map(pulp::Arch::V4).ok_or_else(missing),
            #[cfg(target_arch = "x86_64")]
            Self::Avx2 => pulp::x86::V3::try_new().map(pulp::Arch::V3).ok_or_else(missing),
            #[cfg(target_arch = "aarch64")]
            Self::Neon => pulp::aarch64::Neon::try_new().map(pulp::Arch::Neon).ok_or_else(missing),
            Self::Baseline => Ok(pulp::Arch::Scalar),
            #[allow(unreachable_patterns, reason = "each architecture has its own sets")]
            _ => Err(missing()),
        }
    }
}

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

fn names(sets: &[InstructionSet]) -> String {
    sets.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ")
}

/// Cores of this machine.
pub fn cores() -> usize {
    std::thread::available_parallelism().map_or(1, usize::from)
}

/// Whether so many threads may be started here: results do not depend on their number, so a few more than cores are no harm.
///
/// # Errors
/// They are many more.
pub fn check_threads(threads: usize) -> Result<(), MachineError> {
    let cores = cores();
    let most = (4 * cores).max(64);
    if threads <= most { Ok(()) } else { Err(MachineError::TooManyThreads { threads, cores, most }) }
}

/// Where a trial runs: an instruction set and a number of threads. Neither changes a result.
#[derive(Clone, Debug)]
pub struct Machine {
    set: InstructionSet,
    arch: pulp::Arch,
    threads: usize,
    pool: Option<Arc<ThreadPool>>,
}

impl Machine {
    /// `threads` threads (0: one a core) and `set`, or the widest there is.
    pub fn new(threads: usize, set: Option<InstructionSet>) -> Result<Self, MachineError> {
        let set = set.unwrap_or_else(|| InstructionSet::available()[0]);
        let arch = set.arch()?;
        let threads = if threads == 0 { cores() } else { threads };
        check_threads(threads)?;
        let pool = match threads {
            1 => None,
            _ => {
                let pool = ThreadPoolBuilder::new().num_threads(threads).build();
                Some(Arc::new(pool.map_err(|error| MachineError::Threads(threads, error))?))
            }
        };
        Ok(Self { set, arch, threads, pool })
    }

    /// The instruction set.
    pub fn instruction_set(&self) -> InstructionSet {
        self.set
    }

    /// Threads inside one trial.
    pub fn threads(&self) -> usize {
        self.threads
    }

    /// Runs `work` on the threads of this machine.
    pub fn install<T: Send>(&self, work: impl FnOnce() -> T + Send) -> T {
        match &self.pool {
            Some(pool) => pool.install(work),
            None => work(),
        }
    }
}

impl Executor for Machine {
    #[inline]
    fn join<A: Send, B: Send>(&self, a: impl FnOnce() -> A + Send, b: impl FnOnce() -> B + Send) -> (A, B) {
        if self.pool.is_some() { rayon::join(a, b) } else { (a(), b()) }
    }

    #[inline]
    fn run<O: Operation>(&self, operation: O) -> O::Output {
        // Baseline is what the build is for: no detour, no wider instructions.
        self.arch.dispatch(Vectorized(operation))
    }
}

struct Vectorized<O>(O);

impl<O: Operation> pulp::WithSimd for Vectorized<O> {
    type Output = O::Output;

    #[inline(always)]
    fn with_simd<V: pulp::Simd>(self, _simd: V) -> O::Output {
        self.0.run()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_instruction_set_of_another_architecture_is_refused() {
        let foreign = if cfg!(target_arch = "aarch64") { InstructionSet::Avx2 } else { InstructionSet::Neon };
        let message = Machine::new(1, Some(foreign)).unwrap_err().to_string();
        assert!(message.contains("baseline"), "{message}");
    }
}
