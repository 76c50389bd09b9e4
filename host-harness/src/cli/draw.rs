//! `dam draw`: what networks hold, as pictures and numbers.

use std::path::{Path, PathBuf};

use super::data::SourceArgs;
use super::error::Error;
use super::files::{Files, Form};
use super::machine::MachineArgs;
use crate::console::warn;
use crate::data;
use crate::evaluation::EvaluationError;
use crate::file::{atomic, network};
use crate::pictures::{Choice, Portrait, panel, summary};

/// Which networks are looked at, and how.
#[derive(Clone, Debug, clap::Args)]
pub struct PortraitArgs {
    /// Network files, side by side: `dam run --save net-{task}.dam` keeps one after each task
    #[arg(value_name = "NET.dam", required = true, num_args = 1..=32)]
    pub networks: Vec<PathBuf>,

    /// Directory with IDX files (DIR, or DIR/PREFIX), or a file of rows, instead of the embedded MNIST
    #[arg(long, value_name = "DIR")]
    pub data: Option<PathBuf>,

    /// Random states to relax
    #[arg(long, value_name = "N", default_value_t = 1000, value_parser = clap::value_parser!(u32).range(1..=100_000))]
    pub probes: u32,

    /// Seed that they are drawn with
    #[arg(long, value_name = "SEED", default_value_t = 1)]
    pub seed: u64,

    /// Where to compute.
    #[command(flatten)]
    pub machine: MachineArgs,
}

impl PortraitArgs {
    /// The first network's name with another ending.
    pub fn named(&self, ending: &str) -> PathBuf {
        self.networks[0].with_extension(ending)
    }

    /// The files that are read.
    pub fn files(&self) -> Files {
        let images = self.data.as_deref().map(data::sources).unwrap_or_default();
        Files::new().reads("NET.dam", &self.networks).reads("--data", images)
    }

    /// Looks at each network.
    ///
    /// # Errors
    /// Usage: a machine or settings that have no sense. Failures: files that cannot be read, data that does not fit a network.
    pub fn portraits(&self) -> Result<Vec<Portrait>, Error> {
        let machine = self.machine.machine()?;
        let choice = Choice { probes: self.probes as usize, seed: self.seed };
        let portrait = |path: &Path| {
            let network = network::load(path).map_err(Error::failure)?;
            let data = SourceArgs::load_for(self.data.as_deref(), &network)?;
            let portrait = Portrait::new(&network, &data, choice, &machine).map_err(|error| match error {
                EvaluationError::Config(_) => Error::usage(error),
                error => Error::failure(error),
            })?;
            if portrait.same_data == Some(false) {
                warn(format_args!(
                    "{}: these are other images than it was trained with; memory vectors and states are compared \
                     with items that it has not seen",
                    path.display()
                ));
            }
            Ok(portrait)
        };
        self.networks.iter().map(|path| portrait(path)).collect()
    }
}

/// Arguments of `dam draw`.
#[derive(Clone, Debug, clap::Args)]
pub struct DrawArgs {
    /// Which networks, and how.
    #[command(flatten)]
    pub of: PortraitArgs,

    /// File of the drawing [default: the first network's name, ending in .svg]
    #[arg(long, value_name = "FILE.svg")]
    pub out: Option<PathBuf>,

    /// Print the numbers as JSON, those of each memory vector and each state included
    #[arg(long)]
    pub json: bool,
}

/// Draws, and tells the numbers.
///
/// # Errors
/// Usage: a drawing in the place of a network. Failures: files that cannot be read or written, data that does not fit a
/// network, a machine that is not there.
pub fn run(args: &DrawArgs) -> Result<String, Error> {
    let out = args.out.clone().unwrap_or_else(|| args.of.named("svg"));
    args.of.files().writes("--out", [&out], Form::Svg).check()?;
    let portraits = args.of.portraits()?;
    atomic::write(&out, panel::drawing(&portraits).as_bytes()).map_err(Error::failure)?;
    if args.json {
        return Ok(serde_json::to_string_pretty(&portraits).map_err(Error::failure)? + "\n");
    }
    Ok(format!("{}\ndrawing  {}\n", summary::text(&portraits), out.display()))
}
