//! How the items pull the memory vectors of a block.

use super::flips::{Flips, TOGETHER};
use super::{block_rows, exponents_of};
use crate::maths::gradient::Moved;
use crate::maths::interaction::Interaction;
use crate::maths::similarity::{Levels, scaled};
use crate::number::lanes::Row;
use crate::number::scalar::Scalar;

/// What pulls depend on, besides the items.
#[derive(Clone, Copy)]
pub(crate) struct Pulls<'a, S: Scalar, const L: usize> {
    pub weights: &'a [Row<S, L>],
    pub interaction: Interaction<S>,
    pub levels: Levels<S>,
    /// beta / N.
    pub scale: S,
    /// The first updated neuron.
    pub first: usize,
    pub neurons: usize,
    /// The exponents that the gradients of the memory vectors share, a row a block.
    pub exponents: &'a [Row<S::Exponent, L>],
    /// The exponent of the coefficients, which the slopes so need not have.
    pub coefficients_exponent: i32,
}

impl<'a, S: Scalar, const L: usize> Pulls<'a, S, L> {
    /// The flips of the updated neurons.
    #[inline(always)]
    pub fn flips(&self, block: usize) -> Flips<'a, S, L> {
        let updated = block_rows(self.weights, self.neurons, block).get(self.first..).unwrap_or(&[]);
        Flips::new(updated, self.levels, self.first, self.scale)
    }

    /// The exponents of slopes of the block's memory vectors.
    #[inline(always)]
    pub fn slope_exponents(&self, block: usize) -> Row<S::Exponent, L> {
        exponents_of(self.exponents, block).map(|exponent| S::exponent_plus(exponent, -self.coefficients_exponent))
    }

    /// D of one item, whose similarities are `h`: `states` is what the updated neurons show, unless all are known to be `off`,
    /// `coefficients` their c. `own` is given each one's own term, divided by how far apart its two states are.
    #[allow(clippy::too_many_arguments, reason = "an item, its block, and where terms go")]
    #[inline(always)]
    pub fn item(
        &self,
        f: &Interaction<S>,
        off: bool,
        h: &Row<S, L>,
        states: &[S],
        coefficients: &[S],
        exponents: &Row<S::Exponent, L>,
        flips: &mut Flips<'_, S, L>,
        mut own: impl FnMut(usize, &Row<S, L>),
    ) -> Row<S, L> {
        let s = scaled(h, self.scale);
        let mut moved = Moved::new();
        let groups = states.chunks(TOGETHER).zip(coefficients.chunks(TOGETHER));
        for (group, (states, coefficients)) in groups.enumerate() {
            for (i, ((flip, &state), &c)) in flips.of(group).iter().zip(states).zip(coefficients).enumerate() {
                let state = if off { -S::ONE } else { state };
                own(group * TOGETHER + i, &moved.by(f, &s, flip, state, c, exponents));
            }
        }
        moved.in_all(f, &s, exponents)
    }
}
