//! How many random patterns a network stores: what theory says, and what is measured.
//!
//! Each memory vector is a pattern of N neurons, each of which is +1 or -1 with equal chance, f_n(x) = x^n, and nothing is
//! trained. Krotov and Hopfield (2016), section 3: the field of a neuron of a stored pattern is one signal, 2 n N^(n-1) for
//! large N, and a sum of K - 1 terms of other patterns, of about normal distribution, so that a neuron leaves its pattern
//! with the probability Q(sqrt(N^(n-1) / (K (2n-3)!!))), Q the upper tail. It is 1 / N, one neuron a pattern, near
//! K = N^(n-1) / (2 (2n-3)!! ln N).

use dam_nostd::bits;
use dam_nostd::rng::{Purpose, Xoshiro128PlusPlus};
use rand_core::Rng;

use crate::config::{ConfigError, InteractionName, Settings};
use crate::machine::Machine;
use crate::network::TrainedNetwork;
use crate::recall::{self, Dynamics};

/// Patterns of which it is seen whether their neurons stay, at least.
const PATTERNS: usize = 4000;

/// The most memory vectors of one network here: a gigabyte at a thousand neurons.
pub const MOST_MEMORIES: f64 = 1e5;

/// Neurons that take no part in patterns otherwise: a task-ID neuron and a class neuron. They are bits as all others.
const OTHERS: usize = 2;

/// Numbers of neurons that can be asked for.
pub const NEURONS: std::ops::RangeInclusive<usize> = 8..=1024;

/// The capacity of networks of one size.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Capacity {
    /// N.
    pub neurons: usize,
    /// n.
    pub vertex: u32,
    /// N^(n-1) / (2 (2n-3)!! ln N).
    pub formula: f64,
    /// The number of patterns at which one neuron a pattern is to leave it, by the normal distribution.
    pub normal: f64,
    /// The number at which one does.
    pub measured: f64,
}

/// (2n - 3)!!: 1, 3, 15, 105 for n = 2, 3, 4, 5.
fn odd_factorial(vertex: u32) -> f64 {
    (1..vertex).map(|k| f64::from(2 * k - 1)).product()
}

/// N^(n-1) / (2 (2n-3)!! ln N).
pub fn formula(neurons: usize, vertex: u32) -> f64 {
    let size = neurons as f64;
    size.powi(vertex as i32 - 1) / (2.0 * odd_factorial(vertex) * size.ln())
}

/// The K at which N Q(sqrt(N^(n-1) / (K (2n-3)!!))) is 1.
fn normal(neurons: usize, vertex: u32) -> f64 {
    let size = neurons as f64;
    let wrong = |memories: f64| {
        let ratio = size.powi(vertex as i32 - 1) / (memories * odd_factorial(vertex));
        size * 0.5 * libm::erfc((ratio / 2.0).sqrt())
    };
    crossing(formula(neurons, vertex), wrong)
}

/// The K near `guess` from which on `wrong(K)`, which rises, is more than 1: to a thousandth.
fn crossing(guess: f64, wrong: impl Fn(f64) -> f64) -> f64 {
    let (mut low, mut high) = (guess, guess);
    while wrong(low) > 1.0 {
        low /= 2.0;
    }
    while wrong(high) <= 1.0 {
        high *= 2.0;
    }
    while high / low > 1.001 {
        let middle = (low * high).sqrt();
        if wrong(middle) > 1.0 { high = middle } else { low = middle }
    }
    (low * high).sqrt()
}

/// Measures the capacity of networks of `neurons` neurons at interaction vertex `vertex`; the patterns follow from `seed`.
///
/// # Errors
/// Sizes that the core cannot have.
pub fn measure(neurons: usize, vertex: u32, seed: u64, machine: &Machine) -> Result<Capacity, ConfigError> {
    let normal = normal(neurons, vertex);
    // From the expectation by factors of 1.5 to both sides, then by halves of their logarithm.
    let (mut low, mut high) = (normal, normal);
    let wrong = |memories: f64| wrong_neurons(neurons, vertex, memories.round().max(1.0) as usize, seed, machine);
    if wrong(normal)? > 1.0 {
        loop {
            high = low;
            low /= 1.5;
            if low <= 1.0 || wrong(low)? <= 1.0 {
                break;
            }
        }
    } else {
        loop {
            low = high;
            high *= 1.5;
            if wrong(high)? > 1.0 {
                break;
            }
        }
    }
    while high / low > 1.02 && high - low > 1.0 {
        let middle = (low * high).sqrt();
        if wrong(middle)? > 1.0 { high = middle } else { low = middle }
    }
    let measured = (low * high).sqrt();
    Ok(Capacity { neurons, vertex, formula: formula(neurons, vertex), normal, measured })
}

/// How many neurons of a stored pattern one synchronous update changes, in the mean over [`PATTERNS`] patterns or more, from
/// as many networks as that takes.
fn wrong_neurons(
    neurons: usize,
    vertex: u32,
    memories: usize,
    seed: u64,
    machine: &Machine,
) -> Result<f64, ConfigError> {
    let settings = Settings {
        n: Some(vertex),
        memories: Some(memories),
        tasks: Some(1),
        interaction: Some(InteractionName::Polynomial),
        precision: Some(crate::config::Precision::F64),
        ..Settings::default()
    };
    let config = settings.config()?;
    let words = neurons.div_ceil(32);
    let (mut wrong, mut tested) = (0, 0);
    let mut drawn = Xoshiro128PlusPlus::of(seed, Purpose::Probes, memories as u32);
    while tested < PATTERNS {
        let mut states: Vec<u32> = (0..memories * words).map(|_| drawn.next_u32()).collect();
        for state in states.chunks_exact_mut(words) {
            (neurons..32 * words).for_each(|beyond| bits::set(state, beyond, false));
        }
        let signs = |state: &[u32]| {
            let sign = |neuron| if bits::is_on(state, neuron) { 1.0 } else { -1.0 };
            (0..neurons).map(sign).collect::<Vec<f64>>()
        };
        let network = TrainedNetwork {
            config: config.clone(),
            image: (neurons - OTHERS, 1),
            classes: 1,
            data_digest: String::new(),
            encoding: None,
            permutations: vec![(0..(neurons - OTHERS) as u16).collect()],
            weights: states.chunks_exact(words).flat_map(signs).collect::<Vec<f64>>().into(),
            learned: 1,
        };
        states.truncate(PATTERNS.min(memories) * words);
        let updated = recall::relax(&network, states.clone(), Dynamics::Synchronous, 1, machine)?.states;
        wrong += states.iter().zip(&updated).map(|(from, to)| u64::from((from ^ to).count_ones())).sum::<u64>();
        tested += states.len() / words;
    }
    Ok(wrong as f64 / tested as f64)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn double_factorials_are_those_of_the_odd_numbers() {
        assert_eq!([2, 3, 4, 5].map(odd_factorial), [1.0, 3.0, 15.0, 105.0]);
    }

    #[test]
    fn a_hopfield_network_and_a_steeper_one_hold_what_the_normal_distribution_says() {
        let machine = Machine::new(1, None).unwrap();
        for (neurons, vertex) in [(64, 2), (32, 3)] {
            let found = measure(neurons, vertex, 1, &machine).unwrap();
            let ratio = found.measured / found.normal;
            assert!((0.8..1.25).contains(&ratio), "{found:?}");
            // Twice as many are too many, half as many are held.
            let wrong = |share: f64| wrong_neurons(neurons, vertex, (share * found.measured) as usize, 2, &machine);
            assert!(wrong(2.0).unwrap() > 1.0 && wrong(0.5).unwrap() < 1.0);
        }
    }
}
