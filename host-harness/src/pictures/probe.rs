//! What random states relax to.

use std::collections::{HashMap, HashSet};

use dam_nostd::bits;
use dam_nostd::rng::{Purpose, Xoshiro128PlusPlus};
use rand_core::Rng;
use rayon::prelude::*;
use serde::Serialize;

use super::judge::{Judge, Nearest};
use super::{Choice, NeuronMaps};
use crate::config::ConfigError;
use crate::machine::Machine;
use crate::network::TrainedNetwork;
use crate::recall::{self, Dynamics, End, Relaxed};

/// A state that at least one probe ended in.
#[derive(Clone, Debug, Serialize)]
pub struct Rest {
    /// How many probes ended in it.
    pub probes: usize,
    /// How the first of them ended.
    #[serde(serialize_with = "end_name")]
    pub end: End,
    /// Sweeps until then, the mean over them.
    pub sweeps: f64,
    /// The task, from 0, whose task-ID neuron alone is on.
    pub task: Option<usize>,
    /// The class whose class neuron alone is on.
    pub class: Option<usize>,
    /// The nearest training image of that task; absent where there is no such task, or it has not been learned.
    pub nearest: Option<Nearest>,
    /// Whether it judges as a digit: exactly one task-ID and one class neuron are on, and the nearest training image of
    /// that task has that class and is no farther than the judge's reach.
    pub digit: bool,
    /// The pixels, in the order of the task, or, where no one task is named, of the first.
    #[serde(skip)]
    pub pixels: Vec<bool>,
}

/// What became of all probes.
#[derive(Clone, Debug, Serialize)]
pub struct Probes {
    /// How many.
    pub count: usize,
    /// What they were drawn with.
    pub seed: u64,
    /// Those that came to rest.
    pub stable: usize,
    /// Those that ended between two states.
    pub cycled: usize,
    /// Those that still changed after the most sweeps.
    pub limit: usize,
    /// Different states at the end.
    pub distinct: usize,
    /// Those with exactly one class neuron on.
    pub one_class: usize,
    /// Those with exactly one task-ID neuron on.
    pub one_task: usize,
    /// Those that judge as digits.
    pub digits: usize,
    /// How many kinds of digits are among them: pairs of a task and a class.
    pub kinds: usize,
    /// `[task]`: those that judge as digits of each task learned.
    pub digits_by_task: Vec<usize>,
    /// Different states, in the order in which they were first found.
    pub each: Vec<Rest>,
}

impl Probes {
    /// Share of the probes that judge as digits.
    pub fn share(&self) -> f64 {
        self.digits as f64 / self.count as f64
    }
}

/// Relaxes random states, each neuron on or off with equal chance, all neurons updated at once, as pseudorehearsal does.
pub(crate) fn relax(
    network: &TrainedNetwork,
    judge: &Judge,
    maps: &NeuronMaps,
    choice: Choice,
    machine: &Machine,
) -> Result<Probes, ConfigError> {
    let words = maps.shape.words();
    let states = random(maps, choice);
    let relaxation = recall::relax(network, states, Dynamics::Synchronous, network.config.max_sweeps, machine)?;
    let mut places: HashMap<&[u32], usize> = HashMap::new();
    let mut found: Vec<(&[u32], Vec<Relaxed>)> = vec![];
    for (state, &relaxed) in relaxation.states.chunks_exact(words).zip(&relaxation.relaxed) {
        let place = *places.entry(state).or_insert(found.len());
        if place == found.len() {
            found.push((state, vec![]));
        }
        found[place].1.push(relaxed);
    }
    let each: Vec<Rest> =
        found.into_par_iter().map(|(state, relaxed)| rest(network, judge, maps, state, &relaxed)).collect();
    let ended = |end: End| relaxation.relaxed.iter().filter(|relaxed| relaxed.end == end).count();
    let kinds: HashSet<_> = each.iter().filter(|rest| rest.digit).map(|rest| (rest.task, rest.class)).collect();
    let count = |of: &dyn Fn(&Rest) -> bool| each.iter().filter(|rest| of(rest)).map(|rest| rest.probes).sum();
    Ok(Probes {
        count: choice.probes,
        seed: choice.seed,
        stable: ended(End::Stable),
        cycled: ended(End::Cycle),
        limit: ended(End::Limit),
        distinct: each.len(),
        one_class: count(&|rest| rest.class.is_some()),
        one_task: count(&|rest| rest.task.is_some()),
        digits: count(&|rest| rest.digit),
        kinds: kinds.len(),
        digits_by_task: (0..maps.learned).map(|t| count(&|rest| rest.digit && rest.task == Some(t))).collect(),
        each,
    })
}

fn random(maps: &NeuronMaps, choice: Choice) -> Vec<u32> {
    let (neurons, words) = (maps.shape.neurons(), maps.shape.words());
    let mut drawn = Xoshiro128PlusPlus::of(choice.seed, Purpose::Probes, 0);
    let mut states: Vec<u32> = (0..choice.probes * words).map(|_| drawn.next_u32()).collect();
    if neurons % 32 != 0 {
        states.iter_mut().skip(words - 1).step_by(words).for_each(|last| *last &= (1 << (neurons % 32)) - 1);
    }
    states
}

/// The state that the probes whose relaxations are `relaxed`, at least one, ended in.
fn rest(network: &TrainedNetwork, judge: &Judge, maps: &NeuronMaps, state: &[u32], relaxed: &[Relaxed]) -> Rest {
    let only = |neurons: std::ops::Range<usize>| {
        let mut on = neurons.clone().filter(|&neuron| bits::is_on(state, neuron));
        on.next().filter(|_| on.next().is_none()).map(|neuron| neuron - neurons.start)
    };
    let (task, class) = (only(maps.shape.task_neurons()), only(maps.shape.class_neurons()));
    let learned = task.filter(|&task| task < maps.learned);
    let nearest = learned.map(|task| judge.nearest(task, state, maps));
    let digit = match (learned, class, nearest) {
        (Some(task), Some(class), Some(nearest)) => judge.is_digit(task, nearest, class),
        _ => false,
    };
    let order = &network.permutations[task.unwrap_or(0)];
    let pixels = order.iter().map(|&neuron| bits::is_on(state, usize::from(neuron))).collect();
    let probes = relaxed.len();
    let sweeps = relaxed.iter().map(|relaxed| f64::from(relaxed.sweeps)).sum::<f64>() / probes as f64;
    Rest { probes, end: relaxed[0].end, sweeps, task, class, nearest, digit, pixels }
}

/// An end in a word.
pub fn name(end: End) -> &'static str {
    match end {
        End::Stable => "at rest",
        End::Cycle => "cycle",
        End::Limit => "still moving",
    }
}

fn end_name<S: serde::Serializer>(end: &End, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_str(name(*end))
}
