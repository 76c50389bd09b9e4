//! How the tasks of a sequence differ from each other.

use std::fmt;
use std::path::Path;
use std::str::FromStr;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

use super::value::Value;

/// A kind of sequence of tasks.
#[derive(Clone, Debug, Default, PartialEq)]
pub enum Kind {
    /// Each task has its own permutation of the pixels.
    #[default]
    Permuted,
    /// Each task's images are turned further than those of the one before.
    Rotated,
    /// Each task has classes of its own.
    Split,
    /// Each task has new images of the same classes, and nothing else differs.
    Instances,
    /// The tasks of a file.
    List(Vec<OwnTask>),
}

/// A task of a list: `[[task]]` in a TOML file.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct OwnTask {
    /// Share of the pixels that are permuted.
    pub permuted: f64,
    /// Degrees that images are turned by, against the clock.
    pub angle: f64,
    /// Its classes; all where absent.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub classes: Option<Vec<u8>>,
    /// The set that its images are of, where the data is several; all of them where absent.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub set: Option<String>,
}

/// A file of tasks.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    task: Vec<OwnTask>,
}

impl Kind {
    /// Those that have a name.
    pub(crate) const NAMED: [(&'static str, Self); 4] = [
        ("permuted", Self::Permuted),
        ("rotated", Self::Rotated),
        ("split", Self::Split),
        ("instances", Self::Instances),
    ];

    fn name(&self) -> Option<&'static str> {
        Self::NAMED.iter().find(|(_, kind)| kind == self).map(|(name, _)| *name)
    }

    fn named(text: &str) -> Result<Self, String> {
        let found = Self::NAMED.into_iter().find(|(name, _)| *name == text).map(|(_, kind)| kind);
        found.ok_or_else(|| {
            format!(
                "give permuted, rotated, split, instances, or a TOML file of tasks such as tasks.toml, not {text:?}"
            )
        })
    }
}

impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (self, self.name()) {
            (Self::List(tasks), _) => write!(f, "list of {}", tasks.len()),
            (_, name) => f.write_str(name.unwrap_or_default()),
        }
    }
}

impl FromStr for Kind {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        if Path::new(text).extension().is_none_or(|ending| ending != "toml") {
            return Self::named(text);
        }
        let content = std::fs::read_to_string(text).map_err(|error| format!("cannot read {text}: {error}"))?;
        let File { task } = toml::from_str(&content).map_err(|error| format!("{text}: {error}"))?;
        Ok(Self::List(task))
    }
}

impl From<Kind> for Value {
    fn from(kind: Kind) -> Self {
        match &kind {
            Kind::List(tasks) => Self::Text(serde_json::to_string(tasks).unwrap_or_default()),
            _ => Self::Text(kind.to_string()),
        }
    }
}

impl Serialize for Kind {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::List(tasks) => tasks.serialize(serializer),
            _ => serializer.collect_str(self),
        }
    }
}

impl<'de> Deserialize<'de> for Kind {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        #[derive(Deserialize)]
        #[serde(untagged, expecting = "the name of a kind of tasks, a TOML file of tasks, or a list of tasks")]
        enum Form {
            Name(String),
            List(Vec<OwnTask>),
        }
        match Form::deserialize(deserializer)? {
            Form::Name(name) => name.parse().map_err(serde::de::Error::custom),
            Form::List(tasks) => Ok(Self::List(tasks)),
        }
    }
}
