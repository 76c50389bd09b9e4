//! Being asked to stop: once, and the work ends where it can be taken up again; twice, and it ends at once.

use std::ffi::c_int;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;

use signal_hook::consts::{SIGHUP, SIGINT, SIGTERM};
use signal_hook::flag;

use super::error::Error;

/// A flag that is set when the user, the system or a closed terminal asks this process to stop. The second time, the
/// process ends without waiting for the end of an epoch.
///
/// A signal that the process was started to ignore, as `nohup` and shells in the background do, stays ignored.
///
/// # Errors
/// The system refuses.
pub fn stop() -> Result<Arc<AtomicBool>, Error> {
    let stop = Arc::new(AtomicBool::new(false));
    for signal in [SIGINT, SIGTERM, SIGHUP].into_iter().filter(|&signal| !ignored(signal)) {
        flag::register_conditional_shutdown(signal, 130, Arc::clone(&stop)).map_err(Error::failure)?;
        flag::register(signal, Arc::clone(&stop)).map_err(Error::failure)?;
    }
    Ok(stop)
}

/// Whether this process ignores a signal. Where the system does not tell, it does not.
fn ignored(signal: c_int) -> bool {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let mask = status.lines().find_map(|line| line.strip_prefix("SigIgn:"));
    let mask = mask.and_then(|mask| u64::from_str_radix(mask.trim(), 16).ok());
    mask.is_some_and(|mask| mask >> (signal - 1) & 1 == 1)
}
