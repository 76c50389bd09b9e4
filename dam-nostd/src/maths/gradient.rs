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
use super::similarity::{clamped, flipped};
use crate::number::lanes::{self, Row};
use crate::number::scalar::Scalar;

/// D of one item while the updated neurons are gone through.
pub(crate) struct Moved<S, const L: usize> {
    d: Row<S, L>,
    /// The unclamped slope is shared by all neurons: its factors are summed first.
    shared: S,
}

impl<S: Scalar, const L: usize> Moved<S, L> {
    /// Before the first neuron.
    #[inline(always)]
    pub fn new() -> Self {
        Self { d: lanes::splat(S::ZERO), shared: S::ZERO }
    }

    /// The pull by one updated neuron with coefficient `c`, which shows `state`; returns its own term, divided by how far
    /// apart its two states are.
    ///
    /// `s` is that of the item's state, and `flip` what it is the more with the neuron on. Slopes are multiplied with two to
    /// the power of `exponents`.
    #[inline(always)]
    pub fn by(
        &mut self,
        f: &Interaction<S>,
        s: &Row<S, L>,
        flip: &Row<S, L>,
        state: S,
        c: S,
        exponents: &Row<S::Exponent, L>,
    ) -> Row<S, L> {
        if state == S::ZERO {
            let [on, off] = clamped(s, flip).map(|s| f.slopes(&s, exponents));
            lanes::add_to(&mut self.d, &lanes::zip(&on, &off, |on, off| c * (on - off)));
            let half = c / (S::ONE + S::ONE);
            return lanes::zip(&on, &off, |on, off| half * (on + off));
        }
        let own = lanes::map(&f.slopes(&flipped(s, flip, state), exponents), |slope| c * slope);
        if state < S::ZERO {
            lanes::add_to(&mut self.d, &own);
            self.shared = self.shared - c;
        } else {
            lanes::subtract_from(&mut self.d, &own);
            self.shared = self.shared + c;
        }
        own
    }

    /// D.
    #[inline(always)]
    pub fn in_all(mut self, f: &Interaction<S>, s: &Row<S, L>, exponents: &Row<S::Exponent, L>) -> Row<S, L> {
        lanes::add_scaled_to(&mut self.d, self.shared, &f.slopes(s, exponents));
        self.d
    }
}
