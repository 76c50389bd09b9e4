//! What L2, EWC and MAS share: one quadratic penalty, with three importances.

use dam_nostd::distribution::Distribution;
use dam_nostd::methods::consolidation::{ConsolidationBuffers, Importance};
use dam_nostd::methods::{Consolidation, Method};
use dam_nostd::{Scalar, Shape, TooShort};

use super::diagnostics::Diagnostics;
use super::memory::{Needs, Parts};
use super::{Learner, options};
use crate::config::Config;
use crate::rows::LANES;

/// The weights of the last task, and where importances are measured, those and the items they are measured with.
pub(super) fn needs(config: &Config, measured: bool) -> Needs {
    Needs { rows: [1, 0, 0, 0], wide: if measured { 2 } else { 0 }, picks: config.training_items(), ..Needs::default() }
}

/// The method with `importance`.
pub(super) fn build<'a, S: Scalar>(
    config: &Config,
    shape: &Shape,
    importance: Importance,
    memory: Parts<'a, S>,
) -> Result<Box<dyn Learner<S> + 'a>, TooShort> {
    let Parts { rows: [anchor, ..], wide: [omega, fresh], picks, .. } = memory;
    let buffers = ConsolidationBuffers { anchor, omega, fresh, picks };
    Ok(Box::new(Consolidation::new(shape, options::penalty(config), importance, buffers)?))
}

impl<S: Scalar> Learner<S> for Consolidation<'_, S, LANES> {
    fn method(&mut self) -> &mut dyn Method<S, LANES> {
        self
    }

    fn tell(&mut self, shape: &Shape, told: &mut Diagnostics) {
        if !self.omega().is_empty() {
            told.importances = Some(Distribution::of(shape, self.omega()).into());
        }
    }
}
