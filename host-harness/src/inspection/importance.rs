//! How evenly the importances of a task lie on memory vectors.

use dam_nostd::Scalar;
use dam_nostd::consolidation::Measure;
use dam_nostd::objective::Objective;
use serde::{Deserialize, Serialize};

use super::{Learned, Ready, items, of_memory};
use crate::config::ConfigError;
use crate::rows::Rows;

/// The share of the memory vectors that would hold a task's importances if each of them held as much:
/// (sum o)^2 / (K sum o^2), o the sum of a memory vector's importances. 1 where all hold the same, 1/K where one holds all.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Evenness {
    /// Of the importances that EWC measures: squares of the loss's gradient, item by item.
    pub loss: f64,
    /// Of those of MAS: absolute values of the gradient of the output's squared norm.
    pub output: f64,
}

/// Of the last task that the network has learned.
pub(super) fn measure(learned: &Learned<'_>) -> Result<Evenness, ConfigError> {
    let of = |objective, measure| -> Result<f64, ConfigError> {
        let shape = learned.tasks.shape();
        let Ready { mut memory, mut workspace } = learned.ready();
        let mut engine = learned.engine(&mut workspace)?;
        let (mut weights, descent) = memory.learned();
        let (union, picks) = items(learned.tasks, learned.network.learned - 1);
        let mut importances = Rows::<f64>::zeroed(shape.rows(crate::rows::LANES));
        engine.passes().importances(
            &mut weights,
            &union,
            &picks,
            objective,
            measure,
            descent.scale(),
            &mut importances,
        );
        let each = (0..shape.memories()).map(|k| of_memory(&importances, shape.neurons(), k).map(Scalar::to_f64).sum());
        Ok(evenness(&each.collect::<Vec<f64>>()))
    };
    Ok(Evenness { loss: of(learned.loss(), Measure::Square)?, output: of(Objective::SquaredNorm, Measure::Absolute)? })
}

fn evenness(sums: &[f64]) -> f64 {
    let (sum, squares) = sums.iter().fold((0.0, 0.0), |(sum, squares), o| (sum + o, squares + o * o));
    if squares > 0.0 { sum * sum / (sums.len() as f64 * squares) } else { 1.0 }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn importances_on_one_memory_vector_are_as_uneven_as_can_be() {
        assert_eq!(evenness(&[3.0; 4]), 1.0);
        assert_eq!(evenness(&[0.0, 3.0, 0.0, 0.0]), 0.25);
        assert_eq!(evenness(&[1.0, 1.0, 0.0, 0.0]), 0.5);
        assert_eq!(evenness(&[0.0; 3]), 1.0);
    }
}
