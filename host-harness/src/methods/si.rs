//! Synaptic intelligence: weights are held by what their way brought.

use dam_nostd::distribution::Distribution;
use dam_nostd::methods::si::{SiBuffers, SiOptions};
use dam_nostd::methods::{self, Method};
use dam_nostd::{Scalar, Shape, TooShort};

use super::diagnostics::Diagnostics;
use super::memory::{Needs, Parts};
use super::{About, Build, Lambda, Learner, options};
use crate::config::Config;
use crate::rows::LANES;

pub(super) struct Si;

impl About for Si {
    fn title(&self) -> &'static str {
        "Synaptic intelligence"
    }

    fn settings(&self) -> &'static [&'static str] {
        &["lambda", "penalty_entry", "importance_normalised", "xi"]
    }

    fn lambda(&self) -> Option<Lambda> {
        Some(Lambda { best: [1.5e-3, 4e-3, 1e-3, 2e-5], range: (1e-6, 1e1) })
    }

    fn needs(&self, _: &Config) -> Needs {
        Needs { rows: [1; 4], wide: 2, ..Needs::default() }
    }
}

impl<S: Scalar> Build<S> for Si {
    fn build<'a>(
        &self,
        config: &Config,
        shape: &Shape,
        memory: Parts<'a, S>,
    ) -> Result<Box<dyn Learner<S> + 'a>, TooShort> {
        let settings =
            SiOptions { penalty: options::penalty(config), xi: config.xi, normalised: config.importance_normalised };
        let Parts { rows: [anchor, start, before, gradient], wide: [omega, path], .. } = memory;
        let buffers = SiBuffers { omega, path, anchor, start, before, gradient };
        Ok(Box::new(methods::Si::new(shape, settings, buffers)?))
    }
}

impl<S: Scalar> Learner<S> for methods::Si<'_, S, LANES> {
    fn method(&mut self) -> &mut dyn Method<S, LANES> {
        self
    }

    fn tell(&mut self, shape: &Shape, told: &mut Diagnostics) {
        told.importances = Some(Distribution::of(shape, self.omega()).into());
    }
}
