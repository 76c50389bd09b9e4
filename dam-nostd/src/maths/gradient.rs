//! The gradient of an objective by the weights: the backward pass, a memory vector a lane.
//!
//! Item a pulls updated neuron i with the coefficient c_ai = dObjective/dfield_ai * beta / N. Writing f'+ and f'- for the
//! slopes at the two clamped states, memory vector k moves as a whole by D_ak = sum_i c_ai (f'+ - f'-), and
//!
//! dObjective / dzeta_kj = sum_a xi_aj D_ak, and for an updated neuron j in addition
//! sum_a c_aj ((1 - xi_aj) f'+ + (1 + xi_aj) f'-),
//!
//! since the clamped neuron itself sees +1 and -1 instead of its state. Only items with neuron j on are added:
//! sum_a xi_aj D_ak = 2 * (sum over the items with j on) - (sum over all items). For an input neuron whose off state counts
//! nothing (see [`similarity`](super::similarity)) it is the first sum alone, once, and what is added for an updated one is
//! half as much.

use super::interaction::Interaction;
use super::similarity::{Levels, changed, scaled};
use crate::number::lanes::{self, Row};
use crate::number::scalar::Scalar;

/// What the pull of an item depends on, besides the item.
#[derive(Clone, Copy)]
pub(crate) struct Pull<S> {
    pub interaction: Interaction<S>,
    pub levels: Levels<S>,
    /// beta / N.
    pub scale: S,
    /// The first updated neuron.
    pub first: usize,
}

impl<S: Scalar> Pull<S> {
    /// D of one item, whose similarities are `h`: `updated` are the weights to the updated neurons, `states` what these show
    /// and `coefficients` their c. `own` is given each updated neuron's own term. Slopes are multiplied with two to the power
    /// of `exponents`.
    #[inline(always)]
    pub fn item<const L: usize>(
        &self,
        h: &Row<S, L>,
        updated: &[Row<S, L>],
        states: &[S],
        coefficients: &[S],
        exponents: &Row<S::Exponent, L>,
        mut own: impl FnMut(usize, &Row<S, L>),
    ) -> Row<S, L> {
        let (f, levels, scale) = (self.interaction, self.levels, self.scale);
        let unclamped = f.slopes(&scaled(h, scale), exponents);
        let mut moved = lanes::splat(S::ZERO);
        // The unclamped slope is shared by all neurons: its factors are summed first.
        let mut shared = S::ZERO;
        for (i, ((zeta, &state), &c)) in updated.iter().zip(states).zip(coefficients).enumerate() {
            if state == S::ZERO {
                let on = f.slopes(&changed(h, S::ONE, zeta, scale), exponents);
                let off = f.slopes(&changed(h, -S::ONE, zeta, scale), exponents);
                lanes::add_to(&mut moved, &lanes::zip(&on, &off, |on, off| c * (on - off)));
                own(i, &lanes::zip(&on, &off, |on, off| c * (on + off)));
            } else {
                let difference = levels.difference(self.first + i);
                let flipped = f.slopes(&changed(h, -(state * difference), zeta, scale), exponents);
                let signed = state * c;
                moved = lanes::zip(&moved, &flipped, |moved, slope| moved - signed * slope);
                shared = shared + signed;
                own(i, &lanes::map(&flipped, |slope| (c * difference) * slope));
            }
        }
        lanes::add_scaled_to(&mut moved, shared, &unclamped);
        moved
    }
}
