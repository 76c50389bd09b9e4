//! The energy E(xi) = -sum over memory vectors of f_n(s), s = (beta / N) <zeta, xi>.

use crate::backend::executor::Kernel;
use crate::backend::index_lists::Presentation;
use crate::maths::coding::Swings;
use crate::maths::field::{block_rows, similarity, total};
use crate::maths::interaction::Interaction;
use crate::number::lanes::{self, Row};
use crate::number::scalar::Scalar;

/// Parts: the sum of f_n(s) over each block's memory vectors, for the one state that is presented.
pub(crate) struct Energies<'a, S, const L: usize> {
    pub weights: &'a [Row<S, L>],
    pub presentation: &'a Presentation<'a, S>,
    pub interaction: Interaction<S>,
    pub swings: Swings<S>,
    /// The first updated neuron.
    pub first: usize,
    /// beta / N.
    pub scale: S,
    pub neurons: usize,
}

impl<S: Scalar, const L: usize> Kernel<&mut [S]> for Energies<'_, S, L> {
    #[inline(always)]
    fn apply(&self, block: usize, share: &mut [S]) {
        let rows = block_rows(self.weights, self.neurons, block);
        let total = total(rows, &self.swings, self.neurons);
        let on = lanes::sum_rows(rows, self.presentation.on.list(0));
        let scale = self.scale;
        let (updated, states) = (rows.get(self.first..).unwrap_or(&[]), &*self.presentation.states);
        let h = similarity(&on, &total, &self.swings, self.first, updated, states);
        let s = lanes::map(&h, |h| scale * h);
        share.fill(lanes::fold(&self.interaction.values(&s)));
    }
}
