//! `dam grid`: methods, interaction vertices and seeds, under any settings, as one table.

use std::fmt::Write as _;
use std::path::PathBuf;
use std::str::FromStr;

use super::error::Error;
use super::experiment::{self, SeededArgs};
use super::files::Form;
use crate::config::MethodName;
use crate::experiment::grid::{Cell, Grid, SCORES};
use crate::experiment::images::Images;
use crate::experiment::source::{RunError, Source};
use crate::experiment::store::Store;
use crate::file::atomic;
use crate::report::grid as page;
use crate::spread;

/// Arguments of `dam grid`.
#[derive(Clone, Debug, clap::Args)]
pub struct GridArgs {
    /// Methods; the others are compared with the first
    #[arg(long, value_name = "METHOD", value_delimiter = ',', default_value = "vanilla")]
    pub methods: Vec<MethodName>,
    /// Interaction vertices
    #[arg(long, value_name = "N", value_delimiter = ',', default_value = "20")]
    pub vertices: Vec<u32>,
    /// File of a page: the table, average accuracy of all trials, and what becomes of each task
    #[arg(long, value_name = "FILE.html")]
    pub page: Option<PathBuf>,
    /// Which seeds, where and how.
    #[command(flatten)]
    pub trials: SeededArgs,
}

/// Seeds, each once, in the order in which they were given.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Seeds(Vec<u64>);

impl FromStr for Seeds {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let wrong = || format!("give numbers and ranges such as 1,2,5..9, at most 10000 seeds, not {text:?}");
        let mut seeds = vec![];
        for part in text.split(',') {
            let (first, last) = part.split_once("..").unwrap_or((part, part));
            let ends = first.trim().parse::<u64>().ok().zip(last.trim().parse::<u64>().ok());
            let (first, last) =
                ends.filter(|(first, last)| first <= last && last - first < 10_000).ok_or_else(wrong)?;
            for seed in first..=last {
                if !seeds.contains(&seed) {
                    seeds.push(seed);
                }
            }
        }
        if seeds.len() > 10_000 { Err(wrong()) } else { Ok(Self(seeds)) }
    }
}

impl Seeds {
    /// Each.
    pub fn numbers(&self) -> &[u64] {
        &self.0
    }
}

/// Runs what is missing, and shows the table.
///
/// # Errors
/// Settings without sense, results that cannot be read or written, an interruption.
pub fn run(args: &GridArgs) -> Result<String, Error> {
    let SeededArgs { seeds, place, local, dry_run, .. } = &args.trials;
    let grid = Grid {
        methods: args.methods.clone(),
        vertices: args.vertices.clone(),
        seeds: seeds.numbers().to_vec(),
        settings: args.trials.settings()?,
    };
    let images = Images::new(place.data.clone());
    place.files().writes("--page", &args.page, Form::Html).check()?;
    let store = experiment::open(&place.store)?;
    let shown = |store: &Store| -> Result<String, Error> {
        let cells = grid.cells(store, &images)?;
        if let Some(path) = &args.page {
            atomic::write(path, page::page(&cells).as_bytes()).map_err(Error::failure)?;
        }
        Ok(table(&cells))
    };
    if *dry_run {
        let plan = grid.plan(&store, &images).map_err(RunError::from)?;
        let text = experiment::preview(&plan, &store, &images, local.local()?.cores)?;
        return Ok(text + "\n" + &shown(&store)?);
    }
    shown(&experiment::run(&grid, &|_| true, store, &images, local)?.store)
}

/// Means and standard deviations over the seeds, and the difference from the first method, seed by seed.
fn table(cells: &[Cell<'_>]) -> String {
    let scores: String = SCORES.iter().map(|(name, _)| format!(" {name} |")).collect();
    let mut text = format!(
        "| n | method | trials |{scores} seconds | MB | less the first method | p |\n|---|---|---|---|---|---|---|---|---|---|---|\n"
    );
    for cell in cells {
        let Cell { n, method, planned, found, seconds, memory, compared } = cell;
        let scores: String = SCORES.iter().map(|(_, of)| format!(" {} |", spread::shown(&cell.scores(*of)))).collect();
        let shown = |value: &Option<f64>| value.map_or("-".to_owned(), |value| format!("{value:.1}"));
        let (seconds, memory) = (shown(seconds), shown(memory));
        let _ = write!(text, "| {n} | {method} | {} of {planned} |{scores} {seconds} | {memory} |", found.len());
        text += &compared.map_or(" | |\n".to_owned(), |paired| {
            let p = paired.p.map_or("-".to_owned(), |p| format!("{p:.3}"));
            format!(" {:+.3} +- {:.3} | {p} |\n", paired.mean, paired.deviation)
        });
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn seeds_are_numbers_and_ranges_each_once() {
        assert_eq!("3,1..4".parse(), Ok(Seeds(vec![3, 1, 2, 4])));
        for wrong in ["", "4..1", "1..100000", "one", "1,,2"] {
            assert!(wrong.parse::<Seeds>().unwrap_err().contains("1,2,5..9"), "{wrong}");
        }
    }
}
