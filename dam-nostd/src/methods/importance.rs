//! Importances from the gradients of single items, as Elastic Weight Consolidation and Memory Aware Synapses take them.
//!
//! The derivative for one item a by weight zeta_kj is xi_aj D_ak for every neuron j that is not updated (see
//! [`gradient`](crate::gradient)). In a bipolar state its square, D_ak^2, and its absolute value, |D_ak|, do not depend on
//! j: taken item by item, the importances of a memory vector's pixel weights are all the same. In a binary one they are
//! the sums over the items that have j on.

use crate::executor::Kernel;
use crate::gradient::Pulls;
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

/// Adds a chunk to the importances. Parts: similarities in and the measures of D out, a row an item; the importances.
pub(crate) struct Importance<'a, S, const L: usize> {
    pub pulls: Pulls<'a, S, L>,
    pub presentation: &'a Presentation<'a, S>,
    pub coefficients: &'a [S],
    pub measure: Measure,
    /// The weight of one item: 1 / items.
    pub share: S,
    pub shown: usize,
}

impl<S: Scalar, const L: usize> Kernel<(&mut [Row<S, L>], &mut [Row<S, L>])> for Importance<'_, S, L> {
    #[inline(always)]
    fn apply(&self, block: usize, (items, importances): (&mut [Row<S, L>], &mut [Row<S, L>])) {
        let (presentation, first, swings) = (self.presentation, self.pulls.first, self.pulls.swings);
        let (updated, count) = (self.pulls.updated(block), presentation.updated.max(1));
        let rows = presentation.states.chunks_exact(count).zip(self.coefficients.chunks_exact(count));
        let mut all = lanes::splat(S::ZERO);
        let Some(items) = items.get_mut(..presentation.items) else { return };
        for (item, (states, coefficients)) in items.iter_mut().zip(rows) {
            // D first; then the updated neurons' own terms once more, now that D is known.
            let moved = self.pulls.pull(item, updated, states, coefficients, |_, _| {});
            self.pulls.pull(item, updated, states, coefficients, |i, own| {
                if let (Some(row), Some(&state)) = (importances.get_mut(first + i), states.get(i)) {
                    let shown = swings.shown(first + i, state);
                    let whole = lanes::zip(&moved, own, |d, own| self.share * self.measure.of(shown * d + own));
                    lanes::add_to(row, &whole);
                }
            });
            *item = lanes::map(&moved, |d| self.share * self.measure.of(d));
            lanes::add_to(&mut all, item);
        }
        for (neuron, row) in importances.iter_mut().enumerate().take(self.shown) {
            if neuron >= first && neuron < first + count {
                continue;
            }
            if neuron < swings.silent() {
                lanes::add_to(row, &lanes::sum_rows(items, presentation.shown_by.list(neuron)));
            } else {
                lanes::add_to(row, &all);
            }
        }
    }
}
