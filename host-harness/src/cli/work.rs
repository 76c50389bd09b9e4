//! `dam work`: one share of the work of an experiment.

use std::path::PathBuf;
use std::str::FromStr;

use super::error::Error;
use super::experiment::{self, LocalArgs};
use crate::experiment::images::Images;
use crate::experiment::source::{RunError, Source};
use crate::experiment::worklist::{self, WorkList};

/// Arguments of `dam work`.
#[derive(Clone, Debug, clap::Args)]
pub struct WorkArgs {
    /// Folder of the results, with the list of `dam plan` in it
    #[arg(long, value_name = "DIR", default_value = "results/store")]
    pub store: PathBuf,
    /// Which share of how many, as in 3/8
    #[arg(long, value_name = "I/M", default_value = "1/1")]
    pub shard: Shard,
    /// How.
    #[command(flatten)]
    pub local: LocalArgs,
}

/// A share.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Shard {
    /// Which, from 1.
    pub share: usize,
    /// Of how many.
    pub of: usize,
}

impl FromStr for Shard {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let parts = text.split_once('/').and_then(|(share, of)| Some((share.parse().ok()?, of.parse().ok()?)));
        match parts {
            Some((share, of)) if (1..=of).contains(&share) => Ok(Self { share, of }),
            _ => Err(format!("give I/M with I from 1 to M, not {text:?}")),
        }
    }
}

/// Runs the share as far as it can be run now.
///
/// # Errors
/// No list, results that cannot be read or written, an interruption.
pub fn run(args: &WorkArgs) -> Result<String, Error> {
    let list = WorkList::load(&args.store).map_err(RunError::from)?;
    let images = Images::new(list.data.clone());
    let store = experiment::open(&args.store)?;
    let mine = |identity: &str| list.shard(identity, args.shard.of) + 1 == args.shard.share;
    let ran = experiment::run(&list.experiment, &mine, store, &images, &args.local)?;
    let plan = list.experiment.plan(&ran.store, &images).map_err(RunError::from)?;
    let due = worklist::due(&plan, &ran.store, &images)?.len();
    let (run, failed) = (ran.run, experiment::failures(&plan, &ran.store, &images)?);
    Ok(format!("{run} trials were run; of all shares, {due} are due and {} wait for others\n{failed}", plan.waiting()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shares_are_counted_from_1() {
        assert_eq!("3/8".parse(), Ok(Shard { share: 3, of: 8 }));
        for text in ["0/8", "9/8", "1", "1/0", "a/b", "-1/2", "1/2/3"] {
            assert!(text.parse::<Shard>().unwrap_err().contains(text));
        }
    }
}
