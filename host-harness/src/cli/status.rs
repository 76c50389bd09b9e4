//! `dam status`: what is missing of an experiment that was divided, and resubmitting only that.

use std::collections::BTreeSet;
use std::path::PathBuf;

use super::error::Error;
use super::{experiment, slurm};
use crate::experiment::images::Images;
use crate::experiment::progress;
use crate::experiment::source::{RunError, Source};
use crate::experiment::worklist::{self, WorkList};

/// Trials that are shown.
const SHOWN: usize = 20;

/// Arguments of `dam status`.
#[derive(Clone, Debug, clap::Args)]
pub struct StatusArgs {
    /// Folder of the results, with the list of `dam plan` or `dam slurm` in it
    #[arg(long, value_name = "DIR", default_value = "results/store")]
    pub store: PathBuf,
    /// Submit the shares again that have trials which are missing; not while they are still queued or running
    #[arg(long)]
    pub submit: bool,
}

/// Tells, and submits.
///
/// # Errors
/// No list, results that cannot be read, Slurm that refuses.
pub fn run(args: &StatusArgs) -> Result<String, Error> {
    let list = WorkList::load(&args.store).map_err(RunError::from)?;
    let images = Images::new(list.data.clone());
    let store = experiment::open(&args.store)?;
    let plan = list.experiment.plan(&store, &images).map_err(RunError::from)?;
    let due = worklist::due(&plan, &store, &images)?;
    let mut text = experiment::summary(&plan, &store, &images)?;
    let share = |identity: &str| list.shard(identity, list.shards) + 1;
    for trial in due.iter().take(SHOWN) {
        let (identity, name) = (&trial.identity, progress::name(&trial.config));
        text += &format!("missing    {identity}  {name}, share {}/{}\n", share(identity), list.shards);
    }
    if due.len() > SHOWN {
        text += &format!("           and {} more\n", due.len() - SHOWN);
    }
    let shares: BTreeSet<usize> = due.iter().map(|trial| share(&trial.identity)).collect();
    if shares.is_empty() {
        return Ok(text + "complete\n");
    }
    let shares = ranges(&shares);
    text += &format!("shares     {shares} of {}\n", list.shards);
    if args.submit {
        let script = slurm::path(&args.store);
        if !script.exists() {
            let message = format!("there is no {}; write it with dam slurm", script.display());
            return Err(Error::failure(message));
        }
        text += &format!("job        {}\n", slurm::submit(&script, Some(&shares))?);
    }
    Ok(text)
}

/// Numbers as Slurm has them: 1-3,7.
fn ranges(numbers: &BTreeSet<usize>) -> String {
    let mut runs: Vec<(usize, usize)> = vec![];
    for &number in numbers {
        match runs.last_mut() {
            Some((_, last)) if *last + 1 == number => *last = number,
            _ => runs.push((number, number)),
        }
    }
    let run =
        |(first, last): (usize, usize)| if first == last { format!("{first}") } else { format!("{first}-{last}") };
    runs.into_iter().map(run).collect::<Vec<_>>().join(",")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_in_a_row_are_a_range() {
        assert_eq!(ranges(&[1, 2, 3, 7, 9, 10].into()), "1-3,7,9-10");
        assert_eq!(ranges(&[5].into()), "5");
    }
}
