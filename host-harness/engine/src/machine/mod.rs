//! The desktop's threads and instruction sets.

mod error;
mod instruction_set;
mod threads;

use std::sync::Arc;

use dam_nostd::executor::Operation;
use rayon::{ThreadPool, ThreadPoolBuilder};

pub use error::MachineError;
pub use instruction_set::InstructionSet;
pub use threads::{check_threads, cores};

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

    /// Whether there are threads to divide work over.
    pub(crate) fn divides(&self) -> bool {
        self.pool.is_some()
    }

    pub(crate) fn arch(&self) -> pulp::Arch {
        self.arch
    }

    /// Runs `work` on the threads of this machine.
    pub fn install<T: Send>(&self, work: impl FnOnce() -> T + Send) -> T {
        match &self.pool {
            Some(pool) => pool.install(work),
            None => work(),
        }
    }
}

/// An operation of the core, as what is compiled for an instruction set.
pub(crate) struct Vectorized<O>(pub(crate) O);

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
