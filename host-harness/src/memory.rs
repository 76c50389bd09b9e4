//! How much memory a trial takes, and whether there is so much: known before it begins, not when it is refused.

use std::fs;

use dam_nostd::{Scalar, Shape};

use crate::config::{Config, PoolName};
use crate::data::Dataset;
use crate::machine::Machine;
use crate::methods::{self, MethodMemory};
use crate::rows::{LANES, Row};
use crate::workspace::Workspace;

/// There is less memory than a trial takes.
#[derive(Debug, thiserror::Error)]
#[error(
    "the trial takes about {} of memory, and {} are free: give fewer memories than {memories}, fewer items than {items}, fewer \
     tasks than {tasks}, another method than {method}, or precision f32",
    size(*need),
    size(*free)
)]
pub struct TooLittleMemory {
    need: u64,
    free: u64,
    memories: usize,
    items: usize,
    tasks: usize,
    method: String,
}

fn size(bytes: u64) -> String {
    match bytes {
        1_000_000_000.. => format!("{:.1} GB", bytes as f64 / 1e9),
        _ => format!("{:.0} MB", bytes as f64 / 1e6),
    }
}

/// Whether there is memory for the trial of `config` in numbers of type `S`.
///
/// # Errors
/// There is too little.
pub fn check<S: Scalar>(
    config: &Config,
    data: &Dataset,
    shape: &Shape,
    machine: &Machine,
) -> Result<(), TooLittleMemory> {
    let need = need::<S>(config, data, shape, machine);
    match free() {
        Some(free) if need > free => Err(TooLittleMemory {
            need,
            free,
            memories: config.memories,
            items: config.items,
            tasks: config.tasks,
            method: config.method.to_string(),
        }),
        _ => Ok(()),
    }
}

/// Bytes that the trial of `config` takes beside its images.
fn need<S: Scalar>(config: &Config, data: &Dataset, shape: &Shape, machine: &Machine) -> u64 {
    let rows = (shape.rows(LANES) * size_of::<Row<S>>()) as u64;
    // Weights, velocity, gradient, and the weights once more for the caller.
    let weights = 4 * rows;
    let item = (size_of::<u32>() * shape.words() + 1) as u64;
    // Those that are trained on are there twice: by task, and all together.
    let items = config.tasks as u64 * (config.items + config.training_items()) as u64 * item;
    let order = (size_of::<u32>() * config.training_items()) as u64 * config.tasks as u64;
    let test = match config.pool {
        PoolName::All => 0,
        PoolName::Train => (data.len() - data.training_images()) as u64 * item,
    };
    let workspace = Workspace::<S>::bytes(shape, machine.threads(), methods::coming_again(config));
    weights + items + order + test + workspace + MethodMemory::<S>::bytes(config, shape)
}

/// Bytes that this process can still have; `None` where the system does not tell.
pub fn free() -> Option<u64> {
    let text = |path: &str| fs::read_to_string(path).ok();
    // A line such as "MemAvailable:   123 kB".
    let kilobytes = |text: &str, key: &str| -> Option<u64> {
        let line = text.lines().find_map(|line| line.strip_prefix(key))?;
        Some(line.split_whitespace().next()?.parse::<u64>().ok()? * 1024)
    };
    let machine = text("/proc/meminfo")
        .and_then(|info| Some(kilobytes(&info, "MemAvailable:")? + kilobytes(&info, "SwapFree:").unwrap_or(0)));
    // What `ulimit -v` leaves.
    let process = text("/proc/self/limits").zip(text("/proc/self/status")).and_then(|(limits, status)| {
        let line = limits.lines().find_map(|line| line.strip_prefix("Max address space"))?;
        let limit: u64 = line.split_whitespace().next()?.parse().ok()?;
        Some(limit.saturating_sub(kilobytes(&status, "VmSize:")?))
    });
    // What the control group leaves, as that of a job of Slurm or of a container.
    let group = text("/proc/self/cgroup").and_then(|groups| {
        let path = groups.lines().find_map(|line| line.strip_prefix("0::"))?.to_owned();
        let number = |name: &str| text(&format!("/sys/fs/cgroup{path}/{name}"))?.trim().parse::<u64>().ok();
        Some(number("memory.max")?.saturating_sub(number("memory.current")?))
    });
    [machine, process, group].into_iter().flatten().min()
}
