//! Whether a network keeps what it has learned where it is: items as states, and how much of one may be wrong.

use dam_nostd::bits;
use dam_nostd::rng::{self, Purpose, Xoshiro128PlusPlus};
use serde::Serialize;

use super::{Choice, NeuronMaps};
use crate::config::ConfigError;
use crate::machine::Machine;
use crate::network::TrainedNetwork;
use crate::recall::{self, Dynamics};
use crate::tasks::Tasks;

/// Training items of each task that are looked at, at most.
const ITEMS: usize = 200;

/// Shares of the neurons that are flipped.
pub const FLIPPED: [f64; 5] = [0.01, 0.02, 0.05, 0.1, 0.2];

/// How stable the training items of one task are: whole states, task-ID and class neurons included, all neurons updated at
/// once.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Stability {
    /// Items that were looked at.
    pub items: usize,
    /// Share of them that no neuron leaves: fixed points.
    pub fixed: f64,
    /// Share of them that come to their end with their own class neuron on, and no other.
    pub class_kept: f64,
    /// Neurons in which the end differs from the item, the median.
    pub moved: u32,
    /// For each share of neurons that are flipped, as a rule [`FLIPPED`]: share of the items that end where the item itself ends when so many neurons, drawn at
    /// random, are flipped first.
    pub basin: Vec<f64>,
}

/// Measures the tasks that `network` has learned, basins by these shares of flipped neurons.
pub(crate) fn measure(
    network: &TrainedNetwork,
    tasks: &Tasks,
    maps: &NeuronMaps,
    choice: Choice,
    flipped: &[f64],
    machine: &Machine,
) -> Result<Vec<Stability>, ConfigError> {
    (0..maps.learned).map(|task| of_task(network, tasks, maps, task, choice, flipped, machine)).collect()
}

fn of_task(
    network: &TrainedNetwork,
    tasks: &Tasks,
    maps: &NeuronMaps,
    task: usize,
    choice: Choice,
    flipped: &[f64],
    machine: &Machine,
) -> Result<Stability, ConfigError> {
    let (shape, items) = (&maps.shape, tasks.training(task));
    let words = shape.words();
    let count = items.len().min(ITEMS);
    let mut states = vec![0; count * words];
    for (item, state) in states.chunks_exact_mut(words).enumerate() {
        let bits = items.bits(item);
        for (position, &neuron) in maps.of(task).iter().enumerate() {
            bits::set(state, usize::from(neuron), bits::is_on(bits, position));
        }
        for neuron in shape.pixels()..shape.neurons() {
            bits::set(state, neuron, bits::is_on(bits, neuron));
        }
    }
    let ends = |states: Vec<u32>| {
        let sweeps = network.config.max_sweeps;
        recall::relax(network, states, Dynamics::Synchronous, sweeps, machine).map(|relaxation| relaxation.states)
    };
    let own = ends(states.clone())?;
    let share = |of: &dyn Fn(&[u32], &[u32]) -> bool, from: &[u32], to: &[u32]| {
        let pairs = from.chunks_exact(words).zip(to.chunks_exact(words));
        pairs.filter(|(from, to)| of(from, to)).count() as f64 / count as f64
    };
    let same_class = |from: &[u32], to: &[u32]| {
        shape.class_neurons().all(|neuron| bits::is_on(from, neuron) == bits::is_on(to, neuron))
    };
    let mut basin = vec![];
    for &flipped in flipped {
        // The same flips for every network of this size.
        let mut rng = Xoshiro128PlusPlus::of(choice.seed, Purpose::Probes, 1 + task as u32);
        let flips = ((flipped * shape.neurons() as f64).round() as usize).max(1);
        let mut wrong = states.clone();
        for state in wrong.chunks_exact_mut(words) {
            rng::choose(shape.neurons(), flips, &mut rng, |neuron| {
                bits::set(state, neuron, !bits::is_on(state, neuron));
            });
        }
        basin.push(share(&|from, to| from == to, &own, &ends(wrong)?));
    }
    let pairs = states.chunks_exact(words).zip(own.chunks_exact(words));
    let mut moved: Vec<u32> =
        pairs.map(|(from, to)| from.iter().zip(to).map(|(from, to)| (from ^ to).count_ones()).sum()).collect();
    moved.sort_unstable();
    Ok(Stability {
        items: count,
        fixed: share(&|from, to| from == to, &states, &own),
        class_kept: share(&same_class, &states, &own),
        moved: moved[count / 2],
        basin,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::Settings;
    use crate::data::Dataset;
    use crate::network::Weights;

    /// A memory vector for each of a few training items, as it is: with a steep f_n they are fixed points, from afar, too.
    #[test]
    fn stored_items_are_fixed_points_and_random_weights_have_none() {
        let data = Dataset::embedded(1).unwrap();
        let settings = Settings {
            n: Some(20),
            tasks: Some(1),
            items: Some(10),
            memories: Some(8),
            temperature: Some(0.5),
            ..Settings::default()
        };
        let config = settings.config().unwrap();
        let shape = config.shape(data.pixels(), data.classes()).unwrap();
        let tasks = Tasks::draw(&config, &data, shape).unwrap();
        let items = tasks.training(0);
        assert_eq!(items.len(), 8);
        let permutations = vec![(0..784).collect::<Vec<u16>>()];
        let mut network = TrainedNetwork {
            config,
            image: (28, 28),
            classes: 10,
            data_digest: String::new(),
            encoding: None,
            permutations,
            learned: 1,
            weights: Weights::F32(vec![]),
        };
        let maps = NeuronMaps { shape, neurons: crate::evaluation::maps(&network), learned: 1 };
        let neuron_of = |position: usize| if position < 784 { usize::from(maps.of(0)[position]) } else { position };
        let mut weights = vec![0.0; 8 * shape.neurons()];
        for (item, memory) in weights.chunks_exact_mut(shape.neurons()).enumerate() {
            for position in 0..shape.neurons() {
                memory[neuron_of(position)] = if bits::is_on(items.bits(item), position) { 1.0 } else { -1.0 };
            }
        }
        network.weights = Weights::F32(weights.clone());
        let machine = Machine::new(1, None).unwrap();
        let measured = |network: &TrainedNetwork| {
            let found = measure(network, &tasks, &maps, Choice::default(), &FLIPPED, &machine).unwrap();
            assert_eq!(found.len(), 1);
            found[0].clone()
        };
        let stored = measured(&network);
        let expected = Stability { items: 8, fixed: 1.0, class_kept: 1.0, moved: 0, basin: vec![1.0; FLIPPED.len()] };
        assert_eq!(stored, expected);
        // Every other neuron of every memory vector turned: nothing of the items is left.
        weights.iter_mut().step_by(2).for_each(|weight| *weight = -*weight);
        network.weights = Weights::F32(weights);
        let lost = measured(&network);
        assert!(lost.fixed == 0.0 && lost.moved > 100, "{lost:?}");
    }
}
