//! What the commands about whole experiments have in common: which, how large, where.

use std::path::{Path, PathBuf};

use super::convention::ConventionArgs;
use super::error::Error;
use super::files::Files;
use super::grid::Seeds;
use super::signals;
use crate::config::Settings;
use crate::data;
use crate::experiment::cost;
use crate::experiment::images::Images;
use crate::experiment::plan::Plan;
use crate::experiment::progress;
use crate::experiment::request::{Lambdas, Range, Request};
use crate::experiment::row::Row;
use crate::experiment::scale::{Preset, Scale};
use crate::experiment::schedule::{self, Local, Ran};
use crate::experiment::source::{RunError, Source};
use crate::experiment::store::Store;
use crate::experiment::target::{Asked, Target};
use crate::experiment::worklist;
use crate::machine::{self, InstructionSet};

/// Which tables and figures, and how large.
#[derive(Clone, Debug, clap::Args)]
pub struct ExperimentArgs {
    /// Tables and figures
    #[arg(required = true, value_name = "TARGET")]
    pub targets: Vec<Asked>,
    /// Only these rows of Table 2, and figures of their methods
    #[arg(long, value_name = "ROW", value_delimiter = ',')]
    pub rows: Vec<Row>,
    /// Only these interaction vertices
    #[arg(long, value_name = "N", value_delimiter = ',')]
    pub vertices: Vec<u32>,
    /// Where Table 2 has the lambdas of regularisers from
    #[arg(long, value_name = "ORIGIN", default_value = "measured")]
    pub lambdas: Lambdas,
    /// Where searches look for lambdas, on a logarithmic scale [default: by method]
    #[arg(long, value_name = "LOW,HIGH")]
    pub lambda_range: Option<Range>,
    /// Size, and settings of all trials.
    #[command(flatten)]
    pub size: SizeArgs,
    /// Where.
    #[command(flatten)]
    pub place: PlaceArgs,
}

impl ExperimentArgs {
    /// What is asked for.
    ///
    /// # Errors
    /// A settings file that cannot be read.
    pub fn request(&self) -> Result<Request, Error> {
        Ok(Request {
            targets: Asked::targets(&self.targets),
            scale: self.size.scale(),
            settings: self.size.settings()?,
            rows: self.rows.clone(),
            vertices: self.vertices.clone(),
            lambdas: self.lambdas,
            range: self.lambda_range,
        })
    }
}

/// How large, and what is laid over all trials.
#[derive(Clone, Debug, clap::Args)]
pub struct SizeArgs {
    /// Size
    #[arg(long, value_name = "SIZE", default_value = "search")]
    pub preset: Preset,
    /// Trials of each cell or point [default: by size]
    #[arg(long, value_name = "COUNT", value_parser = clap::value_parser!(u64).range(1..))]
    pub trials: Option<u64>,
    /// Trials of each search [default: by size]
    #[arg(long, value_name = "COUNT", value_parser = clap::value_parser!(u32).range(1..))]
    pub search_trials: Option<u32>,
    /// TOML file of settings for all trials; flags go before it
    #[arg(long, value_name = "FILE")]
    pub config: Option<PathBuf>,
    /// A convention, under flags.
    #[command(flatten)]
    pub convention: ConventionArgs,
    /// Settings for all trials.
    #[command(flatten, next_help_heading = "Settings of all trials")]
    pub settings: Settings,
}

impl SizeArgs {
    /// How large.
    pub fn scale(&self) -> Scale {
        let mut scale = Scale::of(self.preset);
        scale.trials = self.trials.unwrap_or(scale.trials);
        scale.search_trials = self.search_trials.map_or(scale.search_trials, |trials| trials as usize);
        scale
    }

    /// What is laid over all trials.
    ///
    /// # Errors
    /// A file that cannot be read.
    pub fn settings(&self) -> Result<Settings, Error> {
        laid_over(&self.settings, self.config.as_deref(), &self.convention)
    }
}

/// Which seeds, under which settings, where and how: of trials that are no table or figure of the paper.
#[derive(Clone, Debug, clap::Args)]
pub struct SeededArgs {
    /// Seeds of every cell: a list of numbers and ranges such as 1..10, ends included
    #[arg(long, value_name = "SEEDS", default_value = "1..3")]
    pub seeds: Seeds,
    /// TOML file of settings for all trials; flags go before it
    #[arg(long, value_name = "FILE")]
    pub config: Option<PathBuf>,
    /// A convention, under flags.
    #[command(flatten)]
    pub convention: ConventionArgs,
    /// Where.
    #[command(flatten)]
    pub place: PlaceArgs,
    /// How.
    #[command(flatten)]
    pub local: LocalArgs,
    /// Only show what would be run, how long it would take, and what is known already
    #[arg(long)]
    pub dry_run: bool,
    /// Settings for all trials.
    #[command(flatten, next_help_heading = "Settings of all trials")]
    pub settings: Settings,
}

impl SeededArgs {
    /// What is laid over all trials.
    ///
    /// # Errors
    /// A file that cannot be read.
    pub fn settings(&self) -> Result<Settings, Error> {
        laid_over(&self.settings, self.config.as_deref(), &self.convention)
    }
}

/// Flags, and under them a file or a convention.
fn laid_over(flags: &Settings, file: Option<&Path>, convention: &ConventionArgs) -> Result<Settings, Error> {
    let file = file.map(Settings::read).transpose()?;
    Ok(convention.under(flags.clone().over(file.unwrap_or_default())))
}

/// Images and results.
#[derive(Clone, Debug, clap::Args)]
pub struct PlaceArgs {
    /// Directory with IDX files (DIR, or DIR/PREFIX), or a file of rows, instead of the embedded MNIST
    #[arg(long, value_name = "DIR")]
    pub data: Option<PathBuf>,
    /// Folder of the results
    #[arg(long, value_name = "DIR", default_value = "results/store")]
    pub store: PathBuf,
}

impl PlaceArgs {
    /// The files that are read from there.
    pub fn files(&self) -> Files {
        let images = self.data.as_deref().map(data::sources).unwrap_or_default();
        Files::new().reads("--data", images).reads("--store", Store::files(&self.store))
    }
}

/// How to use this machine.
#[derive(Clone, Debug, clap::Args)]
pub struct LocalArgs {
    /// Cores to keep busy, each with a trial of its own while there are enough; 0 for all
    #[arg(long, value_name = "CORES", default_value_t = 0)]
    pub jobs: usize,
    /// Instruction set [default: the widest that the processor has]
    #[arg(long, value_name = "SET", value_parser = super::machine::instruction_set())]
    pub isa: Option<InstructionSet>,
    /// Keep each trial after each of its tasks, to go on from there
    #[arg(long)]
    pub checkpoint: bool,
}

impl LocalArgs {
    /// As the scheduler wants it.
    ///
    /// # Errors
    /// Far more cores than there are.
    pub fn local(&self) -> Result<Local, Error> {
        let cores = if self.jobs == 0 { machine::cores() } else { self.jobs };
        machine::check_threads(cores)?;
        Ok(Local { cores, set: self.isa, checkpoint: self.checkpoint })
    }
}

/// Runs what is due of `source` and `mine`, until it is done or the user breaks it off.
///
/// # Errors
/// Those of the trials and the store; that it was broken off.
pub fn run(
    source: &dyn Source,
    mine: &(dyn Fn(&str) -> bool + Sync),
    store: Store,
    images: &Images,
    local: &LocalArgs,
) -> Result<Ran, Error> {
    store.check_writable().map_err(RunError::from)?;
    store.sweep();
    let stop = signals::stop()?;
    let ran = schedule::run(source, mine, store, images, &local.local()?, &stop)?;
    if ran.stopped {
        let message = format!("interrupted after {} trials; the same command goes on from there", ran.run + ran.failed);
        return Err(Error::Interrupted(message.into()));
    }
    Ok(ran)
}

/// What a plan has and lacks, target by target, and how long the rest would take.
///
/// # Errors
/// Images that cannot be read, trials that cannot be run.
pub fn preview(plan: &Plan, store: &Store, images: &Images, cores: usize) -> Result<String, Error> {
    let mut text = summary(plan, store, images)?;
    let due = worklist::due(plan, store, images)?;
    let listed = 20;
    for trial in due.iter().take(listed) {
        text += &format!("  {}  {}\n", trial.identity, progress::name(&trial.config));
    }
    if due.len() > listed {
        text += &format!("  and {} more\n", due.len() - listed);
    }
    let (waiting, known) = (plan.waiting(), due.len());
    let known_seconds = cost::core_seconds(&due, images)?;
    // Those that wait are trials of searches, or of cells that come after searches.
    let seconds = known_seconds * (known + waiting) as f64 / known.max(1) as f64;
    text += &format!(
        "estimate   {:.2} core-hours, {} on {cores} cores like these\n",
        seconds / 3600.0,
        hours(seconds / cores as f64)
    );
    Ok(text)
}

/// What a plan has and lacks, target by target.
///
/// # Errors
/// Images that cannot be read.
pub fn summary(plan: &Plan, store: &Store, images: &Images) -> Result<String, Error> {
    let mut text = format!("{:10} {:>7} {:>7} {:>7} {:>8}\n", "", "trials", "done", "due", "waiting");
    let mut line = |name: &str, plan: &Plan| -> Result<(), Error> {
        let trials = plan.trials(images)?;
        let done = trials.iter().filter(|trial| store.get(&trial.identity).is_some()).count();
        let settled = trials.iter().filter(|trial| store.is_done(trial)).count();
        let (due, waiting) = (trials.len() - settled, plan.waiting());
        text += &format!("{name:10} {:>7} {done:>7} {due:>7} {waiting:>8}\n", trials.len() + waiting);
        Ok(())
    };
    let mut targets: Vec<Target> = plan.points.iter().map(|point| point.target).collect();
    targets.extend(plan.searches.iter().map(|search| search.target));
    targets.sort_unstable();
    targets.dedup();
    for target in targets {
        let points = plan.points.iter().filter(|point| point.target == target).cloned().collect();
        let searches = plan.searches.iter().filter(|search| search.target == target).cloned().collect();
        line(&target.to_string(), &Plan { points, searches })?;
    }
    line("together", plan)?;
    Ok(text + &failures(plan, store, images)?)
}

/// The trials of a plan that have no result because training diverged, a line each.
///
/// # Errors
/// Images that cannot be read.
pub fn failures(plan: &Plan, store: &Store, images: &Images) -> Result<String, Error> {
    let mut text = String::new();
    for trial in plan.trials(images)? {
        if let Some(failure) = store.failure(&trial.identity) {
            text += &format!("failed     {}  {}: {}\n", trial.identity, progress::name(&trial.config), failure.error);
        }
    }
    if !text.is_empty() {
        let folder = store.folder().join("failures");
        text += &format!("           to run them again, delete their files in {}\n", folder.display());
    }
    Ok(text)
}

fn hours(seconds: f64) -> String {
    match seconds {
        ..120.0 => format!("{seconds:.0} seconds"),
        ..7200.0 => format!("{:.0} minutes", seconds / 60.0),
        _ => format!("{:.1} hours", seconds / 3600.0),
    }
}

/// Opens a store.
///
/// # Errors
/// It cannot be read, or holds a damaged file.
pub fn open(folder: &Path) -> Result<Store, Error> {
    Ok(Store::open(folder).map_err(RunError::from)?)
}
