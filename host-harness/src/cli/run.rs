//! `dam run`: one trial.

use std::ffi::OsStr;
use std::fmt::Write as _;
use std::io::Write as _;
use std::ops::ControlFlow;
use std::path::{Path, PathBuf};
use std::str::FromStr;

use indicatif::{ProgressBar, ProgressStyle};

use super::error::Error;
use super::machine::MachineArgs;
use crate::chart::{self, Panel};
use crate::config::{Config, Settings};
use crate::data::Dataset;
use crate::file::{atomic, network};
use crate::network::TrainedNetwork;
use crate::outcome::{self, ResultFile};
use crate::task;
use crate::trial::{self, Event, Finished};

/// Arguments of `dam run`.
#[derive(Clone, Debug, clap::Args)]
pub struct RunArgs {
    /// TOML file of settings; flags go before it
    #[arg(long, value_name = "FILE")]
    pub config: Option<PathBuf>,
    /// Directory with IDX files (DIR, or DIR/PREFIX) instead of the embedded MNIST
    #[arg(long, value_name = "DIR")]
    pub data: Option<PathBuf>,
    /// Size that images are pooled to, such as 14x14 [default: their own]
    #[arg(long, value_name = "WxH")]
    pub pixels: Option<PixelSize>,
    /// Result file; a drawing goes beside it [default: results/METHOD-nN-IDENTITY.json]
    #[arg(long, value_name = "FILE")]
    pub out: Option<PathBuf>,
    /// File for the trained network; with {task} in its name, one after each task, from 1
    #[arg(long, value_name = "FILE")]
    pub save: Option<PathBuf>,
    /// The machine.
    #[command(flatten)]
    pub machine: MachineArgs,
    /// What to run.
    #[command(flatten)]
    pub settings: Settings,
}

/// Runs the trial, writes its files and describes it.
///
/// # Errors
/// Settings without sense, images that cannot be read, files that cannot be written.
pub fn run(args: &RunArgs) -> Result<String, Error> {
    let file = match &args.config {
        Some(path) => Settings::read(path)?,
        None => Settings::default(),
    };
    let config = args.settings.clone().over(file).config()?;
    let machine = args.machine.machine()?;
    let data = pooled(load(args.data.as_deref(), &config)?, args.pixels)?;
    task::enough(&config, &data).map_err(Error::usage)?;
    let out = match &args.out {
        Some(path) => path.clone(),
        None => {
            let folder = Path::new("results");
            std::fs::create_dir_all(folder)
                .map_err(|error| Error::failure(format!("cannot create the folder {}: {error}", folder.display())))?;
            let identity = outcome::identity(&config, data.digest());
            folder.join(format!("{}-n{}-{identity}.json", config.method, config.n))
        }
    };
    let drawing = beside(&out);
    let saves: Vec<PathBuf> = match &args.save {
        Some(save) if each_task(save) => (1..=config.tasks).map(|task| after_task(save, task)).collect(),
        save => save.iter().cloned().collect(),
    };
    if let Some(save) = &args.save
        && [&out, &drawing].into_iter().any(|path| saves.iter().any(|save| same(path, save)))
    {
        let (save, out, drawing) = (save.display(), out.display(), drawing.display());
        let message =
            format!("--save {save}: the result goes to {out} and the drawing to {drawing}; give another name");
        return Err(Error::usage(message));
    }
    // Hours of work are not to end at a folder that cannot be written to.
    for path in [&out, &drawing].into_iter().chain(&saves) {
        atomic::check_writable(path).map_err(Error::failure)?;
    }
    let bar = progress_bar(&config);
    let mut unsaved = None;
    let mut watch = |event: Event<'_>| {
        show(&bar, event);
        match (event, &args.save) {
            (Event::Task { task, network: now, .. }, Some(save)) if each_task(save) => {
                match network::save(&after_task(save, task), &now()) {
                    Ok(()) => ControlFlow::Continue(()),
                    Err(error) => {
                        unsaved = Some(error);
                        ControlFlow::Break(())
                    }
                }
            }
            _ => ControlFlow::Continue(()),
        }
    };
    let finished = trial::run(&config, &data, &machine, &mut watch);
    if let Some(error) = unsaved {
        return Err(Error::failure(error));
    }
    let Finished { outcome, course, network } = finished?;
    bar.finish_and_clear();
    let result = ResultFile { outcome, course };
    let mut report = describe(&result);
    let network = args.save.as_deref().map(|path| (path, &network));
    match write(&result, &out, &drawing, network) {
        Ok(files) => Ok(report + &files),
        Err(error) => {
            // What was measured is told all the same.
            report.push('\n');
            let _ = std::io::stdout().write_all(report.as_bytes());
            Err(error)
        }
    }
}

/// Writes the files of a trial and names them. One that cannot be written does not keep the others from being written.
fn write(
    result: &ResultFile,
    out: &Path,
    drawing: &Path,
    network: Option<(&Path, &TrainedNetwork)>,
) -> Result<String, Error> {
    let outcome = &result.outcome;
    let result = || -> Result<String, Error> {
        let text = serde_json::to_string_pretty(result).map_err(Error::failure)? + "\n";
        atomic::write(out, text.as_bytes()).map_err(Error::failure)?;
        Ok(format!("\nresult   {}\n", out.display()))
    };
    let saved = || -> Result<String, Error> {
        match network {
            Some((path, _)) if each_task(path) => Ok(format!("networks {}\n", path.display())),
            Some((path, network)) => {
                network::save(path, network).map_err(Error::failure)?;
                Ok(format!("network  {}\n", path.display()))
            }
            None => Ok(String::new()),
        }
    };
    let drawn = || -> Result<String, Error> {
        let panel = Panel { title: title(&outcome.config), matrix: &outcome.measured.accuracy_matrix };
        let picture = chart::accuracy_per_task(&[panel], 1);
        atomic::write(drawing, picture.as_bytes()).map_err(Error::failure)?;
        Ok(format!("drawing  {}\n", drawing.display()))
    };
    let (result, saved, drawn) = (result(), saved(), drawn());
    Ok(result? + &drawn? + &saved?)
}

/// The drawing's name: that of the result with `.svg` in the place of `.json`, or after it.
fn beside(out: &Path) -> PathBuf {
    if out.extension().is_some_and(|extension| extension == "json") {
        return out.with_extension("svg");
    }
    let mut name = out.as_os_str().to_owned();
    name.push(".svg");
    name.into()
}

/// Where a task's number is to stand in the name of a network.
const TASK: &str = "{task}";

/// Whether a network is to be saved after each task.
fn each_task(save: &Path) -> bool {
    save.to_string_lossy().contains(TASK)
}

/// The name of the network after a task, from 1.
fn after_task(save: &Path, task: usize) -> PathBuf {
    save.to_string_lossy().replace(TASK, &task.to_string()).into()
}

/// Whether two names, of files that need not be there, are the same file's.
pub(crate) fn same(one: &Path, other: &Path) -> bool {
    let whole = |path: &Path| {
        let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
        (folder.canonicalize().unwrap_or_else(|_| folder.to_owned()), path.file_name().map(OsStr::to_owned))
    };
    whole(one) == whole(other)
}

/// The images of `config`: embedded, or of a directory.
///
/// # Errors
/// Images that cannot be read.
pub fn load(directory: Option<&Path>, config: &Config) -> Result<Dataset, Error> {
    Ok(match directory {
        Some(directory) => Dataset::from_idx_dir(directory, config.threshold)?,
        None => Dataset::embedded(config.threshold)?,
    })
}

/// The images at another size, where one is asked for.
///
/// # Errors
/// A size larger than theirs.
pub fn pooled(data: Dataset, size: Option<PixelSize>) -> Result<Dataset, Error> {
    match size {
        Some(PixelSize { width, height }) => data.pooled(width, height).map_err(Error::usage),
        None => Ok(data),
    }
}

/// Pixels of an image across and down, written `14x14`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PixelSize {
    /// Across.
    pub width: usize,
    /// Down.
    pub height: usize,
}

impl FromStr for PixelSize {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let sides = text.split_once('x').and_then(|(width, height)| Some((width.parse().ok()?, height.parse().ok()?)));
        let (width, height) =
            sides.ok_or_else(|| format!("give pixels across and down, such as 14x14, not {text:?}"))?;
        Ok(Self { width, height })
    }
}

/// Method and interaction vertex, as a heading.
pub fn title(config: &Config) -> String {
    format!("{}, n = {}", config.method, config.n)
}

/// A bar over the presentations of a trial, with the time left; hidden where there is no terminal.
fn progress_bar(config: &Config) -> ProgressBar {
    let bar = ProgressBar::new(trial::presentations(config));
    let style = ProgressStyle::with_template("{msg:24} {bar:30} {percent:>3} %  {elapsed} gone, {eta} left");
    bar.set_style(style.unwrap_or_else(|_| ProgressStyle::default_bar()));
    bar
}

fn show(bar: &ProgressBar, event: Event<'_>) {
    match event {
        Event::Epoch { task, epoch, loss, presentations } => {
            bar.set_position(presentations);
            bar.set_message(format!("task {task} epoch {epoch} loss {loss:.3}"));
        }
        Event::Task { task, average_accuracy, .. } => {
            bar.println(format!("after task {task}: average accuracy {average_accuracy:.3}"));
        }
    }
}

fn describe(ResultFile { outcome, course }: &ResultFile) -> String {
    let (measured, config) = (&outcome.measured, &outcome.config);
    let mut text = format!(
        "{}: {} tasks of {} items, {} epochs, {} memory vectors, seed {}\n\n",
        title(config),
        config.tasks,
        config.items,
        config.epochs,
        config.memories,
        config.seed
    );
    text += &matrix(&measured.accuracy_matrix);
    let average = measured.average_accuracy;
    let _ = write!(
        text,
        "\naverage accuracy   {:.4}  (F1 macro {:.4}, micro {:.4}, weighted {:.4})\n\
         forgetting         {:.4}\n\
         backward transfer  {:+.4}\n\
         forward transfer   {:+.4}\n\
         time               {:.1} s, {:.0} item-presentations a second ({}, {} threads)\n",
        average.accuracy,
        average.macro_f1,
        average.micro_f1,
        average.weighted_f1,
        measured.forgetting,
        measured.backward_transfer,
        measured.forward_transfer,
        course.wall_seconds,
        course.item_presentations_per_second,
        course.instruction_set,
        course.threads,
    );
    if measured.stalled_memories.iter().any(|&stalled| stalled > 0) {
        let _ = writeln!(
            text,
            "stalled memories   {:?} at each task's end: their gradient is below the floor {:e}; --precision f64 goes lower",
            measured.stalled_memories, config.floor
        );
    }
    text
}

/// The accuracy matrix as a table: after each task the tasks learned so far, and their mean.
pub fn matrix(matrix: &[Vec<f64>]) -> String {
    let mut text = String::from("accuracy     ");
    for task in 1..=matrix.len() {
        let _ = write!(text, " task {task:<2}");
    }
    text += "   mean\n";
    for (after, row) in matrix.iter().enumerate() {
        let _ = write!(text, "after task {:<2}", after + 1);
        for (task, accuracy) in row.iter().enumerate() {
            let _ = if task <= after { write!(text, "  {accuracy:.3} ") } else { write!(text, "    -   ") };
        }
        let _ = writeln!(text, "  {:.3}", outcome::mean_up_to(row, after));
    }
    text
}
