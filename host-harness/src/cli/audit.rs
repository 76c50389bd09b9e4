//! `dam audit`: the number types held against `f64`, layer by layer; or whole trials in them.

use std::path::PathBuf;

use super::error::Error;
use super::machine::MachineArgs;
use crate::audit;
use crate::chart;
use crate::config::{Config, Precision};
use crate::data::Dataset;
use crate::file::atomic;
use crate::trials::{self, Trials};

/// Arguments of `dam audit`.
#[derive(Clone, Debug, clap::Args)]
pub struct AuditArgs {
    /// File for the table, its cells separated by tabs
    #[arg(long, value_name = "FILE.tsv")]
    pub out: Option<PathBuf>,

    /// File for the drawing of median errors
    #[arg(long, value_name = "FILE.svg", conflicts_with = "trials")]
    pub drawing: Option<PathBuf>,

    /// Learn five tasks of 14 x 14 pixels with every method in each number type instead: the acceptance of fixed point,
    /// an hour of one core
    #[arg(long)]
    pub trials: bool,

    /// Epochs of each task in --trials
    #[arg(long, value_name = "N", default_value_t = trials::EPOCHS, requires = "trials", value_parser = clap::value_parser!(u32).range(1..))]
    pub epochs: u32,

    /// Where to compute.
    #[command(flatten)]
    pub machine: MachineArgs,
}

/// Audits, writes the files and returns the table.
///
/// # Errors
/// Files that cannot be written, a machine that is not there.
pub fn run(args: &AuditArgs) -> Result<String, Error> {
    for path in [&args.out, &args.drawing].into_iter().flatten() {
        atomic::check_writable(path).map_err(Error::failure)?;
    }
    let machine = args.machine.machine()?;
    let data = Dataset::embedded(1)?;
    let text = if args.trials {
        let tell = |config: &Config, format: Precision, accuracy: f64| {
            eprintln!("{} n = {} seed {} {format}: {accuracy:.4}", config.method, config.n, config.seed);
        };
        let trials: Trials = trials::run(&data, args.epochs, &machine, tell).map_err(Error::failure)?;
        trials.table()
    } else {
        let audit = audit::run(&data, &machine).map_err(Error::failure)?;
        if let Some(path) = &args.drawing {
            let picture = chart::errors(&audit);
            atomic::write(path, picture.as_bytes()).map_err(Error::failure)?;
        }
        audit.table()
    };
    if let Some(path) = &args.out {
        atomic::write(path, text.as_bytes()).map_err(Error::failure)?;
    }
    Ok(text)
}
