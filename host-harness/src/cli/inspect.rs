//! `dam inspect`: what networks hold, as a page and as tables.

use std::path::{Path, PathBuf};

use super::draw::PortraitArgs;
use super::error::Error;
use super::files::Form;
use crate::file::atomic;
use crate::pictures::tables::{self, Table};
use crate::pictures::{Choice, Portrait, page, summary};

/// Arguments of `dam inspect`.
#[derive(Clone, Debug, clap::Args)]
pub struct InspectArgs {
    /// Which networks, and how.
    #[command(flatten)]
    pub of: PortraitArgs,

    /// File of the page [default: the first network's name, ending in .html]
    #[arg(long, value_name = "FILE.html")]
    pub out: Option<PathBuf>,

    /// File of all memory vectors: stage, similarity, task, class and vote of each
    #[arg(long, value_name = "FILE.tsv")]
    pub memory_vectors: Option<PathBuf>,

    /// File of all states that random ones end in: how, after how many sweeps, with which task and class
    #[arg(long, value_name = "FILE.tsv")]
    pub states: Option<PathBuf>,

    /// File of the items of each task as states: fixed points, and how many flips they come back from
    #[arg(long, value_name = "FILE.tsv")]
    pub stability: Option<PathBuf>,
}

/// Writes the page and the tables, and tells the numbers.
///
/// # Errors
/// Usage: an output in the place of a network or of another output. Failures: files that cannot be read or written, data that
/// does not fit a network, a machine that is not there.
pub fn run(args: &InspectArgs) -> Result<String, Error> {
    let out = args.out.clone().unwrap_or_else(|| args.of.named("html"));
    let files =
        args.of.files().writes("--out", [&out], Form::Html).writes("--memory-vectors", &args.memory_vectors, Form::Tsv);
    files.writes("--states", &args.states, Form::Tsv).writes("--stability", &args.stability, Form::Tsv).check()?;
    let name = |path: &PathBuf| path.file_name().map_or(String::new(), |name| name.to_string_lossy().into_owned());
    let portraits: Vec<(String, Portrait)> = args.of.networks.iter().map(name).zip(args.of.portraits()?).collect();
    let write = |path: &Path, text: String| atomic::write(path, text.as_bytes()).map_err(Error::failure);
    let tables: [(&Option<PathBuf>, Table); 3] = [
        (&args.memory_vectors, tables::memory_vectors),
        (&args.states, tables::states),
        (&args.stability, tables::stability),
    ];
    for (path, table) in tables {
        if let Some(path) = path {
            write(path, table(&portraits))?;
        }
    }
    let choice = Choice { probes: args.of.probes as usize, seed: args.of.seed };
    write(&out, page::page(&portraits, choice))?;
    let portraits: Vec<Portrait> = portraits.into_iter().map(|(_, portrait)| portrait).collect();
    Ok(format!("{}\npage  {}\n", summary::text(&portraits), out.display()))
}
