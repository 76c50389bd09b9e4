//! Importances from the gradients of single items, as Elastic Weight Consolidation and Memory Aware Synapses take them.
//!
//! The derivative for one item a by weight zeta_kj is xi_aj D_ak for every neuron j that is not updated (see
//! [`gradient`](crate::maths::gradient)). In a bipolar state its square, D_ak^2, and its absolute value, |D_ak|, do not depend on
//! j: taken item by item, the importances of a memory vector's pixel weights are all the same. In a binary one they are
//! the sums over the items that have j on.

use crate::backend::executor::Kernel;
use crate::backend::index_lists::Presentation;
use crate::maths::gradient::{Pulls, exponents_of};
use crate::number::lanes::{self, Row};
use crate::number::scalar::Scalar;

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

/// Adds a chunk to the importances. Parts: similarities in and D out, a row an item; the importances.
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
    fn apply(&self, block: usize, (items, importances): (&mut [Row<S, L>], &mut [Row<S::Wide, L>])) {
        let (presentation, first, swings) = (self.presentation, self.pulls.first, self.pulls.swings);
        let (updated, count) = (self.pulls.updated(block), presentation.updated.max(1));
        let rows = presentation.states.chunks_exact(count).zip(self.coefficients.chunks_exact(count));
        let orders = self.pulls.orders(block);
        let exponents = exponents_of(self.pulls.exponents, block).map(|e| S::raised(e, -S::ITEM_ORDERS));
        let measured = |row: &Row<S, L>| slopes(row, &exponents, |d| self.share * self.measure.of(d));
        let mut all = lanes::splat(S::Wide::ZERO);
        let Some(items) = items.get_mut(..presentation.items) else { return };
        for (item, (states, coefficients)) in items.iter_mut().zip(rows) {
            // D first; then the updated neurons' own terms once more, now that D is known.
            let moved = self.pulls.pull(item, updated, states, coefficients, &orders, |_, _| {});
            self.pulls.pull(item, updated, states, coefficients, &orders, |i, own| {
                if let (Some(row), Some(&state)) = (importances.get_mut(first + i), states.get(i)) {
                    let shown = swings.shown(first + i, state);
                    lanes::add_to(row, &measured(&lanes::zip(&moved, own, |d, own| shown * d + own)));
                }
            });
            lanes::add_to(&mut all, &measured(&moved));
            *item = moved;
        }
        for (neuron, row) in importances.iter_mut().enumerate().take(self.shown) {
            if neuron >= first && neuron < first + count {
                continue;
            }
            if neuron < swings.silent() {
                let mut on = lanes::splat(S::Wide::ZERO);
                for item in presentation.shown_by.list(neuron).iter().filter_map(|&item| items.get(usize::from(item))) {
                    lanes::add_to(&mut on, &measured(item));
                }
                lanes::add_to(row, &on);
            } else {
                lanes::add_to(row, &all);
            }
        }
    }
}
