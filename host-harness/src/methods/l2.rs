//! L2: old weights are held, all alike.

use dam_nostd::methods::consolidation::Importance;
use dam_nostd::{Scalar, Shape, TooShort};

use super::consolidation;
use super::memory::{Needs, Parts};
use super::{About, Build, Lambda, Learner};
use crate::config::Config;

pub(super) struct L2;

impl About for L2 {
    fn title(&self) -> &'static str {
        "L2 regularization"
    }

    fn settings(&self) -> &'static [&'static str] {
        &["lambda", "penalty_entry"]
    }

    fn lambda(&self) -> Option<Lambda> {
        Some(Lambda { best: [4e-6, 2e-5, 2.3e-5, 6e-5], range: (1e-8, 1.0) })
    }

    fn needs(&self, config: &Config) -> Needs {
        consolidation::needs(config, false)
    }
}

impl<S: Scalar> Build<S> for L2 {
    fn build<'a>(
        &self,
        config: &Config,
        shape: &Shape,
        memory: Parts<'a, S>,
    ) -> Result<Box<dyn Learner<S> + 'a>, TooShort> {
        let importance = Importance::Uniform;
        consolidation::build(config, shape, importance, memory)
    }
}
