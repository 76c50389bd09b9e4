//! The penalty's derivative, the path sum of SI, and importances from gradients of batches.

use super::importance::slopes;
use super::{block_rows, exponents_of};
use crate::backend::executor::Kernel;
use crate::learn::passes::Term;
use crate::maths::consolidation::{Measure, path, slope};
use crate::maths::step::clamp;
use crate::number::lanes::{self, Row};
use crate::number::scalar::Scalar;

/// A term, for one row of the network.
#[inline(always)]
fn slope_of<S: Scalar, const L: usize>(term: &Term<'_, S, L>, row: usize, theta: &Row<S, L>) -> Row<S::Wide, L> {
    // Uniform importances are multiplied in the same place as others, so that L2 is EWC bit for bit.
    let uniform = lanes::splat(term.uniform);
    let omega = term.omega.and_then(|omega| omega.get(row)).unwrap_or(&uniform);
    let anchor = term.anchor.get(row).unwrap_or(theta);
    slope(term.factor, omega, theta, anchor)
}

/// gradient += derivative. Parts: the gradient.
pub(crate) struct AddSlope<'a, S: Scalar, const L: usize> {
    pub term: Term<'a, S, L>,
    pub weights: &'a [Row<S, L>],
    pub exponents: &'a [Row<S::Exponent, L>],
    pub neurons: usize,
}

impl<S: Scalar, const L: usize> Kernel<&mut [Row<S, L>]> for AddSlope<'_, S, L> {
    #[inline(always)]
    fn apply(&self, block: usize, gradient: &mut [Row<S, L>]) {
        let exponents = exponents_of(self.exponents, block);
        let weights = block_rows(self.weights, self.neurons, block);
        for (neuron, (row, theta)) in gradient.iter_mut().zip(weights).enumerate() {
            let slope = slope_of(&self.term, block * self.neurons + neuron, theta);
            for l in 0..L {
                row[l] = row[l] + S::of_slope(slope[l], exponents[l]);
            }
        }
    }
}

/// theta <- theta - rate * derivative, clamped. Parts: the weights.
pub(crate) struct StepDownSlope<'a, S: Scalar, const L: usize> {
    pub term: Term<'a, S, L>,
    pub rate: S::Wide,
    /// The first class neuron: from it on weights are not clamped.
    pub classes: usize,
    pub neurons: usize,
}

impl<S: Scalar, const L: usize> Kernel<&mut [Row<S, L>]> for StepDownSlope<'_, S, L> {
    #[inline(always)]
    fn apply(&self, block: usize, weights: &mut [Row<S, L>]) {
        for (neuron, row) in weights.iter_mut().enumerate() {
            let slope = slope_of(&self.term, block * self.neurons + neuron, row);
            let mut moved = *row;
            for l in 0..L {
                moved[l] = moved[l] - S::of_weight(self.rate * slope[l]);
            }
            *row = if neuron < self.classes { lanes::map(&moved, clamp) } else { moved };
        }
    }
}

/// Eq. 15 for one step. Parts: the path sum.
pub(crate) struct AddToPath<'a, S: Scalar, const L: usize> {
    pub gradient: &'a [Row<S, L>],
    pub exponents: &'a [Row<S::Exponent, L>],
    pub before: &'a [Row<S, L>],
    pub weights: &'a [Row<S, L>],
    pub neurons: usize,
}

impl<S: Scalar, const L: usize> Kernel<&mut [Row<S::Wide, L>]> for AddToPath<'_, S, L> {
    #[inline(always)]
    fn apply(&self, block: usize, sums: &mut [Row<S::Wide, L>]) {
        let exponents = exponents_of(self.exponents, block);
        let of_block = |rows| block_rows(rows, self.neurons, block);
        let moved = of_block(self.weights).iter().zip(of_block(self.before));
        for ((sums, gradient), (after, before)) in sums.iter_mut().zip(of_block(self.gradient)).zip(moved) {
            for l in 0..L {
                sums[l] = path(sums[l], gradient[l].as_slope(exponents[l]), before[l], after[l]);
            }
        }
    }
}

/// Parts: the importances, to which the measure of the gradient times `share` is added.
pub(crate) struct AddMeasure<'a, S: Scalar, const L: usize> {
    pub gradient: &'a [Row<S, L>],
    pub exponents: &'a [Row<S::Exponent, L>],
    pub measure: Measure,
    pub share: S::Wide,
    pub neurons: usize,
}

impl<S: Scalar, const L: usize> Kernel<&mut [Row<S::Wide, L>]> for AddMeasure<'_, S, L> {
    #[inline(always)]
    fn apply(&self, block: usize, importances: &mut [Row<S::Wide, L>]) {
        let exponents = exponents_of(self.exponents, block);
        for (row, gradient) in importances.iter_mut().zip(block_rows(self.gradient, self.neurons, block)) {
            lanes::add_to(row, &slopes(gradient, &exponents, |g| self.share * self.measure.of(g)));
        }
    }
}
