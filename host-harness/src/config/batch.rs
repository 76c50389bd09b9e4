//! Numbers of items, in places where a word may stand as well.

use std::fmt;
use std::num::NonZeroUsize;
use std::str::FromStr;

use dam_nostd::train;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use super::number_or_text::NumberOrText;
use super::value::Value;

macro_rules! items {
    ($(#[$meta:meta])* $name:ident, $all:ident, $word:literal) => {
        $(#[$meta])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub enum $name {
            /// All of them.
            $all,
            /// So many, or all where there are fewer.
            Items(NonZeroUsize),
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                match self {
                    Self::$all => f.write_str($word),
                    Self::Items(items) => write!(f, "{items}"),
                }
            }
        }

        impl From<$name> for Value {
            fn from(value: $name) -> Self {
                Self::Text(value.to_string())
            }
        }

        impl FromStr for $name {
            type Err = String;

            fn from_str(text: &str) -> Result<Self, String> {
                if text == $word {
                    return Ok(Self::$all);
                }
                let number = text.parse().map(Self::Items);
                number.map_err(|_| format!("give \"{}\" or a number of items from 1, not {text:?}", $word))
            }
        }

        impl Serialize for $name {
            fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                match self {
                    Self::$all => serializer.serialize_str($word),
                    Self::Items(items) => serializer.serialize_u64(items.get() as u64),
                }
            }
        }

        impl<'de> Deserialize<'de> for $name {
            fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                NumberOrText::deserialize(deserializer)?.to_string().parse().map_err(serde::de::Error::custom)
            }
        }
    };
}

/// How an epoch is cut into minibatches: `full`, a number of items, or a share of the epoch such as `1/2`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Batch {
    /// All items at once.
    Full,
    /// So many items, or all where there are fewer.
    Items(NonZeroUsize),
    /// The epoch in so many parts, whether or not rehearsed items have joined.
    Parts(NonZeroUsize),
}

impl Batch {
    /// As the core has it.
    pub fn of_training(self) -> train::Batch {
        match self {
            Self::Full => train::Batch::Full,
            Self::Items(items) => train::Batch::Items(items),
            Self::Parts(parts) => train::Batch::Parts(parts),
        }
    }
}

impl From<train::Batch> for Batch {
    fn from(batch: train::Batch) -> Self {
        match batch {
            train::Batch::Full => Self::Full,
            train::Batch::Items(items) => Self::Items(items),
            train::Batch::Parts(parts) => Self::Parts(parts),
        }
    }
}

impl fmt::Display for Batch {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Full => f.write_str("full"),
            Self::Items(items) => write!(f, "{items}"),
            Self::Parts(parts) => write!(f, "1/{parts}"),
        }
    }
}

impl From<Batch> for Value {
    fn from(value: Batch) -> Self {
        Self::Text(value.to_string())
    }
}

impl FromStr for Batch {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let number = |text: &str| text.parse::<NonZeroUsize>().ok();
        match text.strip_prefix("1/") {
            _ if text == "full" => Some(Self::Full),
            Some(parts) => number(parts).map(Self::Parts),
            None => number(text).map(Self::Items),
        }
        .ok_or_else(|| {
            format!("give \"full\", a number of items from 1, or a share of the epoch such as 1/2, not {text:?}")
        })
    }
}

impl Serialize for Batch {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Items(items) => serializer.serialize_u64(items.get() as u64),
            _ => serializer.collect_str(self),
        }
    }
}

impl<'de> Deserialize<'de> for Batch {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        NumberOrText::deserialize(deserializer)?.to_string().parse().map_err(serde::de::Error::custom)
    }
}

items! {
    /// Items of a buffer or a task that a method looks at.
    Sample, All, "all"
}
