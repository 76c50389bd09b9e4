//! `dam audit`: the number types held against `f64`, layer by layer; or whole trials in them.

use std::path::PathBuf;

use super::error::Error;
use super::files::{Files, Form};
use super::machine::MachineArgs;
use crate::audit::layers as audit;
use crate::audit::learning::{self, Scope};
use crate::chart;
use crate::config::{Config, MethodName, Precision};
use crate::console::tell;
use crate::data::Dataset;
use crate::file::atomic;

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

    /// Only this method in --trials; may be given several times
    #[arg(long = "method", value_name = "METHOD", requires = "trials")]
    pub methods: Vec<MethodName>,

    /// Only this interaction vertex in --trials; may be given several times
    #[arg(long = "n", value_name = "N", requires = "trials", value_parser = clap::value_parser!(u32).range(1..))]
    pub vertices: Vec<u32>,

    /// Only this number type beside f32 in --trials; may be given several times
    #[arg(long = "precision", value_name = "TYPE", requires = "trials")]
    pub formats: Vec<Precision>,

    /// Seeds of each cell in --trials: 1 to N [default: 3]
    #[arg(long, value_name = "N", requires = "trials", value_parser = clap::value_parser!(u64).range(1..))]
    pub seeds: Option<u64>,

    /// Epochs of each task in --trials [default: 50]
    #[arg(long, value_name = "N", requires = "trials", value_parser = clap::value_parser!(u32).range(1..))]
    pub epochs: Option<u32>,

    /// Where to compute.
    #[command(flatten)]
    pub machine: MachineArgs,
}

impl AuditArgs {
    /// The trials that are asked for.
    fn scope(&self) -> Scope {
        fn or<T: Clone>(given: &[T], all: Vec<T>) -> Vec<T> {
            if given.is_empty() { all } else { given.to_vec() }
        }
        let all = Scope::default();
        Scope {
            methods: or(&self.methods, all.methods),
            vertices: or(&self.vertices, all.vertices),
            formats: or(&self.formats, all.formats),
            seeds: self.seeds.unwrap_or(all.seeds),
            epochs: self.epochs.unwrap_or(all.epochs),
        }
    }
}

/// Audits, writes the files and returns the table.
///
/// # Errors
/// Files that cannot be written, a machine that is not there.
pub fn run(args: &AuditArgs) -> Result<String, Error> {
    Files::new().writes("--out", &args.out, Form::Tsv).writes("--drawing", &args.drawing, Form::Svg).check()?;
    let machine = args.machine.machine()?;
    let data = Dataset::embedded(1)?;
    let text = if args.trials {
        let tell = |config: &Config, accuracy: f64| {
            let Config { method, n, seed, precision, .. } = config;
            tell(format_args!("{method} n = {n} seed {seed} {precision}: {accuracy:.4}"));
        };
        learning::run(&data, &args.scope(), &machine, tell).map_err(Error::failure)?.table()
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
