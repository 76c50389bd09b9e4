//! What the flips of updated neurons change s by, made once where it can be.

use crate::maths::similarity::Levels;
use crate::number::lanes::{self, Row};
use crate::number::scalar::Scalar;

/// So many neurons are looked at together.
pub(crate) const TOGETHER: usize = 10;

/// What s is the more with a neuron on than with it off, for some updated neurons at a time: a row a neuron.
///
/// Ten class neurons are one group, whose rows are made once for all items of a block.
pub(crate) struct Flips<'a, S, const L: usize> {
    updated: &'a [Row<S, L>],
    levels: Levels<S>,
    first: usize,
    scale: S,
    rows: [Row<S, L>; TOGETHER],
    group: Option<usize>,
}

impl<'a, S: Scalar, const L: usize> Flips<'a, S, L> {
    /// Of the neurons from neuron `first` of the network on, to which `updated` are the weights; `scale` is beta / N.
    #[inline(always)]
    pub fn new(updated: &'a [Row<S, L>], levels: Levels<S>, first: usize, scale: S) -> Self {
        Self { updated, levels, first, scale, rows: [lanes::splat(S::ZERO); TOGETHER], group: None }
    }

    /// Those of the updated neurons from `group * TOGETHER` on.
    #[inline(always)]
    pub fn of(&mut self, group: usize) -> &[Row<S, L>] {
        if self.group != Some(group) {
            self.group = Some(group);
            let neurons = self.updated.iter().enumerate().skip(group * TOGETHER);
            for (row, (i, zeta)) in self.rows.iter_mut().zip(neurons) {
                let difference = self.scale * self.levels.difference(self.first + i);
                *row = lanes::map(zeta, |z| difference * z);
            }
        }
        &self.rows
    }
}
