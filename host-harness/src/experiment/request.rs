//! What is asked for, and the plan that follows from it and from what is known already.

use std::str::FromStr;

use clap::ValueEnum;
use serde::{Deserialize, Serialize};

use crate::config::{Config, ConfigError, MethodName, Settings};
use crate::experiment::images::Images;
use crate::experiment::plan::{Plan, Point, Search};
use crate::experiment::row::Row;
use crate::experiment::scale::Scale;
use crate::experiment::search;
use crate::experiment::source::{PlanError, Source};
use crate::experiment::store::Store;
use crate::experiment::target::Target;
use crate::methods;
use crate::outcome;
use crate::paper::{self, VERTICES};

/// Where Table 2 has the lambdas of regularisers from.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ValueEnum)]
#[serde(rename_all = "lowercase")]
#[value(rename_all = "lower")]
pub enum Lambdas {
    /// Those that methods have when none are given, the best that were measured
    #[default]
    Measured,
    /// Table 1 of the paper
    Paper,
    /// The best of our own searches, which come first
    Search,
}

/// What is asked for.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Request {
    /// Tables and figures.
    pub targets: Vec<Target>,
    /// How large.
    pub scale: Scale,
    /// Laid over the configuration of every trial.
    pub settings: Settings,
    /// Rows of Table 2, and the methods of figures; empty for all.
    pub rows: Vec<Row>,
    /// Interaction vertices; empty for all.
    pub vertices: Vec<u32>,
    /// Where Table 2 has the lambdas of regularisers from.
    pub lambdas: Lambdas,
    /// Where searches look for lambdas; absent for each method's own range.
    pub range: Option<Range>,
}

/// A range of lambdas.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Range {
    /// The least.
    pub low: f64,
    /// The largest.
    pub high: f64,
}

impl FromStr for Range {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let parts = text.split_once(',').and_then(|(low, high)| Some((low.parse().ok()?, high.parse().ok()?)));
        match parts {
            Some((low, high)) if low > 0.0 && low < high && high < f64::INFINITY => Ok(Self { low, high }),
            _ => Err(format!("give two numbers above 0, the smaller first, as in 1e-3,10; not {text:?}")),
        }
    }
}

impl Source for Request {
    fn plan(&self, store: &Store, images: &Images) -> Result<Plan, PlanError> {
        self.planned(store, images)
    }
}

impl Request {
    /// The plan, as far as what is in `store` makes it known.
    fn planned(&self, store: &Store, images: &Images) -> Result<Plan, PlanError> {
        self.check()?;
        let mut plan = Plan::default();
        for &target in &self.targets {
            match target {
                Target::Table1 => {
                    for row in [Row::L2, Row::Ewc, Row::Mas, Row::Si] {
                        self.searches(&mut plan, target, row, store, images)?;
                    }
                }
                Target::Table2 => self.table2(&mut plan, store, images)?,
                Target::Fig1 => self.curves(&mut plan, target, MethodName::Rehearsal, &VERTICES)?,
                Target::Fig2 => self.curves(&mut plan, target, MethodName::Pseudorehearsal, &VERTICES)?,
                Target::Fig3a => self.curves(&mut plan, target, MethodName::Pseudorehearsal, &[2, 3, 4, 5])?,
                Target::Fig3b => self.curves(&mut plan, target, MethodName::Pseudorehearsal, &[10, 20, 30, 40])?,
                Target::Fig4 => self.curves(&mut plan, target, MethodName::Gem, &VERTICES)?,
                Target::Fig5 => self.curves(&mut plan, target, MethodName::AGem, &VERTICES)?,
                Target::Fig6 => self.searches(&mut plan, target, Row::L2, store, images)?,
                Target::Fig7a | Target::Fig7b => self.searches(&mut plan, target, Row::Ewc, store, images)?,
                Target::Fig8 => self.searches(&mut plan, target, Row::Mas, store, images)?,
                Target::Fig9 => self.searches(&mut plan, target, Row::Si, store, images)?,
                Target::Fig10 | Target::Fig11 => self.grids(&mut plan, target)?,
                Target::Pictures => self.pictures(&mut plan)?,
                // Are no targets that can be asked for.
                Target::Grid | Target::Comparison => {}
            }
        }
        if plan.points.is_empty() && plan.searches.is_empty() {
            let targets: Vec<String> = self.targets.iter().map(ToString::to_string).collect();
            return Err(PlanError::Nothing(targets.join(", ")));
        }
        Ok(plan)
    }

    /// Nothing may be set that is varied.
    fn check(&self) -> Result<(), PlanError> {
        let Some(&first) = self.targets.first() else { return Ok(()) };
        let set = &self.settings;
        let grid = self.targets.iter().find(|target| matches!(target, Target::Fig10 | Target::Fig11));
        let varied = [
            ("method", set.method.is_some(), Some(&first), ", and choose with --rows"),
            ("n", set.n.is_some(), Some(&first), ", and choose with --vertices"),
            ("seed", set.seed.is_some(), Some(&first), ", and choose how many with --trials"),
            ("proportion", set.proportion.is_some(), Some(&first), ""),
            ("lambda", set.lambda.is_some(), Some(&first), ""),
            ("learning_rate", set.learning_rate.is_some(), grid, ", or leave out the target"),
            ("temperature", set.temperature.is_some(), grid, ", or leave out the target"),
            ("final_temperature", set.final_temperature.is_some(), grid, ", or leave out the target"),
        ];
        for (name, set, target, remedy) in varied {
            if let (true, Some(&target)) = (set, target) {
                return Err(PlanError::Varied { name, target, remedy });
            }
        }
        Ok(())
    }

    /// What was asked for, over what was laid over all, over the scale, over the defaults.
    fn config(&self, own: Settings, items: usize) -> Result<Config, ConfigError> {
        let scale = Settings { items: Some(items), ..self.scale.settings() };
        own.over(self.settings.clone()).over(scale).of_trial().config()
    }

    /// The same configuration with each seed.
    fn seeds(&self, own: &Settings, items: usize) -> Result<Vec<Config>, ConfigError> {
        let config = |seed| self.config(Settings { seed: Some(seed), ..own.clone() }, items);
        (1..=self.scale.trials).map(config).collect()
    }

    fn wants(&self, method: MethodName) -> bool {
        self.rows.is_empty() || self.rows.iter().any(|row| row.method() == method)
    }

    fn vertices<'a>(&'a self, all: &'a [u32]) -> impl Iterator<Item = u32> + 'a {
        all.iter().copied().filter(|n| self.vertices.is_empty() || self.vertices.contains(n))
    }

    fn table2(&self, plan: &mut Plan, store: &Store, images: &Images) -> Result<(), PlanError> {
        let target = Target::Table2;
        let rows = Row::ALL.into_iter().filter(|row| self.rows.is_empty() || self.rows.contains(row));
        for row in rows {
            for n in self.vertices(&VERTICES) {
                let mut own = Settings { n: Some(n), ..row.settings() };
                let mut known = true;
                match self.lambdas {
                    Lambdas::Paper if row.has_lambda() => own.lambda = Some(paper::lambda(row.method(), n)),
                    Lambdas::Search if row.has_lambda() => {
                        let search = self.search(Target::Table1, row, n, store, images)?;
                        own.lambda = search.best.map(|(lambda, _)| lambda);
                        known = search.best.is_some();
                        plan.searches.push(search);
                    }
                    _ => {}
                }
                let trials = if known { self.seeds(&own, self.scale.large_items)? } else { vec![] };
                let planned = self.scale.trials as usize;
                let method = row.method();
                plan.points.push(Point { target, method, row: Some(row), n, x: None, y: None, trials, planned });
            }
        }
        Ok(())
    }

    fn curves(&self, plan: &mut Plan, target: Target, method: MethodName, vertices: &[u32]) -> Result<(), PlanError> {
        if !self.wants(method) {
            return Ok(());
        }
        for n in self.vertices(vertices) {
            for &proportion in &self.scale.proportions {
                let own = match proportion {
                    // Nothing is kept: one trial serves all figures.
                    0.0 => Settings { method: Some(MethodName::Vanilla), ..Settings::default() },
                    _ => Settings { method: Some(method), proportion: Some(proportion), ..Settings::default() },
                };
                let trials = self.seeds(&Settings { n: Some(n), ..own }, self.scale.items)?;
                let planned = trials.len();
                let x = Some(proportion);
                plan.points.push(Point { target, method, row: None, n, x, y: None, trials, planned });
            }
        }
        Ok(())
    }

    /// One vanilla trial for each interaction vertex, the first of figures 1 to 5.
    fn pictures(&self, plan: &mut Plan) -> Result<(), PlanError> {
        let (target, method) = (Target::Pictures, MethodName::Vanilla);
        if !self.wants(method) {
            return Ok(());
        }
        for n in self.vertices(&VERTICES) {
            let own = Settings { method: Some(method), n: Some(n), seed: Some(1), ..Settings::default() };
            let trials = vec![self.config(own, self.scale.items)?];
            plan.points.push(Point { target, method, row: None, n, x: None, y: None, trials, planned: 1 });
        }
        Ok(())
    }

    fn grids(&self, plan: &mut Plan, target: Target) -> Result<(), PlanError> {
        let method = MethodName::Vanilla;
        if !self.wants(method) {
            return Ok(());
        }
        for n in self.vertices(&VERTICES) {
            for &rate in &self.scale.learning_rates {
                for &temperature in &self.scale.temperatures {
                    let own = Settings {
                        method: Some(method),
                        n: Some(n),
                        learning_rate: Some(rate),
                        temperature: Some(temperature),
                        ..Settings::default()
                    };
                    let trials = self.seeds(&own, self.scale.items)?;
                    let (x, y, planned) = (Some(rate), Some(temperature), trials.len());
                    plan.points.push(Point { target, method, row: None, n, x, y, trials, planned });
                }
            }
        }
        Ok(())
    }

    fn searches(
        &self,
        plan: &mut Plan,
        target: Target,
        row: Row,
        store: &Store,
        images: &Images,
    ) -> Result<(), PlanError> {
        if self.wants(row.method()) {
            for n in self.vertices(&VERTICES) {
                plan.searches.push(self.search(target, row, n, store, images)?);
            }
        }
        Ok(())
    }

    /// A search as far as it is known. EWC is tuned with large tasks for Table 1 (section 5 of the paper), all others with
    /// small ones.
    fn search(&self, target: Target, row: Row, n: u32, store: &Store, images: &Images) -> Result<Search, PlanError> {
        let method = row.method();
        let own = methods::lambda(method).expect("rows that are searched have a lambda").range;
        let range = self.range.map_or(own, |range| (range.low, range.high));
        let large = row == Row::Ewc && target != Target::Fig7a;
        let items = if large { self.scale.large_items } else { self.scale.items };
        let (mut trials, mut scores, mut best) = (vec![], vec![], None);
        // Another round, as long as those before it are complete.
        while trials.len() == scores.len() {
            let round = search::next_round(&self.scale, range, &scores);
            if round.is_empty() {
                break;
            }
            for lambda in round {
                let own = Settings {
                    n: Some(n),
                    lambda: Some(lambda),
                    seed: Some(trials.len() as u64 + 1),
                    ..row.settings()
                };
                let config = self.config(own, items)?;
                let identity = outcome::identity(&config, images.of(&config)?.digest());
                let found = store.get(&identity).map(|found| found.measured.average_accuracy.accuracy);
                // A lambda at which training diverges is as bad as any can be.
                let score = found.or(store.failure(&identity).map(|_| 0.0));
                scores.extend(score.map(|score| (lambda, score)));
                best = found.filter(|&score| best.is_none_or(|(_, best)| score > best)).map(|s| (lambda, s)).or(best);
                trials.push(config);
            }
        }
        let complete = scores.len() == self.scale.search_trials;
        let planned = self.scale.search_trials;
        Ok(Search { target, method, n, range, trials, planned, best: best.filter(|_| complete) })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::Batch;
    use crate::experiment::scale::Preset;

    fn request(targets: &[Target], preset: Preset) -> Request {
        Request {
            targets: targets.to_vec(),
            scale: Scale::of(preset),
            settings: Settings::default(),
            rows: vec![],
            vertices: vec![],
            lambdas: Lambdas::Paper,
            range: None,
        }
    }

    fn plan(request: &Request) -> (Plan, usize) {
        let folder = tempfile::tempdir().unwrap();
        let (store, images) = (Store::open(folder.path()).unwrap(), Images::new(None));
        let plan = request.plan(&store, &images).unwrap();
        let trials = plan.trials(&images).unwrap().len();
        (plan, trials)
    }

    #[test]
    fn table_2_of_the_paper_is_ten_trials_of_52_cells() {
        let (plan, trials) = plan(&request(&[Target::Table2], Preset::Paper));
        assert_eq!((plan.points.len(), trials, plan.waiting()), (52, 520, 0));
        assert!(plan.points.iter().flat_map(|point| &point.trials).all(|config| config.items == 10_000));
        let mas = plan.points.iter().find(|point| point.row == Some(Row::Mas) && point.n == 20).unwrap();
        assert_eq!((mas.trials[0].lambda, mas.trials[9].seed), (5.1e-2, 10));
    }

    #[test]
    fn targets_share_trials() {
        let (_, rehearsal) = plan(&request(&[Target::Fig1], Preset::Search));
        let (_, both) = plan(&request(&[Target::Fig1, Target::Fig2], Preset::Search));
        // Vanilla, at four interaction vertices with three seeds.
        assert_eq!((rehearsal, both), (60, 108));
        let (_, one) = plan(&request(&[Target::Fig10], Preset::Search));
        let (_, two) = plan(&request(&[Target::Fig10, Target::Fig11], Preset::Search));
        assert_eq!(one, two);
        // One search serves the table and the figure.
        let (table, alone) = plan(&request(&[Target::Table1], Preset::Search));
        let (_, with) = plan(&request(&[Target::Table1, Target::Fig8, Target::Fig9], Preset::Search));
        assert_eq!((alone, with, table.waiting()), (64, 64, 16 * 16));
    }

    #[test]
    fn settings_are_laid_over_every_trial() {
        let settings = Settings {
            batch: Some("200".parse().unwrap()),
            carry_rate: Some(true),
            items: Some(300),
            ..Settings::default()
        };
        let (plan, _) = plan(&Request { settings, ..request(&Target::ALL, Preset::Smoke) });
        let points = plan.points.iter().flat_map(|point| &point.trials);
        for config in points.chain(plan.searches.iter().flat_map(|search| &search.trials)) {
            assert!(config.carry_rate && config.items == 300 && config.memories == 32);
            assert_eq!(config.batch, "200".parse::<Batch>().unwrap());
        }
    }

    #[test]
    fn what_does_not_concern_a_method_makes_no_other_trial() {
        let rows = vec![Row::Vanilla, Row::Mas, Row::Rehearsal005];
        let one = Request { rows, vertices: vec![2], ..request(&[Target::Table2], Preset::Smoke) };
        let settings = Settings { norm_squared: Some(false), margin: Some(0.5), ..Settings::default() };
        let other = Request { settings, ..one.clone() };
        let ((one, _), (other, _)) = (plan(&one), plan(&other));
        let same: Vec<bool> = one.points.iter().zip(&other.points).map(|(one, other)| one == other).collect();
        assert_eq!(same, [true, true, false]);
    }

    #[test]
    fn rows_and_vertices_are_chosen() {
        let chosen = Request { rows: vec![Row::Mas], vertices: vec![20], ..request(&Target::ALL, Preset::Search) };
        let (plan, trials) = plan(&chosen);
        // Three trials of the cell, and a round of the one search; pictures are of vanilla learning.
        assert_eq!((plan.points.len(), plan.searches.len(), trials), (1, 2, 7));
    }

    #[test]
    fn ranges_are_of_two_numbers() {
        assert_eq!("1e-3,10".parse(), Ok(Range { low: 1e-3, high: 10.0 }));
        for text in ["1", "1,1", "10,1", "0,1", "-1,1", "1,inf", "nan,1", "1,nan", "a,b"] {
            assert!(text.parse::<Range>().unwrap_err().contains(text));
        }
    }

    #[test]
    fn a_cell_waits_for_its_search() {
        let chosen = Request {
            rows: vec![Row::Si],
            vertices: vec![5],
            lambdas: Lambdas::Search,
            ..request(&[Target::Table2], Preset::Search)
        };
        let (plan, trials) = plan(&chosen);
        assert_eq!((trials, plan.waiting()), (4, 16 + 3));
        assert!(plan.points[0].trials.is_empty());
    }
}
