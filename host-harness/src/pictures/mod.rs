//! What a trained network holds, in numbers and pictures: its memory vectors, and what random states relax to.
//!
//! The paper's account of the interaction vertex is that of Krotov and Hopfield (2016): at small n memory vectors are
//! features, many of which together make an answer, and at large n prototypes, each of which stands for items of one class
//! alone. Random states then relax to features or prototypes; pseudorehearsal learns these again. Every measure here is
//! defined where its field is, and in docs/pictures.md.

pub mod image;
pub mod judge;
pub mod memory;
pub mod page;
pub mod panel;
pub mod probe;
pub mod stability;
pub mod summary;
pub mod tables;

use std::borrow::Cow;

use dam_nostd::Shape;
use serde::Serialize;

use crate::config::{Config, InteractionName};
use crate::data::Dataset;
use crate::evaluation::{self, EvaluationError};
use crate::machine::Machine;
use crate::network::TrainedNetwork;
use crate::tasks::Tasks;
use judge::{Judge, Standard};
use memory::Memories;
use probe::Probes;
use stability::{FLIPPED, Stability};

/// Which random states are relaxed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Choice {
    /// How many, at least 1.
    pub probes: usize,
    /// What they are drawn with.
    pub seed: u64,
}

impl Default for Choice {
    fn default() -> Self {
        Self { probes: 1000, seed: 1 }
    }
}

/// A network's memory vectors and what random states relax to.
#[derive(Clone, Debug, Serialize)]
pub struct Portrait {
    /// Method of sequential learning that the network was trained with.
    pub method: String,
    /// Interaction vertex.
    pub n: u32,
    /// Interaction function.
    pub interaction: InteractionName,
    /// Tasks that it has learned.
    pub learned: usize,
    /// Tasks that it has task-ID neurons for.
    pub tasks: usize,
    /// Classes.
    pub classes: usize,
    /// Whether the images are those that it was trained with; absent where it does not tell.
    pub same_data: Option<bool>,
    /// Memory vectors.
    pub memories: Memories,
    /// What is a digit.
    pub judge: Vec<Standard>,
    /// What random states relax to.
    pub probes: Probes,
    /// `[task]`: how stable the items of each task learned are.
    pub stability: Vec<Stability>,
    /// Pixels across and down.
    #[serde(skip)]
    pub size: (usize, usize),
}

impl Portrait {
    /// Looks at `network` with the images that it was trained with.
    ///
    /// # Errors
    /// Data that does not fit the network, or too little of it.
    pub fn new(
        network: &TrainedNetwork,
        data: &Dataset,
        choice: Choice,
        machine: &Machine,
    ) -> Result<Self, EvaluationError> {
        machine.install(|| {
            let (data, tasks, maps) = learned(network, data)?;
            let shape = maps.shape;
            let judge = Judge::new(&tasks, &maps);
            let known = !network.data_digest.is_empty();
            let Config { method, n, interaction, .. } = network.config;
            Ok(Self {
                method: method.to_string(),
                n,
                interaction,
                learned: network.learned,
                tasks: shape.tasks(),
                classes: shape.classes(),
                same_data: known.then(|| network.data_digest == data.digest()),
                memories: memory::measure(network, &tasks, &maps),
                probes: probe::relax(network, &judge, &maps, choice, machine)?,
                stability: stability::measure(network, &tasks, &maps, choice, &FLIPPED, machine)?,
                judge: judge.standards(),
                size: network.image,
            })
        })
    }

    /// Share of the validation images of the tasks learned that the judge takes for digits of their class.
    pub fn recognised(&self) -> f64 {
        self.judge.iter().map(|standard| standard.recognised).sum::<f64>() / self.judge.len() as f64
    }

    /// Method, interaction vertex and, where it is not the default, interaction function.
    pub fn name(&self) -> String {
        let Self { method, n, interaction, .. } = self;
        match interaction {
            InteractionName::RisingLeak => format!("{method}, n = {n}"),
            other => format!("{method}, n = {n}, {other}"),
        }
    }

    /// Its name and how far it is, as a heading.
    pub fn title(&self) -> String {
        let (name, learned, tasks) = (self.name(), self.learned, self.tasks);
        match (learned, tasks) {
            (1, 1) => name,
            (1, _) => format!("{name}, after task 1"),
            _ => format!("{name}, after {learned} of {tasks} tasks"),
        }
    }
}

/// The memory vectors of `network`, with the images that it was trained with.
///
/// # Errors
/// Data that does not fit the network, or too little of it.
pub fn memories(network: &TrainedNetwork, data: &Dataset, machine: &Machine) -> Result<Memories, EvaluationError> {
    machine.install(|| {
        let (_, tasks, maps) = learned(network, data)?;
        Ok(memory::measure(network, &tasks, &maps))
    })
}

/// What `network` learned: its images, those drawn for its tasks, and the neurons that show them.
fn learned<'d>(
    network: &TrainedNetwork,
    data: &'d Dataset,
) -> Result<(Cow<'d, Dataset>, Tasks, NeuronMaps), EvaluationError> {
    let shape = network.shape()?;
    let data = evaluation::fitting(network, data)?;
    let tasks = Tasks::draw(&network.config, &data, shape)?;
    let maps = NeuronMaps { shape, neurons: evaluation::maps(network), learned: network.learned };
    Ok((data, tasks, maps))
}

/// Which neuron shows which pixel of which task.
pub(crate) struct NeuronMaps {
    pub shape: Shape,
    /// `[task][position]`: the neuron of each position of an item.
    pub neurons: Vec<u16>,
    /// Tasks that have been learned.
    pub learned: usize,
}

impl NeuronMaps {
    /// The neurons of the positions of an item of `task`.
    pub fn of(&self, task: usize) -> &[u16] {
        &self.neurons[task * self.shape.pixels()..][..self.shape.pixels()]
    }
}
