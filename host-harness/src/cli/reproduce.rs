//! `dam reproduce`: tables and figures of the paper.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use super::error::Error;
use super::experiment::{self, ExperimentArgs, LocalArgs};
use crate::experiment::images::Images;
use crate::experiment::plan::Plan;
use crate::experiment::source::{RunError, Source};
use crate::experiment::store::Store;
use crate::experiment::target::Target;
use crate::report::results::Results;
use crate::report::score::Score;
use crate::report::text;
use crate::spread::Spread;

/// Arguments of `dam reproduce`.
#[derive(Clone, Debug, clap::Args)]
pub struct ReproduceArgs {
    /// What.
    #[command(flatten)]
    pub experiment: ExperimentArgs,
    /// How.
    #[command(flatten)]
    pub local: LocalArgs,
    /// Only show what would be run, and how long it would take
    #[arg(long)]
    pub dry_run: bool,
}

/// Runs what is missing, and tells what was found.
///
/// # Errors
/// A plan without sense, results that cannot be read or written, an interruption.
pub fn run(args: &ReproduceArgs) -> Result<String, Error> {
    let request = args.experiment.request()?;
    let place = &args.experiment.place;
    let images = Images::new(place.data.clone());
    let store = experiment::open(&place.store)?;
    let plan = request.plan(&store, &images).map_err(RunError::from)?;
    if args.dry_run {
        return experiment::preview(&plan, &store, &images, args.local.local()?.cores);
    }
    let ran = experiment::run(&request, &|_| true, store, &images, &args.local)?;
    let plan = request.plan(&ran.store, &images).map_err(RunError::from)?;
    let mut text = describe(&plan, &ran.store, &images)?;
    let _ = write!(text, "\n{} trials were run, the others were there\nresults  {}\n", ran.run, place.store.display());
    text += &experiment::failures(&plan, &ran.store, &images)?;
    Ok(text)
}

/// Tables and what they say of the paper's findings, points of figures with mean and standard deviation, searches for
/// figures with the best lambda.
fn describe(plan: &Plan, store: &Store, images: &Images) -> Result<String, Error> {
    let courses = BTreeMap::new();
    let results = Results::new(plan, store, images, &courses, Score::Accuracy)?;
    let mut text = String::from("average accuracy\n");
    for part in [text::table_2(&results), text::decided(&results), text::table_1(&results)] {
        if !part.is_empty() {
            text += &format!("\n{part}");
        }
    }
    text.push('\n');
    for point in plan.points.iter().filter(|point| point.target != Target::Table2) {
        let found = store.of(&point.trials, images)?;
        let scores: Vec<f64> = found.iter().map(|found| found.measured.average_accuracy.accuracy).collect();
        let row = point.row.map_or(point.method.to_string(), |row| row.to_string());
        let _ = write!(text, "{:8} {row:20} n={:<3}", point.target.to_string(), point.n);
        for place in [point.x, point.y] {
            let _ = write!(text, " {:>6}", place.map_or(String::new(), |place| place.to_string()));
        }
        let _ = match (Spread::of(&scores), scores.len()) {
            (None, _) => writeln!(text, "  -"),
            (Some(Spread { mean, .. }), 1) => writeln!(text, "  {mean:.3}"),
            (Some(Spread { mean, deviation }), count) => {
                writeln!(text, "  {mean:.3} +- {deviation:.3}  ({count} trials)")
            }
        };
    }
    for search in plan.searches.iter().filter(|search| search.target != Target::Table1) {
        let name = search.method.to_string();
        let _ = write!(text, "{:8} {name:20} n={:<3}", search.target.to_string(), search.n);
        let _ = match search.best {
            Some((lambda, score)) => {
                writeln!(text, "  best lambda {lambda:e}: {score:.3}  ({} trials)", search.planned)
            }
            None => writeln!(text, "  -"),
        };
    }
    Ok(text)
}
