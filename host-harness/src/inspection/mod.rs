//! What a network holds after each task of a sequence, in numbers that can be compared over many trials.
//!
//! Memory vectors, attractors and stability are those of [`pictures`](crate::pictures). Added are what only a sequence has:
//! how far memory vectors move in a task, how the next task's gradient lies to that of the tasks learned, and how unevenly a
//! task's importances lie on memory vectors. All of it is computed in `f64` from the weights as they are.

mod conflict;
mod importance;

use std::borrow::Cow;

use dam_engine::engine::Engine;
use dam_nostd::Scalar;
use dam_nostd::items::Union;
use dam_nostd::objective::Objective;
use serde::{Deserialize, Serialize};

pub use conflict::Conflict;
pub use importance::Evenness;

use crate::config::{Config, ConfigError};
use crate::data::Dataset;
use crate::evaluation::{self, EvaluationError};
use crate::machine::Machine;
use crate::network::TrainedNetwork;
use crate::pictures::judge::Judge;
use crate::pictures::memory::{self, Stage};
use crate::pictures::{Choice, NeuronMaps, probe, stability};
use crate::rows::LANES;
use crate::tasks::Tasks;
use crate::workspace::{Memory, Workspace};

/// Random states that are relaxed.
const PROBES: Choice = Choice { probes: 200, seed: 1 };

/// A network after a task.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Inspection {
    /// Tasks learned.
    pub learned: usize,
    /// Share of the memory vectors that are committed.
    pub committed: f64,
    /// Share of them that are where they were drawn.
    pub first: f64,
    /// `[task]`: share of them that are committed to each task learned.
    pub committed_by_task: Vec<f64>,
    /// How many memory vectors share an item, if they share it evenly: the median over the training items.
    pub vectors_per_item: f64,
    /// Share of 200 random states that relax to digits, with the interaction vertex that pseudorehearsal would relax them with.
    pub digits: f64,
    /// `[task]`: the same, digits of each task learned.
    pub digits_by_task: Vec<f64>,
    /// `[task]`: share of 200 training items that are fixed points, all neurons being updated.
    pub fixed: Vec<f64>,
    /// Way that memory vectors went in this task, as a share of their length before it, Euclidean norms of the weights to
    /// pixels and task-ID neurons: the median over those committed before it. Absent for the first task, and where none was.
    pub moved: Option<f64>,
    /// How the gradient of the task that comes next lies to that of the tasks learned. Absent after the last task.
    pub conflict: Option<Conflict>,
    /// How evenly the importances of the task just learned lie on memory vectors.
    pub evenness: Evenness,
}

/// Looks at the networks of one trial, task after task.
#[derive(Debug)]
pub struct Inspector<'a> {
    machine: &'a Machine,
    data: &'a Dataset,
    before: Option<Before>,
    found: Vec<Inspection>,
}

/// Weights of a network, and which memory vectors were committed.
#[derive(Debug)]
struct Before {
    weights: Vec<f64>,
    committed: Vec<bool>,
}

impl<'a> Inspector<'a> {
    /// Before the first task of a trial on `data`.
    pub fn new(data: &'a Dataset, machine: &'a Machine) -> Self {
        Self { machine, data, before: None, found: vec![] }
    }

    /// The network after its next task.
    ///
    /// # Errors
    /// Data that does not fit the network.
    pub fn look(&mut self, network: &TrainedNetwork) -> Result<(), EvaluationError> {
        let (machine, data) = (self.machine, self.data);
        machine.install(|| {
            let shape = network.shape()?;
            let data = evaluation::fitting(network, data)?;
            let tasks = Tasks::draw(&network.config, &data, shape)?;
            let maps = NeuronMaps { shape, neurons: evaluation::maps(network), learned: network.learned };
            let memories = memory::measure(network, &tasks, &maps);
            let probes = probe::relax(&responding(network), &Judge::new(&tasks, &maps), &maps, PROBES, machine)?;
            let stability = stability::measure(network, &tasks, &maps, PROBES, &[], machine)?;
            let (weights, count) = (network.weights.wide(), memories.count as f64);
            let committed: Vec<bool> = memories.each.iter().map(|memory| memory.stage == Stage::Committed).collect();
            let moved = self.before.as_ref().and_then(|before| before.way(&weights, &maps));
            let of_probes = |probes: usize| probes as f64 / PROBES.probes as f64;
            let learned = Learned { network, tasks: &tasks, machine };
            self.found.push(Inspection {
                learned: network.learned,
                committed: memories.committed as f64 / count,
                first: memories.first as f64 / count,
                committed_by_task: memories.committed_by_task.iter().map(|&task| task as f64 / count).collect(),
                vectors_per_item: memories.vectors_per_item,
                digits: of_probes(probes.digits),
                digits_by_task: probes.digits_by_task.iter().map(|&task| of_probes(task)).collect(),
                fixed: stability.iter().map(|task| task.fixed).collect(),
                moved,
                conflict: conflict::measure(&learned)?,
                evenness: importance::measure(&learned)?,
            });
            self.before = Some(Before { weights, committed });
            Ok(())
        })
    }

    /// What was found, task by task.
    pub fn finish(self) -> Vec<Inspection> {
        self.found
    }
}

/// The network with the interaction vertex that it relaxes probes with.
fn responding(network: &TrainedNetwork) -> Cow<'_, TrainedNetwork> {
    match network.config.probe_vertex {
        0 => Cow::Borrowed(network),
        n => Cow::Owned(TrainedNetwork { config: Config { n, ..network.config.clone() }, ..network.clone() }),
    }
}

impl Before {
    fn way(&self, after: &[f64], maps: &NeuronMaps) -> Option<f64> {
        let (neurons, inputs) = (maps.shape.neurons(), maps.shape.class_neurons().start);
        let each = self.weights.chunks_exact(neurons).zip(after.chunks_exact(neurons)).zip(&self.committed);
        let ways = each.filter(|(_, committed)| **committed).map(|((before, after), _)| {
            let way: f64 = before[..inputs].iter().zip(after).map(|(before, after)| (after - before).powi(2)).sum();
            let length: f64 = before[..inputs].iter().map(|before| before.powi(2)).sum();
            (way / length).sqrt()
        });
        memory::median(&mut ways.collect::<Vec<f64>>())
    }
}

/// A network that has learned some of its tasks.
struct Learned<'a> {
    network: &'a TrainedNetwork,
    tasks: &'a Tasks,
    machine: &'a Machine,
}

/// An engine and weights of such a network, in `f64`.
struct Ready {
    memory: Memory<f64>,
    workspace: Workspace<f64>,
}

impl Learned<'_> {
    fn config(&self) -> &Config {
        &self.network.config
    }

    fn ready(&self) -> Ready {
        let shape = self.tasks.shape();
        let memory = Memory::learning(&shape, self.network.weights.rows::<f64>(&shape));
        Ready { memory, workspace: Workspace::new(&shape, self.machine.threads()) }
    }

    fn engine<'a>(&'a self, workspace: &'a mut Workspace<f64>) -> Result<Engine<'a, f64>, ConfigError> {
        let model = self.config().model::<f64>(self.tasks.shape())?;
        Ok(workspace.engine(model, self.config().rule(), self.machine, self.tasks.permutations()))
    }

    /// The loss that the network was trained with.
    fn loss(&self) -> Objective {
        Objective::Loss(self.config().training().loss)
    }
}

/// The training items of a task, and their numbers.
fn items(tasks: &Tasks, task: usize) -> (Union<'_>, Vec<u32>) {
    let items = tasks.training(task);
    (Union::only(items), (0..items.len() as u32).collect())
}

/// The numbers of each memory vector: `rows`, `[block][neuron][lane]`, memory vector by memory vector.
fn of_memory<S: Scalar>(rows: &[[S; LANES]], neurons: usize, memory: usize) -> impl Iterator<Item = S> {
    let block = &rows[memory / LANES * neurons..][..neurons];
    block.iter().map(move |row| row[memory % LANES])
}
