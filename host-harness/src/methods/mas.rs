//! Memory aware synapses: weights are held by the gradient of the output's norm.

use dam_nostd::methods::consolidation::Importance;
use dam_nostd::{Scalar, Shape, TooShort};

use super::consolidation;
use super::memory::{Needs, Parts};
use super::{About, Build, Lambda, Learner, options};
use crate::config::Config;

pub(super) struct Mas;

impl About for Mas {
    fn title(&self) -> &'static str {
        "Memory aware synapses"
    }

    fn settings(&self) -> &'static [&'static str] {
        &["lambda", "penalty_entry", "importance", "importance_items", "importance_normalised", "norm_squared"]
    }

    fn lambda(&self) -> Option<Lambda> {
        Some(Lambda { best: [4e-2, 1e-1, 1e-1, 1e-1], range: (1e-4, 1e3) })
    }

    fn needs(&self, config: &Config) -> Needs {
        consolidation::needs(config, true)
    }
}

impl<S: Scalar> Build<S> for Mas {
    fn build<'a>(
        &self,
        config: &Config,
        shape: &Shape,
        memory: Parts<'a, S>,
    ) -> Result<Box<dyn Learner<S> + 'a>, TooShort> {
        let estimate = options::estimate(config);
        let importance = Importance::OutputNorm { squared: config.norm_squared, estimate };
        consolidation::build(config, shape, importance, memory)
    }
}
