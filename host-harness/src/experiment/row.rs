//! The rows of Table 2.

use std::fmt;

use clap::ValueEnum;
use clap::builder::PossibleValue;
use serde::{Deserialize, Serialize};

use crate::config::{MethodName, Settings};

/// A row of Table 2: a method, and for some the proportion of items.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, ValueEnum)]
#[allow(missing_docs, reason = "the names say it")]
pub enum Row {
    #[serde(rename = "vanilla")]
    #[value(name = "vanilla")]
    Vanilla,
    #[serde(rename = "rehearsal_005")]
    #[value(name = "rehearsal_005")]
    Rehearsal005,
    #[serde(rename = "pseudorehearsal_005")]
    #[value(name = "pseudorehearsal_005")]
    Pseudorehearsal005,
    #[serde(rename = "gem_005")]
    #[value(name = "gem_005")]
    Gem005,
    #[serde(rename = "agem_005")]
    #[value(name = "agem_005")]
    AGem005,
    #[serde(rename = "rehearsal_050")]
    #[value(name = "rehearsal_050")]
    Rehearsal050,
    #[serde(rename = "pseudorehearsal_050")]
    #[value(name = "pseudorehearsal_050")]
    Pseudorehearsal050,
    #[serde(rename = "gem_050")]
    #[value(name = "gem_050")]
    Gem050,
    #[serde(rename = "agem_050")]
    #[value(name = "agem_050")]
    AGem050,
    #[serde(rename = "l2")]
    #[value(name = "l2")]
    L2,
    #[serde(rename = "ewc")]
    #[value(name = "ewc")]
    Ewc,
    #[serde(rename = "mas")]
    #[value(name = "mas")]
    Mas,
    #[serde(rename = "si")]
    #[value(name = "si")]
    Si,
}

impl Row {
    /// All of them, in the order of the table.
    pub const ALL: [Self; 13] = [
        Self::Vanilla,
        Self::Rehearsal005,
        Self::Pseudorehearsal005,
        Self::Gem005,
        Self::AGem005,
        Self::Rehearsal050,
        Self::Pseudorehearsal050,
        Self::Gem050,
        Self::AGem050,
        Self::L2,
        Self::Ewc,
        Self::Mas,
        Self::Si,
    ];

    /// The method.
    pub fn method(self) -> MethodName {
        match self {
            Self::Vanilla => MethodName::Vanilla,
            Self::Rehearsal005 | Self::Rehearsal050 => MethodName::Rehearsal,
            Self::Pseudorehearsal005 | Self::Pseudorehearsal050 => MethodName::Pseudorehearsal,
            Self::Gem005 | Self::Gem050 => MethodName::Gem,
            Self::AGem005 | Self::AGem050 => MethodName::AGem,
            Self::L2 => MethodName::L2,
            Self::Ewc => MethodName::Ewc,
            Self::Mas => MethodName::Mas,
            Self::Si => MethodName::Si,
        }
    }

    /// The proportion of items, for methods that have one.
    pub fn proportion(self) -> Option<f64> {
        match self {
            Self::Rehearsal005 | Self::Pseudorehearsal005 | Self::Gem005 | Self::AGem005 => Some(0.05),
            Self::Rehearsal050 | Self::Pseudorehearsal050 | Self::Gem050 | Self::AGem050 => Some(0.5),
            Self::Vanilla | Self::L2 | Self::Ewc | Self::Mas | Self::Si => None,
        }
    }

    /// Whether the method's penalty has a lambda.
    pub fn has_lambda(self) -> bool {
        matches!(self, Self::L2 | Self::Ewc | Self::Mas | Self::Si)
    }

    /// What makes a trial one of this row.
    pub fn settings(self) -> Settings {
        Settings { method: Some(self.method()), proportion: self.proportion(), ..Settings::default() }
    }
}

impl fmt::Display for Row {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.to_possible_value().as_ref().map_or("", PossibleValue::get_name))
    }
}
