//! The trials of an experiment.

use std::collections::HashSet;

use crate::config::{Config, MethodName};
use crate::data::DataError;
use crate::experiment::images::Images;
use crate::experiment::row::Row;
use crate::experiment::target::Target;
use crate::outcome;

/// One cell of a table, or one point of a curve or grid: trials that differ in the seed alone.
#[derive(Clone, Debug, PartialEq)]
pub struct Point {
    /// The table or figure.
    pub target: Target,
    /// Its method; at a proportion of 0 the trials are vanilla all the same.
    pub method: MethodName,
    /// The row of Table 2; absent in figures.
    pub row: Option<Row>,
    /// The interaction vertex.
    pub n: u32,
    /// The place on the horizontal axis: proportion, or learning rate. Absent in tables.
    pub x: Option<f64>,
    /// The place on the vertical axis of a grid: temperature.
    pub y: Option<f64>,
    /// Its trials; none yet where the lambda is still being searched for.
    pub trials: Vec<Config>,
    /// How many there will be.
    pub planned: usize,
}

/// A search for the lambda.
#[derive(Clone, Debug, PartialEq)]
pub struct Search {
    /// The table or figure.
    pub target: Target,
    /// Its method.
    pub method: MethodName,
    /// The interaction vertex.
    pub n: u32,
    /// Where it searches.
    pub range: (f64, f64),
    /// The trials that are known so far: those of complete rounds and of the one after.
    pub trials: Vec<Config>,
    /// How many there will be.
    pub planned: usize,
    /// The best lambda and its average accuracy, once the search is complete.
    pub best: Option<(f64, f64)>,
}

/// A configuration and what tells it from every other.
#[derive(Clone, Debug, PartialEq)]
pub struct Trial {
    /// See [`outcome::identity`].
    pub identity: String,
    /// The whole configuration.
    pub config: Config,
    /// Whether its network is kept after the first and after the last task.
    pub pictured: bool,
    /// Whether its network is looked at after each task, and what was seen is kept.
    pub inspected: bool,
}

/// The trials of an experiment, as far as they are known.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Plan {
    /// Cells, curves and grids.
    pub points: Vec<Point>,
    /// Searches.
    pub searches: Vec<Search>,
}

impl Plan {
    /// The trials that are known, each once: first those of searches, which others wait for, then the first seed of every
    /// point, the second of every point, and so on.
    ///
    /// # Errors
    /// Images that cannot be read.
    pub fn trials(&self, images: &Images) -> Result<Vec<Trial>, DataError> {
        let searched = self.searches.iter().flat_map(|search| &search.trials);
        let most = self.points.iter().map(|point| point.trials.len()).max().unwrap_or(0);
        let points = (0..most).flat_map(|seed| self.points.iter().filter_map(move |point| point.trials.get(seed)));
        let of = |target: Target| -> Vec<&Config> {
            self.points.iter().filter(|point| point.target == target).flat_map(|point| &point.trials).collect()
        };
        let (pictures, comparisons) = (of(Target::Pictures), of(Target::Comparison));
        let mut seen = HashSet::new();
        let mut trials = vec![];
        for config in searched.chain(points) {
            let identity = outcome::identity(config, images.of(config)?.digest());
            if seen.insert(identity.clone()) {
                let (pictured, inspected) = (pictures.contains(&config), comparisons.contains(&config));
                trials.push(Trial { identity, config: config.clone(), pictured, inspected });
            }
        }
        Ok(trials)
    }

    /// Trials that are not known yet, because their lambda depends on results that are still missing. What several
    /// targets share is counted for each.
    pub fn waiting(&self) -> usize {
        let points = self.points.iter().map(|point| point.planned - point.trials.len());
        points.chain(self.searches.iter().map(|search| search.planned - search.trials.len())).sum()
    }
}
