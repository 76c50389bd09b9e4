//! `dam store`: all results of a store into one file, and back.

use std::path::PathBuf;

use clap::Subcommand;

use super::error::Error;
use super::experiment;
use crate::experiment::archive;
use crate::experiment::source::RunError;
use crate::file::{self, atomic};

/// Arguments of `dam store`.
#[derive(Clone, Debug, clap::Args)]
pub struct StoreArgs {
    /// What to do.
    #[command(subcommand)]
    pub action: Action,
}

/// What to do with a store.
#[derive(Clone, Debug, Subcommand)]
pub enum Action {
    /// Write all results into one file, an archive
    Pack(FileArgs),
    /// Put the results of an archive into a store; results that are there already stay
    Unpack(FileArgs),
}

/// An archive and a store.
#[derive(Clone, Debug, clap::Args)]
pub struct FileArgs {
    /// The archive: gzip of one JSON object a line
    #[arg(value_name = "FILE")]
    pub archive: PathBuf,
    /// Folder of the results
    #[arg(long, value_name = "DIR", default_value = "results/store")]
    pub store: PathBuf,
}

/// Packs or unpacks.
///
/// # Errors
/// Files that cannot be read or written, or are none of results; a store without a result that is to be packed.
pub fn run(args: &StoreArgs) -> Result<String, Error> {
    match &args.action {
        Action::Pack(FileArgs { archive: path, store: folder }) => {
            let store = experiment::open(folder)?;
            let count = store.outcomes().count();
            if count == 0 {
                let message = format!("--store {}: no trial is there; run some with `dam reproduce`", folder.display());
                return Err(Error::usage(message));
            }
            let bytes = archive::pack(&store).map_err(RunError::from)?;
            atomic::write(path, &bytes).map_err(Error::failure)?;
            let trials = if count == 1 { "trial" } else { "trials" };
            Ok(format!("{count} {trials} in {}, {} bytes\n", path.display(), bytes.len()))
        }
        Action::Unpack(FileArgs { archive: path, store: folder }) => {
            let bytes = file::read(path).map_err(Error::failure)?;
            let store = experiment::open(folder)?;
            let new = archive::unpack(&bytes[..], &store)
                .map_err(|error| Error::failure(format!("{}: {error}", path.display())))?;
            let trials = if new == 1 { "trial" } else { "trials" };
            Ok(format!("{new} new {trials} in {}\n", folder.display()))
        }
    }
}
