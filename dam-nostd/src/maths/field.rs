//! The field of a neuron, eq. 19: the forward pass, a memory vector a lane.
//!
//! The field of neuron i, the argument of sigma in eq. 19, is the sum over memory vectors of
//! f_n(s with xi_i = +1) - f_n(s with xi_i = -1). One of the two clamped states is the state itself, so a neuron costs one
//! more evaluation of f_n, at h - 2 xi_i zeta_i for a bipolar one.

use super::interaction::Interaction;
use super::similarity::{clamped, flipped};
use crate::number::lanes::{self, Row};
use crate::number::scalar::Scalar;

/// What each memory vector adds to the field of one neuron, eq. 19 before sigma, times what the neuron shows where it shows
/// anything: `state` is -1, 0 or +1.
///
/// `s` is that of the state, `unclamped` f_n there, and `flip` what s is the more with the neuron on.
#[inline(always)]
pub(crate) fn terms<S: Scalar, const L: usize>(
    f: &Interaction<S>,
    s: &Row<S, L>,
    unclamped: &Row<S, L>,
    flip: &Row<S, L>,
    state: S,
) -> Row<S, L> {
    if state == S::ZERO {
        let [on, off] = clamped(s, flip).map(|s| f.values(&s));
        lanes::zip(&on, &off, |on, off| on - off)
    } else {
        let flipped = f.values(&flipped(s, flip, state));
        lanes::zip(unclamped, &flipped, |unclamped, flipped| unclamped - flipped)
    }
}
