//! One trial: tasks in sequence, one network, one seed that fixes everything.

use std::ops::ControlFlow;
use std::time::{Duration, Instant};

use dam_nostd::items::Union;
use dam_nostd::methods::TooShort;
use dam_nostd::methods::rehearsal::portion;
use dam_nostd::metrics::Accuracies;
use dam_nostd::network;
use dam_nostd::rng::{Purpose, Xoshiro128PlusPlus};
use dam_nostd::train::{TrainError, Trainer};
use dam_nostd::{Engine, Scalar, classify};

use crate::config::{Config, ConfigError, MethodName, Precision};
use crate::data::Dataset;
use crate::machine::Machine;
use crate::method::{Diagnostics, Learner, MethodMemory};
use crate::network::{TrainedNetwork, Weights};
use crate::outcome::{self, Averages, Course, DataSource, Measured, Outcome};
use crate::rows::{LANES, Row, Rows};
use crate::scores::Confusion;
use crate::task::{Tasks, TooManyItems};
use crate::workspace::Workspace;

/// Why a trial ended without a result.
#[derive(Debug, thiserror::Error)]
pub enum TrialError {
    /// The configuration has no sense.
    #[error(transparent)]
    Config(#[from] ConfigError),
    /// The data set is too small.
    #[error(transparent)]
    TooManyItems(#[from] TooManyItems),
    /// The method was given too little memory.
    #[error(transparent)]
    Memory(#[from] TooShort),
    /// Training broke off.
    #[error(transparent)]
    Train(#[from] TrainError),
}

/// What a trial tells while it runs.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Event {
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
    /// A task, from 1, has been learned, and this is the mean accuracy of the tasks so far.
    Task {
        /// The task.
        task: usize,
        /// Mean accuracy.
        average_accuracy: f64,
    },
}

/// Item-presentations of the whole trial: what progress is measured by.
pub fn presentations(config: &Config) -> u64 {
    let new = config.training_items();
    // Saturating: it is asked for before anyone has looked whether there are so many items.
    let each_task = |task: usize| match config.method {
        MethodName::Rehearsal | MethodName::Pseudorehearsal => {
            task.saturating_mul(portion(config.proportion, new)).saturating_add(new)
        }
        _ => new,
    };
    let epoch = (0..config.tasks).map(each_task).fold(0, usize::saturating_add);
    (epoch as u64).saturating_mul(config.epochs.into())
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

/// Runs a trial. `watch` is told of its course and may break it off.
pub fn run(
    config: &Config,
    data: &Dataset,
    machine: &Machine,
    watch: &mut (dyn FnMut(Event) -> ControlFlow<()> + Send),
) -> Result<Finished, TrialError> {
    config.check()?;
    machine.install(|| match config.precision {
        Precision::F32 => run_in::<f32>(config, data, machine, watch),
        Precision::F64 => run_in::<f64>(config, data, machine, watch),
    })
}

fn run_in<S: Scalar + Into<f64>>(
    config: &Config,
    data: &Dataset,
    machine: &Machine,
    watch: &mut (dyn FnMut(Event) -> ControlFlow<()> + Send),
) -> Result<Finished, TrialError>
where
    Weights: From<Vec<S>>,
{
    let start = Instant::now();
    let shape = config.shape(data.pixels(), data.classes())?;
    let tasks = Tasks::draw(config, data, shape)?;
    let mut workspace = Workspace::<S>::new(&shape, machine.threads());
    let mut engine = workspace.engine(config.model(shape)?, config.rule(), machine, tasks.wirings());
    let mut weights = Rows::<S>::zeroed(shape.rows(LANES));
    let mut first = Xoshiro128PlusPlus::of(config.seed, Purpose::Weights, 0);
    network::initialise(&shape, &mut weights, config.deviation, &mut first);
    let mut memory = MethodMemory::new(config, &shape);
    let mut learner = memory.learner(config, &shape)?;
    let (measured, training_time, presentations) =
        learn_all(config, &tasks, &mut engine, &mut weights, &mut learner, watch)?;
    let outcome = Outcome {
        format: Outcome::FORMAT,
        version: env!("CARGO_PKG_VERSION").to_owned(),
        config: config.clone(),
        seed: config.seed,
        data: DataSource {
            name: data.name().to_owned(),
            images: data.len(),
            pixels: data.pixels(),
            classes: data.classes(),
            digest: data.digest().to_owned(),
        },
        measured,
        item_presentations: presentations,
    };
    let course = Course {
        instruction_set: machine.instruction_set().to_string(),
        threads: machine.threads(),
        item_presentations_per_second: presentations as f64 / training_time.as_secs_f64(),
        wall_seconds: start.elapsed().as_secs_f64(),
        peak_memory_bytes: outcome::peak_memory(),
    };
    Ok(Finished { outcome, course, network: TrainedNetwork::new(config, data, &shape, &weights) })
}

fn learn_all<S: Scalar + Into<f64>>(
    config: &Config,
    tasks: &Tasks,
    engine: &mut Engine<'_, S, LANES, &Machine>,
    weights: &mut [Row<S>],
    learner: &mut Learner<'_, S>,
    watch: &mut (dyn FnMut(Event) -> ControlFlow<()> + Send),
) -> Result<(Measured, Duration, u64), TrialError> {
    let shape = engine.model.shape;
    let (training, count) = (config.training(), tasks.len());
    let mut velocity = Rows::zeroed(shape.rows(LANES));
    let mut gradient = Rows::zeroed(shape.rows(LANES));
    let mut sizes = Rows::zeroed(shape.blocks(LANES));
    // Rehearsed items are at most as many as those of all other tasks.
    let mut order = vec![0; config.training_items() * count];
    let mut confusions: Vec<Vec<Confusion>> = vec![];
    let (mut last_loss, mut stalled_memories, mut after, mut diagnostics) = (vec![], vec![], vec![], vec![]);
    let joint = tasks.joined();
    let untrained_accuracy = (0..count).map(|task| validate(engine, weights, tasks, task).accuracy()).collect();
    let (mut time, mut presentations, mut epochs_before) = (Duration::ZERO, 0, 0);
    for task in 0..count {
        if config.method == MethodName::Joint && task > 0 {
            // All tasks were learned at once.
            confusions.push(confusions[0].clone());
            after.push(after[0]);
            continue;
        }
        let start = Instant::now();
        let mut trainer = Trainer {
            engine: &mut *engine,
            weights: &mut *weights,
            velocity: &mut velocity,
            gradient: &mut gradient,
            sizes: &mut sizes,
            order: &mut order,
            epochs_before,
        };
        let mut order_rng = Xoshiro128PlusPlus::of(config.seed, Purpose::Order, task as u32);
        let mut method_rng = Xoshiro128PlusPlus::of(config.seed, Purpose::Method, task as u32);
        let (mut loss, mut stalled) = (0.0, 0);
        let report = |progress: dam_nostd::train::Progress<S>| {
            (loss, stalled) = (progress.loss.into(), progress.stalled);
            presentations += progress.items as u64;
            watch(Event::Epoch { task: task + 1, epoch: progress.epoch, loss, presentations })
        };
        let items = match config.method {
            MethodName::Joint => joint.items(&shape),
            _ => tasks.training(task),
        };
        learner.with(task + 1 == count, |method| {
            trainer.learn(&training, items, method, &mut order_rng, &mut method_rng, report)
        })?;
        epochs_before = trainer.epochs_before;
        time += start.elapsed();
        last_loss.push(loss);
        stalled_memories.push(stalled);
        diagnostics.push(learner.diagnostics::<&Machine>(&shape, weights));
        let row: Vec<Confusion> = (0..count).map(|task| validate(engine, weights, tasks, task)).collect();
        let accuracies: Vec<f64> = row.iter().map(Confusion::accuracy).collect();
        let average_accuracy =
            outcome::mean_up_to(&accuracies, if config.method == MethodName::Joint { count - 1 } else { task });
        after.push(average_accuracy);
        confusions.push(row);
        if watch(Event::Task { task: task + 1, average_accuracy }).is_break() {
            return Err(TrainError::Stopped.into());
        }
    }
    let measured = measured(&confusions, untrained_accuracy, after, last_loss, stalled_memories, diagnostics);
    Ok((measured, time, presentations))
}

fn validate<S: Scalar>(
    engine: &mut Engine<'_, S, LANES, &Machine>,
    weights: &[Row<S>],
    tasks: &Tasks,
    task: usize,
) -> Confusion {
    let (items, labels) = tasks.validation(task);
    let picks: Vec<u32> = (0..items.len() as u32).collect();
    let mut confusion = Confusion::new(engine.model.shape.classes());
    classify::classify(engine, weights, &Union::only(items), &picks, |item, class| {
        confusion.count(usize::from(labels[item as usize]), class);
    });
    confusion
}

fn measured(
    confusions: &[Vec<Confusion>],
    untrained_accuracy: Vec<f64>,
    average_accuracy_after: Vec<f64>,
    last_loss: Vec<f64>,
    stalled_memories: Vec<usize>,
    diagnostics: Vec<Diagnostics>,
) -> Measured {
    let matrix = |score: fn(&Confusion) -> f64| -> Vec<Vec<f64>> {
        confusions.iter().map(|row| row.iter().map(score).collect()).collect()
    };
    let (accuracy, macro_f1, weighted_f1) =
        (matrix(Confusion::accuracy), matrix(Confusion::macro_f1), matrix(Confusion::weighted_f1));
    let last = confusions.len() - 1;
    let mean = |matrix: &[Vec<f64>]| outcome::mean_up_to(&matrix[last], last);
    let flat = accuracy.concat();
    let accuracies = Accuracies::new(confusions.len(), &flat).expect("a row and a column for each task");
    Measured {
        average_accuracy: Averages {
            macro_f1: mean(&macro_f1),
            micro_f1: mean(&matrix(Confusion::micro_f1)),
            weighted_f1: mean(&weighted_f1),
            accuracy: mean(&accuracy),
        },
        average_accuracy_after,
        forgetting: accuracies.forgetting(),
        backward_transfer: accuracies.backward_transfer(),
        forward_transfer: accuracies.forward_transfer(&untrained_accuracy),
        untrained_accuracy,
        last_loss,
        stalled_memories,
        diagnostics,
        confusion: confusions[last].iter().map(Confusion::rows).collect(),
        accuracy_matrix: accuracy,
        macro_f1_matrix: macro_f1,
        weighted_f1_matrix: weighted_f1,
    }
}
