//! Averaged gradient episodic memory: no step against the gradient of all past tasks together.

use dam_nostd::methods::agem::{AGemBuffers, AGemOptions};
use dam_nostd::methods::{self, Method};
use dam_nostd::{Scalar, Shape, TooShort};

use super::diagnostics::Diagnostics;
use super::memory::{Needs, Parts};
use super::{About, Build, Learner, options};
use crate::config::Config;
use crate::rows::LANES;

pub(super) struct AGem;

impl About for AGem {
    fn title(&self) -> &'static str {
        "A-GEM"
    }

    fn settings(&self) -> &'static [&'static str] {
        &["proportion", "memory_batch", "projected"]
    }

    fn looked_at(&self, config: &Config, task: usize) -> usize {
        options::sampled(config, task * options::kept(config))
    }

    fn needs(&self, config: &Config) -> Needs {
        let (past, kept) = (options::past(config), options::kept(config));
        Needs {
            kept: past * kept,
            rows: [1, 0, 0, 0],
            picks: config.training_items().max(past * kept),
            partials: options::projected(config).partials(1, LANES),
            ..Needs::default()
        }
    }
}

impl<S: Scalar> Build<S> for AGem {
    fn build<'a>(
        &self,
        config: &Config,
        shape: &Shape,
        memory: Parts<'a, S>,
    ) -> Result<Box<dyn Learner<S> + 'a>, TooShort> {
        let settings = AGemOptions {
            proportion: config.proportion,
            sample: options::number(config.memory_batch),
            projected: options::projected(config),
            loss: config.training().loss,
        };
        let Parts { items, rows: [gradient, ..], picks, partials, .. } = memory;
        let buffers = AGemBuffers { items, gradient, picks, partials };
        Ok(Box::new(methods::AGem::new(shape, settings, buffers, options::samples(config))?))
    }
}

impl<S: Scalar> Learner<S> for methods::AGem<'_, S, LANES> {
    fn method(&mut self) -> &mut dyn Method<S, LANES> {
        self
    }

    fn tell(&mut self, _: &Shape, told: &mut Diagnostics) {
        told.rehearsed_items = self.items().len();
        told.projection = Some(self.projections().into());
    }
}
