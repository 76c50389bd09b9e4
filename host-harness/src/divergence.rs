//! Training that has left the numbers behind: a loss or a weight that is infinite or not a number.

use std::fmt;

use dam_nostd::{Scalar, Shape};

use crate::config::Config;
use crate::rows::{LANES, Row};

/// Where training diverged, and what to do about it.
#[derive(Clone, Debug, PartialEq)]
pub struct Divergence {
    /// The task, from 1.
    pub task: usize,
    /// The epoch of it, from 1.
    pub epoch: u32,
    /// Its mean loss.
    pub loss: f64,
    /// The memory vector, from 0, that has a weight which is not finite, or else the largest one.
    pub memory: usize,
    /// The neuron, from 0, that the weight goes to.
    pub neuron: usize,
    /// The weight.
    pub weight: f64,
    /// What was set.
    learning_rate: f64,
    temperature: f64,
    n: u32,
}

impl Divergence {
    /// Looks at the weights after an epoch; `None` where they and the loss are finite.
    pub fn find<S: Scalar>(
        config: &Config,
        shape: &Shape,
        weights: &[Row<S>],
        (task, epoch, loss): (usize, u32, f64),
    ) -> Option<Self> {
        let weight =
            |memory: usize, neuron: usize| weights[memory / LANES * shape.neurons() + neuron][memory % LANES].to_f64();
        let pairs = (0..shape.memories()).flat_map(|memory| (0..shape.neurons()).map(move |neuron| (memory, neuron)));
        let bad = pairs.clone().find(|&(memory, neuron)| !weight(memory, neuron).is_finite());
        if bad.is_none() && loss.is_finite() {
            return None;
        }
        let size = |&(memory, neuron): &(usize, usize)| weight(memory, neuron).abs();
        let (memory, neuron) = bad.or_else(|| pairs.max_by(|a, b| size(a).total_cmp(&size(b))))?;
        let (learning_rate, temperature, n) = (config.learning_rate, config.temperature, config.n);
        let weight = weight(memory, neuron);
        Some(Self { task, epoch, loss, memory, neuron, weight, learning_rate, temperature, n })
    }
}

impl fmt::Display for Divergence {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { task, epoch, loss, memory, neuron, weight, learning_rate, temperature, n } = self;
        write!(
            f,
            "training diverged in task {task}, epoch {epoch}: the loss is {loss}, and the weight of memory vector {memory} \
             to neuron {neuron} (both from 0) is {weight:e}; give a lower learning_rate than {learning_rate:e}, a higher \
             temperature than {temperature:e}, a lower n than {n}, or precision f64"
        )
    }
}

impl std::error::Error for Divergence {}
