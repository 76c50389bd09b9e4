//! Similarity and field: the forward pass.
//!
//! The similarity of memory vector zeta and state xi is h = <zeta, xi>. Few neurons are on, so for bipolar states
//! h = 2 * (sum of zeta over the neurons that are on) - (sum of zeta over all neurons), and only neurons that are on are
//! added. Where off input neurons count nothing (see [`coding`](crate::maths::coding)), the 2 and the second sum are for class
//! neurons alone.
//!
//! The field of neuron i, the argument of sigma in eq. 19, is the sum over memory vectors of
//! f_n(s with xi_i = +1) - f_n(s with xi_i = -1), where s = (beta / N) * h. One of the two clamped states is the state
//! itself, so a neuron costs one more evaluation of f_n, at h - 2 xi_i zeta_i for a bipolar one.

use crate::backend::executor::KernelWithTable;
use crate::backend::index_lists::{Naming, Presentation};
use crate::backend::partial_sums;
use crate::maths::coding::Swings;
use crate::maths::interaction::{Interaction, for_each_vertex};
use crate::model::items::Wirings;
use crate::number::lanes::{self, Row};
use crate::number::scalar::Scalar;

/// The sum of a block's rows over the neurons that count while they are off, of the first `shown`.
#[inline(always)]
pub(crate) fn total<S: Scalar, const L: usize>(rows: &[Row<S, L>], swings: &Swings<S>, shown: usize) -> Row<S, L> {
    let mut sum = lanes::splat(S::ZERO);
    for row in rows.iter().take(shown).skip(swings.silent()) {
        lanes::add_to(&mut sum, row);
    }
    sum
}

/// What a forward pass reads.
pub(crate) struct Fields<'a, S, const L: usize> {
    pub weights: &'a [Row<S, L>],
    pub presentation: &'a Presentation<'a, S>,
    pub interaction: Interaction<S>,
    pub swings: Swings<S>,
    /// beta / N.
    pub scale: S,
    pub neurons: usize,
    /// The first updated neuron.
    pub first: usize,
    pub wirings: Wirings<'a>,
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
        let interaction = self.interaction;
        for_each_vertex!(interaction, L, self.block(interaction, block, similarities, shares, totals, table));
    }
}

impl<S: Scalar, const L: usize> Fields<'_, S, L> {
    #[inline(always)]
    fn block(
        &self,
        interaction: Interaction<S>,
        block: usize,
        similarities: &mut [Row<S, L>],
        shares: &mut [S],
        totals: &mut [Row<S, L>],
        table: &mut [Row<S, L>],
    ) {
        let (swings, scale) = (self.swings, self.scale);
        let weights = block_rows(self.weights, self.neurons, block);
        // The rows that the lists of the presentation name.
        let named = match self.presentation.naming {
            Naming::Neurons => weights,
            Naming::Nibbles => {
                partial_sums::fill(
                    table,
                    self.presentation.patterns(),
                    weights,
                    &self.wirings,
                    self.presentation.wiring,
                );
                table
            }
        };
        let updated = weights.get(self.first..).unwrap_or(&[]);
        if !self.totalled {
            totals.fill(total(weights, &self.swings, self.shown));
        }
        let total = totals.first().copied().unwrap_or(lanes::splat(S::ZERO));
        let count = self.presentation.updated;
        if count == 0 {
            return;
        }
        let items = similarities.iter_mut().zip(shares.chunks_exact_mut(count));
        let states = self.presentation.states.chunks_exact(count);
        for (item, ((kept, shares), states)) in items.zip(states).take(self.presentation.items).enumerate() {
            let on = lanes::sum_rows(named, self.presentation.on.list(item));
            let h = similarity(&on, &total, &swings, self.first, updated, states);
            *kept = h;
            let unclamped = interaction.values(&lanes::map(&h, |h| scale * h));
            for (i, ((share, zeta), &state)) in shares.iter_mut().zip(updated).zip(states).enumerate() {
                *share = if state == S::ZERO {
                    let on = interaction.values(&shifted(&h, S::ONE, zeta, scale));
                    let off = interaction.values(&shifted(&h, -S::ONE, zeta, scale));
                    lanes::fold(&lanes::zip(&on, &off, |on, off| on - off))
                } else {
                    let flip = -(state * swings.of(self.first + i));
                    let flipped = interaction.values(&shifted(&h, flip, zeta, scale));
                    state * lanes::fold(&lanes::zip(&unclamped, &flipped, |unclamped, flipped| unclamped - flipped))
                };
            }
        }
    }
}

/// h of the neurons that are on, whose rows add up to `on`, and of those that count while they are off, `total`.
///
/// Class neurons that are on are among `on` once. Where that is too little, `updated`, the rows from neuron `first` on, and
/// their `states` tell which they are.
#[inline(always)]
pub(crate) fn similarity<S: Scalar, const L: usize>(
    on: &Row<S, L>,
    total: &Row<S, L>,
    swings: &Swings<S>,
    first: usize,
    updated: &[Row<S, L>],
    states: &[S],
) -> Row<S, L> {
    let input = swings.input;
    let mut h = lanes::zip(on, total, |on, total| input * on - total);
    if input < S::ONE + S::ONE {
        let classes = swings.classes.saturating_sub(first);
        for (zeta, _) in updated.iter().zip(states).skip(classes).filter(|&(_, &state)| state > S::ZERO) {
            lanes::add_to(&mut h, zeta);
        }
    }
    h
}

/// scale * (h + change * zeta): the s of a state that differs from that of h by `change` in one neuron.
#[inline(always)]
pub(crate) fn shifted<S: Scalar, const L: usize>(h: &Row<S, L>, change: S, zeta: &Row<S, L>, scale: S) -> Row<S, L> {
    lanes::zip(h, zeta, |h, z| scale * (h + change * z))
}

/// The part of `rows` that belongs to `block`, `each` rows long.
#[inline(always)]
pub(crate) fn block_rows<S, const L: usize>(rows: &[Row<S, L>], each: usize, block: usize) -> &[Row<S, L>] {
    rows.get(block * each..(block + 1) * each).unwrap_or(&[])
}
