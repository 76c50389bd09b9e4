//! A study of conventions: settings that the paper leaves open, tried on the cells of Table 2 that tell them apart.

use std::fmt::Write as _;
use std::path::Path;

use serde::{Deserialize, Serialize};

use crate::config::{Config, ConfigError, Settings};
use crate::experiment::images::Images;
use crate::experiment::plan::{Plan, Point};
use crate::experiment::row::Row;
use crate::experiment::scale::Scale;
use crate::experiment::source::PlanError;
use crate::experiment::source::{RunError, Source};
use crate::experiment::store::Store;
use crate::experiment::target::Target;
use crate::paper::{self, VERTICES};
use crate::report::finding;

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
    /// What the lambdas of all cells are multiplied with: where a convention changes the size of importances.
    #[serde(default = "one")]
    pub lambda: f64,
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
    /// Lambdas of the penalty, of which the best counts, as the paper's was found by search; empty for Table 1's.
    #[serde(default)]
    pub lambdas: Vec<f64>,
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
    /// That less the paper's, in the paper's standard deviations.
    pub deviations: f64,
    /// The lambda that this was found with, if the cell has several.
    pub lambda: Option<f64>,
}

/// What a convention came to.
#[derive(Clone, Debug, PartialEq)]
pub struct Verdict<'a> {
    /// The convention.
    pub convention: &'a Convention,
    /// For each cell; absent where trials are missing.
    pub cells: Vec<Option<Found>>,
}

/// The most standard deviations that a cell counts: beyond, far is far.
const CAP: f64 = 5.0;

impl Verdict<'_> {
    /// The mean over the cells of the distance to the paper in its standard deviations, each at most `CAP`; absent where
    /// a cell is.
    pub fn distance(&self) -> Option<f64> {
        let distance = |found: Found| found.deviations.abs().min(CAP);
        let sum: Option<f64> = self.cells.iter().map(|found| found.map(distance)).sum();
        sum.map(|sum| sum / self.cells.len() as f64)
    }

    /// The mean of the accuracies over the cells: how well it performs, whatever the paper has; absent where a cell is.
    pub fn mean(&self) -> Option<f64> {
        let sum: Option<f64> = self.cells.iter().map(|found| found.map(|found| found.accuracy)).sum();
        sum.map(|sum| sum / self.cells.len() as f64)
    }

    /// Of the paper's findings that the cells can tell, how many hold.
    pub fn findings(&self, cells: &[Cell]) -> Option<[usize; 2]> {
        let mean = |row: Row, n: u32| {
            let place = cells.iter().position(|cell| cell.row == row && cell.n == n)?;
            self.cells[place].map(|found| found.accuracy)
        };
        let highest = |row: Row, n: u32| {
            let among = cells.iter().zip(&self.cells).filter(|(cell, _)| cell.n == n && cell.row != row);
            among.filter_map(|(_, found)| *found).map(|found| found.accuracy).reduce(f64::max)
        };
        self.distance()?;
        let told = [
            // Without a method, n = 2 forgets least.
            mean(Row::Vanilla, 2).zip(mean(Row::Vanilla, 5)).map(|(two, five)| two > five),
            mean(Row::Vanilla, 2).zip(mean(Row::Vanilla, 20)).map(|(two, twenty)| two > twenty),
            // Pseudorehearsal rises with n.
            mean(Row::Pseudorehearsal050, 5).zip(mean(Row::Pseudorehearsal050, 20)).map(|(five, twenty)| five < twenty),
            // A-GEM, MAS and EWC drop at n = 5.
            mean(Row::AGem050, 2).zip(mean(Row::AGem050, 5)).map(|(two, five)| five < two),
            mean(Row::AGem050, 5).zip(mean(Row::AGem050, 20)).map(|(five, twenty)| five < twenty),
            mean(Row::Mas, 5).zip(mean(Row::Mas, 20)).map(|(five, twenty)| five < twenty),
            mean(Row::Ewc, 5).zip(mean(Row::Ewc, 20)).map(|(five, twenty)| five < twenty),
            // Rehearsal is the best method.
            mean(Row::Rehearsal050, 20).zip(highest(Row::Rehearsal050, 20)).map(|(best, other)| best > other),
        ];
        let told: Vec<bool> = told.into_iter().flatten().collect();
        Some([told.iter().filter(|&&holds| holds).count(), told.len()])
    }
}

/// A cell under a convention with one lambda.
struct Attempt {
    /// Absent for that of Table 1, or none at all.
    lambda: Option<f64>,
    trials: Vec<Config>,
}

impl Source for Study {
    fn plan(&self, _store: &Store, _images: &Images) -> Result<Plan, PlanError> {
        let mut plan = Plan::default();
        for convention in &self.conventions.conventions {
            for cell in &self.conventions.cells {
                for Attempt { lambda, trials } in self.attempts(convention, cell)? {
                    let (row, n, planned) = (Some(cell.row), cell.n, trials.len());
                    let (target, method, x) = (Target::Table2, cell.row.method(), lambda);
                    plan.points.push(Point { target, method, row, n, x, y: None, trials, planned });
                }
            }
        }
        Ok(plan)
    }
}

impl Study {
    /// A cell under a convention with each lambda.
    fn attempts(&self, convention: &Convention, cell: &Cell) -> Result<Vec<Attempt>, ConfigError> {
        let mut lambdas: Vec<Option<f64>> =
            cell.lambdas.iter().map(|lambda| Some(lambda * convention.lambda)).collect();
        if lambdas.is_empty() {
            lambdas.push(None);
        }
        let scale = Settings { items: Some(self.scale.large_items), ..self.scale.settings() };
        let config = |lambda: Option<f64>, seed| {
            let own = Settings { n: Some(cell.n), lambda, seed: Some(seed), ..cell.row.settings() };
            own.over(convention.settings.clone()).over(self.settings.clone()).over(scale.clone()).of_trial().config()
        };
        let attempt = |lambda| -> Result<Attempt, ConfigError> {
            let trials = (1..=self.scale.trials).map(|seed| config(lambda, seed)).collect::<Result<_, _>>()?;
            Ok(Attempt { lambda, trials })
        };
        lambdas.into_iter().map(attempt).collect()
    }

    /// What each convention came to: those under which most findings hold first, among these the nearest to the paper, and
    /// last those with missing trials.
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
                for Attempt { lambda, trials } in self.attempts(convention, cell).map_err(PlanError::from)? {
                    let outcomes = store.of(&trials, images)?;
                    complete &= outcomes.len() == trials.len();
                    let sum: f64 = outcomes.iter().map(|found| found.measured.average_accuracy.accuracy).sum();
                    let accuracy = sum / trials.len() as f64;
                    let column = VERTICES.iter().position(|&n| n == cell.n).unwrap_or_default();
                    let paper = paper::table_2(cell.row)[column];
                    let deviations = (accuracy - paper.mean) / paper.deviation;
                    let found = Found { accuracy, deviations, lambda };
                    best = Some(best.filter(|best| best.accuracy >= accuracy).unwrap_or(found));
                }
                cells.push(best.filter(|_| complete));
            }
            verdicts.push(Verdict { convention, cells });
        }
        let held = |verdict: &Verdict<'_>| verdict.findings(&self.conventions.cells).map_or(0, |[held, _]| held);
        let distance = |verdict: &Verdict<'_>| verdict.distance().unwrap_or(f64::INFINITY);
        verdicts.sort_by(|a, b| held(b).cmp(&held(a)).then(distance(a).total_cmp(&distance(b))));
        Ok(verdicts)
    }

    /// The verdicts as a table in Markdown: for each cell the accuracy, and the best lambda where there were several.
    pub fn table(&self, verdicts: &[Verdict<'_>]) -> String {
        let cells = &self.conventions.cells;
        let mut rows = vec![["convention", "findings", "distance", "mean"].map(str::to_owned).to_vec()];
        rows[0].extend(cells.iter().map(|cell| format!("{} {}", finding::name(cell.row), cell.n)));
        let published = cells.iter().map(|cell| {
            let column = VERTICES.iter().position(|&n| n == cell.n).unwrap_or_default();
            paper::table_2(cell.row)[column].mean
        });
        let published: Vec<f64> = published.collect();
        let mean = published.iter().sum::<f64>() / cells.len() as f64;
        rows.push(vec!["paper".to_owned(), String::new(), String::new(), format!("{mean:.3}")]);
        rows[1].extend(published.iter().map(|mean| format!("{mean:.3}")));
        for verdict in verdicts {
            let held = verdict.findings(cells).map_or("-".to_owned(), |[held, told]| format!("{held} of {told}"));
            let distance = verdict.distance().map_or("-".to_owned(), |distance| format!("{distance:.2}"));
            let mean = verdict.mean().map_or("-".to_owned(), |mean| format!("{mean:.3}"));
            let mut row = vec![verdict.convention.name.clone(), held, distance, mean];
            row.extend(verdict.cells.iter().map(|found| match found {
                Some(Found { accuracy, lambda: Some(lambda), .. }) => format!("{accuracy:.3} at {lambda:e}"),
                Some(Found { accuracy, .. }) => format!("{accuracy:.3}"),
                None => "-".to_owned(),
            }));
            rows.push(row);
        }
        let width = |column: usize| rows.iter().map(|row| row[column].chars().count()).max().unwrap_or(0);
        let widths: Vec<usize> = (0..rows[0].len()).map(width).collect();
        let mut text = String::new();
        for (i, row) in rows.iter().enumerate() {
            for (cell, width) in row.iter().zip(&widths) {
                let _ = write!(text, "| {cell:width$} ");
            }
            text += "|\n";
            if i == 0 {
                for width in &widths {
                    let _ = write!(text, "|{}", "-".repeat(width + 2));
                }
                text += "|\n";
            }
        }
        text
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::experiment::scale::Preset;

    #[test]
    fn more_findings_go_before_a_smaller_distance_and_far_is_far() {
        let conventions = Conventions::built_in();
        let verdict = |accuracies: &[(Row, u32, f64)], deviations: f64| Verdict {
            convention: &conventions.conventions[0],
            cells: conventions
                .cells
                .iter()
                .map(|cell| {
                    let own = accuracies.iter().find(|(row, n, _)| *row == cell.row && *n == cell.n);
                    let accuracy = own.map_or(0.5, |(_, _, accuracy)| *accuracy);
                    Some(Found { accuracy, deviations, lambda: None })
                })
                .collect(),
        };
        let flat = verdict(&[], -40.0);
        assert_eq!((flat.findings(&conventions.cells), flat.distance()), (Some([0, 8]), Some(CAP)));
        let vanilla = verdict(&[(Row::Vanilla, 2, 0.6), (Row::AGem050, 5, 0.4)], 1.0);
        assert_eq!((vanilla.findings(&conventions.cells), vanilla.distance()), (Some([4, 8]), Some(1.0)));
        assert_eq!(vanilla.mean(), Some(0.5));
        let missing = Verdict { cells: vec![None; conventions.cells.len()], ..vanilla };
        assert_eq!((missing.findings(&conventions.cells), missing.distance()), (None, None));
    }

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
