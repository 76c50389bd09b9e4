//! `dam export`: a trained network for a board.

use std::ops::ControlFlow;
use std::path::PathBuf;

use dam_nostd::recall::Content;

use super::convert::described;
use super::error::Error;
use super::files::{Files, Form};
use super::machine::MachineArgs;
use super::run::load;
use crate::config::Config;
use crate::console::tell;
use crate::data::{self, PixelSize, Pixels};
use crate::export::digits::Digits;
use crate::export::margins::{self, Rejection};
use crate::export::{self, ExportError, ExportPrecision, Further, Options, Sensor, report, text};
use crate::file::{atomic, network};
use crate::network::TrainedNetwork;
use crate::trial::{self, Finished};

/// Form of an exported model.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
pub enum Format {
    /// A module with a static model
    Rust,
    /// A header with a constant array
    C,
    /// The words themselves
    Bin,
}

/// Arguments of `dam export`.
#[derive(Clone, Debug, clap::Args)]
pub struct ExportArgs {
    /// Network file
    #[arg(value_name = "NET.dam")]
    pub network: PathBuf,
    /// Form of the model
    #[arg(long, value_name = "FORMAT")]
    pub format: Format,
    /// Number type of its weights
    #[arg(long, value_name = "PRECISION", default_value = "i8")]
    pub precision: ExportPrecision,
    /// Leave out what only relaxation needs
    #[arg(long)]
    pub classes_only: bool,
    /// Have answers rejected that are as unsure as those to this share of the validation images, such as 0.02
    #[arg(long, value_name = "SHARE")]
    pub reject: Option<f64>,
    /// Write the network for a device that goes on training it, with weights of f32 (rust or bin)
    #[arg(long, conflicts_with_all = ["precision", "pixels", "memories", "classes_only", "reject"])]
    pub trainable: bool,
    /// Task-ID neurons for tasks to come, those of the network included
    #[arg(long, value_name = "COUNT", requires = "trainable")]
    pub tasks: Option<usize>,
    /// Class neurons for classes to come, those of the network included
    #[arg(long, value_name = "COUNT", requires = "trainable")]
    pub classes: Option<usize>,
    /// Add the importances of the weights, for EWC, from the images that the network was trained with
    #[arg(long, requires = "trainable")]
    pub importances: bool,
    /// File to write [default: the network's name, ending in .rs, .h or .bin]
    #[arg(long, value_name = "FILE")]
    pub out: Option<PathBuf>,
    /// Task, from 1, in whose order of pixels states are to be given
    #[arg(long, value_name = "TASK", default_value_t = 1)]
    pub task: usize,
    /// Train anew, as the network was, with images pooled to this size, such as 14x14
    #[arg(long, value_name = "WxH")]
    pub pixels: Option<PixelSize>,
    /// Train anew, as the network was, with so many memory vectors
    #[arg(long, value_name = "K")]
    pub memories: Option<usize>,
    /// Directory with IDX files (DIR, or DIR/PREFIX) to train anew or take importances with instead of the embedded MNIST
    #[arg(long, value_name = "DIR")]
    pub data: Option<PathBuf>,
    /// The machine to train on.
    #[command(flatten)]
    pub machine: MachineArgs,
}

/// Exports, and tells what the model takes on each board.
///
/// # Errors
/// Usage: a task that the network does not have, sizes without sense. Failures: files that cannot be read or written, a
/// network that exported models cannot be.
pub fn run(args: &ExportArgs) -> Result<String, Error> {
    let (ending, form) = match args.format {
        Format::Rust => ("rs", Form::Rust),
        Format::C => ("h", Form::C),
        Format::Bin => ("bin", Form::Bin),
    };
    if args.trainable && args.format == Format::C {
        return Err(Error::usage("--trainable: the C library does not train; write rust or bin"));
    }
    let out = args.out.clone().unwrap_or_else(|| args.network.with_extension(ending));
    let images = args.data.as_deref().map(data::sources).unwrap_or_default();
    let read = Files::new().reads("NET.dam", [&args.network]).reads("--data", images);
    read.writes("--out", [&out], form).check()?;
    let mut network = network::load(&args.network).map_err(Error::failure)?;
    if args.pixels.is_some() || args.memories.is_some() {
        network = reduced(args, &network)?;
    }
    let trained_with = match args.importances {
        true => Some(load(args.data.as_deref(), &network.config)?),
        false => None,
    };
    if args.reject.is_some_and(|share| !(0.0..1.0).contains(&share)) {
        return Err(Error::usage("--reject: give a share from 0 to less than 1"));
    }
    let content = if args.classes_only { Content::Classes } else { Content::All };
    let ExportArgs { precision, task, .. } = *args;
    let sensor = if args.trainable { None } else { sensor(args, &network)? };
    let options = Options { precision, task, content, sensor, rejection: 0 };
    let words = if args.trainable {
        let ExportArgs { task, tasks, classes, .. } = *args;
        export::trainable(&network, &Further { task, tasks, classes, importances: trained_with.as_ref() })
    } else {
        export::model_with(&network, &options)
    };
    let refused = |error| match error {
        ExportError::NoSuchTask { .. } | ExportError::Smaller { .. } => Error::usage(error),
        error => Error::failure(error),
    };
    let mut words = words.map_err(refused)?;
    let mut rejects = String::new();
    if let Some(share) = args.reject {
        let data = load(args.data.as_deref(), &network.config)?;
        let digits = Digits::of(&network, &data, args.task - 1).map_err(Error::failure)?;
        let found = margins::rejection(&words, args.precision, &digits, share).map_err(Error::failure)?;
        words = export::model_with(&network, &Options { rejection: found.margin, ..options }).map_err(refused)?;
        let Rejection { margin, kept, right, all } = found;
        rejects = format!(
            "rejects  margins below {:.3}: of {all} validation images {kept} are kept, {right} of them right\n",
            f64::from(margin) / 65_536.0
        );
    }
    let origin = format!("{}, {}", described(&network), args.precision.name());
    let bytes = match args.format {
        Format::Rust if args.trainable => text::trainable(&words, &described(&network)).into_bytes(),
        Format::Rust => text::rust(&words, args.precision, &origin).into_bytes(),
        Format::C => {
            let stem = out.file_stem().unwrap_or_default().to_string_lossy();
            text::c(&words, &text::identifier(&stem), &origin).into_bytes()
        }
        Format::Bin => words.iter().flat_map(|word| word.to_le_bytes()).collect(),
    };
    atomic::write(&out, &bytes).map_err(Error::failure)?;
    let shape = network.shape().map_err(Error::failure)?;
    if args.trainable {
        let (bytes, out) = (4 * words.len(), out.display());
        return Ok(format!("network  {}\nflash    {bytes} bytes\n\nnetwork  {out}\n", described(&network)));
    }
    let seen = match sensor {
        Some(Sensor { size, cut }) => format!("sensor   {} x {} grey values; cut {cut}\n", size.0, size.1),
        None => String::from("sensor   not known: give the images that the network was trained with as --data\n"),
    };
    let table = report::table(&shape, args.precision, content);
    Ok(format!("network  {}\n{seen}{rejects}{table}\nmodel    {}\n", described(&network), out.display()))
}

/// The sensor of a network, where the images that it was trained with are at hand.
fn sensor(args: &ExportArgs, network: &TrainedNetwork) -> Result<Option<Sensor>, Error> {
    let Ok(data) = load(args.data.as_deref(), &network.config) else { return Ok(None) };
    if data.digest() != network.data_digest {
        return Ok(None);
    }
    let own = load(args.data.as_deref(), &Config { pixels: Pixels::Own, ..network.config.clone() })?;
    Ok(Some(Sensor::of(network, &own)?))
}

/// The network of the same configuration at another size, trained now.
fn reduced(args: &ExportArgs, network: &TrainedNetwork) -> Result<TrainedNetwork, Error> {
    let mut config = network.config.clone();
    config.memories = args.memories.unwrap_or(config.memories);
    config.check()?;
    let machine = args.machine.machine()?;
    let (width, height) = network.image;
    let size = args.pixels.unwrap_or(PixelSize { width, height });
    let mut data = load(args.data.as_deref(), &Config { pixels: Pixels::Own, ..config.clone() })?;
    if (data.width(), data.height()) != (size.width, size.height) {
        config.pixels = Pixels::Pooled(size);
        data = data.pooled(size.width, size.height)?;
    }
    let Finished { outcome, network, .. } = trial::run(&config, &data, &machine, &mut |_| ControlFlow::Continue(()))?;
    tell(format_args!("trained anew: average accuracy {:.4}", outcome.measured.average_accuracy.accuracy));
    Ok(network)
}
