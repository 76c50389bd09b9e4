//! Diagnostics of importances and weights: how they are distributed over the memory vectors.
//!
//! Lanes of the last block that are no memory vectors are left out everywhere.

use crate::model::shape::Shape;
use crate::number::lanes::Row;
use crate::number::scalar::Scalar;

/// Steps of the histogram, each a factor of two.
const STEPS: usize = 48;

/// How the importances of all weights are distributed. All zero for no weights.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Distribution {
    /// Weights.
    pub count: usize,
    /// The least importance.
    pub least: f64,
    /// The largest importance.
    pub largest: f64,
    /// The mean.
    pub mean: f64,
    /// The share of weights of importance zero, 0 to 1.
    pub zero: f64,
    /// Weights whose importance is above 2^-(i+1) and up to 2^-i of the largest; the last step holds all that is less.
    steps: [u32; STEPS],
}

impl Distribution {
    /// Of the importances `rows`, [`Shape::rows`] of them, each 0 or more.
    pub fn of<S: Scalar, const L: usize>(shape: &Shape, rows: &[Row<S, L>]) -> Self {
        let (mut count, mut zeros, mut sum) = (0, 0, 0.0);
        let (mut least, mut largest) = (f64::INFINITY, 0.0f64);
        each_live(shape, rows, |_, value| {
            let value = value.to_f64();
            count += 1;
            sum += value;
            least = least.min(value);
            largest = largest.max(value);
            zeros += usize::from(value == 0.0);
        });
        let mut steps = [0; STEPS];
        each_live(shape, rows, |_, value| {
            let mut step = 0;
            let mut edge = 0.5 * largest;
            while value.to_f64() <= edge && step < STEPS - 1 {
                (step, edge) = (step + 1, 0.5 * edge);
            }
            if let Some(place) = steps.get_mut(step) {
                *place += 1;
            }
        });
        let all = count.max(1) as f64;
        let least = if count == 0 { 0.0 } else { least };
        Self { count, least, largest, mean: sum / all, zero: zeros as f64 / all, steps }
    }

    /// A number that `share` (0 to 1) of the weights do not exceed: the quantile or up to twice of it; never more than the
    /// largest. Quantiles below 2^-47 of the largest are not told apart.
    pub fn quantile(&self, share: f64) -> f64 {
        let above = self.count as f64 * (1.0 - share.clamp(0.0, 1.0));
        let (mut seen, mut edge) = (0.0, self.largest);
        for &step in &self.steps {
            seen += f64::from(step);
            if seen > above {
                return edge;
            }
            edge *= 0.5;
        }
        self.least
    }
}

/// The share, 0 to 1, of weights to pixel and task-ID neurons that stand at a limit, |theta| >= 1. Weights to class
/// neurons have no limit and are left out.
pub fn clamped<S: Scalar, const L: usize>(shape: &Shape, weights: &[Row<S, L>]) -> f64 {
    let classes = shape.class_neurons().start;
    let (mut count, mut at_limit) = (0usize, 0usize);
    each_live(shape, weights, |neuron, weight| {
        if neuron < classes {
            count += 1;
            at_limit += usize::from(weight.abs() >= S::UNIT);
        }
    });
    at_limit as f64 / count.max(1) as f64
}

/// Calls `with` for each weight of each memory vector.
pub(crate) fn each_live<S: Scalar, const L: usize>(shape: &Shape, rows: &[Row<S, L>], mut with: impl FnMut(usize, S)) {
    for (block, rows) in rows.chunks_exact(shape.neurons().max(1)).enumerate() {
        let live = shape.live_lanes(block, L);
        for (neuron, row) in rows.iter().enumerate() {
            for &value in row.iter().take(live) {
                with(neuron, value);
            }
        }
    }
}

/// Sets to zero what is no memory vector's.
pub(crate) fn clear_unused_lanes<S: Scalar, const L: usize>(shape: &Shape, rows: &mut [Row<S, L>]) {
    for (block, rows) in rows.chunks_exact_mut(shape.neurons().max(1)).enumerate() {
        let live = shape.live_lanes(block, L);
        for row in rows {
            for value in row.iter_mut().skip(live) {
                *value = S::ZERO;
            }
        }
    }
}

/// Divides all by the largest, where that is above zero.
pub(crate) fn divide_by_largest<S: Scalar, const L: usize>(shape: &Shape, rows: &mut [Row<S, L>]) {
    let mut largest = S::ZERO;
    each_live(shape, rows, |_, value| largest = value.larger(largest));
    if largest > S::ZERO {
        for value in rows.as_flattened_mut() {
            *value = *value / largest;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lanes_without_a_memory_vector_do_not_count() {
        let shape = Shape::new(1, 0, 1, 3).unwrap();
        let rows = [[1.0f32, 4.0, 0.0, 9.0], [0.5, 0.25, 0.125, 9.0]];
        let d = Distribution::of(&shape, &rows);
        assert_eq!((d.count, d.least, d.largest, d.zero), (6, 0.0, 4.0, 1.0 / 6.0));
        assert_eq!(d.mean, 5.875 / 6.0);
        assert_eq!((d.quantile(1.0), d.quantile(0.75), d.quantile(0.5)), (4.0, 1.0, 0.25));
        assert_eq!(clamped(&shape, &rows), 2.0 / 3.0);
    }

    #[test]
    fn the_largest_becomes_one() {
        let shape = Shape::new(0, 0, 1, 3).unwrap();
        let mut rows = [[1.0f64, 4.0, 2.0, 9.0]];
        clear_unused_lanes(&shape, &mut rows);
        divide_by_largest(&shape, &mut rows);
        assert_eq!(rows, [[0.25, 1.0, 0.5, 0.0]]);
    }
}
