//! The energy E(xi) = -sum over memory vectors of f_n(s), s = (beta / N) <zeta, xi>, and what a flip changes.

use super::interaction::Interaction;
use super::similarity::{changed, scaled};
use crate::number::lanes::{self, Row};
use crate::number::scalar::Scalar;

/// -E of the memory vectors of one row, whose similarities are `h`.
#[inline(always)]
pub(crate) fn sum<S: Scalar, const L: usize>(f: &Interaction<S>, h: &Row<S, L>, scale: S) -> S {
    lanes::fold(&f.values(&scaled(h, scale)))
}

/// How much -E of one row grows where the neuron with weights `zeta` changes by `change`.
#[inline(always)]
pub(crate) fn gain<S: Scalar, const L: usize>(
    f: &Interaction<S>,
    h: &Row<S, L>,
    change: S,
    zeta: &Row<S, L>,
    scale: S,
) -> S {
    let s = scaled(h, scale);
    let stay = f.values(&s);
    let flip = f.values(&changed(&s, scale * change, zeta));
    lanes::fold(&lanes::zip(&flip, &stay, |flip, stay| flip - stay))
}
