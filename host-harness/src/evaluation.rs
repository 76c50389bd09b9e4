//! A trained network is put to the test again.

use std::borrow::Cow;

use dam_engine::engine::Number;
use dam_nostd::items::Union;
use dam_nostd::rule::Updated;
use dam_nostd::{Fixed32, Permutations, Shape, classify};
use serde::Serialize;

use crate::config::{ConfigError, Precision};
use crate::data::{DataError, Dataset};
use crate::machine::Machine;
use crate::measured::DataSource;
use crate::network::{TrainedNetwork, Weights};
use crate::scores::Confusion;
use crate::tasks::{self, TaskError, Tasks};
use crate::workspace::{Memory, Workspace};

/// What to evaluate on. The default is what the trial was validated with.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Choice {
    /// Only this task, from 1.
    pub task: Option<usize>,
    /// Images drawn for each task, of which the configuration's share is for validation.
    pub items: Option<usize>,
    /// The seed they are drawn with. Permutations are always those of the network.
    pub seed: Option<u64>,
}

/// Why a network cannot be evaluated.
#[derive(Debug, thiserror::Error)]
pub enum EvaluationError {
    /// A setting is out of range.
    #[error(transparent)]
    Config(#[from] ConfigError),
    /// The data set is too small.
    #[error(transparent)]
    Tasks(#[from] TaskError),
    /// The images cannot be made smaller.
    #[error(transparent)]
    Data(#[from] DataError),
    /// No such task.
    #[error("task {task}: the network has {tasks}; give one from 1 to {tasks}")]
    NoSuchTask {
        /// The one that was asked for.
        task: usize,
        /// How many there are.
        tasks: usize,
    },
    /// The images have more classes.
    #[error("{name} has {found} classes and the network {classes} class neurons; give the data it was trained with")]
    Classes {
        /// The data set.
        name: String,
        /// Its classes.
        found: usize,
        /// Class neurons.
        classes: usize,
    },
    /// Powers of the network's similarities are beyond the numbers.
    #[error(
        "an energy of {energy} says that its weights are too large for {precision} numbers at n = {n}; make them smaller, \
         or give them as F64 tensors with dam convert"
    )]
    Overflow {
        /// An energy that is not finite.
        energy: f64,
        /// The number type.
        precision: Precision,
        /// The interaction vertex.
        n: u32,
    },
    /// The images are smaller than the network's.
    #[error("images of {name} have {found} pixels and the network's {expected}; give the data it was trained with")]
    Pixels {
        /// The data set.
        name: String,
        /// Across x down.
        found: String,
        /// Across x down.
        expected: String,
    },
}

/// How well a network does.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Evaluation {
    /// The images.
    pub data: DataSource,
    /// Whether they are those that the network was trained with; absent where the network does not tell.
    pub same_data: Option<bool>,
    /// Whether items were drawn as in training, so that none of these was trained on.
    pub same_draw: bool,
    /// Whether the permutations are those of the configuration's seed.
    pub permutations_of_seed: bool,
    /// Each task.
    pub tasks: Vec<Score>,
    /// The mean of their accuracies.
    pub average_accuracy: f64,
    /// The mean of their macro F1.
    pub average_macro_f1: f64,
}

/// How well it does on one task.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Score {
    /// The task, from 1.
    pub task: usize,
    /// Items.
    pub items: usize,
    /// Correct decisions.
    pub accuracy: f64,
    /// F1, the mean over classes.
    pub macro_f1: f64,
    /// `[class][answer]`: decisions.
    pub confusion: Vec<Vec<u32>>,
}

/// Evaluates `network` on `data`, which is made smaller where the network's images are.
///
/// # Errors
/// Data that does not fit the network, or too little of it; a task that there is not.
pub fn evaluate(
    network: &TrainedNetwork,
    data: &Dataset,
    choice: &Choice,
    machine: &Machine,
) -> Result<Evaluation, EvaluationError> {
    machine.install(|| match network.weights {
        Weights::F32(_) if network.config.precision.is_fixed() => {
            evaluate_in::<Fixed32>(network, data, choice, machine)
        }
        Weights::F32(_) => evaluate_in::<f32>(network, data, choice, machine),
        Weights::F64(_) => evaluate_in::<f64>(network, data, choice, machine),
    })
}

fn evaluate_in<S: Number>(
    network: &TrainedNetwork,
    data: &Dataset,
    choice: &Choice,
    machine: &Machine,
) -> Result<Evaluation, EvaluationError> {
    let shape = network.shape()?;
    let data = fitting(network, data)?;
    let tasks = match choice.task {
        None => 0..shape.tasks(),
        Some(task) if (1..=shape.tasks()).contains(&task) => task - 1..task,
        Some(task) => return Err(EvaluationError::NoSuchTask { task, tasks: shape.tasks() }),
    };
    let mut config = network.config.clone();
    config.items = choice.items.unwrap_or(config.items);
    config.seed = choice.seed.unwrap_or(config.seed);
    config.check()?;
    let drawn = Tasks::draw(&config, &data, shape)?;
    let maps = maps(network);
    let permutations = Permutations::new(shape.pixels(), &maps).expect("a permutation after a permutation is one");
    let mut workspace = Workspace::<S>::new(&shape, machine.threads());
    let mut engine = workspace.engine(network.config.model(shape)?, network.config.rule(), machine, permutations);
    let passes = engine.passes();
    let mut memory = Memory::fixed(&shape, network.weights.rows::<S>(&shape));
    let mut weights = memory.weights();
    let scores = tasks.map(|task| {
        let (items, labels) = drawn.validation(task);
        let picks: Vec<u32> = (0..items.len() as u32).collect();
        let few = &picks[..picks.len().min(passes.capacity(Updated::Classes))];
        let energies = passes.energies(&weights, &Union::only(items), few).iter().map(|energy| energy.to_f64());
        check_energies(network, energies)?;
        let mut confusion = Confusion::new(shape.classes());
        classify::classify(passes, &mut weights, &Union::only(items), &picks, |item, class| {
            confusion.count(usize::from(labels[item as usize]), class);
        });
        Ok(Score {
            task: task + 1,
            items: items.len(),
            accuracy: confusion.accuracy(),
            macro_f1: confusion.macro_f1(),
            confusion: confusion.rows(),
        })
    });
    let scores = scores.collect::<Result<Vec<Score>, EvaluationError>>()?;
    let mean = |score: fn(&Score) -> f64| scores.iter().map(score).sum::<f64>() / scores.len() as f64;
    let known = !network.data_digest.is_empty();
    Ok(Evaluation {
        same_data: known.then(|| network.data_digest == data.digest()),
        same_draw: (config.items, config.seed) == (network.config.items, network.config.seed),
        permutations_of_seed: of_seed(network, &shape),
        average_accuracy: mean(|score| score.accuracy),
        average_macro_f1: mean(|score| score.macro_f1),
        data: DataSource {
            name: data.name().to_owned(),
            images: data.len(),
            pixels: data.pixels(),
            classes: data.classes(),
            digest: data.digest().to_owned(),
        },
        tasks: scores,
    })
}

/// Whether a network's energies are numbers.
///
/// # Errors
/// The first that is not.
pub(crate) fn check_energies(
    network: &TrainedNetwork,
    mut energies: impl Iterator<Item = f64>,
) -> Result<(), EvaluationError> {
    let (precision, n) = (network.weights.precision(), network.config.n);
    match energies.find(|energy| !energy.is_finite()) {
        Some(energy) => Err(EvaluationError::Overflow { energy, precision, n }),
        None => Ok(()),
    }
}

/// The images at the network's size.
pub(crate) fn fitting<'a>(network: &TrainedNetwork, data: &'a Dataset) -> Result<Cow<'a, Dataset>, EvaluationError> {
    let (width, height) = network.image;
    if data.classes() > network.classes {
        let (found, classes) = (data.classes(), network.classes);
        return Err(EvaluationError::Classes { name: data.name().to_owned(), found, classes });
    }
    if (data.width(), data.height()) == (width, height) {
        return Ok(Cow::Borrowed(data));
    }
    if data.width() >= width && data.height() >= height {
        return Ok(Cow::Owned(data.pooled(width, height)?));
    }
    Err(EvaluationError::Pixels {
        name: data.name().to_owned(),
        found: format!("{} x {}", data.width(), data.height()),
        expected: format!("{width} x {height}"),
    })
}

/// The permutations of items as [`Tasks`] lays them out, with the network's own permutations.
pub(crate) fn maps(network: &TrainedNetwork) -> Vec<u16> {
    let tiles = tasks::tiles(network.image.0, network.image.1);
    let each = network.permutations.iter();
    each.flat_map(|permutation| tiles.iter().map(|&pixel| permutation[usize::from(pixel)])).collect()
}

fn of_seed(network: &TrainedNetwork, shape: &Shape) -> bool {
    let mut each = network.permutations.iter().enumerate();
    each.all(|(task, permutation)| *permutation == tasks::permutation(&network.config, task, shape.pixels()))
}
