//! How many threads may be started.

use super::MachineError;

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
