//! `dam report`: the paper's tables and figures and ours, on one page.

use std::path::PathBuf;

use super::error::Error;
use super::experiment::{self, PlaceArgs, SizeArgs};
use super::files::Form;
use crate::experiment::images::Images;
use crate::experiment::request::{Lambdas, Range, Request};
use crate::experiment::source::{RunError, Source};
use crate::experiment::target::{Asked, Target};
use crate::file::atomic;
use crate::report;
use crate::report::results::Results;
use crate::report::score::Score;

/// Arguments of `dam report`.
#[derive(Clone, Debug, clap::Args)]
pub struct ReportArgs {
    /// Tables and figures [default: all]
    #[arg(value_name = "TARGET")]
    pub targets: Vec<Asked>,
    /// File of the page
    #[arg(long, value_name = "FILE", default_value = "report.html")]
    pub out: PathBuf,
    /// What the page calls accuracy
    #[arg(long, value_name = "SCORE", default_value = "accuracy")]
    pub score: Score,
    /// Where Table 2 has the lambdas of regularisers from
    #[arg(long, value_name = "ORIGIN", default_value = "measured")]
    pub lambdas: Lambdas,
    /// Where searches looked for lambdas, on a logarithmic scale [default: by method]
    #[arg(long, value_name = "LOW,HIGH")]
    pub lambda_range: Option<Range>,
    /// The size that was run, and settings of all trials.
    #[command(flatten)]
    pub size: SizeArgs,
    /// Where.
    #[command(flatten)]
    pub place: PlaceArgs,
}

/// Writes the page.
///
/// # Errors
/// Settings without sense, results that cannot be read, a file that cannot be written.
pub fn run(args: &ReportArgs) -> Result<String, Error> {
    args.place.files().reads("--config", &args.size.config).writes("--out", [&args.out], Form::Html).check()?;
    let request = Request {
        targets: if args.targets.is_empty() { Target::ALL.to_vec() } else { Asked::targets(&args.targets) },
        scale: args.size.scale(),
        settings: args.size.settings()?,
        rows: vec![],
        vertices: vec![],
        lambdas: args.lambdas,
        range: args.lambda_range,
    };
    let images = Images::new(args.place.data.clone());
    let store = experiment::open(&args.place.store)?;
    let courses = store.courses().map_err(RunError::from)?;
    let plan = request.plan(&store, &images).map_err(RunError::from)?;
    if store.outcomes().next().is_none() {
        let message = format!(
            "--store {}: no result is there; run some with `dam reproduce`, or tell where they are",
            args.place.store.display()
        );
        return Err(Error::usage(message));
    }
    let mut results = Results::new(&plan, &store, &images, &courses, args.score)?;
    results.portraits = report::pictures::portraits(&plan, &store, &images).map_err(Error::failure)?;
    atomic::write(&args.out, report::page(&results).as_bytes()).map_err(Error::failure)?;
    let (run, others) = (results.trials().len(), results.others);
    let mut text = format!("{run} trials of the plan are in {}", args.place.store.display());
    if others > 0 {
        text += &format!(", and {others} that are not of it");
    }
    if run == 0 {
        text += "\nrun some with `dam reproduce`, or tell where they are with --store and how large with --preset";
    }
    Ok(text + &format!("\npage     {}\n", args.out.display()))
}
