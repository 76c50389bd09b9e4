//! `dam run`: one trial.

use std::fmt::Write as _;
use std::io::Write as _;
use std::num::NonZeroU32;
use std::ops::ControlFlow;
use std::path::{Path, PathBuf};
use std::sync::atomic::Ordering;

use dam_nostd::train::TrainError;
use indicatif::{ProgressBar, ProgressStyle};

use super::convention::ConventionArgs;
use super::convert::in_file;
use super::curve::{Curve, Point};
use super::data::SourceArgs;
use super::error::Error;
use super::files::{self, Files, Form};
use super::machine::MachineArgs;
use super::recipe::Recipe;
use super::signals;
use crate::chart::{self, Panel};
use crate::checkpoint::Checkpoint;
use crate::config::{Config, Kind, Settings};
use crate::console::{tell, warn};
use crate::data::{self, Dataset, Share};
use crate::file::{atomic, network, tensors};
use crate::machine::Machine;
use crate::measured;
use crate::methods;
use crate::network::TrainedNetwork;
use crate::outcome::{self, ResultFile};
use crate::tasks::{self, Tasks, kinds, relation};
use crate::trial::{self, Event, Finished, TrialError};

/// Arguments of `dam run`.
#[derive(Clone, Debug, clap::Args)]
pub struct RunArgs {
    /// TOML file of settings, or a result to be run again; flags go before it
    #[arg(long, value_name = "FILE")]
    pub config: Option<PathBuf>,
    /// A convention, under flags.
    #[command(flatten)]
    pub convention: ConventionArgs,
    /// Directory with IDX files (DIR, or DIR/PREFIX), or a file of rows, instead of the embedded MNIST
    #[arg(long, value_name = "DIR")]
    pub data: Option<PathBuf>,
    /// The threshold as a share of the largest grey value, such as 0.5
    #[arg(long, value_name = "SHARE", conflicts_with = "threshold")]
    pub threshold_share: Option<Share>,
    /// Result file; a drawing goes beside it [default: results/METHOD-nN-IDENTITY.json]
    #[arg(long, value_name = "FILE")]
    pub out: Option<PathBuf>,
    /// File of the drawing [default: beside the result, ending in .svg]
    #[arg(long, value_name = "FILE.svg", conflicts_with = "no_drawing")]
    pub drawing: Option<PathBuf>,
    /// Draw nothing
    #[arg(long)]
    pub no_drawing: bool,
    /// File for the trained network, NAME.dam, or NAME.safetensors for tensors; with {task} in it, one after each task
    #[arg(long, value_name = "FILE")]
    pub save: Option<PathBuf>,
    /// Keep the trial after each of its tasks, in a file beside the result, and go on from there
    #[arg(long)]
    pub checkpoint: bool,
    /// File of the course, written while it runs: loss, and accuracy of each task begun; a terminal shows them, too
    #[arg(long, value_name = "FILE.csv", conflicts_with = "checkpoint")]
    pub curve: Option<PathBuf>,
    /// Epochs from one point of the course to the next
    #[arg(long, value_name = "EPOCHS", default_value = "10", requires = "curve")]
    pub curve_every: NonZeroU32,
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
/// Settings without sense, images that cannot be read, files that cannot be written, an interruption.
pub fn run(args: &RunArgs) -> Result<String, Error> {
    let recipe = args.config.as_deref().map(Recipe::read).transpose()?.unwrap_or_default();
    let mut settings = args.settings.clone();
    if let Some(share) = args.threshold_share {
        settings.threshold = Some(Dataset::grey_value(args.data.as_deref(), share)?);
    }
    let given = recipe.given(&settings);
    let config = args.convention.under(settings.over(recipe.settings.clone())).config()?;
    for name in given.unconcerned() {
        let flag = name.replace('_', "-");
        if kinds::settings_of_some().contains(&name.as_str()) {
            warn(format_args!(
                "--{flag} changes nothing with --kind {}; leave it out, or give another kind",
                config.kind
            ));
        } else {
            let method = config.method;
            warn(format_args!("--{flag} changes nothing with --method {method}; leave it out, or give another method"));
        }
    }
    let machine = args.machine.machine()?;
    let data = load(args.data.as_deref(), &config)?;
    recipe.check_images(&config, &data)?;
    tasks::enough(&config, &data).map_err(Error::usage)?;
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
    let drawing = match &args.drawing {
        Some(path) => Some(path.clone()),
        None if args.no_drawing || files::is_stream(&out) => None,
        None => Some(beside(&out)),
    };
    if args.checkpoint && files::is_stream(&out) {
        let message = format!("--checkpoint: --out {} is no file to keep one beside; give one", out.display());
        return Err(Error::usage(message));
    }
    let kept = args.checkpoint.then(|| with_ending(&out, "checkpoint"));
    let images = args.data.as_deref().map(data::sources).unwrap_or_default();
    let read = Files::new().reads("--config", &args.config).reads("--data", images);
    let saves: Vec<PathBuf> = match &args.save {
        Some(save) if each_task(save) => (1..=config.tasks).map(|task| after_task(save, task)).collect(),
        save => save.iter().cloned().collect(),
    };
    let files = read.writes("--out", [&out], Form::Json).writes("--drawing", &drawing, Form::Svg);
    files
        .writes("--save", &saves, Form::AnyNetwork)
        .writes("--checkpoint", &kept, Form::Checkpoint)
        .writes("--curve", &args.curve, Form::Csv)
        .check()?;
    let identity = outcome::identity(&config, data.digest());
    let checkpoint = kept.map(|path| Checkpoint::new(path, identity));
    let Finished { outcome, course, network } = watched(&config, &data, &machine, checkpoint.as_ref(), args)?;
    let result = ResultFile { outcome, course };
    let mut report = describe(&result) + &relation(&config, &data)?;
    let network = args.save.as_deref().map(|path| (path, &network));
    match write(&result, &out, drawing.as_deref(), network) {
        Ok(files) => {
            if let Some(checkpoint) = checkpoint {
                checkpoint.remove();
            }
            Ok(report + &files + &recipe.compare(&result.outcome))
        }
        Err(error) => {
            // What was measured is told all the same.
            report.push('\n');
            let _ = std::io::stdout().write_all(report.as_bytes());
            Err(error)
        }
    }
}

/// Runs the trial, telling how far it is, until it ends or the user breaks it off.
fn watched(
    config: &Config,
    data: &Dataset,
    machine: &Machine,
    checkpoint: Option<&Checkpoint>,
    args: &RunArgs,
) -> Result<Finished, Error> {
    let save_to = args.save.as_deref();
    let curve = args.curve.as_deref().map(|path| Curve::new(path, config.tasks)).transpose();
    let mut curve = curve.map_err(Error::failure)?;
    let every = curve.is_some().then_some(args.curve_every);
    let (bar, stop) = (progress_bar(config), signals::stop()?);
    let (mut at, mut unsaved) = ((1, 0), None);
    let mut watch = |event: Event<'_>| {
        show(&bar, event);
        match event {
            Event::Epoch { task, epoch, .. } => at = (task, epoch),
            Event::Accuracies { task, epoch, loss, presentations, accuracies } => {
                let point = Point { task, epoch, presentations, loss, accuracies };
                if let Some(curve) = &mut curve {
                    if let Err(error) = curve.add(point) {
                        unsaved = Some(Error::failure(error));
                        return ControlFlow::Break(());
                    }
                    bar.set_prefix(curve.plot());
                }
            }
            Event::Task { task, .. } => at = (task + 1, 0),
        }
        if let (Event::Task { task, network, .. }, Some(path)) = (event, save_to.filter(|path| each_task(path)))
            && let Err(error) = save(&after_task(path, task), &network())
        {
            unsaved = Some(error);
            return ControlFlow::Break(());
        }
        if stop.load(Ordering::Relaxed) { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
    };
    let finished = trial::run_from(config, data, machine, checkpoint, every, &mut watch);
    bar.finish_and_clear();
    if let Some(error) = unsaved {
        return Err(error);
    }
    if !matches!(finished, Err(TrialError::Train(TrainError::Stopped))) {
        return Ok(finished?);
    }
    let (task, epoch) = at;
    let kept = match checkpoint {
        Some(checkpoint) if task > 1 => {
            format!("{} has the tasks before it, and the same command goes on from there", checkpoint.path().display())
        }
        Some(_) => "the same command begins anew, for a trial is kept after each task".to_owned(),
        None => "nothing was kept; with --checkpoint the same command would go on".to_owned(),
    };
    let message = format!("interrupted in task {task} of {}, after epoch {epoch}; {kept}", config.tasks);
    Err(Error::Interrupted(message.into()))
}

/// Writes the files of a trial and names them. One that cannot be written does not keep the others from being written.
fn write(
    result: &ResultFile,
    out: &Path,
    drawing: Option<&Path>,
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
                save(path, network)?;
                Ok(format!("network  {}\n", path.display()))
            }
            None => Ok(String::new()),
        }
    };
    let drawn = || -> Result<String, Error> {
        let Some(drawing) = drawing else { return Ok(String::new()) };
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
    with_ending(out, "svg")
}

/// A name with another ending after its own.
fn with_ending(path: &Path, ending: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(format!(".{ending}"));
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

/// Writes a network in the form that its name ends in: tensors, or a network file.
///
/// # Errors
/// A network that could not be read again, a file that cannot be written.
pub fn save(path: &Path, network: &TrainedNetwork) -> Result<(), Error> {
    if Form::of(path) == Some(Form::Tensors) {
        let bytes = tensors::encode_network(network).map_err(|error| in_file(path, &error))?;
        return atomic::write(path, &bytes).map_err(Error::failure);
    }
    network::save(path, network).map_err(Error::failure)
}

/// The images of `config`: embedded, or of a directory. Warns of what is odd about them.
///
/// # Errors
/// Images that cannot be read.
pub fn load(directory: Option<&Path>, config: &Config) -> Result<Dataset, Error> {
    Ok(SourceArgs { data: directory.map(Path::to_owned), threshold: config.threshold, pixels: config.pixels }.load()?)
}

/// Method and interaction vertex, as a heading.
pub fn title(config: &Config) -> String {
    format!("{}, n = {}", config.method, config.n)
}

/// A bar over the presentations of a trial, with the time left. Where there is no terminal it is hidden, and each task leaves
/// a line.
fn progress_bar(config: &Config) -> ProgressBar {
    let bar = ProgressBar::new(methods::presentations(config));
    let style = ProgressStyle::with_template("{msg:24} {bar:30} {percent:>3} %  {elapsed} gone, {eta} left{prefix}");
    bar.set_style(style.unwrap_or_else(|_| ProgressStyle::default_bar()));
    bar
}

fn show(bar: &ProgressBar, event: Event<'_>) {
    match event {
        Event::Epoch { task, epoch, loss, presentations } => {
            bar.set_position(presentations);
            bar.set_message(format!("task {task} epoch {epoch} loss {loss:.3}"));
        }
        Event::Accuracies { .. } => {}
        Event::Task { task, average_accuracy, .. } => {
            let line = format!("after task {task}: average accuracy {average_accuracy:.3}");
            if bar.is_hidden() { tell(line) } else { bar.println(line) }
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
    if let Some(test) = &measured.test {
        let _ = writeln!(
            text,
            "last test          {:.4}  (F1 macro {:.4}) on {} images that no task was drawn from",
            test.average_accuracy, test.average_macro_f1, test.images
        );
    }
    if measured.stalled_memories.iter().any(|&stalled| stalled > 0) {
        let _ = writeln!(
            text,
            "stalled memories   {:?} at each task's end: their gradient is below the floor {:e}; --precision f64 goes lower",
            measured.stalled_memories, config.floor
        );
    }
    text
}

/// How alike the tasks are, where this is not known from their kind.
fn relation(config: &Config, data: &Dataset) -> Result<String, Error> {
    if config.kind == Kind::Permuted && config.permuted_share == 1.0 {
        return Ok(String::new());
    }
    let shape = config.shape(data.pixels(), data.classes()).map_err(Error::usage)?;
    let tasks = Tasks::draw(config, data, shape).map_err(Error::usage)?;
    Ok(match relation::mean_overlap(&tasks) {
        Some(overlap) => format!("overlap of tasks   {overlap:+.3}  (of mean class images: 1 the same, 0 unrelated)\n"),
        None => "overlap of tasks   none: no two have a class in common\n".to_owned(),
    })
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
        let _ = writeln!(text, "  {:.3}", measured::mean_up_to(row, after));
    }
    text
}
