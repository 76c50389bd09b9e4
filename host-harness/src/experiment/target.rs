//! What can be reproduced: the tables and figures of the paper, and the pictures that its account of them calls for.

use std::fmt;

use clap::ValueEnum;
use clap::builder::PossibleValue;
use serde::{Deserialize, Serialize};

/// A table, a figure, or the pictures.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, ValueEnum)]
#[serde(rename_all = "lowercase")]
#[value(rename_all = "lower")]
pub enum Target {
    /// Lambdas of regularisers, found by search
    Table1,
    /// Average accuracy of every method
    Table2,
    /// Rehearsal by proportion
    Fig1,
    /// Pseudorehearsal by proportion
    Fig2,
    /// Pseudorehearsal at small interaction vertices
    Fig3a,
    /// Pseudorehearsal at large interaction vertices
    Fig3b,
    /// GEM by proportion
    Fig4,
    /// A-GEM by proportion
    Fig5,
    /// L2 by lambda
    Fig6,
    /// EWC by lambda, small tasks
    Fig7a,
    /// EWC by lambda, large tasks
    Fig7b,
    /// MAS by lambda
    Fig8,
    /// SI by lambda
    Fig9,
    /// Learning rate and temperature: the least F1 of a task just learned
    Fig10,
    /// Learning rate and temperature: average accuracy
    Fig11,
    /// Networks, kept to be drawn: memory vectors, and what random states relax to
    Pictures,
    /// A grid of one's own, none of the paper's
    #[value(skip)]
    Grid,
    /// A comparison of arms, whose networks are looked at after each task
    #[value(skip)]
    Comparison,
}

impl Target {
    /// All of them, in the order of the paper; the pictures last.
    pub const ALL: [Self; 16] = [
        Self::Table1,
        Self::Table2,
        Self::Fig1,
        Self::Fig2,
        Self::Fig3a,
        Self::Fig3b,
        Self::Fig4,
        Self::Fig5,
        Self::Fig6,
        Self::Fig7a,
        Self::Fig7b,
        Self::Fig8,
        Self::Fig9,
        Self::Fig10,
        Self::Fig11,
        Self::Pictures,
    ];
}

impl fmt::Display for Target {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let none_of_the_paper = if *self == Self::Comparison { "comparison" } else { "grid" };
        f.write_str(self.to_possible_value().as_ref().map_or(none_of_the_paper, PossibleValue::get_name))
    }
}

/// One target or all, as the command line has it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Asked {
    /// All.
    All,
    /// One.
    One(Target),
}

impl Asked {
    /// The targets that were asked for, each once, in the order of the paper.
    pub fn targets(asked: &[Self]) -> Vec<Target> {
        let wanted =
            |target: &Target| asked.iter().any(|asked| matches!(asked, Self::All) || *asked == Self::One(*target));
        Target::ALL.into_iter().filter(wanted).collect()
    }
}

impl ValueEnum for Asked {
    fn value_variants<'a>() -> &'a [Self] {
        const VARIANTS: [Asked; 17] = {
            let mut variants = [Asked::All; 17];
            let mut i = 0;
            while i < Target::ALL.len() {
                variants[i] = Asked::One(Target::ALL[i]);
                i += 1;
            }
            variants
        };
        &VARIANTS
    }

    fn to_possible_value(&self) -> Option<PossibleValue> {
        match self {
            Self::All => Some(PossibleValue::new("all").help("All of them")),
            Self::One(target) => target.to_possible_value(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_those_of_the_command_line_and_of_files() {
        for target in Target::ALL {
            assert_eq!(serde_json::to_string(&target).unwrap(), format!("\"{target}\""));
            assert_eq!(Asked::from_str(&target.to_string(), false), Ok(Asked::One(target)));
        }
        assert_eq!(Target::Fig3a.to_string(), "fig3a");
        assert_eq!(Asked::targets(&[Asked::from_str("all", false).unwrap()]), Target::ALL);
        assert_eq!(
            Asked::targets(&[Asked::One(Target::Fig2), Asked::One(Target::Table1), Asked::One(Target::Fig2)]),
            [Target::Table1, Target::Fig2]
        );
    }
}
