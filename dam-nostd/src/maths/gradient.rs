//! The gradient of an objective by the weights: the backward pass.
//!
//! Item a pulls updated neuron i with c_ai = dObjective/dfield_ai * beta / N. Writing f'+ and f'- for the slopes at the
//! two clamped states, memory vector k moves as a whole by D_ak = sum_i c_ai (f'+ - f'-), and
//!
//! dObjective / dzeta_kj = sum_a xi_aj D_ak, and for an updated neuron j in addition
//! sum_a c_aj ((1 - xi_aj) f'+ + (1 + xi_aj) f'-),
//!
//! which together are the sum of section 3: the clamped neuron itself sees +1 and -1 instead of its state. Again only
//! items with neuron j on are added: sum_a xi_aj D_ak = 2 * (sum over the items with j on) - (sum over all items). For an
//! input neuron whose off state counts nothing (see [`coding`](crate::maths::coding)) it is the first sum alone, once, and what
//! is added for an updated one is half as much.

use crate::backend::executor::Kernel;
use crate::backend::index_lists::{Naming, Presentation};
use crate::backend::partial_sums;
use crate::maths::coding::Swings;
use crate::maths::field::{block_rows, shifted};
use crate::maths::interaction::{Interaction, for_each_vertex};
use crate::model::items::Wirings;
use crate::number::lanes::{self, Row};
use crate::number::scalar::Scalar;

/// Turns similarities into pulls.
#[derive(Clone, Copy)]
pub(crate) struct Pulls<'a, S: Scalar, const L: usize> {
    pub weights: &'a [Row<S, L>],
    pub interaction: Interaction<S>,
    pub swings: Swings<S>,
    /// beta / N.
    pub scale: S,
    pub neurons: usize,
    /// The first updated neuron.
    pub first: usize,
    /// The exponents of the memory vectors, a row a block.
    pub exponents: &'a [Row<S::Exponent, L>],
    /// By how many orders coefficients are raised; the slopes are not.
    pub gain: i32,
}

impl<S: Scalar, const L: usize> Pulls<'_, S, L> {
    /// D of one item, where slopes are raised by `orders`; `own` is given each updated neuron's own term.
    #[inline(always)]
    pub(crate) fn pull(
        &self,
        h: &Row<S, L>,
        updated: &[Row<S, L>],
        states: &[S],
        pulls: &[S],
        orders: &Row<S::Exponent, L>,
        mut own: impl FnMut(usize, &Row<S, L>),
    ) -> Row<S, L> {
        let (interaction, swings, scale) = (self.interaction, self.swings, self.scale);
        let unclamped = interaction.slopes(&lanes::map(h, |h| scale * h), orders);
        let mut moved = lanes::splat(S::ZERO);
        // The unclamped slope is shared by all neurons: its factors are summed first.
        let mut shared = S::ZERO;
        for (i, ((zeta, &state), &c)) in updated.iter().zip(states).zip(pulls).enumerate() {
            if state == S::ZERO {
                let on = interaction.slopes(&shifted(h, S::ONE, zeta, scale), orders);
                let off = interaction.slopes(&shifted(h, -S::ONE, zeta, scale), orders);
                lanes::add_to(&mut moved, &lanes::zip(&on, &off, |on, off| c * (on - off)));
                own(i, &lanes::zip(&on, &off, |on, off| c * (on + off)));
            } else {
                let swing = swings.of(self.first + i);
                let flipped = interaction.slopes(&shifted(h, -(state * swing), zeta, scale), orders);
                let signed = state * c;
                moved = lanes::zip(&moved, &flipped, |moved, slope| moved - signed * slope);
                shared = shared + signed;
                own(i, &lanes::map(&flipped, |slope| (c * swing) * slope));
            }
        }
        lanes::add_scaled_to(&mut moved, shared, &unclamped);
        moved
    }

    #[inline(always)]
    pub(crate) fn updated(&self, block: usize) -> &[Row<S, L>] {
        block_rows(self.weights, self.neurons, block).get(self.first..).unwrap_or(&[])
    }

    /// By how many orders slopes of the block's memory vectors are raised.
    #[inline(always)]
    pub(crate) fn orders(&self, block: usize) -> Row<S::Exponent, L> {
        exponents_of(self.exponents, block).map(|exponent| S::raised(exponent, -self.gain))
    }
}

/// The exponents of the memory vectors of `block`.
#[inline(always)]
pub(crate) fn exponents_of<E: Copy + Default, const L: usize>(exponents: &[Row<E, L>], block: usize) -> Row<E, L> {
    exponents.get(block).copied().unwrap_or([E::default(); L])
}

/// Adds a chunk to the gradient.
pub(crate) struct Backward<'a, S: Scalar, const L: usize> {
    pub pulls: Pulls<'a, S, L>,
    pub presentation: &'a Presentation<'a, S>,
    /// `[item][updated]`: c.
    pub coefficients: &'a [S],
    pub wirings: Wirings<'a>,
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
        let interaction = self.pulls.interaction;
        for_each_vertex!(interaction, L, {
            self.block(Pulls { interaction, ..self.pulls }, block, items, sum, gradient)
        });
    }
}

impl<S: Scalar, const L: usize> Backward<'_, S, L> {
    #[inline(always)]
    fn block(
        &self,
        pulls: Pulls<'_, S, L>,
        block: usize,
        items: &mut [Row<S, L>],
        sum: &mut [Row<S, L>],
        gradient: &mut [Row<S, L>],
    ) {
        let (presentation, swings) = (self.presentation, pulls.swings);
        let (updated, count) = (pulls.updated(block), presentation.updated);
        if self.first {
            lanes::clear(gradient);
            lanes::clear(sum);
        }
        let Some(items) = items.get_mut(..presentation.items) else { return };
        let Some(own) = gradient.get_mut(pulls.first..pulls.first + count) else { return };
        if count == 0 {
            return;
        }
        let mut total = lanes::splat(S::ZERO);
        let orders = pulls.orders(block);
        let rows = presentation.states.chunks_exact(count).zip(self.coefficients.chunks_exact(count));
        for (item, (states, coefficients)) in items.iter_mut().zip(rows) {
            let moved = pulls.pull(item, updated, states, coefficients, &orders, |i, term| {
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
        match presentation.naming {
            Naming::Neurons => {
                for (neuron, row) in gradient.iter_mut().enumerate() {
                    let list = presentation.shown_by.list(neuron);
                    if !list.is_empty() {
                        let on = lanes::sum_rows(items, list);
                        lanes::add_scaled_to(row, swings.of(neuron), &on);
                    }
                }
            }
            Naming::Nibbles => {
                for group in partial_sums::groups(presentation.patterns(), &self.wirings, presentation.wiring) {
                    let swings = group.neurons.map(|neuron| swings.of(neuron));
                    let mut rows = [lanes::splat(S::ZERO); partial_sums::GROUP];
                    for (row, neuron) in rows.iter_mut().zip(group.neurons) {
                        *row = gradient.get(neuron).copied().unwrap_or(*row);
                    }
                    for (name, &pattern) in (group.first..).zip(group.patterns) {
                        let on = lanes::sum_rows(items, presentation.shown_by.list(name));
                        for (row, swing) in rows.iter_mut().zip(partial_sums::masked(&swings, pattern)) {
                            lanes::add_scaled_to(row, swing, &on);
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
        if self.last {
            for row in gradient.iter_mut().take(self.shown).skip(swings.silent()) {
                for l in 0..L {
                    row[l] = row[l] - total[l];
                }
            }
        }
    }
}
