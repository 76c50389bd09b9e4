//! Where results are kept: a folder with one file for each trial, named by the trial's identity.
//!
//! ```text
//! STORE/trials/IDENTITY.json   what the trial found: the same bytes wherever and however often it runs
//! STORE/runs/IDENTITY.json     how it ran: time, threads, memory
//! STORE/failures/IDENTITY.json why it has no result and is not run again: its training diverged
//! STORE/checkpoints/IDENTITY   where a trial under way stands
//! STORE/inspections/IDENTITY.json what its networks held after each task, where they were looked at
//! STORE/networks/IDENTITY-T.dam the network after T tasks, where it is kept to be drawn
//! ```
//!
//! Files are written under a temporary name and renamed, so that two processes may write the same one at the same time,
//! and a process may die at any moment.

use std::collections::BTreeMap;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::time::Duration;

use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

use crate::checkpoint::Checkpoint;
use crate::config::Config;
use crate::data::DataError;
use crate::divergence::Divergence;
use crate::experiment::images::Images;
use crate::experiment::plan::Trial;
use crate::file::atomic::{self, WriteError};
use crate::file::network::{self, LoadError, SaveError};
use crate::file::sealed::{self, SealError};
use crate::file::{self, ReadError};
use crate::inspection::Inspection;
use crate::network::TrainedNetwork;
use crate::outcome::{self, Course, Outcome};

/// Far longer than any file takes to be written.
const HOUR: Duration = Duration::from_secs(3600);

/// Results that cannot be read or written.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// A file that is no JSON, as where the end of it is missing.
    #[error("{path} is damaged: {reason}; move it elsewhere, and its trial will be run again", path = .path.display())]
    Damaged {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        reason: String,
    },
    /// A file whose content is none of a result that this version reads.
    #[error(
        "{path}: {reason}; read it with the program that wrote it, or move it elsewhere, and its trial will be run again",
        path = .path.display()
    )]
    Unusable {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        reason: String,
    },
    /// A list of work that is none.
    #[error(
        "{path} is no list of work: {reason}; use it with the program that wrote it, or write it anew with `dam plan`",
        path = .path.display()
    )]
    List {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        reason: String,
    },
    /// A folder that cannot be made or listed.
    #[error("cannot use the folder {path}: {source}; give another with --store", path = .path.display())]
    Folder {
        /// The folder.
        path: PathBuf,
        /// What the operating system says.
        source: io::Error,
    },
    /// A file that cannot be read.
    #[error(transparent)]
    Read(#[from] ReadError),
    /// A file that cannot be written.
    #[error(transparent)]
    Write(#[from] WriteError),
    /// A network that cannot be kept.
    #[error(transparent)]
    Save(#[from] SaveError),
    /// A network that was kept and cannot be used.
    #[error("{0}; delete it, and `dam reproduce pictures` makes it anew")]
    Load(#[from] LoadError),
}

/// A trial that has no result, and will have none: its training diverged.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Failure<C = Config> {
    /// The version of the program.
    pub version: String,
    /// The commit of its source, where it was built from one.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub commit: Option<String>,
    /// The configuration.
    pub config: C,
    /// SHA-256 of the images.
    pub data_digest: String,
    /// What happened, and what to do about it.
    pub error: String,
}

/// What was seen of a trial's networks.
#[derive(Debug, Serialize, Deserialize)]
struct Inspected {
    /// Task after task.
    tasks: Vec<Inspection>,
}

/// A folder of results, and what was in it when it was looked at last.
#[derive(Debug)]
pub struct Store {
    folder: PathBuf,
    outcomes: BTreeMap<String, Outcome>,
    failures: BTreeMap<String, Failure>,
    /// Files that were read, and whose trials they are.
    read: BTreeMap<PathBuf, String>,
}

impl Store {
    /// Opens a store, and reads what is there. The folder need not be there.
    ///
    /// # Errors
    /// A folder or a file that cannot be read, or is damaged.
    pub fn open(folder: &Path) -> Result<Self, StoreError> {
        let (outcomes, failures, read) = Default::default();
        let mut store = Self { folder: folder.to_owned(), outcomes, failures, read };
        store.refresh()?;
        Ok(store)
    }

    /// The files of a store.
    pub fn files(folder: &Path) -> Vec<PathBuf> {
        let folders = ["", "trials", "runs", "failures", "checkpoints", "inspections"].map(|name| folder.join(name));
        let entries = folders.iter().filter_map(|folder| fs::read_dir(folder).ok()).flatten();
        entries.flatten().map(|entry| entry.path()).filter(|path| path.is_file()).collect()
    }

    /// The folder.
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// Reads what others have added since.
    ///
    /// # Errors
    /// Those of [`open`](Self::open).
    pub fn refresh(&mut self) -> Result<(), StoreError> {
        for path in results(&self.folder.join("trials"))? {
            if self.read.contains_key(&path) {
                continue;
            }
            let outcome: Outcome = parse(&path)?;
            // By content, not by name: a new setting changes the identities of files that were there before it.
            let identity = outcome.identity();
            self.read.insert(path, identity.clone());
            self.outcomes.insert(identity, outcome);
        }
        for path in results(&self.folder.join("failures"))? {
            if self.read.contains_key(&path) {
                continue;
            }
            let Failure { version, commit, config, data_digest, error } = parse_sealed(&path)?;
            let (config, unknown) = outcome::recorded(config)
                .map_err(|error| StoreError::Unusable { path: path.clone(), reason: error.to_string() })?;
            let identity = outcome::identity(&config, &data_digest);
            self.read.insert(path, identity.clone());
            // With a setting that this version does not know, it is none of its trials.
            if unknown.is_empty() {
                self.failures.insert(identity, Failure { version, commit, config, data_digest, error });
            }
        }
        Ok(())
    }

    /// What a trial found, if it has been run.
    pub fn get(&self, identity: &str) -> Option<&Outcome> {
        self.outcomes.get(identity)
    }

    /// What there is of `trials`, in their order.
    ///
    /// # Errors
    /// Images that cannot be read.
    pub fn of(&self, trials: &[Config], images: &Images) -> Result<Vec<&Outcome>, DataError> {
        let mut found = vec![];
        for config in trials {
            found.extend(self.get(&outcome::identity(config, images.of(config)?.digest())));
        }
        Ok(found)
    }

    /// Why a trial has no result and is not to be run again.
    pub fn failure(&self, identity: &str) -> Option<&Failure> {
        self.failures.get(identity).filter(|_| !self.outcomes.contains_key(identity))
    }

    /// Whether a trial has come to an end: it has a result, or failed.
    pub fn settles(&self, identity: &str) -> bool {
        self.outcomes.contains_key(identity) || self.failures.contains_key(identity)
    }

    /// Whether a trial needs not be run: it failed, or all is there that it is to leave behind, its result, and its networks
    /// and what was seen of them where these are kept.
    pub fn is_done(&self, trial: &Trial) -> bool {
        let failed = self.failure(&trial.identity).is_some();
        failed || self.get(&trial.identity).is_some() && Self::has_all(&self.folder, trial)
    }

    fn has_all(folder: &Path, trial: &Trial) -> bool {
        let networks = || [1, trial.config.tasks].iter().all(|&n| Self::has_network(folder, &trial.identity, n));
        (!trial.pictured || networks()) && (!trial.inspected || inspection_file(folder, &trial.identity).exists())
    }

    /// Keeps in the store `folder` what was seen of a trial's networks.
    ///
    /// # Errors
    /// A file that cannot be written.
    pub fn keep_inspections(folder: &Path, identity: &str, tasks: Vec<Inspection>) -> Result<(), StoreError> {
        write(&folder.join("inspections"), &(identity.to_owned() + ".json"), &sealed::to_vec(&Inspected { tasks }))
    }

    /// What was seen of a trial's networks after each task, if they were looked at.
    ///
    /// # Errors
    /// A file that cannot be read, or is damaged.
    pub fn inspections(&self, identity: &str) -> Result<Option<Vec<Inspection>>, StoreError> {
        let path = inspection_file(&self.folder, identity);
        if !path.exists() {
            return Ok(None);
        }
        let Inspected { tasks } = parse_sealed(&path)?;
        Ok(Some(tasks))
    }

    /// Whether a trial's network after its first `learned` tasks is in the store `folder`.
    pub fn has_network(folder: &Path, identity: &str, learned: usize) -> bool {
        network_file(folder, identity, learned).exists()
    }

    /// Keeps a network in the store `folder`, under the number of tasks that it has learned.
    ///
    /// # Errors
    /// A file that cannot be written.
    pub fn keep_network(folder: &Path, identity: &str, network: &TrainedNetwork) -> Result<(), StoreError> {
        let path = network_file(folder, identity, network.learned);
        if let Some(folder) = path.parent() {
            fs::create_dir_all(folder).map_err(|source| StoreError::Folder { path: folder.to_owned(), source })?;
        }
        Ok(network::save(&path, network)?)
    }

    /// A trial's network after its first `learned` tasks, if it was kept.
    ///
    /// # Errors
    /// A file that cannot be read, or is damaged.
    pub fn network(&self, identity: &str, learned: usize) -> Result<Option<TrainedNetwork>, StoreError> {
        let path = network_file(&self.folder, identity, learned);
        if path.exists() { Ok(Some(network::load(&path)?)) } else { Ok(None) }
    }

    /// All results, by identity.
    pub fn outcomes(&self) -> impl Iterator<Item = (&str, &Outcome)> {
        self.outcomes.iter().map(|(identity, outcome)| (identity.as_str(), outcome))
    }

    /// The same by now, of this process or another.
    pub fn holds(&self, trial: &Trial) -> bool {
        let written = |folder: &str| self.folder.join(folder).join(trial.identity.clone() + ".json").exists();
        let there = self.get(&trial.identity).is_some() || written("trials");
        if there { Self::has_all(&self.folder, trial) } else { self.is_done(trial) || written("failures") }
    }

    /// Keeps in the store `folder` that a trial has no result, and why.
    ///
    /// # Errors
    /// A file that cannot be written.
    pub fn fail(folder: &Path, config: &Config, data_digest: &str, error: &Divergence) -> Result<(), StoreError> {
        let failure = Failure {
            version: env!("CARGO_PKG_VERSION").to_owned(),
            commit: outcome::commit(),
            config: config.clone(),
            data_digest: data_digest.to_owned(),
            error: error.to_string(),
        };
        let name = outcome::identity(config, data_digest) + ".json";
        write(&folder.join("failures"), &name, &sealed::to_vec(&failure))
    }

    /// Keeps a result in the store `folder`. How the trial ran is written first: whoever sees the result finds that, too.
    ///
    /// # Errors
    /// A file that cannot be written.
    pub fn keep(folder: &Path, outcome: &Outcome, course: &Course) -> Result<(), StoreError> {
        put(folder, outcome, Some(course))
    }

    /// As [`keep`](Self::keep), in this store, for a result of which it may not be known how it ran.
    ///
    /// # Errors
    /// A file that cannot be written.
    pub fn put(&self, outcome: &Outcome, course: Option<&Course>) -> Result<(), StoreError> {
        put(&self.folder, outcome, course)
    }

    /// The file that a trial is kept in between tasks.
    pub fn checkpoint(folder: &Path, identity: &str) -> Result<Checkpoint, StoreError> {
        let folder = folder.join("checkpoints");
        fs::create_dir_all(&folder).map_err(|source| StoreError::Folder { path: folder.clone(), source })?;
        Ok(Checkpoint::new(folder.join(identity), identity.to_owned()))
    }

    /// Deletes what killed processes left behind: checkpoints of trials that have their results, and temporary files that
    /// nobody can be writing any more.
    pub fn sweep(&self) {
        for folder in ["trials", "runs", "failures", "checkpoints", "inspections", "networks"] {
            let Ok(entries) = fs::read_dir(self.folder.join(folder)) else { continue };
            for entry in entries.flatten() {
                let name = entry.file_name();
                let name = name.to_string_lossy();
                let age = entry.metadata().and_then(|found| found.modified()).ok().and_then(|time| time.elapsed().ok());
                let abandoned = name.starts_with(".dam-") && age.is_some_and(|age| age > HOUR);
                if abandoned || folder == "checkpoints" && self.settles(&name) {
                    // Nothing depends on it.
                    let _ = fs::remove_file(entry.path());
                }
            }
        }
    }

    /// Tells before hours of work whether results could be written.
    ///
    /// # Errors
    /// They could not.
    pub fn check_writable(&self) -> Result<(), StoreError> {
        let folder = self.folder.join("trials");
        fs::create_dir_all(&folder).map_err(|source| StoreError::Folder { path: folder.clone(), source })?;
        Ok(atomic::check_writable(&folder.join("writable"))?)
    }

    /// How trials ran, by identity: the two files of a trial have the same name. A run that left none is not there.
    ///
    /// # Errors
    /// A folder or a file that cannot be read, or is damaged.
    pub fn courses(&self) -> Result<BTreeMap<String, Course>, StoreError> {
        let mut courses = BTreeMap::new();
        for path in results(&self.folder.join("runs"))? {
            let trial = self.folder.join("trials").join(path.file_name().unwrap_or_default());
            if let Some(identity) = self.read.get(&trial) {
                courses.insert(identity.clone(), parse_sealed(&path)?);
            }
        }
        Ok(courses)
    }
}

fn inspection_file(store: &Path, identity: &str) -> PathBuf {
    store.join("inspections").join(identity.to_owned() + ".json")
}

fn network_file(store: &Path, identity: &str, learned: usize) -> PathBuf {
    store.join("networks").join(format!("{identity}-{learned}.dam"))
}

fn put(folder: &Path, outcome: &Outcome, course: Option<&Course>) -> Result<(), StoreError> {
    let name = outcome.identity() + ".json";
    if let Some(course) = course {
        write(&folder.join("runs"), &name, &sealed::to_vec(course))?;
    }
    // It has its own digest.
    let text = serde_json::to_string_pretty(outcome).expect("results are plain data") + "\n";
    write(&folder.join("trials"), &name, text.as_bytes())
}

/// The result files of a folder in order of their names; none where there is no such folder. Temporary files are hidden.
fn results(folder: &Path) -> Result<Vec<PathBuf>, StoreError> {
    let failed = |source| StoreError::Folder { path: folder.to_owned(), source };
    let entries = match fs::read_dir(folder) {
        Ok(entries) => entries,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(vec![]),
        Err(error) => return Err(failed(error)),
    };
    let mut paths = vec![];
    for entry in entries {
        let path = entry.map_err(failed)?.path();
        let hidden = path.file_name().is_none_or(|name| name.as_encoded_bytes().starts_with(b"."));
        if !hidden && path.extension().is_some_and(|extension| extension == "json") {
            paths.push(path);
        }
    }
    paths.sort();
    Ok(paths)
}

fn parse<T: DeserializeOwned>(path: &Path) -> Result<T, StoreError> {
    serde_json::from_slice(&file::read(path)?).map_err(|error| not_json(path, &error))
}

/// A file with a digest of its own.
fn parse_sealed<T: DeserializeOwned>(path: &Path) -> Result<T, StoreError> {
    sealed::from_slice(&file::read(path)?).map_err(|error| match error {
        SealError::Form(error) => not_json(path, &error),
        SealError::Digest { .. } => StoreError::Damaged { path: path.to_owned(), reason: error.to_string() },
    })
}

fn not_json(path: &Path, error: &serde_json::Error) -> StoreError {
    let (path, reason) = (path.to_owned(), error.to_string());
    if error.is_data() { StoreError::Unusable { path, reason } } else { StoreError::Damaged { path, reason } }
}

fn write(folder: &Path, name: &str, bytes: &[u8]) -> Result<(), StoreError> {
    fs::create_dir_all(folder).map_err(|source| StoreError::Folder { path: folder.to_owned(), source })?;
    Ok(atomic::write(&folder.join(name), bytes)?)
}

#[cfg(test)]
mod tests {
    use std::ops::ControlFlow;

    use super::*;
    use crate::config::{DecaysName, MethodName, Settings};
    use crate::data::Dataset;
    use crate::machine::Machine;
    use crate::trial::{self, Finished};

    fn finished() -> Finished {
        let settings = Settings {
            method: Some(MethodName::Mas),
            tasks: Some(2),
            items: Some(10),
            epochs: Some(1),
            memories: Some(2),
            decays: Some(DecaysName::Epoch),
            ..Settings::default()
        };
        let (data, machine) = (Dataset::embedded(1).unwrap(), Machine::new(1, None).unwrap());
        trial::run(&settings.config().unwrap(), &data, &machine, &mut |_| ControlFlow::Continue(())).unwrap()
    }

    #[test]
    fn training_that_diverged_is_read_back_as_it_was_written() {
        let Finished { mut outcome, course, .. } = finished();
        outcome.measured.last_loss = vec![f64::INFINITY, f64::NAN];
        let importances = outcome.measured.diagnostics[0].importances.as_mut().unwrap();
        (importances.least, importances.mean, importances.largest) = (f64::NAN, f64::INFINITY, f64::INFINITY);
        let (one, other) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
        Store::keep(one.path(), &outcome, &course).unwrap();
        let store = Store::open(one.path()).unwrap();
        let identity = outcome.identity();
        let back = store.get(&identity).unwrap();
        assert!(back.measured.last_loss.iter().all(|loss| loss.is_nan()));
        assert_eq!(store.courses().unwrap().into_iter().collect::<Vec<_>>(), [(identity.clone(), course.clone())]);
        Store::keep(other.path(), back, &course).unwrap();
        let read = |folder: &Path| fs::read(folder.join(format!("trials/{identity}.json"))).unwrap();
        assert_eq!(read(one.path()), read(other.path()));
    }

    #[test]
    fn a_file_from_before_a_setting_has_what_it_was_then() {
        let Finished { outcome, course, .. } = finished();
        let folder = tempfile::tempdir().unwrap();
        Store::keep(folder.path(), &outcome, &course).unwrap();
        let path = folder.path().join(format!("trials/{}.json", outcome.identity()));
        let text = fs::read_to_string(&path).unwrap();
        let without = |text: String, line: &str| {
            assert!(text.contains(line));
            text.replace(line, "")
        };
        // The one is today's default, the other is not.
        let old = without(text, "    \"xi\": 0.001,\n");
        let old = without(old, "    \"decays\": \"epoch\",\n");
        // Nor had such a file a digest, its last key.
        let old = old.split_once(",\n  \"digest\"").unwrap().0.to_owned() + "\n}\n";
        fs::remove_file(&path).unwrap();
        fs::write(path.with_file_name("0123456789ab.json"), old).unwrap();
        let run = |name: &str| folder.path().join(format!("runs/{name}.json"));
        fs::rename(run(&outcome.identity()), run("0123456789ab")).unwrap();
        let store = Store::open(folder.path()).unwrap();
        assert_eq!(store.get(&outcome.identity()), Some(&outcome));
        assert_eq!(store.courses().unwrap().get(&outcome.identity()), Some(&course));
    }

    #[test]
    fn what_is_damaged_is_named_and_what_is_hidden_is_not_read() {
        let folder = tempfile::tempdir().unwrap();
        assert_eq!(Store::open(&folder.path().join("none")).unwrap().outcomes().count(), 0);
        let trials = folder.path().join("trials");
        fs::create_dir(&trials).unwrap();
        fs::write(trials.join(".dam-half.json"), "{").unwrap();
        assert_eq!(Store::open(folder.path()).unwrap().outcomes().count(), 0);
        let Finished { outcome, .. } = finished();
        let whole = serde_json::to_string_pretty(&outcome).unwrap();
        let path = trials.join("0123456789ab.json");
        for bad in ["", "{}", &whole[..whole.len() / 2], &whole.replace("\"format\": 1", "\"format\": 9")] {
            fs::write(&path, bad).unwrap();
            let message = Store::open(folder.path()).unwrap_err().to_string();
            assert!(message.contains(&path.display().to_string()) && message.contains("move it"), "{message}");
        }
    }
}
