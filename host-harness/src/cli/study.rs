//! `dam study`: which of the conventions that the paper leaves open come nearest to it; theory beside measurement.

use std::fmt::Write as _;
use std::path::PathBuf;

use clap::Subcommand;

use super::error::Error;
use super::experiment::{self, LocalArgs, PlaceArgs, SeededArgs, SizeArgs};
use super::files::Form;
use super::machine::MachineArgs;
use crate::capacity::{self, Capacity};
use crate::commitment;
use crate::config::Settings;
use crate::data::{PixelSize, Pixels};
use crate::experiment::comparison::Comparison;
use crate::experiment::images::Images;
use crate::experiment::source::{RunError, Source};
use crate::experiment::study::{Conventions, Study};
use crate::file::atomic;

/// Arguments of `dam study`.
#[derive(Clone, Debug, clap::Args)]
pub struct StudyArgs {
    /// Of what.
    #[command(subcommand)]
    pub of: Of,
}

/// What is studied.
#[derive(Clone, Debug, Subcommand)]
pub enum Of {
    /// Settings that the paper leaves open, on the cells of Table 2 that tell them apart
    Conventions(Box<ConventionsArgs>),
    /// How many random patterns networks store: what theory says, and what is measured
    Capacity(CapacityArgs),
    /// When the first memory vector is committed: what theory says, and what is measured
    Commitment(CommitmentArgs),
    /// Related against unrelated tasks: forgetting, transfer and attractors by how much tasks have in common
    Related(Box<ComparisonArgs>),
    /// Why intermediate interaction vertices fail under A-GEM, EWC and MAS
    Intermediate(Box<ComparisonArgs>),
    /// Whether small interaction vertices differ in what memory vectors become or in how the network responds
    Transition(Box<ComparisonArgs>),
    /// A comparison of one's own
    Own {
        /// TOML file of arms and claims
        #[arg(value_name = "FILE.toml")]
        file: PathBuf,
        /// Which seeds, where and how.
        #[command(flatten)]
        args: Box<ComparisonArgs>,
    },
}

/// Arguments of comparisons.
#[derive(Clone, Debug, clap::Args)]
pub struct ComparisonArgs {
    /// Which seeds, where and how.
    #[command(flatten)]
    pub trials: SeededArgs,
    /// File of every trial's numbers, separated by tabulators
    #[arg(long, value_name = "FILE.tsv")]
    pub out: Option<PathBuf>,
}

/// Arguments of `dam study capacity`.
#[derive(Clone, Debug, clap::Args)]
pub struct CapacityArgs {
    /// Neurons of the networks, 8 to 1024
    #[arg(long, value_name = "N", value_delimiter = ',', default_value = "16,32,64,128")]
    pub neurons: Vec<usize>,
    /// Interaction vertices, from 2
    #[arg(long, value_name = "N", value_delimiter = ',', default_value = "2,3,4")]
    pub vertices: Vec<u32>,
    /// What the patterns follow from
    #[arg(long, default_value_t = 1)]
    pub seed: u64,
    /// Where it runs.
    #[command(flatten)]
    pub machine: MachineArgs,
}

/// Arguments of `dam study commitment`.
#[derive(Clone, Debug, clap::Args)]
pub struct CommitmentArgs {
    /// Interaction vertices, from 2
    #[arg(long, value_name = "N", value_delimiter = ',', default_value = "2,3,5,10,20", value_parser = clap::value_parser!(u32).range(2..))]
    pub vertices: Vec<u32>,
    /// Items of the task
    #[arg(long, value_name = "ITEMS", default_value_t = 2000)]
    pub items: usize,
    /// Seed of the trials
    #[arg(long, default_value_t = 1)]
    pub seed: u64,
    /// Where it runs.
    #[command(flatten)]
    pub machine: MachineArgs,
}

/// Arguments of `dam study conventions`.
#[derive(Clone, Debug, clap::Args)]
pub struct ConventionsArgs {
    /// TOML file of conventions and cells instead of those built in
    #[arg(long, value_name = "FILE")]
    pub conventions: Option<PathBuf>,
    /// Only conventions with this in their names
    #[arg(long, value_name = "TEXT")]
    pub only: Option<String>,
    /// How large.
    #[command(flatten)]
    pub size: SizeArgs,
    /// Where.
    #[command(flatten)]
    pub place: PlaceArgs,
    /// How.
    #[command(flatten)]
    pub local: LocalArgs,
    /// Only show what would be run and how long it would take, and what is known already
    #[arg(long)]
    pub dry_run: bool,
}

/// Runs what is missing and shows all conventions, the nearest to the paper first; or measures capacities.
///
/// # Errors
/// Settings without sense, results that cannot be read or written, an interruption.
pub fn run(args: &StudyArgs) -> Result<String, Error> {
    match &args.of {
        Of::Conventions(args) => conventions(args),
        Of::Capacity(args) => capacities(args),
        Of::Commitment(args) => commitments(args),
        Of::Related(args) => comparison(built_in(RELATED), args),
        Of::Intermediate(args) => comparison(built_in(INTERMEDIATE), args),
        Of::Transition(args) => comparison(built_in(TRANSITION), args),
        Of::Own { file, args } => comparison(Comparison::read(file)?, args),
    }
}

const RELATED: &str = include_str!("../experiment/related.toml");
const INTERMEDIATE: &str = include_str!("../experiment/intermediate.toml");
const TRANSITION: &str = include_str!("../experiment/transition.toml");

fn built_in(text: &str) -> Comparison {
    Comparison::parse("built in", text).expect("the file that is compiled in is checked by a test")
}

fn comparison(comparison: Comparison, args: &ComparisonArgs) -> Result<String, Error> {
    let SeededArgs { seeds, place, local, dry_run, .. } = &args.trials;
    let (seeds, settings) = (seeds.numbers().to_vec(), args.trials.settings()?);
    for name in settings.names() {
        if let Some(arm) = comparison.arms.iter().find(|arm| arm.settings.names().contains(&name)) {
            let (flag, arm) = (name.replace('_', "-"), &arm.name);
            return Err(Error::usage(format!("--{flag}: the arm {arm:?} sets it; leave it out, or change the arm")));
        }
    }
    let comparison = Comparison { seeds, settings, ..comparison };
    place.files().writes("--out", &args.out, Form::Tsv).check()?;
    let images = Images::new(place.data.clone());
    let store = experiment::open(&place.store)?;
    let (before, store) = if *dry_run {
        let plan = comparison.plan(&store, &images).map_err(RunError::from)?;
        (experiment::preview(&plan, &store, &images, local.local()?.cores)? + "\n", store)
    } else {
        (String::new(), experiment::run(&comparison, &|_| true, store, &images, local)?.store)
    };
    let cells = comparison.cells(&store, &images)?;
    if let Some(out) = &args.out {
        atomic::write(out, comparison.trials(&cells).as_bytes()).map_err(Error::failure)?;
    }
    Ok(format!("{before}{}\n{}", comparison.table(&cells), comparison.verdicts(&cells)))
}

fn capacities(args: &CapacityArgs) -> Result<String, Error> {
    let machine = args.machine.machine()?;
    let mut table =
        "| N | n | formula | normal | measured | measured / normal |\n|---|---|---|---|---|---|\n".to_owned();
    for &vertex in &args.vertices {
        for &neurons in &args.neurons {
            if !capacity::NEURONS.contains(&neurons) {
                let (least, most) = (capacity::NEURONS.start(), capacity::NEURONS.end());
                return Err(Error::usage(format!("--neurons {neurons}: give {least} to {most}")));
            }
            if vertex < 2 || capacity::formula(neurons, vertex) > capacity::MOST_MEMORIES {
                let most = capacity::MOST_MEMORIES;
                let text = format!(
                    "--vertices {vertex} with {neurons} neurons: give 2 or more, and sizes for up to {most} patterns"
                );
                return Err(Error::usage(text));
            }
            let found = capacity::measure(neurons, vertex, args.seed, &machine)?;
            let Capacity { formula, normal, measured, .. } = found;
            let ratio = measured / normal;
            let _ =
                writeln!(table, "| {neurons} | {vertex} | {formula:.1} | {normal:.1} | {measured:.1} | {ratio:.2} |");
        }
    }
    Ok(table)
}

/// What differs from one measurement to the next: learning rate, temperature, and the size that images are pooled to. The
/// others are held against the first.
const COMMITMENTS: [(f64, f64, Pixels); 6] = [
    (0.02, 0.875, Pixels::Own),
    (0.02, 0.6, Pixels::Own),
    (0.02, 1.2, Pixels::Own),
    (0.05, 0.875, Pixels::Own),
    (0.1, 0.875, Pixels::Own),
    (0.02, 0.875, Pixels::Pooled(PixelSize { width: 14, height: 14 })),
];

fn commitments(args: &CommitmentArgs) -> Result<String, Error> {
    let machine = args.machine.machine()?;
    let images = Images::new(None);
    let mut table = "| n | similarity | learning rate | T | pixels | at full speed | measured | speed | predicted | measured / predicted |\n\
                     |---|---|---|---|---|---|---|---|---|---|\n"
        .to_owned();
    for &n in &args.vertices {
        let mut speed = None;
        for (learning_rate, temperature, pixels) in COMMITMENTS {
            let settings = Settings {
                n: Some(n),
                items: Some(args.items),
                seed: Some(args.seed),
                learning_rate: Some(learning_rate),
                temperature: Some(temperature),
                pixels: Some(pixels),
                ..Settings::default()
            };
            let config = settings.config()?;
            let data = images.of(&config)?;
            let found = commitment::measure(&config, &data, &machine).map_err(Error::failure)?;
            speed = speed.or(found.speed(&config));
            let predicted = speed.map(|speed| commitment::predicted(&config, speed));
            let shown = |value: Option<f64>| value.map_or("-".to_owned(), |value| format!("{value:.2}"));
            let ratio = found.measured.zip(predicted).map(|(measured, predicted)| measured / predicted);
            let _ = writeln!(
                table,
                "| {n} | {:.3} | {learning_rate} | {temperature} | {} | {:.2} | {} | {} | {} | {} |",
                found.similarity,
                data.pixels(),
                found.at_full_speed,
                shown(found.measured),
                shown(found.speed(&config)),
                shown(predicted),
                shown(ratio)
            );
        }
    }
    Ok(table)
}

fn conventions(args: &ConventionsArgs) -> Result<String, Error> {
    let mut conventions = match &args.conventions {
        Some(path) => Conventions::read(path)?,
        None => Conventions::built_in(),
    };
    if let Some(only) = &args.only {
        conventions.conventions.retain(|convention| convention.name.contains(only.as_str()));
        if conventions.conventions.is_empty() {
            return Err(Error::usage(format!("--only {only:?}: no convention has this in its name")));
        }
    }
    let study = Study { conventions, scale: args.size.scale(), settings: args.size.settings()? };
    let images = Images::new(args.place.data.clone());
    let store = experiment::open(&args.place.store)?;
    if args.dry_run {
        let plan = study.plan(&store, &images).map_err(RunError::from)?;
        let text = experiment::preview(&plan, &store, &images, args.local.local()?.cores)?;
        return Ok(text + "\n" + &study.table(&study.verdicts(&store, &images)?));
    }
    let ran = experiment::run(&study, &|_| true, store, &images, &args.local)?;
    Ok(study.table(&study.verdicts(&ran.store, &images)?))
}
