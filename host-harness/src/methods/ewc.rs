//! Elastic weight consolidation: weights are held by the square of the loss's gradient.

use dam_nostd::methods::consolidation::Importance;
use dam_nostd::{Scalar, Shape, TooShort};

use super::consolidation;
use super::memory::{Needs, Parts};
use super::{About, Build, Lambda, Learner, options};
use crate::config::Config;

pub(super) struct Ewc;

impl About for Ewc {
    fn title(&self) -> &'static str {
        "Elastic weight consolidation"
    }

    fn settings(&self) -> &'static [&'static str] {
        &["lambda", "penalty_entry", "importance", "importance_items", "importance_normalised"]
    }

    fn lambda(&self) -> Option<Lambda> {
        Some(Lambda { best: [370.0, 87.0, 130.0, 3000.0], range: (1e-1, 1e6) })
    }

    fn needs(&self, config: &Config) -> Needs {
        consolidation::needs(config, true)
    }
}

impl<S: Scalar> Build<S> for Ewc {
    fn build<'a>(
        &self,
        config: &Config,
        shape: &Shape,
        memory: Parts<'a, S>,
    ) -> Result<Box<dyn Learner<S> + 'a>, TooShort> {
        let importance = Importance::Fisher { loss: config.training().loss, estimate: options::estimate(config) };
        consolidation::build(config, shape, importance, memory)
    }
}
