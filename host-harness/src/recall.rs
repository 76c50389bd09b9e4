//! What a trained network makes of any states: relaxation of probes.

use dam_engine::engine::Number;
use dam_nostd::items::{Items, Union};
pub use dam_nostd::relax::{End, Relaxed};
use dam_nostd::rng::{self, Purpose, Xoshiro128PlusPlus};
use dam_nostd::{Fixed32, Model, Passes, Permutations, Scalar, Weights, relax};
use rayon::prelude::*;

use crate::config::ConfigError;
use crate::machine::Machine;
use crate::network::{self, TrainedNetwork};
use crate::rows::{LANES, Row, Rows};
use crate::workspace::{Memory, Workspace};

/// Probes that are relaxed together: bounds the memory, and changes nothing else.
const BLOCK: usize = 1024;

/// In which order neurons are updated.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Dynamics {
    /// All at once.
    Synchronous,
    /// One after the other, each probe in an order of its own that `seed` draws and that every sweep repeats.
    Asynchronous {
        /// What the orders depend on, with the number of the probe.
        seed: u64,
    },
}

/// What became of probes.
#[derive(Clone, Debug, PartialEq)]
pub struct Relaxation {
    /// The last states, bit-packed, in neuron order.
    pub states: Vec<u32>,
    /// How each ended.
    pub relaxed: Vec<Relaxed>,
    /// Energy of each probe.
    pub energies_before: Vec<f64>,
    /// Energy of each last state.
    pub energies: Vec<f64>,
}

/// Relaxes `states`, bit-packed and in neuron order, for at most `most_sweeps` sweeps each. Computed in the number type
/// of the network's weights; the result is the same on every `machine`.
///
/// # Errors
/// A network whose configuration has no sense.
pub fn relax(
    network: &TrainedNetwork,
    states: Vec<u32>,
    dynamics: Dynamics,
    most_sweeps: u32,
    machine: &Machine,
) -> Result<Relaxation, ConfigError> {
    machine.install(|| match network.weights {
        network::Weights::F32(_) if network.config.precision.is_fixed() => {
            relax_in::<Fixed32>(network, states, dynamics, most_sweeps, machine)
        }
        network::Weights::F32(_) => relax_in::<f32>(network, states, dynamics, most_sweeps, machine),
        network::Weights::F64(_) => relax_in::<f64>(network, states, dynamics, most_sweeps, machine),
    })
}

fn relax_in<S: Number>(
    network: &TrainedNetwork,
    mut states: Vec<u32>,
    dynamics: Dynamics,
    most_sweeps: u32,
    machine: &Machine,
) -> Result<Relaxation, ConfigError> {
    let shape = network.shape()?;
    let model = network.config.model::<S>(shape)?;
    let mut memory = Memory::fixed(&shape, network.weights.rows::<S>(&shape));
    let mut weights = memory.weights();
    let mut workspace = Workspace::<S>::new(&shape, machine.threads());
    let mut engine = workspace.engine(model, network.config.rule(), machine, Permutations::IDENTITY);
    let words = shape.words();
    let passes = engine.passes();
    let energies_before = energies(passes, &weights, &states);
    let mut relaxed = vec![Relaxed { end: End::Limit, sweeps: 0 }; states.len() / words];
    match dynamics {
        Dynamics::Synchronous => {
            for (states, relaxed) in states.chunks_mut(BLOCK * words).zip(relaxed.chunks_mut(BLOCK)) {
                let (mut previous, mut active) = (vec![0; states.len()], vec![0; relaxed.len()]);
                relax::synchronous(passes, &mut weights, states, &mut previous, &mut active, relaxed, most_sweeps);
            }
        }
        Dynamics::Asynchronous { seed } => {
            let probes = One { model, weights: weights.rows(), seed, most_sweeps };
            let room = || Rows::<S>::zeroed(shape.blocks(LANES));
            if machine.threads() == 1 {
                let mut room = room();
                for (i, (state, relaxed)) in states.chunks_exact_mut(words).zip(&mut relaxed).enumerate() {
                    *relaxed = probes.relax(i, state, &mut room);
                }
            } else {
                let each = states.par_chunks_exact_mut(words).zip(&mut relaxed).enumerate();
                each.for_each_init(room, |room, (i, (state, relaxed))| *relaxed = probes.relax(i, state, room));
            }
        }
    }
    let energies = energies(passes, &weights, &states);
    Ok(Relaxation { states, relaxed, energies_before, energies })
}

/// Asynchronous relaxation of one probe.
struct One<'a, S> {
    model: Model<S>,
    weights: &'a [Row<S>],
    seed: u64,
    most_sweeps: u32,
}

impl<S: Number> One<'_, S> {
    fn relax(&self, probe: usize, state: &mut [u32], similarities: &mut [Row<S>]) -> Relaxed {
        let mut order: Vec<u16> = (0..self.model.shape.neurons() as u16).collect();
        rng::shuffle(&mut order, &mut Xoshiro128PlusPlus::of(self.seed, Purpose::Probes, probe as u32));
        S::relax(&self.model, self.weights, state, &order, similarities, self.most_sweeps)
    }
}

fn energies<S: Scalar>(passes: &mut dyn Passes<S, LANES>, weights: &Weights<'_, S, LANES>, states: &[u32]) -> Vec<f64> {
    let items = Items::in_neuron_order(passes.model().shape.words(), states);
    let picks: Vec<u32> = (0..items.len() as u32).collect();
    let mut energies = Vec::with_capacity(picks.len());
    while let Some(left) = picks.get(energies.len()..).filter(|left| !left.is_empty()) {
        energies.extend(passes.energies(weights, &Union::only(items), left).iter().map(|energy| energy.to_f64()));
    }
    energies
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::Settings;

    /// Two memory vectors of 8 pixels, 1 task-ID and 2 class neurons: the first ones on, the last ones on.
    fn network() -> TrainedNetwork {
        let settings =
            Settings { n: Some(3), tasks: Some(1), memories: Some(2), temperature: Some(0.1), ..Settings::default() };
        let memory = |first: bool| (0..11).map(move |j| if (j < 5) == first { 1.0 } else { -1.0 });
        TrainedNetwork {
            config: settings.config().unwrap(),
            image: (4, 2),
            classes: 2,
            data_digest: String::new(),
            encoding: None,
            permutations: vec![(0..8).collect()],
            weights: network::Weights::F32(memory(true).chain(memory(false)).collect()),
            learned: 1,
        }
    }

    #[test]
    fn noisy_memories_relax_to_the_memories() {
        let probes = vec![0b000_0001_1101, 0b111_1110_0000, 0b000_0011_1111];
        for dynamics in [Dynamics::Synchronous, Dynamics::Asynchronous { seed: 3 }] {
            for threads in [1, 2] {
                let machine = Machine::new(threads, None).unwrap();
                let result = relax(&network(), probes.clone(), dynamics, 100, &machine).unwrap();
                assert_eq!(result.states, [0b1_1111, 0b111_1110_0000, 0b1_1111], "{dynamics:?}");
                assert!(result.relaxed.iter().all(|relaxed| relaxed.end == End::Stable));
                assert_eq!(result.relaxed[1].sweeps, 1);
                assert!(result.energies[0] < result.energies_before[0]);
                assert_eq!(result.energies[1], result.energies_before[1]);
            }
        }
    }

    #[test]
    fn no_probes_and_more_than_a_block() {
        let machine = Machine::new(1, None).unwrap();
        let none = relax(&network(), vec![], Dynamics::Synchronous, 100, &machine).unwrap();
        assert!(none.relaxed.is_empty() && none.energies.is_empty());
        let probes: Vec<u32> = (0..BLOCK as u32 + 5).map(|i| i % 2048).collect();
        let many = relax(&network(), probes.clone(), Dynamics::Synchronous, 100, &machine).unwrap();
        assert_eq!((many.relaxed.len(), many.energies.len()), (probes.len(), probes.len()));
        let last = vec![*probes.last().unwrap()];
        let alone = relax(&network(), last, Dynamics::Synchronous, 100, &machine).unwrap();
        assert_eq!(alone.states[0], *many.states.last().unwrap());
        assert_eq!(alone.energies[0], *many.energies.last().unwrap());
    }
}
