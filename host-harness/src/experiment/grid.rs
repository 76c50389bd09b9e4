//! A grid of trials: methods, interaction vertices and seeds, under any settings.

use crate::config::{Config, ConfigError, MethodName, Settings};
use crate::experiment::images::Images;
use crate::experiment::paired::Paired;
use crate::experiment::plan::{Plan, Point};
use crate::experiment::source::{PlanError, RunError, Source};
use crate::experiment::store::Store;
use crate::experiment::target::Target;
use crate::outcome::Outcome;

/// Every method at every interaction vertex with every seed.
#[derive(Clone, Debug)]
pub struct Grid {
    /// Methods, in the order of the table.
    pub methods: Vec<MethodName>,
    /// Interaction vertices.
    pub vertices: Vec<u32>,
    /// Seeds, the same for every method.
    pub seeds: Vec<u64>,
    /// What is laid over all trials.
    pub settings: Settings,
}

impl Grid {
    /// The trials of a method at an interaction vertex, in the order of the seeds.
    ///
    /// # Errors
    /// Settings without sense.
    pub fn trials(&self, method: MethodName, n: u32) -> Result<Vec<Config>, ConfigError> {
        let config = |&seed: &u64| {
            let own = Settings { method: Some(method), n: Some(n), seed: Some(seed), ..Settings::default() };
            own.over(self.settings.clone()).of_trial().config()
        };
        self.seeds.iter().map(config).collect()
    }
}

/// What a method comes to at an interaction vertex.
#[derive(Clone, Debug)]
pub struct Cell<'a> {
    /// Interaction vertex.
    pub n: u32,
    /// Method.
    pub method: MethodName,
    /// Trials that were asked for.
    pub planned: usize,
    /// Those that are there.
    pub found: Vec<&'a Outcome>,
    /// Mean seconds of these, as far as is known.
    pub seconds: Option<f64>,
    /// Mean memory of these in megabytes, as far as is known.
    pub memory: Option<f64>,
    /// Average accuracy less that of the first method, seed by seed. Absent for the first method.
    pub compared: Option<Paired>,
}

impl Cell<'_> {
    /// A score of each trial.
    pub fn scores(&self, score: fn(&Outcome) -> f64) -> Vec<f64> {
        self.found.iter().map(|outcome| score(outcome)).collect()
    }
}

/// A score of a trial: its name, and itself.
pub type Score = (&'static str, fn(&Outcome) -> f64);

/// What is told of each cell.
pub const SCORES: [Score; 4] = [
    ("average accuracy", average_accuracy),
    ("forgetting", |outcome| outcome.measured.forgetting),
    ("backward transfer", |outcome| outcome.measured.backward_transfer),
    ("forward transfer", |outcome| outcome.measured.forward_transfer),
];

fn average_accuracy(outcome: &Outcome) -> f64 {
    outcome.measured.average_accuracy.accuracy
}

impl Grid {
    /// What `store` has, by interaction vertex and, within, by method.
    ///
    /// # Errors
    /// Settings without sense, results or images that cannot be read.
    pub fn cells<'a>(&self, store: &'a Store, images: &Images) -> Result<Vec<Cell<'a>>, RunError> {
        let courses = store.courses()?;
        let mut cells: Vec<Cell<'a>> = vec![];
        for &n in &self.vertices {
            let first = cells.len();
            for &method in &self.methods {
                let trials = self.trials(method, n).map_err(PlanError::from)?;
                let found = store.of(&trials, images)?;
                let mean = |value: &dyn Fn(&str) -> Option<f64>| {
                    let each: Vec<f64> = found.iter().filter_map(|outcome| value(&outcome.identity())).collect();
                    (!each.is_empty()).then(|| each.iter().sum::<f64>() / each.len() as f64)
                };
                let seconds = mean(&|identity| Some(courses.get(identity)?.wall_seconds));
                let memory = mean(&|identity| Some(courses.get(identity)?.peak_memory_bytes? as f64 / 1e6));
                let compared = cells.get(first).and_then(|first| Paired::of(&differences(&found, &first.found)));
                cells.push(Cell { n, method, planned: trials.len(), found, seconds, memory, compared });
            }
        }
        Ok(cells)
    }
}

/// The average accuracies of `these` less those of `others` with the same seed.
fn differences(these: &[&Outcome], others: &[&Outcome]) -> Vec<f64> {
    let pair = |these: &&Outcome| {
        let other = others.iter().find(|other| other.seed == these.seed)?;
        Some(average_accuracy(these) - average_accuracy(other))
    };
    these.iter().filter_map(pair).collect()
}

impl Source for Grid {
    fn plan(&self, _: &Store, _: &Images) -> Result<Plan, PlanError> {
        for (name, set, flag) in [
            ("method", self.settings.method.is_some(), "--methods"),
            ("n", self.settings.n.is_some(), "--vertices"),
            ("seed", self.settings.seed.is_some(), "--seeds"),
        ] {
            if set {
                return Err(PlanError::InGrid { name, flag });
            }
        }
        let mut plan = Plan::default();
        for &n in &self.vertices {
            for &method in &self.methods {
                let (trials, planned) = (self.trials(method, n)?, self.seeds.len());
                plan.points.push(Point {
                    target: Target::Grid,
                    method,
                    row: None,
                    n,
                    x: None,
                    y: None,
                    trials,
                    planned,
                });
            }
        }
        Ok(plan)
    }
}
