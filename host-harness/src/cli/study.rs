//! `dam study`: which of the conventions that the paper leaves open come nearest to it.

use std::path::PathBuf;

use clap::Subcommand;

use super::error::Error;
use super::experiment::{self, LocalArgs, PlaceArgs, SizeArgs};
use crate::experiment::images::Images;
use crate::experiment::source::{RunError, Source};
use crate::experiment::study::{Conventions, Study};

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

/// Runs what is missing and shows all conventions, the nearest to the paper first.
///
/// # Errors
/// Settings without sense, results that cannot be read or written, an interruption.
pub fn run(args: &StudyArgs) -> Result<String, Error> {
    let Of::Conventions(args) = &args.of;
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
