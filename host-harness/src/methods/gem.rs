//! Gradient episodic memory: no step against the gradient of any past task.

use dam_nostd::methods::gem::{GemBuffers, GemOptions, MOST_PAST};
use dam_nostd::methods::{self, Method};
use dam_nostd::{Scalar, Shape, TooShort};

use super::diagnostics::Diagnostics;
use super::memory::{Needs, Parts};
use super::{About, Build, Learner, options};
use crate::config::Config;
use crate::rows::LANES;

// As the message below says.
const _: () = assert!(MOST_PAST == 16);

pub(super) struct Gem;

impl About for Gem {
    fn title(&self) -> &'static str {
        "GEM"
    }

    fn settings(&self) -> &'static [&'static str] {
        &["proportion", "memory_batch", "margin", "projected"]
    }

    fn refuses(&self, config: &Config) -> Option<(&'static str, String, &'static str)> {
        let many = options::past(config) > MOST_PAST;
        many.then(|| ("tasks", config.tasks.to_string(), "GEM looks back on 16 tasks at most: give up to 17"))
    }

    fn looked_at(&self, config: &Config, task: usize) -> usize {
        task * options::sampled(config, options::kept(config))
    }

    fn needs(&self, config: &Config) -> Needs {
        let (past, kept) = (options::past(config), options::kept(config));
        Needs {
            kept: past * kept,
            rows: [past, 0, 0, 0],
            picks: config.training_items(),
            partials: options::projected(config).partials(past, LANES),
            ..Needs::default()
        }
    }
}

impl<S: Scalar> Build<S> for Gem {
    fn build<'a>(
        &self,
        config: &Config,
        shape: &Shape,
        memory: Parts<'a, S>,
    ) -> Result<Box<dyn Learner<S> + 'a>, TooShort> {
        // With one task there is no past, and no memory for its gradients.
        if options::past(config) == 0 {
            return Ok(Box::new(methods::Vanilla));
        }
        let settings = GemOptions {
            proportion: config.proportion,
            margin: config.margin,
            sample: options::number(config.memory_batch),
            projected: options::projected(config),
            loss: config.training().loss,
        };
        let Parts { items, rows: [gradients, ..], picks, partials, .. } = memory;
        let buffers = GemBuffers { items, gradients, picks, partials };
        Ok(Box::new(methods::Gem::new(shape, settings, buffers, options::samples(config))?))
    }
}

impl<S: Scalar> Learner<S> for methods::Gem<'_, S, LANES> {
    fn method(&mut self) -> &mut dyn Method<S, LANES> {
        self
    }

    fn tell(&mut self, _: &Shape, told: &mut Diagnostics) {
        told.rehearsed_items = self.items().len();
        told.projection = Some(self.projections().into());
    }
}
