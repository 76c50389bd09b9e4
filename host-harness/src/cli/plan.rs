//! `dam plan`: the work of an experiment in shares.

use super::error::Error;
use super::experiment::{self, ExperimentArgs};
use super::shell;
use crate::experiment::images::Images;
use crate::experiment::source::{RunError, Source};
use crate::experiment::worklist::{Experiment, WorkList};

/// Arguments of `dam plan`.
#[derive(Clone, Debug, clap::Args)]
pub struct PlanArgs {
    /// What.
    #[command(flatten)]
    pub experiment: ExperimentArgs,
    /// Shares
    #[arg(long, value_name = "M", default_value_t = 1, value_parser = clap::value_parser!(u32).range(1..))]
    pub shards: u32,
}

/// Writes the list of work into the store, and tells what is on it.
///
/// # Errors
/// A plan without sense, a file that cannot be written.
pub fn run(args: &PlanArgs) -> Result<String, Error> {
    let place = &args.experiment.place;
    let images = Images::new(place.data.clone());
    let store = experiment::open(&place.store)?;
    let list = write(&args.experiment, args.shards)?;
    let plan = list.experiment.plan(&store, &images).map_err(RunError::from)?;
    let mut text = experiment::summary(&plan, &store, &images)?;
    text += &format!(
        "list       {}\nnext       dam work --store {} --shard I/{m}, for I from 1 to {m}\n",
        WorkList::path(&place.store).display(),
        shell::word(&place.store.to_string_lossy()),
        m = args.shards
    );
    Ok(text)
}

/// Writes the list of work of `args` in `shards` shares.
///
/// # Errors
/// A plan without sense, a file that cannot be written.
pub fn write(args: &ExperimentArgs, shards: u32) -> Result<WorkList, Error> {
    let place = &args.place;
    let images = Images::new(place.data.clone());
    let store = experiment::open(&place.store)?;
    let experiment = Experiment::Reproduce(args.request()?);
    let data = place.data.as_deref().map(std::path::absolute).transpose().map_err(Error::failure)?;
    let list = WorkList::new(experiment, data, shards as usize, &store, &images)?;
    list.save(&place.store).map_err(RunError::from)?;
    Ok(list)
}
