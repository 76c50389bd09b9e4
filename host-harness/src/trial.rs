//! One trial: tasks in sequence, one network, one seed that fixes everything.

use std::num::NonZeroU32;
use std::ops::ControlFlow;
use std::time::{Duration, Instant};

use dam_engine::engine::Number;
use dam_nostd::items::Union;
use dam_nostd::methods::State;
use dam_nostd::metrics::Accuracies;
use dam_nostd::rng::{Purpose, Xoshiro128PlusPlus};
use dam_nostd::train::{self, TrainError, Trainer};
use dam_nostd::{Descent, Fixed32, Items, Passes, Scalar, TooShort, Weights, classify};

use serde::{Deserialize, Serialize};

use crate::checkpoint::{Checkpoint, CheckpointError};
use crate::config::{Config, ConfigError, Precision};
use crate::data::Dataset;
use crate::divergence::Divergence;
use crate::machine::Machine;
use crate::measured::{Averages, DataSource, LastTest, Measured, mean_up_to};
use crate::memory::{self, TooLittleMemory};
use crate::methods::diagnostics::Diagnostics;
use crate::methods::{self, Learner, MethodMemory};
use crate::network::{self, TrainedNetwork};
use crate::number_or_null;
use crate::outcome::{self, Course, Outcome};
use crate::rows::{LANES, Row};
use crate::scores::Confusion;
use crate::tasks::{self, TaskError, Tasks};
use crate::workspace::{Memory, Workspace};

/// Why a trial ended without a result.
#[derive(Debug, thiserror::Error)]
pub enum TrialError {
    /// The configuration has no sense.
    #[error(transparent)]
    Config(#[from] ConfigError),
    /// The data set has too little.
    #[error(transparent)]
    Tasks(#[from] TaskError),
    /// There is too little memory.
    #[error(transparent)]
    TooLarge(#[from] TooLittleMemory),
    /// The method was given too little memory.
    #[error(transparent)]
    Memory(#[from] TooShort),
    /// A loss or a weight is infinite or no number.
    #[error(transparent)]
    Diverged(#[from] Divergence),
    /// Training broke off.
    #[error(transparent)]
    Train(#[from] TrainError),
    /// The trial cannot be kept, or taken up again.
    #[error(transparent)]
    Checkpoint(#[from] CheckpointError),
}

/// What a trial tells while it runs.
#[derive(Clone, Copy)]
pub enum Event<'a> {
    /// An epoch of a task has ended; both from 1.
    Epoch {
        /// The task.
        task: usize,
        /// The epoch.
        epoch: u32,
        /// Its mean loss.
        loss: f64,
        /// Item-presentations so far.
        presentations: u64,
    },
    /// Accuracies in the middle of a task, every so many epochs where that was asked for.
    Accuracies {
        /// The task, from 1.
        task: usize,
        /// The epoch, from 1.
        epoch: u32,
        /// Its mean loss.
        loss: f64,
        /// Item-presentations so far.
        presentations: u64,
        /// `[task]`: accuracy on validation items, of the tasks begun.
        accuracies: &'a [f64],
    },
    /// A task, from 1, has been learned, and this is the mean accuracy of the tasks so far.
    Task {
        /// The task.
        task: usize,
        /// Mean accuracy.
        average_accuracy: f64,
        /// The network as it is now, made when it is asked for.
        network: &'a dyn Fn() -> TrainedNetwork,
    },
}

/// A trial that has come to its end.
#[derive(Clone, Debug, PartialEq)]
pub struct Finished {
    /// What it found.
    pub outcome: Outcome,
    /// How it ran.
    pub course: Course,
    /// The trained network.
    pub network: TrainedNetwork,
}

/// What a trial found in the tasks that are done, and how far it is.
#[derive(Debug, Default, Serialize, Deserialize)]
struct Ledger {
    /// `[after][task]`.
    confusions: Vec<Vec<Confusion>>,
    untrained_accuracy: Vec<f64>,
    average_accuracy_after: Vec<f64>,
    #[serde(deserialize_with = "number_or_null::numbers")]
    last_loss: Vec<f64>,
    stalled_memories: Vec<usize>,
    #[serde(default)]
    saturations: Vec<u64>,
    diagnostics: Vec<Diagnostics>,
    epochs_before: u32,
    presentations: u64,
    training_seconds: f64,
    wall_seconds: f64,
}

/// Runs a trial. `watch` is told of its course and may break it off.
pub fn run(
    config: &Config,
    data: &Dataset,
    machine: &Machine,
    watch: &mut (dyn FnMut(Event<'_>) -> ControlFlow<()> + Send),
) -> Result<Finished, TrialError> {
    run_from(config, data, machine, None, None, watch)
}

/// Runs a trial that is kept after each task, and goes on where `checkpoint` has it. The file stays when the trial breaks
/// off, and is for the caller to remove when the result is safe. Tells accuracies `every` so many epochs, which changes
/// nothing but the time.
pub fn run_from(
    config: &Config,
    data: &Dataset,
    machine: &Machine,
    checkpoint: Option<&Checkpoint>,
    every: Option<NonZeroU32>,
    watch: &mut (dyn FnMut(Event<'_>) -> ControlFlow<()> + Send),
) -> Result<Finished, TrialError> {
    config.check()?;
    machine.install(|| match config.precision {
        Precision::F32 => run_in::<f32>(config, data, machine, checkpoint, every, watch),
        Precision::F64 => run_in::<f64>(config, data, machine, checkpoint, every, watch),
        Precision::Fixed32 | Precision::Fixed16 => run_in::<Fixed32>(config, data, machine, checkpoint, every, watch),
    })
}

fn run_in<S: Number>(
    config: &Config,
    data: &Dataset,
    machine: &Machine,
    checkpoint: Option<&Checkpoint>,
    every: Option<NonZeroU32>,
    watch: &mut (dyn FnMut(Event<'_>) -> ControlFlow<()> + Send),
) -> Result<Finished, TrialError>
where
    network::Weights: From<Vec<S>>,
{
    let start = Instant::now();
    let shape = config.shape(data.pixels(), data.classes())?;
    // So many items as there are: only then can the memory for them be counted.
    tasks::enough(config, data)?;
    memory::check::<S>(config, data, &shape, machine)?;
    let tasks = Tasks::draw(config, data, shape)?;
    let mut workspace = Workspace::<S>::keeping(&shape, machine.threads(), methods::coming_again(config));
    let engine = workspace.engine(config.model(shape)?, config.rule(), machine, tasks.permutations());
    let mut engine = engine.rounding(config.precision.rounding());
    let mut memory = Memory::new(&shape);
    let mut first = Xoshiro128PlusPlus::of(config.seed, Purpose::Weights, 0);
    memory.weights().initialise(config.deviation, &mut first);
    let mut method_memory = MethodMemory::new(config, &shape);
    let mut learner = methods::learner(config, &shape, &mut method_memory)?;
    let network =
        |learned: usize, weights: &[Row<S>]| TrainedNetwork::new(config, data, &shape, weights).after(learned);
    let ledger = learn_all(
        config,
        &tasks,
        engine.passes(),
        &mut memory,
        &mut *learner,
        checkpoint,
        start,
        every,
        &network,
        watch,
    )?;
    let test = last_test(config, data, engine.passes(), &mut memory.weights());
    let (wall_seconds, presentations) = (ledger.wall_seconds, ledger.presentations);
    let course = Course {
        instruction_set: machine.instruction_set().to_string(),
        threads: machine.threads(),
        item_presentations_per_second: presentations as f64 / ledger.training_seconds,
        wall_seconds,
        peak_memory_bytes: outcome::peak_memory(),
    };
    let outcome = Outcome {
        format: Outcome::FORMAT,
        version: env!("CARGO_PKG_VERSION").to_owned(),
        commit: outcome::commit(),
        config: config.clone(),
        unknown: Default::default(),
        seed: config.seed,
        data: DataSource {
            name: data.name().to_owned(),
            images: data.len(),
            pixels: data.pixels(),
            classes: data.classes(),
            digest: data.digest().to_owned(),
        },
        measured: Measured { test, ..ledger.measured() },
        item_presentations: presentations,
    };
    let network = network(config.tasks, memory.rows());
    Ok(Finished { outcome, course, network })
}

#[allow(clippy::too_many_arguments, reason = "one place calls it")]
fn learn_all<S: Scalar>(
    config: &Config,
    tasks: &Tasks,
    passes: &mut dyn Passes<S, LANES>,
    memory: &mut Memory<S>,
    learner: &mut dyn Learner<S>,
    checkpoint: Option<&Checkpoint>,
    start: Instant,
    every: Option<NonZeroU32>,
    network: &dyn Fn(usize, &[Row<S>]) -> TrainedNetwork,
    watch: &mut (dyn FnMut(Event<'_>) -> ControlFlow<()> + Send),
) -> Result<Ledger, TrialError> {
    let shape = passes.model().shape;
    let (training, count) = (config.training(), tasks.len());
    let at_once = methods::about(config.method).at_once();
    let (mut weights, mut descent) = memory.learned();
    // Rehearsed items are at most as many as those of all other tasks.
    let mut order = vec![0; config.training_items() * count];
    let joint = tasks.joined();
    let untrained = (0..count).map(|task| validate(passes, &mut weights, tasks, task).accuracy()).collect();
    let kept = match checkpoint {
        Some(checkpoint) => checkpoint.load(|state| show(state, &mut weights, &mut descent, learner))?,
        None => None,
    };
    let mut ledger = kept.unwrap_or(Ledger { untrained_accuracy: untrained, ..Ledger::default() });
    let before = ledger.wall_seconds;
    for task in ledger.confusions.len()..count {
        if at_once && task > 0 {
            // All tasks were learned at once.
            ledger.confusions.push(ledger.confusions[0].clone());
            ledger.average_accuracy_after.push(ledger.average_accuracy_after[0]);
            continue;
        }
        let (task_start, saturated_before) = (Instant::now(), passes.saturated());
        let mut order_rng = Xoshiro128PlusPlus::of(config.seed, Purpose::Order, task as u32);
        let mut method_rng = Xoshiro128PlusPlus::of(config.seed, Purpose::Method, task as u32);
        let (mut loss, mut stalled, mut presentations) = (0.0, 0, ledger.presentations);
        let (mut reached, mut epochs_before) = (config.epochs, ledger.epochs_before);
        let items = if at_once { joint.items(&shape) } else { tasks.training(task) };
        let (last, begun) = (task + 1 == count, if at_once { count } else { task + 1 });
        let (mut progress_of_task, mut looked) = (train::Course::new(), Duration::ZERO);
        let learned = learner.with(last, |method| {
            loop {
                let mut due = None;
                let report = |progress: train::Progress<S>| {
                    (loss, stalled) = (progress.loss.to_f64(), progress.stalled);
                    presentations += progress.items as u64;
                    let epoch = progress.epoch;
                    if !loss.is_finite() {
                        reached = epoch;
                        return ControlFlow::Break(());
                    }
                    watch(Event::Epoch { task: task + 1, epoch, loss, presentations })?;
                    due = every.filter(|&every| epoch % every == 0).map(|_| epoch);
                    if due.is_some() { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
                };
                let passes = &mut *passes;
                let (weights, descent, order) = (&mut weights, &mut descent, &mut order[..]);
                let mut trainer = Trainer { passes, weights, descent, order, epochs_before };
                let (course, all) = (&mut progress_of_task, u32::MAX);
                let (order_rng, method_rng) = (&mut order_rng, &mut method_rng);
                let ended = trainer.learn_some(course, all, &training, items, method, order_rng, method_rng, report);
                epochs_before = trainer.epochs_before;
                match (ended, due) {
                    (Err(TrainError::Stopped), Some(epoch)) => {
                        let start = Instant::now();
                        let accuracy = |task| validate(passes, weights, tasks, task).accuracy();
                        let accuracies: Vec<f64> = (0..begun).map(accuracy).collect();
                        looked += start.elapsed();
                        let (task, accuracies) = (task + 1, &accuracies[..]);
                        if watch(Event::Accuracies { task, epoch, loss, presentations, accuracies }).is_break() {
                            return Err(TrainError::Stopped);
                        }
                    }
                    (Ok(false), _) => {}
                    (Ok(true), _) => return Ok(()),
                    (Err(error), _) => return Err(error),
                }
            }
        });
        (ledger.epochs_before, ledger.presentations) = (epochs_before, presentations);
        // Weights that are not finite show in the loss of the next epoch, if there is one.
        if learned.is_ok() || !loss.is_finite() {
            Divergence::find(config, &shape, weights.rows(), (task + 1, reached, loss)).map_or(Ok(()), Err)?;
        }
        learned?;
        ledger.training_seconds += (task_start.elapsed() - looked).as_secs_f64();
        ledger.last_loss.push(loss);
        ledger.stalled_memories.push(stalled);
        if S::SATURATES {
            ledger.saturations.push(passes.saturated() - saturated_before);
        }
        ledger.diagnostics.push(learner.diagnostics(&shape, weights.rows()));
        let row: Vec<Confusion> = (0..count).map(|task| validate(passes, &mut weights, tasks, task)).collect();
        let accuracies: Vec<f64> = row.iter().map(Confusion::accuracy).collect();
        let average_accuracy = mean_up_to(&accuracies, if at_once { count - 1 } else { task });
        ledger.average_accuracy_after.push(average_accuracy);
        ledger.confusions.push(row);
        ledger.wall_seconds = before + start.elapsed().as_secs_f64();
        if let (Some(checkpoint), false) = (checkpoint, last) {
            checkpoint.save(&ledger, |state| show(state, &mut weights, &mut descent, learner))?;
        }
        let network = || network(begun, weights.rows());
        if watch(Event::Task { task: task + 1, average_accuracy, network: &network }).is_break() {
            return Err(TrainError::Stopped.into());
        }
    }
    Ok(ledger)
}

/// All that later tasks need of earlier ones, in the order of a checkpoint.
fn show<S: Scalar>(
    state: &mut dyn State<S, LANES>,
    weights: &mut Weights<'_, S, LANES>,
    descent: &mut Descent<'_, S, LANES>,
    learner: &mut dyn Learner<S>,
) {
    state.rows(weights.rows_mut());
    descent.state(state);
    learner.method().state(state);
}

fn validate<S: Scalar>(
    passes: &mut dyn Passes<S, LANES>,
    weights: &mut Weights<'_, S, LANES>,
    tasks: &Tasks,
    task: usize,
) -> Confusion {
    let (items, labels) = tasks.validation(task);
    decide(passes, weights, items, |item| labels[item])
}

/// Decisions on items, whose classes `label` tells.
fn decide<S: Scalar>(
    passes: &mut dyn Passes<S, LANES>,
    weights: &mut Weights<'_, S, LANES>,
    items: Items<'_>,
    label: impl Fn(usize) -> u8,
) -> Confusion {
    let picks: Vec<u32> = (0..items.len() as u32).collect();
    let mut confusion = Confusion::new(passes.model().shape.classes());
    classify::classify(passes, weights, &Union::only(items), &picks, |item, class| {
        confusion.count(usize::from(label(item as usize)), class);
    });
    confusion
}

/// The trained network on the test images that no task was drawn from; `None` where there are none.
fn last_test<S: Scalar>(
    config: &Config,
    data: &Dataset,
    passes: &mut dyn Passes<S, LANES>,
    weights: &mut Weights<'_, S, LANES>,
) -> Option<LastTest> {
    let (pool, shape) = (tasks::pool(config, data), passes.model().shape);
    let images = data.len() - pool;
    if images == 0 {
        return None;
    }
    let confusions: Vec<Confusion> = (0..config.tasks)
        .map(|task| {
            let (items, labels) = tasks::test_items(config, data, &shape, task);
            decide(passes, weights, items.items(&shape), |item| labels[item])
        })
        .collect();
    let (accuracy, macro_f1): (Vec<f64>, Vec<f64>) =
        confusions.iter().map(|confusion| (confusion.accuracy(), confusion.macro_f1())).unzip();
    let mean = |scores: &[f64]| mean_up_to(scores, config.tasks - 1);
    let (average_accuracy, average_macro_f1) = (mean(&accuracy), mean(&macro_f1));
    Some(LastTest { images, accuracy, macro_f1, average_accuracy, average_macro_f1 })
}

impl Ledger {
    /// What was measured, once all tasks are done.
    fn measured(self) -> Measured {
        let confusions = &self.confusions;
        let matrix = |score: fn(&Confusion) -> f64| -> Vec<Vec<f64>> {
            confusions.iter().map(|row| row.iter().map(score).collect()).collect()
        };
        let (accuracy, macro_f1, weighted_f1) =
            (matrix(Confusion::accuracy), matrix(Confusion::macro_f1), matrix(Confusion::weighted_f1));
        let last = confusions.len() - 1;
        let mean = |matrix: &[Vec<f64>]| mean_up_to(&matrix[last], last);
        let flat = accuracy.concat();
        let accuracies = Accuracies::new(confusions.len(), &flat).expect("a row and a column for each task");
        Measured {
            average_accuracy: Averages {
                macro_f1: mean(&macro_f1),
                micro_f1: mean(&matrix(Confusion::micro_f1)),
                weighted_f1: mean(&weighted_f1),
                accuracy: mean(&accuracy),
            },
            average_accuracy_after: self.average_accuracy_after,
            forgetting: accuracies.forgetting(),
            backward_transfer: accuracies.backward_transfer(),
            forward_transfer: accuracies.forward_transfer(&self.untrained_accuracy),
            untrained_accuracy: self.untrained_accuracy,
            last_loss: self.last_loss,
            stalled_memories: self.stalled_memories,
            saturations: self.saturations,
            diagnostics: self.diagnostics,
            confusion: confusions[last].iter().map(Confusion::rows).collect(),
            test: None,
            accuracy_matrix: accuracy,
            macro_f1_matrix: macro_f1,
            weighted_f1_matrix: weighted_f1,
        }
    }
}
