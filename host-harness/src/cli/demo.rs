//! `dam` alone: forgetting, what helps against it, and what the network dreams, in about a minute.

use std::fmt::Write;
use std::ops::ControlFlow;
use std::path::{Path, PathBuf};

use indicatif::{ProgressBar, ProgressStyle};
use rayon::iter::{IntoParallelRefIterator, ParallelIterator};

use super::error::Error;
use super::files::{Files, Form};
use super::run;
use crate::chart::{self, Panel};
use crate::config::{Batch, Config, DecaysName, MethodName, Settings};
use crate::console::tell;
use crate::data::{Dataset, sketch};
use crate::file::atomic;
use crate::machine::Machine;
use crate::methods;
use crate::network::TrainedNetwork;
use crate::outcome::Outcome;
use crate::pictures::{Choice, Portrait, panel};
use crate::trial::{self, Event};

/// Arguments of `dam demo`.
#[derive(Clone, Debug, Default, clap::Args)]
pub struct DemoArgs {
    /// Folder for the drawings [default: results]
    #[arg(long, value_name = "DIR")]
    pub out: Option<PathBuf>,
}

/// Features, and prototypes.
const VERTICES: [u32; 2] = [2, 20];

/// In the order of the table.
const METHODS: [MethodName; 3] = [MethodName::Vanilla, MethodName::Rehearsal, MethodName::Pseudorehearsal];

/// States that are shown of each network.
const DREAMS: usize = 4;

/// Pixels at each side of a picture that the terminal leaves out: digits are within the others.
const MARGIN: usize = 4;

/// Half of the items and memory vectors of the paper's searches, and one step an epoch: enough for what differs between
/// n = 2 and n = 20.
fn config(method: MethodName, n: u32) -> Result<Config, Error> {
    let settings = Settings {
        method: Some(method),
        n: Some(n),
        items: Some(1000),
        epochs: Some(500),
        memories: Some(256),
        batch: Some(Batch::Full),
        decays: Some(DecaysName::Epoch),
        ..Settings::default()
    };
    Ok(settings.config()?)
}

/// A trial and its network after the first task.
struct Learned {
    outcome: Outcome,
    first: Option<TrainedNetwork>,
}

/// Runs the trials, one a core, and shows what they found.
///
/// # Errors
/// A drawing that cannot be written.
pub fn run(args: &DemoArgs) -> Result<String, Error> {
    let folder = args.out.as_deref().unwrap_or(Path::new("results"));
    std::fs::create_dir_all(folder).map_err(|error| {
        Error::failure(format!("cannot create the folder {}: {error}; give another with --out", folder.display()))
    })?;
    let drawings = ["forgetting.svg", "dreams.svg"].map(|name| folder.join(name));
    Files::new().writes("--out", &drawings, Form::Svg).check()?;
    // In the order of the table, and by their work: the longest first, so that no core is left with one at the end.
    let each = VERTICES.into_iter().flat_map(|n| METHODS.map(|method| config(method, n)));
    let configs: Vec<Config> = each.collect::<Result<_, _>>()?;
    let mut order: Vec<usize> = (0..configs.len()).collect();
    order.sort_by_key(|&i| std::cmp::Reverse(methods::presentations(&configs[i])));
    let data = Dataset::embedded(configs[0].threshold)?;
    tell(format_args!(
        "A Dense Associative Memory of {} memory vectors learns five tasks, one after the other: the digits of MNIST, \
         their pixels permuted anew for each task.",
        configs[0].memories
    ));
    let bar = ProgressBar::new(configs.iter().map(methods::presentations).sum());
    let style = ProgressStyle::with_template("{bar:40} {percent:>3} %  {elapsed} gone, {eta} left");
    bar.set_style(style.unwrap_or_else(|_| ProgressStyle::default_bar()));
    let machine = Machine::new(1, None)?;
    let learn = |&i: &usize| -> Result<(usize, Learned), Error> {
        let (mut before, mut first) = (0, None);
        let mut watch = |event: Event<'_>| {
            match event {
                Event::Epoch { presentations, .. } => {
                    bar.inc(presentations - before);
                    before = presentations;
                }
                Event::Task { task: 1, network, .. } => first = Some(network()),
                Event::Task { .. } | Event::Accuracies { .. } => {}
            }
            ControlFlow::Continue(())
        };
        let outcome = trial::run(&configs[i], &data, &machine, &mut watch)?.outcome;
        let average = outcome.measured.average_accuracy.accuracy;
        let line = format!("{:24} average accuracy {average:.3}", run::title(&configs[i]));
        if bar.is_hidden() {
            tell(line)
        } else {
            bar.println(line)
        }
        Ok((i, Learned { outcome, first }))
    };
    let mut learned: Vec<(usize, Learned)> = order.par_iter().map(learn).collect::<Result<_, Error>>()?;
    bar.finish_and_clear();
    learned.sort_by_key(|(i, _)| *i);
    let outcomes: Vec<&Outcome> = learned.iter().map(|(_, learned)| &learned.outcome).collect();
    let choice = Choice { probes: 200, seed: 1 };
    let dreaming = learned.iter().filter(|(i, _)| configs[*i].method == MethodName::Pseudorehearsal);
    let portraits = dreaming
        .filter_map(|(_, learned)| learned.first.as_ref())
        .map(|network| Portrait::new(network, &data, choice, &machine).map_err(Error::failure))
        .collect::<Result<Vec<Portrait>, Error>>()?;
    let panels: Vec<Panel<'_>> = outcomes
        .iter()
        .map(|outcome| Panel { title: run::title(&outcome.config), matrix: &outcome.measured.accuracy_matrix })
        .collect();
    let curves = chart::accuracy_per_task(&panels, METHODS.len());
    atomic::write(&drawings[0], curves.as_bytes()).map_err(Error::failure)?;
    atomic::write(&drawings[1], panel::drawing(&portraits).as_bytes()).map_err(Error::failure)?;
    let mut text = table(&outcomes);
    for portrait in &portraits {
        dreams(&mut text, portrait);
    }
    let [curves, pictures] = drawings;
    let _ = write!(text, "\ndrawings  {}\n          {}\n", curves.display(), pictures.display());
    Ok(text)
}

fn table(outcomes: &[&Outcome]) -> String {
    let mut text = String::from("Accuracy on each task, after all five were learned\n\n                        ");
    for task in 1..=5 {
        let _ = write!(text, "  task {task}");
    }
    text += "  average  when new  forgetting\n";
    for outcome in outcomes {
        let measured = &outcome.measured;
        let _ = write!(text, "{:24}", run::title(&outcome.config));
        if let Some(last) = measured.accuracy_matrix.last() {
            for accuracy in last {
                let _ = write!(text, "  {accuracy:.3} ");
            }
        }
        let tasks = measured.accuracy_matrix.len();
        let new: f64 = (0..tasks).map(|task| measured.accuracy_matrix[task][task]).sum();
        let _ = writeln!(
            text,
            "  {:>7.3}  {:>8.3}  {:>10.3}",
            measured.average_accuracy.accuracy,
            new / tasks as f64,
            measured.forgetting
        );
    }
    text + "\n\
        average     mean of the five; guessing has 0.1\n\
        when new    mean of the accuracies that each task had just after it was learned\n\
        forgetting  mean, over all tasks but the last, of the best accuracy before the end less that at the end\n\
        \n\
        vanilla learns one task after the other, rehearsal learns half of each old task's items again, and\n\
        pseudorehearsal, which keeps no items, learns again what random states relax to: what the network dreams.\n"
}

/// What random states relax to after the first task: how many are digits, and the first that were found.
fn dreams(text: &mut String, portrait: &Portrait) {
    let probes = &portrait.probes;
    let (n, count, distinct, kinds) = (portrait.n, probes.count, probes.distinct, probes.kinds);
    let share = 100.0 * probes.share();
    let _ = writeln!(
        text,
        "\nn = {n}: after task 1, {count} random states relax to {distinct} different ones; {share:.0}% judge as digits, of {kinds} \
         of 10 classes. The first:\n"
    );
    let shown: Vec<_> = probes.each.iter().take(DREAMS).collect();
    let pictures: Vec<Vec<String>> =
        shown.iter().map(|rest| sketch::half_blocks(&rest.pixels, portrait.size.0, MARGIN)).collect();
    for line in 0..pictures.iter().map(Vec::len).max().unwrap_or(0) {
        let parts: Vec<&str> = pictures.iter().filter_map(|picture| picture.get(line)).map(String::as_str).collect();
        text.push_str(parts.join("  ").trim_end());
        text.push('\n');
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_trials_differ_in_method_and_vertex_alone() {
        let plain = config(MethodName::Vanilla, 2).unwrap();
        for n in VERTICES {
            for method in METHODS {
                assert_eq!(Config { method: MethodName::Vanilla, n: 2, ..config(method, n).unwrap() }, plain);
            }
        }
    }
}
