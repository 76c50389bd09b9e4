//! A grid of trials: methods, interaction vertices and seeds, under any settings.

use crate::config::{Config, ConfigError, MethodName, Settings};
use crate::experiment::images::Images;
use crate::experiment::plan::{Plan, Point};
use crate::experiment::source::{PlanError, Source};
use crate::experiment::store::Store;
use crate::experiment::target::Target;

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
