//! `dam convert`: a network as a network file or as tensors.

use std::ffi::OsStr;
use std::fmt;
use std::path::{Path, PathBuf};

use super::error::Error;
use super::files::{Files, Form};
use super::run::save;
use crate::file::{self, network, tensors};
use crate::network::TrainedNetwork;

/// Arguments of `dam convert`.
#[derive(Clone, Debug, clap::Args)]
pub struct ConvertArgs {
    /// Network to convert, NAME.dam or NAME.safetensors
    #[arg(value_name = "FROM")]
    pub from: PathBuf,

    /// File to write, of the other kind
    #[arg(value_name = "TO")]
    pub to: PathBuf,
}

#[derive(Clone, Copy, PartialEq)]
enum Kind {
    Dam,
    Safetensors,
}

/// Converts, and tells what the network is.
///
/// # Errors
/// Usage: two names that do not end in `.dam` and `.safetensors`, or the other way round. Failures: a file that cannot be
/// read or written, or that holds no network.
pub fn run(args: &ConvertArgs) -> Result<String, Error> {
    let ConvertArgs { from, to } = args;
    Files::new().reads("FROM", [from]).writes("TO", [to], Form::AnyNetwork).check()?;
    let network = match (kind(from)?, kind(to)?) {
        (Kind::Dam, Kind::Safetensors) => {
            let network = network::load(from).map_err(Error::failure)?;
            save(to, &network)?;
            network
        }
        (Kind::Safetensors, Kind::Dam) => {
            let bytes = file::read(from).map_err(Error::failure)?;
            let network = tensors::decode_network(&bytes).map_err(|error| in_file(from, &error))?;
            save(to, &network)?;
            network
        }
        _ => {
            let (from, to) = (from.display(), to.display());
            let message = format!("{from} and {to} are of the same kind; convert from .dam to .safetensors or back");
            return Err(Error::usage(message));
        }
    };
    Ok(format!("{} -> {}: {}\n", from.display(), to.display(), described(&network)))
}

fn kind(path: &Path) -> Result<Kind, Error> {
    match path.extension().and_then(OsStr::to_str) {
        Some("dam") => Ok(Kind::Dam),
        Some("safetensors") => Ok(Kind::Safetensors),
        _ => Err(Error::usage(format!("{}: give a name that ends in .dam or .safetensors", path.display()))),
    }
}

/// A failure about the content of the file at `path`.
pub(crate) fn in_file(path: &Path, error: &dyn fmt::Display) -> Error {
    Error::failure(format!("{}: {error}", path.display()))
}

/// The network in one line.
pub(crate) fn described(network: &TrainedNetwork) -> String {
    let (width, height) = network.image;
    let (config, classes) = (&network.config, network.classes);
    let neurons = width * height + config.tasks + classes;
    format!(
        "{} memory vectors of {neurons} neurons ({width} x {height} pixels, {} task-ID, {classes} class), n = {}, {}",
        config.memories,
        config.tasks,
        config.n,
        network.weights.precision()
    )
}
