//! What a trial measured: the keys of a result file, docs/result-file.md.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize, Serializer};
use serde_json::{Map, Value};
use sha2::{Digest, Sha256};

use crate::config::{Config, ConfigError, Settings};
use crate::file::sealed;
use crate::measured::{DataSource, Measured};
use crate::verify::{self, Disagreement};

/// What a trial found: the same bytes wherever and however often it runs.
///
/// It is written with the digest of all that is in it, and read only where this is right and where what follows from other
/// values does follow from them.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(try_from = "Value")]
pub struct Outcome {
    /// The form of this file.
    pub format: u32,
    /// The version of this program.
    pub version: String,
    /// The commit of its source, where it was built from one.
    pub commit: Option<String>,
    /// The whole configuration. A setting that a file of an earlier version lacks is what it was before it could be set.
    pub config: Config,
    /// Settings of a later version, which this one does not know.
    pub unknown: BTreeMap<String, Value>,
    /// The seed, as in the configuration.
    pub seed: u64,
    /// Where the images came from.
    pub data: DataSource,
    /// What was measured.
    pub measured: Measured,
    /// Items presented in training, each epoch's once more.
    pub item_presentations: u64,
}

/// The keys of an outcome, in their order in a file. `C` is its configuration.
#[derive(Serialize, Deserialize)]
struct Keys<C, M> {
    format: u32,
    version: String,
    #[serde(skip_serializing_if = "Option::is_none", default)]
    commit: Option<String>,
    config: C,
    seed: u64,
    data: DataSource,
    #[serde(flatten)]
    measured: M,
    item_presentations: u64,
}

/// Keys that tell how a trial ran, not what it found: all that the digest leaves out, with itself. `course` is for what
/// later versions tell.
const COURSE: [&str; 6] =
    ["instruction_set", "threads", "item_presentations_per_second", "wall_seconds", "peak_memory_bytes", "course"];

/// Why an object is not what a trial found.
#[derive(Debug, thiserror::Error)]
pub enum OutcomeError {
    /// It is no object, or lacks a key, or has one of another type.
    #[error("it has no form of a result: {0}")]
    Form(#[from] serde_json::Error),
    /// A later form.
    #[error("its format is {0}, and this program reads {format}; use the program that wrote it", format = Outcome::FORMAT)]
    Newer(u64),
    /// Its settings have no sense.
    #[error("its configuration cannot be used: {0}")]
    Config(#[from] ConfigError),
    /// It is not as it was written.
    #[error("it was changed after it was written: its digest is {found}, and that of its content {expected}")]
    Digest {
        /// What it says.
        found: String,
        /// What it is.
        expected: String,
    },
    /// It contradicts itself.
    #[error("it was changed after it was written: {0}")]
    Disagreement(#[from] Disagreement),
}

impl TryFrom<Value> for Outcome {
    type Error = OutcomeError;

    fn try_from(value: Value) -> Result<Self, OutcomeError> {
        match value.get("format").and_then(Value::as_u64) {
            Some(format) if format != u64::from(Self::FORMAT) => return Err(OutcomeError::Newer(format)),
            _ => {}
        }
        if let Some(found) = value.get("digest").and_then(Value::as_str) {
            let expected = sealed::digest(&value, &COURSE);
            if found != expected {
                return Err(OutcomeError::Digest { found: found.to_owned(), expected });
            }
        }
        let Keys { format, version, commit, config, seed, data, measured, item_presentations } =
            serde_json::from_value::<Keys<Map<String, Value>, Measured>>(value)?;
        let (config, unknown) = recorded(config)?;
        let outcome = Self { format, version, commit, config, unknown, seed, data, measured, item_presentations };
        verify::check(&outcome.config, seed, &outcome.data, &outcome.measured, item_presentations)?;
        Ok(outcome)
    }
}

/// The configuration in a file, and settings that this version does not know.
pub(crate) fn recorded(config: Map<String, Value>) -> Result<(Config, BTreeMap<String, Value>), OutcomeError> {
    let (known, unknown): (Map<_, _>, Map<_, _>) =
        config.into_iter().partition(|(key, _)| Settings::NAMES.contains(&key.as_str()));
    let config = serde_json::from_value::<Settings>(Value::Object(known))?.recorded().config()?;
    Ok((config, unknown.into_iter().collect()))
}

impl Serialize for Outcome {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        #[derive(Serialize)]
        struct Recorded<'a> {
            #[serde(flatten)]
            config: &'a Config,
            #[serde(flatten)]
            unknown: &'a BTreeMap<String, Value>,
        }
        #[derive(Serialize)]
        struct Whole<'a> {
            #[serde(flatten)]
            keys: Keys<Recorded<'a>, &'a Measured>,
            digest: String,
        }
        let keys = Keys {
            format: self.format,
            version: self.version.clone(),
            commit: self.commit.clone(),
            config: Recorded { config: &self.config, unknown: &self.unknown },
            seed: self.seed,
            data: self.data.clone(),
            measured: &self.measured,
            item_presentations: self.item_presentations,
        };
        let digest = sealed::digest(&serde_json::to_value(&keys).map_err(serde::ser::Error::custom)?, &COURSE);
        Whole { keys, digest }.serialize(serializer)
    }
}

impl Outcome {
    /// The `format` that this version writes.
    pub const FORMAT: u32 = 1;

    /// What tells this trial from every other. One with settings that this version does not know is none of its trials.
    pub fn identity(&self) -> String {
        if self.unknown.is_empty() {
            return identity(&self.config, &self.data.digest);
        }
        let unknown = serde_json::to_string(&self.unknown).expect("JSON is plain data");
        identity(&self.config, &(self.data.digest.clone() + &unknown))
    }
}

/// The commit of this program's source, where it is known; ending in `-modified` where the source was not quite that.
pub fn commit() -> Option<String> {
    option_env!("DAM_COMMIT").map(str::to_owned)
}

/// How a trial ran: what differs from run to run and from machine to machine.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Course {
    /// The instruction set.
    pub instruction_set: String,
    /// Threads.
    pub threads: usize,
    /// Items presented in a second of training.
    pub item_presentations_per_second: f64,
    /// Seconds from the first to the last moment, drawing the tasks and validation included.
    pub wall_seconds: f64,
    /// The most memory that this process held; absent where the system does not tell.
    pub peak_memory_bytes: Option<u64>,
}

impl Course {
    /// Hours that one core would have taken.
    pub fn core_hours(&self) -> f64 {
        self.wall_seconds * self.threads as f64 / 3600.0
    }
}

/// The result file of `dam run`: what was found, and how.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ResultFile {
    /// What was found.
    #[serde(flatten)]
    pub outcome: Outcome,
    /// How it ran.
    #[serde(flatten)]
    pub course: Course,
}

/// What tells a trial from every other: twelve hexadecimal digits of the SHA-256 of the settings that concern its method, so
/// that the defaults of others do not matter, and of the digest of its images, which tells their size.
pub fn identity(config: &Config, data_digest: &str) -> String {
    let settings = Settings { pixels: None, ..Settings::from(config.clone()).of_trial() };
    let text = serde_json::to_string(&settings).expect("settings are plain data") + data_digest;
    Sha256::digest(text.as_bytes()).iter().take(6).map(|byte| format!("{byte:02x}")).collect()
}

/// The most memory that this process held, in bytes.
pub fn peak_memory() -> Option<u64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"))?;
    Some(line.trim().strip_suffix("kB")?.trim().parse::<u64>().ok()? * 1024)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::{ImportanceName, MethodName, Sample};

    #[test]
    fn a_trial_is_the_same_whatever_stands_in_settings_of_other_methods() {
        let of = |method, importance, memory_batch| {
            let settings = Settings { method: Some(method), importance, memory_batch, ..Settings::default() };
            identity(&settings.config().unwrap(), "digest")
        };
        let (batch, one) = (Some(ImportanceName::Batch), Some(Sample::Items(std::num::NonZeroUsize::MIN)));
        assert_eq!(of(MethodName::Vanilla, batch, one), of(MethodName::Vanilla, None, None));
        assert_eq!(of(MethodName::Mas, None, one), of(MethodName::Mas, None, None));
        assert_ne!(of(MethodName::Mas, batch, None), of(MethodName::Mas, None, None));
        assert_ne!(of(MethodName::Gem, None, one), of(MethodName::Gem, None, None));
    }
}
