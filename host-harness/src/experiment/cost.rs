//! What trials cost: for the order they run in, for progress, and for the estimate of hours.

use std::collections::BTreeMap;
use std::ops::ControlFlow;

use crate::config::{Config, Precision};
use crate::experiment::images::Images;
use crate::experiment::plan::Trial;
use crate::experiment::source::RunError;
use crate::machine::Machine;
use crate::methods;
use crate::trial::{self, TrialError};

/// Item-presentations that the step of all weights after each batch takes as long as.
const STEP: f64 = 25.0;

/// Item-presentations of 512 memory vectors in `f32` that a trial takes about as long as.
pub fn work(config: &Config) -> f64 {
    let (new, about) = (config.training_items(), methods::about(config.method));
    let (tasks, new) = if about.at_once() { (1, new * config.tasks) } else { (config.tasks, new) };
    let mut work = methods::presentations(config) as f64;
    for task in 0..tasks {
        let learned = new + about.joining(config, task);
        let batches = learned.div_ceil(config.batch.of_training().items(learned));
        work += f64::from(config.epochs) * batches as f64 * (STEP + about.looked_at(config, task) as f64);
    }
    let precision = if config.precision == Precision::F64 { 2.0 } else { 1.0 };
    work * precision * config.memories as f64 / 512.0
}

/// Seconds of one core that all of `trials` take: for each method, two short trials tell how long its work takes here.
///
/// # Errors
/// Images that cannot be read, trials that cannot be run.
pub fn core_seconds(trials: &[Trial], images: &Images) -> Result<f64, RunError> {
    let mut rates: BTreeMap<String, f64> = BTreeMap::new();
    let machine = Machine::new(1, None)?;
    let mut sum = 0.0;
    for Trial { config, .. } in trials {
        let method = config.method.to_string();
        let rate = match rates.get(&method) {
            Some(&rate) => rate,
            None => {
                let time = |epochs| -> Result<(f64, f64), RunError> {
                    let short = Config { tasks: config.tasks.min(2), epochs, ..config.clone() };
                    let mut watch = |_: trial::Event<'_>| ControlFlow::Continue(());
                    let finished = trial::run(&short, &*images.of(&short)?, &machine, &mut watch)?;
                    Ok((finished.course.wall_seconds, work(&short)))
                };
                // The first warms up; what is the same for any number of epochs drops out.
                let (few, many) = match (time(1), time(4)) {
                    // What diverges takes no time worth counting; another trial of the method tells how long the rest takes.
                    (Err(RunError::Trial(TrialError::Diverged(_))), _)
                    | (_, Err(RunError::Trial(TrialError::Diverged(_)))) => continue,
                    (few, many) => (few?, many?),
                };
                let rate = (many.0 - few.0).max(0.0) / (many.1 - few.1);
                rates.insert(method, rate);
                rate
            }
        };
        sum += rate * work(config);
    }
    Ok(sum)
}
