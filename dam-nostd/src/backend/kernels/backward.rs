//! The gradient of a chunk of items.

use super::vertex::for_each_vertex;
use super::{block_rows, exponents_of};
use crate::backend::executor::Kernel;
use crate::backend::index_lists::{Grouping, IndexLists};
use crate::backend::partial_sums;
use crate::maths::gradient::Pull;
use crate::model::items::Permutations;
use crate::number::lanes::{self, Row};
use crate::number::scalar::Scalar;

/// The pulls of the items on the memory vectors of a block.
#[derive(Clone, Copy)]
pub(crate) struct Pulls<'a, S: Scalar, const L: usize> {
    pub weights: &'a [Row<S, L>],
    pub pull: Pull<S>,
    pub neurons: usize,
    /// The exponents that the gradients of the memory vectors share, a row a block.
    pub exponents: &'a [Row<S::Exponent, L>],
    /// The exponent of the coefficients, which the slopes so need not have.
    pub coefficients_exponent: i32,
}

impl<S: Scalar, const L: usize> Pulls<'_, S, L> {
    /// The weights to the updated neurons.
    #[inline(always)]
    pub fn updated(&self, block: usize) -> &[Row<S, L>] {
        block_rows(self.weights, self.neurons, block).get(self.pull.first..).unwrap_or(&[])
    }

    /// The exponents of slopes of the block's memory vectors.
    #[inline(always)]
    pub fn slope_exponents(&self, block: usize) -> Row<S::Exponent, L> {
        exponents_of(self.exponents, block).map(|exponent| S::exponent_plus(exponent, -self.coefficients_exponent))
    }
}

/// Adds a chunk to the gradient.
pub(crate) struct Backward<'a, S: Scalar, const L: usize> {
    pub pulls: Pulls<'a, S, L>,
    pub lists: &'a IndexLists<'a, S>,
    /// `[item][updated]`: c.
    pub coefficients: &'a [S],
    pub permutations: Permutations<'a>,
    /// Whether the gradient begins with this chunk.
    pub first: bool,
    /// Whether it ends with this chunk: then the sum of D is subtracted.
    pub last: bool,
    /// Neurons from here on take no part in similarities.
    pub shown: usize,
}

/// Parts: similarities in and D out, a row an item; the sum of D, one row; the gradient.
impl<S: Scalar, const L: usize> Kernel<(&mut [Row<S, L>], &mut [Row<S, L>], &mut [Row<S, L>])> for Backward<'_, S, L> {
    #[inline(always)]
    fn apply(&self, block: usize, (items, sum, gradient): (&mut [Row<S, L>], &mut [Row<S, L>], &mut [Row<S, L>])) {
        let interaction = self.pulls.pull.interaction;
        for_each_vertex!(interaction, S, L, {
            self.block(Pull { interaction, ..self.pulls.pull }, block, items, sum, gradient)
        });
    }
}

impl<S: Scalar, const L: usize> Backward<'_, S, L> {
    #[inline(always)]
    fn block(
        &self,
        pull: Pull<S>,
        block: usize,
        items: &mut [Row<S, L>],
        sum: &mut [Row<S, L>],
        gradient: &mut [Row<S, L>],
    ) {
        let lists = self.lists;
        let (updated, count) = (self.pulls.updated(block), lists.updated);
        if self.first {
            lanes::clear(gradient);
            lanes::clear(sum);
        }
        let Some(items) = items.get_mut(..lists.items) else { return };
        let Some(own) = gradient.get_mut(pull.first..pull.first + count) else { return };
        if count == 0 {
            return;
        }
        let mut total = lanes::splat(S::ZERO);
        let exponents = self.pulls.slope_exponents(block);
        let rows = lists.states.chunks_exact(count).zip(self.coefficients.chunks_exact(count));
        for (item, (states, coefficients)) in items.iter_mut().zip(rows) {
            let moved = pull.item(item, updated, states, coefficients, &exponents, |i, term| {
                if let Some(own) = own.get_mut(i) {
                    lanes::add_to(own, term);
                }
            });
            lanes::add_to(&mut total, &moved);
            *item = moved;
        }
        for sum in sum.iter_mut() {
            lanes::add_to(sum, &total);
            total = *sum;
        }
        match lists.grouping {
            Grouping::Single => self.add_neurons(&pull, items, gradient),
            Grouping::Four => self.add_groups(&pull, items, gradient),
        }
        if self.last {
            for row in gradient.iter_mut().take(self.shown).skip(pull.levels.first_counted()) {
                for l in 0..L {
                    row[l] = row[l] - total[l];
                }
            }
        }
    }

    /// Adds to the gradient of each neuron the D of the items that have it on.
    #[inline(always)]
    fn add_neurons(&self, pull: &Pull<S>, items: &[Row<S, L>], gradient: &mut [Row<S, L>]) {
        for (neuron, row) in gradient.iter_mut().enumerate() {
            let list = self.lists.items_of_row.list(neuron);
            if !list.is_empty() {
                let on = lanes::sum_rows(items, list);
                lanes::add_scaled_to(row, pull.levels.difference(neuron), &on);
            }
        }
    }

    /// The same by patterns of four neurons.
    #[inline(always)]
    fn add_groups(&self, pull: &Pull<S>, items: &[Row<S, L>], gradient: &mut [Row<S, L>]) {
        for group in partial_sums::groups(self.lists.patterns(), &self.permutations, self.lists.permutation) {
            let differences = group.neurons.map(|neuron| pull.levels.difference(neuron));
            let mut rows = [lanes::splat(S::ZERO); partial_sums::GROUP];
            for (row, neuron) in rows.iter_mut().zip(group.neurons) {
                *row = gradient.get(neuron).copied().unwrap_or(*row);
            }
            for (index, &pattern) in (group.first..).zip(group.patterns) {
                let on = lanes::sum_rows(items, self.lists.items_of_row.list(index));
                for (row, factor) in rows.iter_mut().zip(partial_sums::masked(&differences, pattern)) {
                    lanes::add_scaled_to(row, factor, &on);
                }
            }
            for (neuron, row) in group.neurons.into_iter().zip(rows) {
                if let Some(place) = gradient.get_mut(neuron) {
                    *place = row;
                }
            }
        }
    }
}
