//! `dam` alone: catastrophic forgetting and its cure, side by side, in about a minute.

use std::fmt::Write;
use std::ops::ControlFlow;
use std::path::{Path, PathBuf};

use indicatif::{ProgressBar, ProgressStyle};
use rayon::iter::{IntoParallelRefIterator, ParallelIterator};

use super::error::Error;
use super::run;
use crate::chart::{self, Panel};
use crate::config::{CodingName, Config, MethodName, Settings};
use crate::data::Dataset;
use crate::file::atomic;
use crate::machine::Machine;
use crate::outcome::Outcome;
use crate::trial::{self, Event};

/// Arguments of `dam demo`.
#[derive(Clone, Debug, Default, clap::Args)]
pub struct DemoArgs {
    /// Folder for the drawing [default: results]
    #[arg(long, value_name = "DIR")]
    pub out: Option<PathBuf>,
}

/// The four trials, the longest first.
fn configs() -> Result<Vec<Config>, Error> {
    let mut configs = vec![];
    for method in [MethodName::Rehearsal, MethodName::Vanilla] {
        for n in [2, 20] {
            let settings = Settings {
                method: Some(method),
                n: Some(n),
                epochs: Some(100),
                // A first task is learned sooner where pixels that are off count.
                coding: Some(CodingName::Bipolar),
                ..Settings::default()
            };
            configs.push(settings.config()?);
        }
    }
    Ok(configs)
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
    let drawing = folder.join("forgetting.svg");
    atomic::check_writable(&drawing).map_err(Error::failure)?;
    let configs = configs()?;
    let data = Dataset::embedded(configs[0].threshold)?;
    eprintln!(
        "A Dense Associative Memory of {} memory vectors learns five tasks, one after the other: the digits of MNIST, \
         their pixels permuted anew for each task.",
        configs[0].memories
    );
    let bar = ProgressBar::new(configs.iter().map(trial::presentations).sum());
    let style = ProgressStyle::with_template("{bar:40} {percent:>3} %  {elapsed} gone, {eta} left");
    bar.set_style(style.unwrap_or_else(|_| ProgressStyle::default_bar()));
    let machine = Machine::new(1, None)?;
    let outcomes: Vec<Outcome> = configs
        .par_iter()
        .map(|config| {
            let mut before = 0;
            let mut watch = |event: Event<'_>| {
                if let Event::Epoch { presentations, .. } = event {
                    bar.inc(presentations - before);
                    before = presentations;
                }
                ControlFlow::Continue(())
            };
            let outcome = trial::run(config, &data, &machine, &mut watch)?.outcome;
            bar.println(format!(
                "{:20} average accuracy {:.3}",
                run::title(config),
                outcome.measured.average_accuracy.accuracy
            ));
            Ok(outcome)
        })
        .collect::<Result<_, Error>>()?;
    bar.finish_and_clear();
    let order = [2, 0, 3, 1].map(|i| &outcomes[i]);
    let panels =
        order.map(|outcome| Panel { title: run::title(&outcome.config), matrix: &outcome.measured.accuracy_matrix });
    let picture = chart::accuracy_per_task(&panels, 2);
    atomic::write(&drawing, picture.as_bytes()).map_err(Error::failure)?;
    Ok(describe(&order, &drawing))
}

fn describe(outcomes: &[&Outcome], drawing: &Path) -> String {
    let mut text = String::from("Accuracy on each task, after all five were learned\n\n                    ");
    for task in 1..=5 {
        let _ = write!(text, "  task {task}");
    }
    text += "    mean  forgotten  when new\n";
    for outcome in outcomes {
        let measured = &outcome.measured;
        let _ = write!(text, "{:20}", run::title(&outcome.config));
        if let Some(last) = measured.accuracy_matrix.last() {
            for accuracy in last {
                let _ = write!(text, "  {accuracy:.3} ");
            }
        }
        let tasks = measured.accuracy_matrix.len();
        let new: f64 = (0..tasks).map(|task| measured.accuracy_matrix[task][task]).sum();
        let _ = writeln!(
            text,
            "   {:.3}   {:.3}      {:.3}",
            measured.average_accuracy.accuracy,
            measured.forgetting,
            new / tasks as f64
        );
    }
    let _ = write!(
        text,
        "\nEach task is learned well when it is new. Without a method the next one wipes it out (chance is 0.1); with half\n\
         of each old task's items learned again, it stays.\n\ndrawing  {}\n",
        drawing.display()
    );
    text
}
