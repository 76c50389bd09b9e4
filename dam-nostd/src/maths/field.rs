//! The field of a neuron, eq. 19: the forward pass, a memory vector a lane.
//!
//! The field of neuron i, the argument of sigma in eq. 19, is the sum over memory vectors of
//! f_n(s with xi_i = +1) - f_n(s with xi_i = -1). One of the two clamped states is the state itself, so a neuron costs one
//! more evaluation of f_n, at h - 2 xi_i zeta_i for a bipolar one.

use super::interaction::Interaction;
use super::similarity::changed;
use crate::number::lanes::{self, Row};
use crate::number::scalar::Scalar;

/// The field of one neuron, summed over the lanes: eq. 19 before sigma.
///
/// `h` are the similarities of the state, `unclamped` f_n there; `zeta` the weights to the neuron, `state` what it shows
/// (-1, 0 or +1), `difference` how far apart its two states are, and `scale` beta / N.
#[inline(always)]
pub(crate) fn field<S: Scalar, const L: usize>(
    f: &Interaction<S>,
    h: &Row<S, L>,
    unclamped: &Row<S, L>,
    zeta: &Row<S, L>,
    state: S,
    difference: S,
    scale: S,
) -> S {
    if state == S::ZERO {
        let on = f.values(&changed(h, S::ONE, zeta, scale));
        let off = f.values(&changed(h, -S::ONE, zeta, scale));
        lanes::fold(&lanes::zip(&on, &off, |on, off| on - off))
    } else {
        let flipped = f.values(&changed(h, -(state * difference), zeta, scale));
        state * lanes::fold(&lanes::zip(unclamped, &flipped, |unclamped, flipped| unclamped - flipped))
    }
}
