//! How the gradient of the task that comes next lies to that of the tasks learned, memory vector by memory vector: each
//! takes a step of its own length, so that the angle is what matters.

use serde::{Deserialize, Serialize};

use super::{Learned, Ready, items, of_memory};
use crate::config::ConfigError;
use crate::pictures::memory::median;

/// Angles between the gradient of the loss of the next task's training items and that of all items of the tasks learned, at
/// the weights that the next task begins with.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Conflict {
    /// The median over memory vectors of the angle's cosine: below 0, a step for the one is a step against the other.
    pub cosine: f64,
    /// Share of the memory vectors whose cosine is below 0.
    pub opposed: f64,
    /// Cosine of the angle between the gradients of the whole network.
    pub network: f64,
}

/// Of a network that has a task before it; memory vectors without a gradient are left out.
pub(super) fn measure(learned: &Learned<'_>) -> Result<Option<Conflict>, ConfigError> {
    let next = learned.network.learned;
    if next >= learned.tasks.len() {
        return Ok(None);
    }
    let shape = learned.tasks.shape();
    let gradients: Vec<Vec<f64>> = [next..next + 1, 0..next]
        .into_iter()
        .map(|tasks| {
            let mut sum = vec![0.0; shape.memories() * shape.neurons()];
            let Ready { mut memory, mut workspace } = learned.ready();
            let mut engine = learned.engine(&mut workspace)?;
            let passes = engine.passes();
            let (mut weights, mut descent) = memory.learned();
            for task in tasks {
                let (union, mut picks) = items(learned.tasks, task);
                let (rule, mut gradient) = (passes.rule(), descent.gradient());
                passes.gradient(rule, &mut weights, &union, &mut picks, learned.loss(), &mut gradient);
                let each = (0..shape.memories()).flat_map(|k| of_memory(gradient.rows(), shape.neurons(), k));
                sum.iter_mut().zip(each).for_each(|(sum, new)| *sum += new);
            }
            Ok(sum)
        })
        .collect::<Result<_, ConfigError>>()?;
    let cosine = |a: &[f64], b: &[f64]| {
        let product = |a: &[f64], b: &[f64]| a.iter().zip(b).map(|(a, b)| a * b).sum::<f64>();
        let length = (product(a, a) * product(b, b)).sqrt();
        (length > 0.0).then(|| product(a, b) / length)
    };
    let each = gradients[0].chunks_exact(shape.neurons()).zip(gradients[1].chunks_exact(shape.neurons()));
    let mut cosines: Vec<f64> = each.filter_map(|(a, b)| cosine(a, b)).collect();
    let opposed = cosines.iter().filter(|&&cosine| cosine < 0.0).count() as f64 / cosines.len().max(1) as f64;
    let network = cosine(&gradients[0], &gradients[1]);
    Ok(median(&mut cosines).zip(network).map(|(cosine, network)| Conflict { cosine, opposed, network }))
}
