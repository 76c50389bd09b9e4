//! What gradient descent keeps from step to step.

use super::methods::State;
use super::passes::{Gradient, Scale};
use crate::error::TooShort;
use crate::model::shape::Shape;
use crate::number::lanes::{self, Row};
use crate::number::scalar::Scalar;

/// Velocity, gradient and the scale of both, in memory that the caller lends.
#[derive(Debug)]
pub struct Descent<'a, S: Scalar, const L: usize> {
    pub(crate) velocity: &'a mut [Row<S, L>],
    pub(crate) gradient: &'a mut [Row<S, L>],
    /// The largest component of each memory vector's velocity after the last step, a row a block.
    pub(crate) sizes: &'a mut [Row<S, L>],
    pub(crate) exponents: &'a mut [Row<S::Exponent, L>],
}

impl<'a, S: Scalar, const L: usize> Descent<'a, S, L> {
    /// Rows that [`carve`](Self::carve) takes.
    pub const fn rows(shape: &Shape, lanes: usize) -> usize {
        2 * shape.rows(lanes) + shape.blocks(lanes)
    }

    /// At rest. `exponents` lends a row a block; of floating point these take no memory.
    ///
    /// # Errors
    /// Fewer than [`rows`](Self::rows) rows, or fewer exponents than blocks.
    pub fn carve(
        shape: &Shape,
        rows: &'a mut [Row<S, L>],
        exponents: &'a mut [Row<S::Exponent, L>],
    ) -> Result<Self, TooShort> {
        let (each, blocks) = (shape.rows(L), shape.blocks(L));
        TooShort::check("rows for velocity and gradient", rows.len(), Self::rows(shape, L))?;
        TooShort::check("exponents", exponents.len(), blocks)?;
        let (velocity, rest) = rows.split_at_mut_checked(each).unwrap_or_default();
        let (gradient, rest) = rest.split_at_mut_checked(each).unwrap_or_default();
        let (sizes, _) = rest.split_at_mut_checked(blocks).unwrap_or_default();
        let (exponents, _) = exponents.split_at_mut_checked(blocks).unwrap_or_default();
        lanes::clear(velocity);
        exponents.fill([S::exponent_plus(S::NO_EXPONENT, S::coefficient_exponent(shape.neurons())); L]);
        Ok(Self { velocity, gradient, sizes, exponents })
    }

    /// The gradient of the batch that was learned last.
    pub fn gradient(&mut self) -> Gradient<'_, S, L> {
        Gradient::new(self.gradient, Scale { exponents: self.exponents })
    }

    /// The scale that gradients have now.
    pub fn scale(&self) -> Scale<'_, S, L> {
        Scale { exponents: self.exponents }
    }

    /// Shows what outlives a task: the velocity, and its scale where numbers are fixed.
    pub fn state(&mut self, state: &mut dyn State<S, L>) {
        state.rows(self.velocity);
        self.exponents(state);
    }

    /// Shows the scale, where numbers are fixed.
    pub(crate) fn exponents(&mut self, state: &mut dyn State<S, L>) {
        if !S::SATURATES {
            return;
        }
        for exponents in self.exponents.iter_mut() {
            let mut words = exponents.map(|exponent| S::exponent_value(exponent) as u32);
            state.words(&mut words);
            *exponents = words.map(|word| S::exponent_plus(S::NO_EXPONENT, word as i32));
        }
    }
}
