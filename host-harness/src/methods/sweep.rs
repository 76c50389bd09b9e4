//! Sweep rehearsal: of the items that are kept, a new sample is learned again at each epoch.

use dam_nostd::methods::{Method, SweepRehearsal};
use dam_nostd::{Scalar, Shape, TooShort};

use super::memory::{Needs, Parts};
use super::{About, Build, Learner, options};
use crate::config::Config;
use crate::rows::LANES;

pub(super) struct Sweep;

impl About for Sweep {
    fn title(&self) -> &'static str {
        "Sweep rehearsal"
    }

    fn settings(&self) -> &'static [&'static str] {
        &["proportion", "memory_batch"]
    }

    fn joining(&self, config: &Config, task: usize) -> usize {
        options::sampled(config, task.saturating_mul(options::kept(config)))
    }

    fn needs(&self, config: &Config) -> Needs {
        Needs { kept: options::past(config) * options::kept(config), ..Needs::default() }
    }
}

impl<S: Scalar> Build<S> for Sweep {
    fn build<'a>(
        &self,
        config: &Config,
        _: &Shape,
        memory: Parts<'a, S>,
    ) -> Result<Box<dyn Learner<S> + 'a>, TooShort> {
        let sample = options::sampled(config, memory.items.capacity());
        Ok(Box::new(SweepRehearsal::new(config.proportion, sample, memory.items)))
    }
}

impl<S: Scalar> Learner<S> for SweepRehearsal<'_> {
    fn method(&mut self) -> &mut dyn Method<S, LANES> {
        self
    }
}
