//! A plan and what the store has of it.

use std::collections::{BTreeMap, HashSet};

use crate::config::MethodName;
use crate::data::DataError;
use crate::experiment::images::Images;
use crate::experiment::plan::{Plan, Point, Search};
use crate::experiment::row::Row;
use crate::experiment::store::Store;
use crate::experiment::target::Target;
use crate::outcome::{Course, Outcome};
use crate::pictures::Portrait;
use crate::spread::Spread;

use super::score::Score;

/// A part of the plan and its trials that have been run.
#[derive(Clone, Debug)]
pub struct Found<'a, T> {
    /// What was planned.
    pub planned: &'a T,
    /// The trials that are there.
    pub outcomes: Vec<&'a Outcome>,
}

/// All that a page is made from.
#[derive(Clone, Debug)]
pub struct Results<'a> {
    /// What is shown of each trial.
    pub score: Score,
    /// Cells, points of curves, and places of grids.
    pub points: Vec<Found<'a, Point>>,
    /// Searches.
    pub searches: Vec<Found<'a, Search>>,
    /// How trials ran, by identity.
    pub courses: &'a BTreeMap<String, Course>,
    /// Trials that the store has beside those of the plan.
    pub others: usize,
    /// Networks that were kept, by interaction vertex, those after fewer tasks first.
    pub portraits: Vec<Portrait>,
}

impl<'a> Results<'a> {
    /// What `store` has of `plan`.
    ///
    /// # Errors
    /// Images that cannot be read.
    pub fn new(
        plan: &'a Plan,
        store: &'a Store,
        images: &Images,
        courses: &'a BTreeMap<String, Course>,
        score: Score,
    ) -> Result<Self, DataError> {
        let (mut points, mut searches) = (vec![], vec![]);
        for planned in &plan.points {
            points.push(Found { planned, outcomes: store.of(&planned.trials, images)? });
        }
        let mut seen = HashSet::new();
        for planned in &plan.searches {
            // Table 2 may have asked for a search of Table 1 once more.
            if seen.insert((planned.target, planned.method.to_string(), planned.n)) {
                searches.push(Found { planned, outcomes: store.of(&planned.trials, images)? });
            }
        }
        let mut results = Self { score, points, searches, courses, others: 0, portraits: vec![] };
        results.others = store.outcomes().count() - results.trials().len();
        Ok(results)
    }

    /// Each trial of the plan that has been run, once, by its identity.
    pub fn trials(&self) -> BTreeMap<String, &'a Outcome> {
        let points = self.points.iter().flat_map(|found| &found.outcomes);
        let all = points.chain(self.searches.iter().flat_map(|found| &found.outcomes));
        all.map(|outcome| (outcome.identity(), *outcome)).collect()
    }

    /// The points of a table or figure.
    pub fn points(&self, target: Target) -> impl Iterator<Item = &Found<'a, Point>> {
        self.points.iter().filter(move |found| found.planned.target == target)
    }

    /// The searches of a table or figure.
    pub fn searches(&self, target: Target) -> impl Iterator<Item = &Found<'a, Search>> {
        self.searches.iter().filter(move |found| found.planned.target == target)
    }

    /// The tables and figures of the plan.
    pub fn targets(&self) -> impl Iterator<Item = Target> {
        Target::ALL
            .into_iter()
            .filter(|&target| self.points(target).next().is_some() || self.searches(target).next().is_some())
    }

    /// The interaction vertices of a table or figure.
    pub fn vertices(&self, target: Target) -> Vec<u32> {
        let points = self.points(target).map(|found| found.planned.n);
        let mut vertices: Vec<u32> = points.chain(self.searches(target).map(|found| found.planned.n)).collect();
        vertices.sort_unstable();
        vertices.dedup();
        vertices
    }

    /// A cell of Table 2; `None` where it is not planned.
    pub fn cell(&self, row: Row, n: u32) -> Option<&Found<'a, Point>> {
        self.points(Target::Table2).find(|found| found.planned.row == Some(row) && found.planned.n == n)
    }

    /// Average accuracy in a cell of Table 2; `None` where no trial has been run.
    pub fn average(&self, row: Row, n: u32) -> Option<Spread> {
        self.cell(row, n).and_then(|cell| self.spread(&cell.outcomes))
    }

    /// Average accuracy over trials.
    pub fn spread(&self, outcomes: &[&Outcome]) -> Option<Spread> {
        let scores: Vec<f64> = outcomes.iter().map(|outcome| self.score.average(outcome)).collect();
        Spread::of(&scores)
    }

    /// The best lambda that a search for a table or figure has found so far, and its average accuracy.
    pub fn best(&self, target: Target, method: MethodName, n: u32) -> Option<(f64, f64)> {
        let mut searches = self.searches(target);
        let search = searches.find(|found| found.planned.method == method && found.planned.n == n)?;
        let scores = search.outcomes.iter().map(|outcome| (outcome.config.lambda, self.score.average(outcome)));
        scores.reduce(|best, next| if next.1 > best.1 { next } else { best })
    }

    /// Items of a task in the searches of a table or figure.
    pub fn items(&self, target: Target) -> Option<usize> {
        self.searches(target).flat_map(|found| &found.planned.trials).map(|config| config.items).next()
    }

    /// Trials of a table or figure: those that are there, and all.
    pub fn progress(&self, target: Target) -> (usize, usize) {
        let points = self.points(target).map(|found| (found.outcomes.len(), found.planned.planned));
        let all = points.chain(self.searches(target).map(|found| (found.outcomes.len(), found.planned.planned)));
        all.fold((0, 0), |sum, next| (sum.0 + next.0, sum.1 + next.1))
    }

    /// Core-hours of trials, and how many of them left no word of it.
    pub fn core_hours<'b>(&self, identities: impl IntoIterator<Item = &'b String>) -> (f64, usize) {
        let courses = identities.into_iter().map(|identity| self.courses.get(identity));
        courses.fold((0.0, 0), |(hours, unknown), course| match course {
            Some(course) => (hours + course.core_hours(), unknown),
            None => (hours, unknown + 1),
        })
    }
}
