//! An experiment divided into shares, for clusters and for whatever starts commands side by side.
//!
//! The list is the file `work.json` of the store. Any share may run anywhere, any number of times, at the same time as any
//! other: a trial that is there is not run again, and one that is run twice has the same result.

use std::fs;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use crate::experiment::cost;
use crate::experiment::images::Images;
use crate::experiment::plan::{Plan, Trial};
use crate::experiment::request::Request;
use crate::experiment::source::PlanError;
use crate::experiment::source::{RunError, Source};
use crate::experiment::store::{Store, StoreError};
use crate::experiment::study::Study;
use crate::file::{self, atomic, sealed};

/// What can be divided.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Experiment {
    /// Tables and figures.
    Reproduce(Request),
    /// A study of conventions.
    Study(Study),
}

impl Source for Experiment {
    fn plan(&self, store: &Store, images: &Images) -> Result<Plan, PlanError> {
        match self {
            Self::Reproduce(request) => request.plan(store, images),
            Self::Study(study) => study.plan(store, images),
        }
    }
}

/// A list of work.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct WorkList {
    /// What it is the work of.
    pub experiment: Experiment,
    /// The images, if not the embedded ones.
    pub data: Option<PathBuf>,
    /// How many shares there are.
    pub shards: usize,
    /// The identities of the trials that were known when it was written, those with the most work first.
    pub trials: Vec<String>,
}

impl WorkList {
    /// The work that `experiment` still is, in `shards` shares.
    ///
    /// # Errors
    /// No plan; images that cannot be read.
    pub fn new(
        experiment: Experiment,
        data: Option<PathBuf>,
        shards: usize,
        store: &Store,
        images: &Images,
    ) -> Result<Self, RunError> {
        let mut due = due(&experiment.plan(store, images)?, store, images)?;
        due.sort_by(|a, b| cost::work(&b.config).total_cmp(&cost::work(&a.config)));
        let trials = due.into_iter().map(|trial| trial.identity).collect();
        Ok(Self { experiment, data, shards, trials })
    }

    /// The share, from 0, of `shards` that a trial is in: the known ones in turn, and those that become known later by
    /// their identity.
    pub fn shard(&self, identity: &str, shards: usize) -> usize {
        let place = self.trials.iter().position(|known| known == identity);
        place.unwrap_or_else(|| usize::from_str_radix(identity, 16).unwrap_or(0)) % shards.max(1)
    }

    /// The file of the list in a store.
    pub fn path(store: &Path) -> PathBuf {
        store.join("work.json")
    }

    /// Writes the list into the store.
    ///
    /// # Errors
    /// A file that cannot be written.
    pub fn save(&self, store: &Path) -> Result<(), StoreError> {
        fs::create_dir_all(store).map_err(|source| StoreError::Folder { path: store.to_owned(), source })?;
        Ok(atomic::write(&Self::path(store), &sealed::to_vec(self))?)
    }

    /// Reads the list of a store.
    ///
    /// # Errors
    /// There is none, or it is damaged.
    pub fn load(store: &Path) -> Result<Self, StoreError> {
        let path = Self::path(store);
        if !path.exists() {
            return Err(StoreError::List { path, reason: "there is no such file".to_owned() });
        }
        let bytes = file::read(&path)?;
        sealed::from_slice(&bytes).map_err(|error| StoreError::List { path, reason: error.to_string() })
    }
}

/// The known trials of a plan that are still to be run.
///
/// # Errors
/// Images that cannot be read.
pub fn due(plan: &Plan, store: &Store, images: &Images) -> Result<Vec<Trial>, RunError> {
    let mut trials = plan.trials(images)?;
    trials.retain(|trial| !store.is_done(trial));
    Ok(trials)
}
