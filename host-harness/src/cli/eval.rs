//! `dam eval`: how well a trained network does.

use std::fmt::Write;
use std::path::PathBuf;

use super::convert::{described, in_file};
use super::data::SourceArgs;
use super::error::Error;
use super::files::{Files, Form};
use super::machine::MachineArgs;
use crate::console::warn;
use crate::data;
use crate::evaluation::{self, Choice, Evaluation, EvaluationError};
use crate::file::{atomic, network};

/// Arguments of `dam eval`.
#[derive(Clone, Debug, clap::Args)]
pub struct EvalArgs {
    /// Network file
    #[arg(value_name = "NET.dam")]
    pub network: PathBuf,

    /// Directory with IDX files (DIR, or DIR/PREFIX), or a file of rows, instead of the embedded MNIST
    #[arg(long, value_name = "DIR")]
    pub data: Option<PathBuf>,

    /// Images drawn for each task, of which the network's share is evaluated [default: as in training]
    #[arg(long, value_name = "N")]
    pub items: Option<usize>,

    /// Task to evaluate, from 1 [default: all]
    #[arg(long, value_name = "TASK")]
    pub task: Option<usize>,

    /// Seed that the images are drawn with [default: as in training]
    #[arg(long, value_name = "SEED")]
    pub seed: Option<u64>,

    /// Also print, for each task, how often each class was taken for which
    #[arg(long)]
    pub confusion: bool,

    /// File to write the scores to, as JSON
    #[arg(long, value_name = "FILE.json")]
    pub out: Option<PathBuf>,

    /// Where to compute.
    #[command(flatten)]
    pub machine: MachineArgs,
}

/// Evaluates, writes the file where one is asked for, and tells the scores. What makes them incomparable with those of
/// the trial goes to standard error.
///
/// # Errors
/// Usage: a task that the network does not have, more items than there are images. Failures: files that cannot be read or written, data that does not fit
/// the network, a machine that is not there.
pub fn run(args: &EvalArgs) -> Result<String, Error> {
    let images = args.data.as_deref().map(data::sources).unwrap_or_default();
    let read = Files::new().reads("NET.dam", [&args.network]).reads("--data", images);
    read.writes("--out", &args.out, Form::Json).check()?;
    let machine = args.machine.machine()?;
    let network = network::load(&args.network).map_err(Error::failure)?;
    let data = SourceArgs::load_for(args.data.as_deref(), &network)?;
    let choice = Choice { task: args.task, items: args.items, seed: args.seed };
    let evaluation = evaluation::evaluate(&network, &data, &choice, &machine).map_err(|error| match error {
        EvaluationError::NoSuchTask { .. } | EvaluationError::Config(_) | EvaluationError::Tasks(_) => {
            Error::usage(error)
        }
        EvaluationError::Overflow { .. } => in_file(&args.network, &error),
        error => Error::failure(error),
    })?;
    for warning in warnings(&evaluation, &network.data_digest) {
        warn(warning);
    }
    if let Some(out) = &args.out {
        let mut json = serde_json::to_string_pretty(&evaluation).map_err(Error::failure)?;
        json.push('\n');
        atomic::write(out, json.as_bytes()).map_err(Error::failure)?;
    }
    Ok(format!("network  {}\n{}", described(&network), table(&evaluation, args.confusion)))
}

/// What keeps the scores from being those of the trial.
fn warnings(evaluation: &Evaluation, trained_with: &str) -> Vec<String> {
    let mut warnings = vec![];
    if evaluation.same_data == Some(false) {
        let digest = &evaluation.data.digest;
        warnings.push(format!(
            "these are other images than the network was trained with: SHA-256 {digest}, not {trained_with}"
        ));
    }
    if !evaluation.same_draw {
        let text = "images are drawn otherwise than in training: the network may have been trained on some of them";
        warnings.push(text.to_owned());
    }
    warnings
}

fn table(evaluation: &Evaluation, confusion: bool) -> String {
    let mut text = format!("data     {}, {} images\n", evaluation.data.name, evaluation.data.images);
    if !evaluation.permutations_of_seed {
        text.push_str("permutation   the file's own permutations, not those of its seed\n");
    }
    text.push_str("\ntask   items  accuracy  macro F1\n");
    for score in &evaluation.tasks {
        let _ =
            writeln!(text, "{:>4} {:>7}  {:>8.4}  {:>8.4}", score.task, score.items, score.accuracy, score.macro_f1);
    }
    let _ = writeln!(text, "mean          {:>8.4}  {:>8.4}", evaluation.average_accuracy, evaluation.average_macro_f1);
    for score in evaluation.tasks.iter().filter(|_| confusion) {
        let _ = writeln!(text, "\ntask {}: rows are classes, columns are answers", score.task);
        let columns = 0..score.confusion.len();
        let _ = writeln!(text, "     {}", columns.map(|column| format!("{column:>6}")).collect::<String>());
        for (class, row) in score.confusion.iter().enumerate() {
            let _ = writeln!(text, "{class:>5}{}", row.iter().map(|count| format!("{count:>6}")).collect::<String>());
        }
    }
    text
}
