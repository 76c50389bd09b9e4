//! The objective of a chunk of items, and its derivatives by their fields.

use crate::backend::executor::Kernel;
use crate::backend::index_lists::IndexLists;
use crate::maths::objective::{Activation, Objective};
use crate::number::scalar::Scalar;

/// Goes through a share of the items. Parts: coefficients c, `[item][updated]`; the objective of each item.
pub(crate) struct Differentiate<'a, S> {
    pub lists: &'a IndexLists<'a, S>,
    /// `[item][updated]`.
    pub fields: &'a [S],
    pub objective: Objective,
    pub activation: Activation,
    /// What derivatives are multiplied with.
    pub factor: S,
    /// Items of a share.
    pub each: usize,
}

impl<S: Scalar> Kernel<(&mut [S], &mut [S])> for Differentiate<'_, S> {
    #[inline(always)]
    fn apply(&self, share: usize, (coefficients, values): (&mut [S], &mut [S])) {
        let count = self.lists.updated.max(1);
        let start = share * self.each * count;
        let fields = self.fields.get(start..).unwrap_or(&[]).chunks_exact(count);
        let targets = self.lists.targets.get(start..).unwrap_or(&[]).chunks_exact(count);
        let items = coefficients.chunks_exact_mut(count).zip(values);
        for (((coefficients, value), fields), targets) in items.zip(fields).zip(targets) {
            *value = self.objective.differentiate(self.activation, fields, targets, coefficients);
            for c in coefficients {
                *c = *c * self.factor;
            }
        }
    }
}
