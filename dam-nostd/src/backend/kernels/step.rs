//! The step, and the exponents that the gradients of a memory vector share.

use crate::backend::executor::Kernel;
use crate::maths::step::{Step, clamp, max_norm, moved};
use crate::model::shape::Shape;
use crate::number::lanes::{self, Row};
use crate::number::scalar::Scalar;

/// Velocities have a range of 1 and pixel weights one of 1/8, as they are stored.
const VELOCITY_MORE: u32 = 3;

/// Parts: weights, velocity V, gradient g, and for each block one row: max_j |V_kj|.
pub(crate) struct Move<S> {
    pub shape: Shape,
    pub step: Step<S>,
    /// See [`Engine::rounding`](crate::Engine::rounding).
    pub rounding: u32,
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
        let rounds = S::SATURATES && self.rounding > 0;
        let mut size = lanes::splat(S::ZERO);
        for (velocity, gradient) in velocity.iter_mut().zip(gradient.iter()) {
            *velocity = self.step.velocity(velocity, gradient);
            size = max_norm(&size, velocity);
            // Rounded after it was measured: an exponent that is too high for 16 bits is seen.
            if rounds {
                *velocity = lanes::map(velocity, |v| v.rounded(self.rounding + VELOCITY_MORE));
            }
            if S::SATURATES {
                size =
                    lanes::zip(&size, gradient, |size, g| if g.is_saturated() { size.larger(g.abs()) } else { size });
            }
        }
        let mut rates = self.step.rates(&size);
        for rate in rates.iter_mut().skip(self.shape.live_lanes(block, L)) {
            *rate = S::ZERO;
        }
        let classes = self.shape.class_neurons().start;
        for (weight, velocity) in weights.iter_mut().zip(velocity.iter()).take(classes) {
            *weight = lanes::map(&moved(weight, &rates, velocity), clamp);
            if rounds {
                *weight = lanes::map(weight, |w| w.rounded(self.rounding));
            }
        }
        for (weight, velocity) in weights.iter_mut().zip(velocity.iter()).skip(classes) {
            *weight = moved(weight, &rates, velocity);
        }
        sizes.fill(size);
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
            let mut change = [0; L];
            for l in 0..L {
                (exponents[l], change[l]) = S::renormalised(sizes[l], exponents[l]);
            }
            scale(velocity, &change);
        }
    }
}

/// What an exponent falls by where a gradient went beyond the range.
const FALL: i32 = 16;

/// Lowers the exponents of memory vectors whose gradient has gone beyond the range, and their velocities with them. Parts:
/// gradient, velocity, exponents, and for each block one row: 1 for those, 0 for the others.
pub(crate) struct LowerExponents;

impl<S: Scalar, const L: usize>
    Kernel<(&mut [Row<S, L>], &mut [Row<S, L>], &mut [Row<S::Exponent, L>], &mut [Row<S, L>])> for LowerExponents
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
                *lowered = lanes::zip(lowered, row, |lowered, g| if g.is_saturated() { S::ONE } else { lowered });
            }
            let change = lowered.map(|lowered| if lowered > S::ZERO { -FALL } else { 0 });
            for l in 0..L {
                exponents[l] = S::exponent_plus(exponents[l], change[l]);
            }
            scale(velocity, &change);
        }
    }
}

/// Multiplies each lane with two to the power of its exponent.
#[inline(always)]
fn scale<S: Scalar, const L: usize>(rows: &mut [Row<S, L>], exponents: &[i32; L]) {
    for row in rows.iter_mut() {
        for l in 0..L {
            row[l] = row[l].scaled(S::exponent_plus(S::NO_EXPONENT, exponents[l]));
        }
    }
}
