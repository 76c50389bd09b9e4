//! Importances from the derivatives for single items, eq. 10 and 12.
//!
//! The derivative for one item a by weight zeta_kj is xi_aj D_ak for every neuron j that is not updated (see
//! `maths::gradient`). In a bipolar state its square, D_ak^2, and its absolute value, |D_ak|, do not depend on j: taken
//! item by item, the importances of a memory vector's pixel weights are all the same. In a binary one they are the sums
//! over the items that have j on.

use super::exponents_of;
use super::pulls::Pulls;
use crate::backend::executor::Kernel;
use crate::backend::index_lists::IndexLists;
use crate::maths::consolidation::Measure;
use crate::number::lanes::{self, Row};
use crate::number::scalar::Scalar;

/// Lane by lane, `of` the slope that a number stands for.
#[inline(always)]
pub(super) fn slopes<S: Scalar, const L: usize>(
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
    pub lists: &'a IndexLists<'a, S>,
    pub coefficients: &'a [S],
    pub measure: Measure,
    /// The weight of one item: 1 / items.
    pub share: S::Wide,
    pub shown: usize,
}

impl<S: Scalar, const L: usize> Kernel<(&mut [Row<S, L>], &mut [Row<S::Wide, L>])> for Importance<'_, S, L> {
    #[inline(always)]
    fn apply(&self, block: usize, (items, importances): (&mut [Row<S, L>], &mut [Row<S::Wide, L>])) {
        let (lists, pulls) = (self.lists, &self.pulls);
        let (first, levels) = (pulls.first, pulls.levels);
        let count = lists.updated.max(1);
        let rows = lists.states.chunks_exact(count).zip(self.coefficients.chunks_exact(count));
        let slope_exponents = self.pulls.slope_exponents(block);
        let exponents = exponents_of(self.pulls.exponents, block).map(|e| S::exponent_plus(e, -S::ITEM_EXPONENT));
        let measured = |row: &Row<S, L>| slopes(row, &exponents, |d| self.share * self.measure.of(d));
        let (mut all, mut flips) = (lanes::splat(S::Wide::ZERO), pulls.flips(block));
        let f = &pulls.interaction;
        let Some(items) = items.get_mut(..lists.items) else { return };
        for (item, (states, coefficients)) in items.iter_mut().zip(rows) {
            // D first; then the updated neurons' own terms once more, now that D is known.
            let moved = pulls.item(f, lists.off, item, states, coefficients, &slope_exponents, &mut flips, |_, _| {});
            pulls.item(f, lists.off, item, states, coefficients, &slope_exponents, &mut flips, |i, own| {
                if let (Some(row), Some(&state)) = (importances.get_mut(first + i), states.get(i)) {
                    let (shown, difference) = (levels.shown(first + i, state), levels.difference(first + i));
                    lanes::add_to(row, &measured(&lanes::zip(&moved, own, |d, own| shown * d + difference * own)));
                }
            });
            lanes::add_to(&mut all, &measured(&moved));
            *item = moved;
        }
        for (neuron, row) in importances.iter_mut().enumerate().take(self.shown) {
            if neuron >= first && neuron < first + count {
                continue;
            }
            if neuron < levels.first_counted() {
                let mut on = lanes::splat(S::Wide::ZERO);
                for item in lists.items_of_row.list(neuron).iter().filter_map(|&item| items.get(usize::from(item))) {
                    lanes::add_to(&mut on, &measured(item));
                }
                lanes::add_to(row, &on);
            } else {
                lanes::add_to(row, &all);
            }
        }
    }
}
