//! A trained network for a device that goes on training it: larger than it was where tasks and classes are to come, and
//! with the importances of its weights.

use dam_nostd::methods::consolidation::{ConsolidationBuffers, Importance};
use dam_nostd::methods::estimate::Estimate;
use dam_nostd::methods::penalty::Penalty;
use dam_nostd::methods::{Consolidation, Method};
use dam_nostd::network::weight;
use dam_nostd::rng::{Purpose, Xoshiro128PlusPlus};
use dam_nostd::store::Description;
use dam_nostd::{Model, Shape};

use super::{ExportError, Source, Words};
use crate::data::Dataset;
use crate::machine::Machine;
use crate::network::TrainedNetwork;
use crate::rows::{LANES, Rows};
use crate::tasks::Tasks;
use crate::workspace::{Memory, Workspace};

/// What a network for further training is to have.
#[derive(Clone, Copy, Debug)]
pub struct Further<'a> {
    /// The task, from 1, in whose order of pixels states are to be given.
    pub task: usize,
    /// Task-ID neurons, or those that the network has; the later ones are new and have no weights yet.
    pub tasks: Option<usize>,
    /// Class neurons, likewise.
    pub classes: Option<usize>,
    /// Where the importances of the weights are to go along: the images that the network was trained with.
    pub importances: Option<&'a Dataset>,
}

/// The words of `network` for a device that goes on training it: its weights in `f32`, as
/// [`dam_nostd::store::trained`] lays them out.
///
/// A larger network answers as the smaller one: new neurons have no weights, and the temperature is such that beta / N stays.
///
/// # Errors
/// A task that the network does not have; fewer neurons than it has; images that its tasks cannot be drawn from.
pub fn trainable(network: &TrainedNetwork, further: &Further<'_>) -> Result<Vec<u32>, ExportError> {
    let source = Source::ordered(network, further.task)?;
    let own = &source.shape;
    let (tasks, classes) = (further.tasks.unwrap_or(own.tasks()), further.classes.unwrap_or(own.classes()));
    if tasks < own.tasks() || classes < own.classes() {
        return Err(ExportError::Smaller { tasks: own.tasks(), classes: own.classes() });
    }
    let shape = Shape::new(own.pixels(), tasks, classes, own.memories()).map_err(crate::config::ConfigError::from)?;
    let importances = match further.importances {
        Some(data) => importances(network, data)?,
        None => Rows::zeroed(0),
    };
    // The place that a neuron had; none where it is new.
    let place = |neuron: usize| {
        let (task, class) = (neuron.checked_sub(own.pixels()), neuron.checked_sub(shape.class_neurons().start));
        match (task, class) {
            (_, Some(class)) if class < own.classes() => Some(own.class_neurons().start + class),
            (Some(task), None) if task < own.tasks() => Some(neuron),
            (None, _) => Some(neuron),
            _ => None,
        }
    };
    let description = source.description()?;
    let temperature = description.temperature * own.neurons() as f64 / shape.neurons() as f64;
    let description = Description { shape, temperature, importances: further.importances.is_some(), ..description };
    let mut words = Words(Vec::new());
    description.put(
        |k, neuron| place(neuron).map_or(0.0, |place| source.own_weight(k, place) as f32),
        |k, neuron| {
            let own_neuron = place(neuron).map(|place| source.order[place]);
            own_neuron.and_then(|neuron| weight(own, &importances, k, neuron)).unwrap_or(0.0)
        },
        &mut words,
    );
    Ok(words.0)
}

/// The importances of the weights to the tasks that were learned, as EWC takes them: the diagonal of the empirical Fisher
/// information, summed over tasks, at the weights as they are now.
fn importances(network: &TrainedNetwork, data: &Dataset) -> Result<Rows<f32>, ExportError> {
    let config = &network.config;
    let shape = network.shape()?;
    let model: Model<f32> = config.model(shape)?;
    let tasks = Tasks::draw(config, data, shape)?;
    let machine = Machine::new(1, None)?;
    let mut workspace = Workspace::<f32>::new(&shape, 1);
    let mut engine = workspace.engine(model, config.rule(), &machine, tasks.permutations());
    let mut memory = Memory::learning(&shape, network.weights.rows(&shape));
    let (mut weights, mut descent) = memory.learned();
    let rows = || Rows::<f32>::zeroed(shape.rows(LANES));
    let (mut anchor, mut omega, mut fresh) = (rows(), rows(), rows());
    let mut picks = vec![0; config.training_items()];
    let buffers = ConsolidationBuffers { anchor: &mut anchor, omega: &mut omega, fresh: &mut fresh, picks: &mut picks };
    let importance = Importance::Fisher { loss: config.training().loss, estimate: Estimate::default() };
    let mut method = Consolidation::new(&shape, Penalty::new(1.0), importance, buffers).expect("buffers of this shape");
    for task in 0..network.learned {
        let mut draws = Xoshiro128PlusPlus::of(config.seed, Purpose::Method, task as u32);
        let items = tasks.training(task);
        let ended = method.end_task(engine.passes(), &mut weights, items, &mut descent.gradient(), &mut draws);
        ended.expect("there is an entry for each item");
    }
    let mut found = Rows::zeroed(shape.rows(LANES));
    found.copy_from_slice(method.omega());
    Ok(found)
}
