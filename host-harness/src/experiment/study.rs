//! A study of conventions: settings that the paper leaves open, tried on the cells of Table 2 that tell them apart.

use std::fmt::Write as _;
use std::path::Path;

use serde::{Deserialize, Serialize};

use crate::config::{Config, ConfigError, Settings};
use crate::experiment::images::Images;
use crate::experiment::plan::{self, Plan, Point};
use crate::experiment::request::PlanError;
use crate::experiment::row::Row;
use crate::experiment::scale::Scale;
use crate::experiment::schedule::{RunError, Source};
use crate::experiment::store::Store;
use crate::experiment::target::Target;
use crate::paper::{self, VERTICES};

/// The conventions and cells that are tried where no others are given.
const BUILT_IN: &str = include_str!("conventions.toml");

/// Settings by name.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Convention {
    /// The name.
    pub name: String,
    /// The settings.
    #[serde(default)]
    pub settings: Settings,
    /// What the strengths of all cells are multiplied with: where a convention changes the size of importances.
    #[serde(default = "one")]
    pub strength: f64,
}

fn one() -> f64 {
    1.0
}

/// A cell of Table 2.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Cell {
    /// Its row.
    pub row: Row,
    /// Its interaction vertex, of those of the table.
    pub n: u32,
    /// Strengths of the penalty, of which the best counts, as the paper's was found by search; empty for Table 1's.
    #[serde(default)]
    pub strengths: Vec<f64>,
}

/// What is tried on what.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Conventions {
    /// Conventions, by name.
    #[serde(rename = "convention")]
    pub conventions: Vec<Convention>,
    /// Cells.
    #[serde(rename = "cell")]
    pub cells: Vec<Cell>,
}

impl Conventions {
    /// Those that are built in.
    pub fn built_in() -> Self {
        toml::from_str(BUILT_IN).expect("the file that is compiled in is checked by a test")
    }

    /// Reads a TOML file.
    ///
    /// # Errors
    /// It cannot be read, or is none of conventions.
    pub fn read(path: &Path) -> Result<Self, ConfigError> {
        let name = path.display().to_string();
        let text = std::fs::read_to_string(path).map_err(|error| ConfigError::Read(name.clone(), error))?;
        let read: Self = toml::from_str(&text).map_err(|error| ConfigError::Toml(name, error))?;
        match read.cells.iter().find(|cell| !VERTICES.contains(&cell.n)) {
            Some(cell) => Err(ConfigError::Range {
                name: "n",
                value: cell.n.to_string(),
                remedy: "give an interaction vertex of Table 2: 2, 5, 10 or 20",
            }),
            None => Ok(read),
        }
    }
}

/// A study.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Study {
    /// What is tried on what.
    pub conventions: Conventions,
    /// How large.
    pub scale: Scale,
    /// Settings under every convention.
    pub settings: Settings,
}

/// What a convention came to on a cell.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Found {
    /// The mean of the average accuracy over the trials.
    pub accuracy: f64,
    /// That less the paper's.
    pub difference: f64,
    /// The difference in the paper's standard deviations.
    pub deviations: f64,
    /// The strength that this was found with, if the cell has several.
    pub strength: Option<f64>,
}

/// What a convention came to.
#[derive(Clone, Debug, PartialEq)]
pub struct Verdict<'a> {
    /// The convention.
    pub convention: &'a Convention,
    /// For each cell; absent where trials are missing.
    pub cells: Vec<Option<Found>>,
}

impl Verdict<'_> {
    /// The mean over the cells of the difference without its sign; absent where a cell is.
    pub fn distance(&self) -> Option<f64> {
        let sum: Option<f64> = self.cells.iter().map(|found| found.map(|found| found.difference.abs())).sum();
        sum.map(|sum| sum / self.cells.len() as f64)
    }

    /// The same in the paper's standard deviations.
    pub fn deviations(&self) -> Option<f64> {
        let sum: Option<f64> = self.cells.iter().map(|found| found.map(|found| found.deviations.abs())).sum();
        sum.map(|sum| sum / self.cells.len() as f64)
    }
}

/// A cell under a convention with one strength.
struct Attempt {
    /// Absent for that of Table 1, or none at all.
    strength: Option<f64>,
    trials: Vec<Config>,
}

impl Source for Study {
    fn plan(&self, _store: &Store, _images: &Images) -> Result<Plan, PlanError> {
        let mut plan = Plan::default();
        for convention in &self.conventions.conventions {
            for cell in &self.conventions.cells {
                for Attempt { strength, trials } in self.attempts(convention, cell)? {
                    let (row, n, planned) = (Some(cell.row), cell.n, trials.len());
                    let (target, method, x) = (Target::Table2, cell.row.method(), strength);
                    plan.points.push(Point { target, method, row, n, x, y: None, trials, planned });
                }
            }
        }
        Ok(plan)
    }
}

impl Study {
    /// A cell under a convention with each strength.
    fn attempts(&self, convention: &Convention, cell: &Cell) -> Result<Vec<Attempt>, ConfigError> {
        let mut strengths: Vec<Option<f64>> =
            cell.strengths.iter().map(|strength| Some(strength * convention.strength)).collect();
        if strengths.is_empty() {
            strengths.push(None);
        }
        let scale = Settings { items: Some(self.scale.large_items), ..self.scale.settings() };
        let config = |lambda: Option<f64>, seed| {
            let own = Settings { n: Some(cell.n), lambda, seed: Some(seed), ..cell.row.settings() };
            own.over(convention.settings.clone()).over(self.settings.clone()).over(scale.clone()).of_method().config()
        };
        let attempt = |strength| -> Result<Attempt, ConfigError> {
            let trials = (1..=self.scale.trials).map(|seed| config(strength, seed)).collect::<Result<_, _>>()?;
            Ok(Attempt { strength, trials })
        };
        strengths.into_iter().map(attempt).collect()
    }

    /// What each convention came to, the nearest to the paper first and those with missing trials last.
    ///
    /// # Errors
    /// Settings out of range; images that cannot be read.
    pub fn verdicts(&self, store: &Store, images: &Images) -> Result<Vec<Verdict<'_>>, RunError> {
        let mut verdicts = vec![];
        for convention in &self.conventions.conventions {
            let mut cells = vec![];
            for cell in &self.conventions.cells {
                let mut best: Option<Found> = None;
                let mut complete = true;
                for Attempt { strength, trials } in self.attempts(convention, cell).map_err(PlanError::from)? {
                    let outcomes = plan::outcomes(&trials, store, images)?;
                    complete &= outcomes.len() == trials.len();
                    let sum: f64 = outcomes.iter().map(|found| found.measured.average_accuracy.accuracy).sum();
                    let accuracy = sum / trials.len() as f64;
                    let column = VERTICES.iter().position(|&n| n == cell.n).unwrap_or_default();
                    let paper = paper::table_2(cell.row)[column];
                    let difference = accuracy - paper.mean;
                    let deviations = difference / paper.deviation;
                    let found = Found { accuracy, difference, deviations, strength };
                    best = Some(best.filter(|best| best.accuracy >= accuracy).unwrap_or(found));
                }
                cells.push(best.filter(|_| complete));
            }
            verdicts.push(Verdict { convention, cells });
        }
        let distance = |verdict: &Verdict<'_>| verdict.distance().unwrap_or(f64::INFINITY);
        verdicts.sort_by(|a, b| distance(a).total_cmp(&distance(b)));
        Ok(verdicts)
    }

    /// The verdicts as a table: for each cell the accuracy, in brackets the distance to the paper in its standard
    /// deviations, and the best strength where there were several.
    pub fn table(&self, verdicts: &[Verdict<'_>]) -> String {
        let cells = &self.conventions.cells;
        let name = |cell: &Cell| format!("{} {}", cell.row, cell.n);
        let width = |cell: &Cell| name(cell).len().max(if cell.strengths.is_empty() { 14 } else { 24 });
        let names = self.conventions.conventions.iter().map(|convention| convention.name.len());
        let first = names.max().unwrap_or(0).max(10);
        let mut text = format!("{:first$}", "convention");
        for cell in cells {
            let _ = write!(text, "  {:>width$}", name(cell), width = width(cell));
        }
        text += "  mean |difference|  mean |deviations|\n";
        let _ = write!(text, "{:first$}", "paper");
        for cell in cells {
            let column = VERTICES.iter().position(|&n| n == cell.n).unwrap_or_default();
            let mean = paper::table_2(cell.row)[column].mean;
            let _ = write!(text, "  {mean:>width$.3}", width = width(cell));
        }
        text += "\n";
        for verdict in verdicts {
            let _ = write!(text, "{:first$}", verdict.convention.name);
            for (cell, found) in cells.iter().zip(&verdict.cells) {
                let shown = found.map_or("-".to_owned(), |found| {
                    let strength = found.strength.map_or(String::new(), |strength| format!(" at {strength:.1e}"));
                    format!("{:.3} ({:+.1}){strength}", found.accuracy, found.deviations)
                });
                let _ = write!(text, "  {shown:>width$}", width = width(cell));
            }
            let _ = match (verdict.distance(), verdict.deviations()) {
                (Some(distance), Some(deviations)) => writeln!(text, "  {distance:>17.3}  {deviations:>17.1}"),
                _ => writeln!(text, "  {:>17}  {:>17}", "-", "-"),
            };
        }
        text
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::experiment::scale::Preset;

    #[test]
    fn what_is_built_in_can_be_run() {
        let conventions = Conventions::built_in();
        let names: std::collections::HashSet<&str> =
            conventions.conventions.iter().map(|convention| convention.name.as_str()).collect();
        assert_eq!(names.len(), conventions.conventions.len());
        assert!(conventions.cells.iter().all(|cell| VERTICES.contains(&cell.n)));
        let study = Study { conventions, scale: Scale::of(Preset::Smoke), settings: Settings::default() };
        let folder = tempfile::tempdir().unwrap();
        let plan = study.plan(&Store::open(folder.path()).unwrap(), &Images::new(None)).unwrap();
        assert!(plan.points.len() >= study.conventions.conventions.len() * study.conventions.cells.len());
    }
}
