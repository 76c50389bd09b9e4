//! Importances from the gradients of single items, as Elastic Weight Consolidation and Memory Aware Synapses take them.
//!
//! The derivative for one item a by weight zeta_kj is xi_aj D_ak for every neuron j that is not updated (see
//! [`gradient`](crate::gradient)). States are bipolar, so its square, D_ak^2, and its absolute value, |D_ak|, do not depend
//! on j: taken item by item, the importances of a memory vector's pixel weights are all the same.

use crate::executor::Kernel;
use crate::gradient::{Pulls, exponents_of};
use crate::lanes::{self, Row};
use crate::presentation::Presentation;
use crate::scalar::Scalar;

/// What becomes of a derivative before it is averaged.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Measure {
    /// Its square.
    Square,
    /// Its absolute value.
    Absolute,
}

impl Measure {
    /// The measure of one derivative.
    #[inline(always)]
    pub fn of<S: Scalar>(self, derivative: S) -> S {
        match self {
            Self::Square => derivative * derivative,
            Self::Absolute => derivative.abs(),
        }
    }
}

/// Lane by lane, `of` the slope that a number stands for.
#[inline(always)]
pub(crate) fn slopes<S: Scalar, const L: usize>(
    stored: &Row<S, L>,
    exponents: &Row<S::Exponent, L>,
    of: impl Fn(S::Wide) -> S::Wide,
) -> Row<S::Wide, L> {
    let mut slopes = lanes::splat(S::Wide::ZERO);
    for l in 0..L {
        slopes[l] = of(stored[l].as_slope(exponents[l]));
    }
    slopes
}

/// Adds a chunk to the importances. Parts: similarities, a row an item; the importances.
pub(crate) struct Importance<'a, S: Scalar, const L: usize> {
    pub pulls: Pulls<'a, S, L>,
    pub presentation: &'a Presentation<'a, S>,
    pub coefficients: &'a [S],
    pub measure: Measure,
    /// The weight of one item: 1 / items.
    pub share: S::Wide,
    pub shown: usize,
}

impl<S: Scalar, const L: usize> Kernel<(&mut [Row<S, L>], &mut [Row<S::Wide, L>])> for Importance<'_, S, L> {
    #[inline(always)]
    fn apply(&self, block: usize, (similarities, importances): (&mut [Row<S, L>], &mut [Row<S::Wide, L>])) {
        let (presentation, first) = (self.presentation, self.pulls.first);
        let (updated, count) = (self.pulls.updated(block), presentation.updated.max(1));
        let rows = presentation.states.chunks_exact(count).zip(self.coefficients.chunks_exact(count));
        let mut others = lanes::splat(S::Wide::ZERO);
        let orders = self.pulls.orders(block);
        let exponents = exponents_of(self.pulls.exponents, block).map(|e| S::raised(e, -S::ITEM_ORDERS));
        for (h, (states, coefficients)) in similarities.iter().take(presentation.items).zip(rows) {
            // D first; then the updated neurons' own terms once more, now that D is known.
            let moved = self.pulls.pull(h, updated, states, coefficients, &orders, |_, _| {});
            let squared = slopes(&moved, &exponents, |d| self.share * self.measure.of(d));
            lanes::add_to(&mut others, &squared);
            self.pulls.pull(h, updated, states, coefficients, &orders, |i, own| {
                if let (Some(row), Some(&state)) = (importances.get_mut(first + i), states.get(i)) {
                    let all = lanes::zip(&moved, own, |d, own| state * d + own);
                    lanes::add_to(row, &slopes(&all, &exponents, |d| self.share * self.measure.of(d)));
                }
            });
        }
        for (neuron, row) in importances.iter_mut().enumerate().take(self.shown) {
            if neuron < first || neuron >= first + count {
                lanes::add_to(row, &others);
            }
        }
    }
}
