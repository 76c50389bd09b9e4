//! `dam draw`: what networks hold, as pictures and numbers.

use std::fmt::Write;
use std::path::PathBuf;

use super::data::SourceArgs;
use super::error::Error;
use super::files::{Files, Form};
use super::machine::MachineArgs;
use crate::console::warn;
use crate::data;
use crate::evaluation::EvaluationError;
use crate::file::{atomic, network};
use crate::pictures::stability::{FLIPPED, Stability};
use crate::pictures::{Choice, Portrait, panel};

/// Arguments of `dam draw`.
#[derive(Clone, Debug, clap::Args)]
pub struct DrawArgs {
    /// Network files, drawn side by side: `dam run --save net-{task}.dam` keeps one after each task
    #[arg(value_name = "NET.dam", required = true, num_args = 1..=8)]
    pub networks: Vec<PathBuf>,

    /// File of the drawing [default: the first network's name, ending in .svg]
    #[arg(long, value_name = "FILE.svg")]
    pub out: Option<PathBuf>,

    /// Print the numbers as JSON, those of each memory vector and each state included
    #[arg(long)]
    pub json: bool,

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

/// Draws, and tells the numbers.
///
/// # Errors
/// Usage: a drawing in the place of a network. Failures: files that cannot be read or written, data that does not fit a
/// network, a machine that is not there.
pub fn run(args: &DrawArgs) -> Result<String, Error> {
    let out = args.out.clone().unwrap_or_else(|| args.networks[0].with_extension("svg"));
    let images = args.data.as_deref().map(data::sources).unwrap_or_default();
    let read = Files::new().reads("NET.dam", &args.networks).reads("--data", images);
    read.writes("--out", [&out], Form::Svg).check()?;
    let machine = args.machine.machine()?;
    let choice = Choice { probes: args.probes as usize, seed: args.seed };
    let mut portraits = vec![];
    for path in &args.networks {
        let network = network::load(path).map_err(Error::failure)?;
        let data = SourceArgs::load_for(args.data.as_deref(), &network)?;
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
        portraits.push(portrait);
    }
    atomic::write(&out, panel::drawing(&portraits).as_bytes()).map_err(Error::failure)?;
    if args.json {
        return Ok(serde_json::to_string_pretty(&portraits).map_err(Error::failure)? + "\n");
    }
    Ok(format!("{}\ndrawing  {}\n", table(&portraits), out.display()))
}

/// The numbers, a column a network.
pub(crate) fn table(portraits: &[Portrait]) -> String {
    type Line = (&'static str, fn(&Portrait) -> String);
    fn share(count: usize, of: usize) -> String {
        format!("{:.1}%", 100.0 * count as f64 / of.max(1) as f64)
    }
    fn number(value: Option<f64>) -> String {
        value.map_or("-".to_owned(), |value| format!("{value:.3}"))
    }
    fn shares(portrait: &Portrait, of: fn(&Stability) -> f64) -> String {
        let whole = |task| (100.0 * of(task)).round() as usize;
        list(&portrait.stability.iter().map(whole).collect::<Vec<_>>())
    }
    const FIVE: usize = 2;
    const { assert!(FLIPPED[FIVE] == 0.05) };
    const LINES: [Line; 24] = [
        ("", |p| format!("{}, n = {}", p.method, p.n)),
        ("tasks learned", |p| format!("{} of {}", p.learned, p.tasks)),
        ("memory vectors", |p| p.memories.count.to_string()),
        ("  committed", |p| p.memories.committed.to_string()),
        ("    by task", |p| list(&p.memories.committed_by_task)),
        ("  drifting", |p| p.memories.drifting.to_string()),
        ("  at their first weights", |p| p.memories.first.to_string()),
        ("  cosine with an item", |p| number(p.memories.median_cosine)),
        ("  right votes", |p| number(p.memories.right_votes)),
        ("  for each item", |p| format!("{:.1}", p.memories.vectors_per_item)),
        ("random states", |p| p.probes.count.to_string()),
        ("  at rest", |p| share(p.probes.stable, p.probes.count)),
        ("  different ones", |p| p.probes.distinct.to_string()),
        ("  one class neuron on", |p| share(p.probes.one_class, p.probes.count)),
        ("  one task-ID neuron on", |p| share(p.probes.one_task, p.probes.count)),
        ("  judge as digits", |p| share(p.probes.digits, p.probes.count)),
        ("    by task", |p| list(&p.probes.digits_by_task)),
        ("    kinds", |p| format!("{} of {}", p.probes.kinds, p.learned * p.classes)),
        ("  the judge's own", |p| format!("{:.1}%", 100.0 * p.recognised())),
        ("items of each task", |p| list(&p.stability.iter().map(|task| task.items).collect::<Vec<_>>())),
        ("  fixed points, %", |p| shares(p, |task| task.fixed)),
        ("  own class kept, %", |p| shares(p, |task| task.class_kept)),
        ("  neurons moved", |p| list(&p.stability.iter().map(|task| task.moved).collect::<Vec<_>>())),
        ("  back from 5% flipped, %", |p| shares(p, |task| task.basin[FIVE])),
    ];
    let mut text = String::new();
    for (name, of) in LINES {
        let _ = write!(text, "{name:26}");
        for portrait in portraits {
            let _ = write!(text, " {:>24}", of(portrait));
        }
        text.truncate(text.trim_end().len());
        text.push('\n');
    }
    text += "\nA digit: one task-ID and one class neuron on, and the training image of that task that is nearest by pixels that\n\
             differ has that class, and is as near as two images of that class typically are. The judge's own: validation\n\
             images of which the judge says that they are digits of their class. A kind of digits is a task and a class.\n";
    text
}

fn list<T: ToString>(counts: &[T]) -> String {
    counts.iter().map(ToString::to_string).collect::<Vec<_>>().join(" ")
}
