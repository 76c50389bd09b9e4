//! The step: momentum, normalisation of each memory vector, clamping.
//!
//! V <- p V + g, then for each memory vector k: zeta_k <- zeta_k - lr V_k / max_j |V_kj|, and all weights but those to
//! class neurons are clamped to [-1, 1]. Every memory vector so moves by lr in its largest component, whatever the size
//! of its gradient: in `f32` a gradient of less than the floor, as large interaction vertices have, moves it less.

use crate::number::lanes::{self, Row};
use crate::number::scalar::Scalar;

/// The numbers of a step.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Step<S> {
    /// The momentum p.
    pub momentum: S,
    /// The learning rate of this epoch.
    pub rate: S,
    /// The least that a memory vector's largest component is taken to be.
    pub floor: S,
}

impl<S: Scalar> Step<S> {
    /// V <- p V + g.
    #[inline(always)]
    pub(crate) fn velocity<const L: usize>(&self, velocity: &Row<S, L>, gradient: &Row<S, L>) -> Row<S, L> {
        let momentum = self.momentum;
        lanes::zip(velocity, gradient, |v, g| momentum * v + g)
    }

    /// lr / max |V|, in stored weights, where the largest component of V is `size`; 0 at the end of the number range, where
    /// V has lost its direction: the memory vector waits for its next exponent.
    #[inline(always)]
    pub(crate) fn rates<const L: usize>(&self, size: &Row<S, L>) -> Row<S, L> {
        let Self { rate, floor, .. } = *self;
        lanes::map(size, |size| if size.is_saturated() { S::ZERO } else { rate * S::UNIT / size.larger(floor) })
    }
}

/// The larger of `size` and |V|.
#[inline(always)]
pub(crate) fn max_norm<S: Scalar, const L: usize>(size: &Row<S, L>, velocity: &Row<S, L>) -> Row<S, L> {
    lanes::zip(size, velocity, |size, v| size.larger(v.abs()))
}

/// zeta - rate V.
#[inline(always)]
pub(crate) fn moved<S: Scalar, const L: usize>(zeta: &Row<S, L>, rates: &Row<S, L>, velocity: &Row<S, L>) -> Row<S, L> {
    lanes::zip(zeta, &lanes::zip(rates, velocity, |r, v| r * v), |w, step| w - step)
}

/// The nearest number of [-1, 1]; what is not a number stays so.
#[inline(always)]
pub(crate) fn clamp<S: Scalar>(weight: S) -> S {
    (-S::UNIT).larger(S::UNIT.smaller(weight))
}
