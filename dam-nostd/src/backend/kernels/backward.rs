//! The gradient of a chunk of items.

use super::pulls::Pulls;
use super::vertex::for_each_vertex;
use crate::backend::executor::KernelWithTable;
use crate::backend::index_lists::{Grouping, IndexLists};
use crate::maths::interaction::Interaction;
use crate::model::items::Permutations;
use crate::number::lanes::{self, Row};
use crate::number::scalar::Scalar;

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
impl<S: Scalar, const L: usize> KernelWithTable<(&mut [Row<S, L>], &mut [Row<S, L>], &mut [Row<S, L>]), Row<S, L>>
    for Backward<'_, S, L>
{
    #[inline(always)]
    fn apply(
        &self,
        block: usize,
        (items, sum, gradient): (&mut [Row<S, L>], &mut [Row<S, L>], &mut [Row<S, L>]),
        table: &mut [Row<S, L>],
    ) {
        let (interaction, off) = (self.pulls.interaction, self.lists.off);
        for_each_vertex!(interaction, off, S, L, self.block(interaction, off, block, items, sum, gradient, table));
    }
}

impl<S: Scalar, const L: usize> Backward<'_, S, L> {
    #[allow(clippy::too_many_arguments, reason = "what is known of a block, and its buffers")]
    #[inline(always)]
    fn block(
        &self,
        interaction: Interaction<S>,
        off: bool,
        block: usize,
        items: &mut [Row<S, L>],
        sum: &mut [Row<S, L>],
        gradient: &mut [Row<S, L>],
        table: &mut [Row<S, L>],
    ) {
        let lists = self.lists;
        let (pulls, count) = (&self.pulls, lists.updated);
        if self.first {
            lanes::clear(gradient);
            lanes::clear(sum);
        }
        let Some(items) = items.get_mut(..lists.items) else { return };
        let Some(own) = gradient.get_mut(pulls.first..pulls.first + count) else { return };
        if count == 0 {
            return;
        }
        let mut total = lanes::splat(S::ZERO);
        let exponents = pulls.slope_exponents(block);
        let mut flips = pulls.flips(block);
        let rows = lists.states.chunks_exact(count).zip(self.coefficients.chunks_exact(count));
        for (item, (states, coefficients)) in items.iter_mut().zip(rows) {
            let moved = pulls.item(&interaction, off, item, states, coefficients, &exponents, &mut flips, |i, term| {
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
            Grouping::Single => self.add_neurons(items, gradient),
            Grouping::Four | Grouping::Eight => {
                let on = |place| lanes::sum_rows(items, lists.items_of_row.list(place));
                lists.patterns(&self.permutations).spread(table, gradient, on);
            }
        }
        if self.last {
            // Until here everything was divided by how far apart the states of a neuron are.
            for (neuron, row) in gradient.iter_mut().enumerate() {
                let difference = pulls.levels.difference(neuron);
                let counted = neuron >= pulls.levels.first_counted() && neuron < self.shown;
                let all = if counted { total } else { lanes::splat(S::ZERO) };
                *row = lanes::zip(row, &all, |on, all| difference * on - all);
            }
        }
    }

    /// Adds to the gradient of each neuron the D of the items that have it on.
    #[inline(always)]
    fn add_neurons(&self, items: &[Row<S, L>], gradient: &mut [Row<S, L>]) {
        for (neuron, row) in gradient.iter_mut().enumerate() {
            let list = self.lists.items_of_row.list(neuron);
            if !list.is_empty() {
                let on = lanes::sum_rows(items, list);
                lanes::add_to(row, &on);
            }
        }
    }
}
