//! `dam grid`: methods, interaction vertices and seeds, under any settings, as one table.

use std::fmt::Write as _;
use std::str::FromStr;

use super::error::Error;
use super::experiment::{self, SeededArgs};
use crate::config::MethodName;
use crate::experiment::grid::Grid;
use crate::experiment::images::Images;
use crate::experiment::paired::Paired;
use crate::experiment::source::{RunError, Source};
use crate::experiment::store::Store;
use crate::outcome::Outcome;
use crate::spread;

/// Arguments of `dam grid`.
#[derive(Clone, Debug, clap::Args)]
pub struct GridArgs {
    /// Methods; the others are compared with the first
    #[arg(long, value_name = "METHOD", value_delimiter = ',', default_value = "vanilla")]
    pub methods: Vec<MethodName>,
    /// Interaction vertices
    #[arg(long, value_name = "N", value_delimiter = ',', default_value = "20")]
    pub vertices: Vec<u32>,
    /// Which seeds, where and how.
    #[command(flatten)]
    pub trials: SeededArgs,
}

/// Seeds, each once, in the order in which they were given.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Seeds(Vec<u64>);

impl FromStr for Seeds {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let wrong = || format!("give numbers and ranges such as 1,2,5..9, at most 10000 seeds, not {text:?}");
        let mut seeds = vec![];
        for part in text.split(',') {
            let (first, last) = part.split_once("..").unwrap_or((part, part));
            let ends = first.trim().parse::<u64>().ok().zip(last.trim().parse::<u64>().ok());
            let (first, last) =
                ends.filter(|(first, last)| first <= last && last - first < 10_000).ok_or_else(wrong)?;
            for seed in first..=last {
                if !seeds.contains(&seed) {
                    seeds.push(seed);
                }
            }
        }
        if seeds.len() > 10_000 { Err(wrong()) } else { Ok(Self(seeds)) }
    }
}

impl Seeds {
    /// Each.
    pub fn numbers(&self) -> &[u64] {
        &self.0
    }
}

/// Runs what is missing, and shows the table.
///
/// # Errors
/// Settings without sense, results that cannot be read or written, an interruption.
pub fn run(args: &GridArgs) -> Result<String, Error> {
    let SeededArgs { seeds, place, local, dry_run, .. } = &args.trials;
    let grid = Grid {
        methods: args.methods.clone(),
        vertices: args.vertices.clone(),
        seeds: seeds.numbers().to_vec(),
        settings: args.trials.settings()?,
    };
    let images = Images::new(place.data.clone());
    let store = experiment::open(&place.store)?;
    if *dry_run {
        let plan = grid.plan(&store, &images).map_err(RunError::from)?;
        let text = experiment::preview(&plan, &store, &images, local.local()?.cores)?;
        return Ok(text + "\n" + &table(&grid, &store, &images)?);
    }
    let ran = experiment::run(&grid, &|_| true, store, &images, local)?;
    table(&grid, &ran.store, &images)
}

/// Means and standard deviations over the seeds, and the difference from the first method, seed by seed.
fn table(grid: &Grid, store: &Store, images: &Images) -> Result<String, Error> {
    let courses = store.courses().map_err(RunError::from)?;
    let mut text = String::from(
        "| n | method | trials | average accuracy | forgetting | backward transfer | forward transfer | seconds | MB | less the \
         first method | p |\n|---|---|---|---|---|---|---|---|---|---|---|\n",
    );
    for &n in &grid.vertices {
        let mut first: Option<Vec<&Outcome>> = None;
        for &method in &grid.methods {
            let trials = grid.trials(method, n).map_err(Error::usage)?;
            let found = store.of(&trials, images)?;
            let of = |score: fn(&Outcome) -> f64| {
                spread::shown(&found.iter().map(|outcome| score(outcome)).collect::<Vec<_>>())
            };
            let run = |score: &dyn Fn(&str) -> Option<f64>| {
                let each: Vec<f64> = found.iter().filter_map(|outcome| score(&outcome.identity())).collect();
                if each.is_empty() {
                    "-".to_owned()
                } else {
                    format!("{:.1}", each.iter().sum::<f64>() / each.len() as f64)
                }
            };
            let seconds = run(&|identity| courses.get(identity).map(|course| course.wall_seconds));
            let memory = run(&|identity| Some(courses.get(identity)?.peak_memory_bytes? as f64 / 1e6));
            let _ = write!(
                text,
                "| {n} | {method} | {} of {} | {} | {} | {} | {} | {seconds} | {memory} |",
                found.len(),
                trials.len(),
                of(|outcome| outcome.measured.average_accuracy.accuracy),
                of(|outcome| outcome.measured.forgetting),
                of(|outcome| outcome.measured.backward_transfer),
                of(|outcome| outcome.measured.forward_transfer),
            );
            let compared = first.as_ref().and_then(|first| Paired::of(&differences(&found, first)));
            text += &compared.map_or(" | |\n".to_owned(), |paired| {
                let p = paired.p.map_or("-".to_owned(), |p| format!("{p:.3}"));
                format!(" {:+.3} +- {:.3} | {p} |\n", paired.mean, paired.deviation)
            });
            first.get_or_insert(found);
        }
    }
    Ok(text)
}

/// The average accuracies of `these` less those of `others` with the same seed.
fn differences(these: &[&Outcome], others: &[&Outcome]) -> Vec<f64> {
    let accuracy = |outcome: &Outcome| outcome.measured.average_accuracy.accuracy;
    let pair = |these: &&Outcome| {
        let other = others.iter().find(|other| other.seed == these.seed)?;
        Some(accuracy(these) - accuracy(other))
    };
    these.iter().filter_map(pair).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn seeds_are_numbers_and_ranges_each_once() {
        assert_eq!("3,1..4".parse(), Ok(Seeds(vec![3, 1, 2, 4])));
        for wrong in ["", "4..1", "1..100000", "one", "1,,2"] {
            assert!(wrong.parse::<Seeds>().unwrap_err().contains("1,2,5..9"), "{wrong}");
        }
    }
}
