//! The step: momentum, normalisation of each memory vector, clamping.
//!
//! V <- p V + g, then for each memory vector k: zeta_k <- zeta_k - lr V_k / max_j |V_kj|, and all weights but those to
//! class neurons are clamped to [-1, 1]. Every memory vector so moves by lr in its largest component, whatever the size
//! of its gradient: in `f32` a gradient of less than the floor, as large interaction vertices have, moves it less.

use crate::backend::executor::Kernel;
use crate::model::shape::Shape;
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

/// Velocities have a range of 1 and pixel weights one of 1/8, as they are stored.
const VELOCITY_COARSER: u32 = 3;

/// Parts: weights, velocity V, gradient g, and for each block one row: max_j |V_kj|.
pub(crate) struct Move<S> {
    pub shape: Shape,
    pub step: Step<S>,
    /// See [`Engine::coarse`](crate::Engine::coarse).
    pub coarse: u32,
}

impl<S: Scalar, const L: usize> Kernel<(&mut [Row<S, L>], &mut [Row<S, L>], &mut [Row<S, L>], &mut [Row<S, L>])>
    for Move<S>
{
    #[inline(always)]
    fn apply(
        &self,
        block: usize,
        (weights, velocity, gradient, sizes): (&mut [Row<S, L>], &mut [Row<S, L>], &mut [Row<S, L>], &mut [Row<S, L>]),
    ) {
        let Step { momentum, rate, floor } = self.step;
        let mut size = lanes::splat(S::ZERO);
        for (velocity, gradient) in velocity.iter_mut().zip(gradient.iter()) {
            *velocity = lanes::zip(velocity, gradient, |v, g| momentum * v + g);
            size = lanes::zip(&size, velocity, |size, v| size.larger(v.abs()));
            // Rounded after it was measured: an exponent that is too high for 16 bits is seen.
            if S::SATURATES && self.coarse > 0 {
                *velocity = lanes::map(velocity, |v| v.coarse(self.coarse + VELOCITY_COARSER));
            }
            if S::SATURATES {
                size = lanes::zip(&size, gradient, |size, g| if g.at_rail() { size.larger(g.abs()) } else { size });
            }
        }
        let live = self.shape.live_lanes(block, L);
        let mut rates = lanes::map(&size, |size| {
            // What went beyond the range has lost its direction: the memory vector waits for the next exponent.
            if size.at_rail() { S::ZERO } else { rate * S::UNIT / size.larger(floor) }
        });
        for rate in rates.iter_mut().skip(live) {
            *rate = S::ZERO;
        }
        let classes = self.shape.class_neurons().start;
        for (neuron, (weight, velocity)) in weights.iter_mut().zip(velocity.iter()).enumerate() {
            let moved = lanes::zip(weight, &lanes::zip(&rates, velocity, |r, v| r * v), |w, step| w - step);
            *weight = if neuron < classes { lanes::map(&moved, clamp) } else { moved };
            if S::SATURATES && self.coarse > 0 && neuron < classes {
                *weight = lanes::map(weight, |w| w.coarse(self.coarse));
            }
        }
        sizes.fill(size);
    }
}

#[inline(always)]
pub(crate) fn clamp<S: Scalar>(weight: S) -> S {
    if weight > S::UNIT {
        S::UNIT
    } else if weight < -S::UNIT {
        -S::UNIT
    } else {
        weight
    }
}

/// Brings each memory vector's velocity to where the next gradients are expected. Parts: velocity, exponents, and for each
/// block one row: max_j |V_kj|.
pub(crate) struct Renormalise;

impl<S: Scalar, const L: usize> Kernel<(&mut [Row<S, L>], &mut [Row<S::Exponent, L>], &mut [Row<S, L>])>
    for Renormalise
{
    #[inline(always)]
    fn apply(
        &self,
        _block: usize,
        (velocity, exponents, sizes): (&mut [Row<S, L>], &mut [Row<S::Exponent, L>], &mut [Row<S, L>]),
    ) {
        for (exponents, sizes) in exponents.iter_mut().zip(sizes) {
            let mut orders = [0; L];
            for l in 0..L {
                (exponents[l], orders[l]) = S::renormalised(sizes[l], exponents[l]);
            }
            for row in velocity.iter_mut() {
                for l in 0..L {
                    row[l] = row[l].scaled(S::raised(S::NO_ORDERS, orders[l]));
                }
            }
        }
    }
}

/// Orders that an exponent falls by where a gradient went beyond the range.
const FALL: i32 = 16;

/// Lowers the exponents of memory vectors whose gradient has gone beyond the range, and their velocities with them. Parts:
/// gradient, velocity, exponents, and for each block one row: 1 for those, 0 for the others.
pub(crate) struct Lower;

impl<S: Scalar, const L: usize>
    Kernel<(&mut [Row<S, L>], &mut [Row<S, L>], &mut [Row<S::Exponent, L>], &mut [Row<S, L>])> for Lower
{
    #[inline(always)]
    fn apply(
        &self,
        _block: usize,
        (gradient, velocity, exponents, lowered): (
            &mut [Row<S, L>],
            &mut [Row<S, L>],
            &mut [Row<S::Exponent, L>],
            &mut [Row<S, L>],
        ),
    ) {
        for (exponents, lowered) in exponents.iter_mut().zip(lowered) {
            *lowered = lanes::splat(S::ZERO);
            for row in gradient.iter() {
                *lowered = lanes::zip(lowered, row, |lowered, g| if g.at_rail() { S::ONE } else { lowered });
            }
            let orders = lowered.map(|lowered| if lowered > S::ZERO { -FALL } else { 0 });
            for l in 0..L {
                exponents[l] = S::raised(exponents[l], orders[l]);
            }
            for row in velocity.iter_mut() {
                for l in 0..L {
                    row[l] = row[l].scaled(S::raised(S::NO_ORDERS, orders[l]));
                }
            }
        }
    }
}
