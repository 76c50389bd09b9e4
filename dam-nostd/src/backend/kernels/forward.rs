//! Similarities, fields and energies of a chunk of items.

use super::block_rows;
use super::flips::{Flips, TOGETHER};
use super::vertex::for_each_vertex;
use crate::backend::executor::{Kernel, KernelWithTable};
use crate::backend::index_lists::{Grouping, IndexLists};
use crate::maths::energy;
use crate::maths::field;
use crate::maths::interaction::Interaction;
use crate::maths::similarity::{Levels, scaled, similarity, total};
use crate::model::items::Permutations;
use crate::number::lanes::{self, Row};
use crate::number::scalar::Scalar;

/// What a forward pass reads.
pub(crate) struct Fields<'a, S, const L: usize> {
    pub weights: &'a [Row<S, L>],
    pub lists: &'a IndexLists<'a, S>,
    pub interaction: Interaction<S>,
    pub levels: Levels<S>,
    /// beta / N.
    pub scale: S,
    pub neurons: usize,
    /// The first updated neuron.
    pub first: usize,
    pub permutations: Permutations<'a>,
    /// Neurons from here on take no part in similarities.
    pub shown: usize,
    /// Whether the totals are those of these weights already.
    pub totalled: bool,
}

/// Parts: each block's similarities, a row an item; its share of the fields, `[item][updated]`; its total, one row.
impl<S: Scalar, const L: usize> KernelWithTable<(&mut [Row<S, L>], &mut [S], &mut [Row<S, L>]), Row<S, L>>
    for Fields<'_, S, L>
{
    #[inline(always)]
    fn apply(
        &self,
        block: usize,
        (similarities, shares, totals): (&mut [Row<S, L>], &mut [S], &mut [Row<S, L>]),
        table: &mut [Row<S, L>],
    ) {
        let (interaction, off) = (self.interaction, self.lists.off);
        for_each_vertex!(
            interaction,
            off,
            S,
            L,
            self.block(interaction, off, block, similarities, shares, totals, table)
        );
    }
}

impl<S: Scalar, const L: usize> Fields<'_, S, L> {
    #[allow(clippy::too_many_arguments, reason = "what is known of a block, and its buffers")]
    #[inline(always)]
    fn block(
        &self,
        interaction: Interaction<S>,
        off: bool,
        block: usize,
        similarities: &mut [Row<S, L>],
        shares: &mut [S],
        totals: &mut [Row<S, L>],
        table: &mut [Row<S, L>],
    ) {
        let (levels, scale) = (self.levels, self.scale);
        let weights = block_rows(self.weights, self.neurons, block);
        // The rows that the index lists are of.
        let listed = match self.lists.grouping {
            Grouping::Single => weights,
            Grouping::Four | Grouping::Eight => self.lists.patterns(&self.permutations).fill(table, weights),
        };
        let updated = weights.get(self.first..).unwrap_or(&[]);
        if !self.totalled {
            totals.fill(total(weights, &self.levels, self.shown));
        }
        let total = totals.first().copied().unwrap_or(lanes::splat(S::ZERO));
        let count = self.lists.updated;
        if count == 0 {
            return;
        }
        let items = similarities.iter_mut().zip(shares.chunks_exact_mut(count));
        let states = self.lists.states.chunks_exact(count);
        let mut flips = Flips::new(updated, levels, self.first, scale);
        for (item, ((kept, shares), states)) in items.zip(states).take(self.lists.items).enumerate() {
            let on = lanes::sum_rows(listed, self.lists.rows_of_item.list(item));
            let h = similarity(&on, &total, &levels, self.first, updated, states);
            *kept = h;
            let s = scaled(&h, scale);
            let unclamped = interaction.values(&s);
            let groups = shares.chunks_mut(TOGETHER).zip(states.chunks(TOGETHER));
            for (group, (shares, states)) in groups.enumerate() {
                let mut sums = [[S::ZERO; 4]; TOGETHER];
                for ((sum, flip), &state) in sums.iter_mut().zip(flips.of(group)).zip(states) {
                    let state = if off { -S::ONE } else { state };
                    *sum = lanes::fold_to_four(&field::terms(&interaction, &s, &unclamped, flip, state));
                }
                lanes::fold_fours(&sums, shares);
                for (share, &state) in shares.iter_mut().zip(states) {
                    *share = if off || state < S::ZERO { -*share } else { *share };
                }
            }
        }
    }
}

/// Parts: the sum of f_n(s) over each block's memory vectors, for the one state that is listed.
pub(crate) struct Energies<'a, S, const L: usize> {
    pub weights: &'a [Row<S, L>],
    pub lists: &'a IndexLists<'a, S>,
    pub interaction: Interaction<S>,
    pub levels: Levels<S>,
    /// The first updated neuron.
    pub first: usize,
    /// beta / N.
    pub scale: S,
    pub neurons: usize,
}

impl<S: Scalar, const L: usize> Kernel<&mut [S]> for Energies<'_, S, L> {
    #[inline(always)]
    fn apply(&self, block: usize, share: &mut [S]) {
        let rows = block_rows(self.weights, self.neurons, block);
        let total = total(rows, &self.levels, self.neurons);
        let on = lanes::sum_rows(rows, self.lists.rows_of_item.list(0));
        let (updated, states) = (rows.get(self.first..).unwrap_or(&[]), &*self.lists.states);
        let h = similarity(&on, &total, &self.levels, self.first, updated, states);
        share.fill(energy::sum(&self.interaction, &h, self.scale));
    }
}
