//! Naive rehearsal: a proportion of each task's items is learned again.

use dam_nostd::methods::{Method, NaiveRehearsal};
use dam_nostd::{Scalar, Shape, TooShort};

use super::memory::{Needs, Parts};
use super::{About, Build, Learner, options};
use crate::config::Config;
use crate::rows::LANES;

pub(super) struct Rehearsal;

impl About for Rehearsal {
    fn title(&self) -> &'static str {
        "Rehearsal"
    }

    fn settings(&self) -> &'static [&'static str] {
        &["proportion"]
    }

    fn joining(&self, config: &Config, task: usize) -> usize {
        task.saturating_mul(options::kept(config))
    }

    fn needs(&self, config: &Config) -> Needs {
        Needs { kept: options::past(config) * options::kept(config), ..Needs::default() }
    }
}

impl<S: Scalar> Build<S> for Rehearsal {
    fn build<'a>(
        &self,
        config: &Config,
        _: &Shape,
        memory: Parts<'a, S>,
    ) -> Result<Box<dyn Learner<S> + 'a>, TooShort> {
        Ok(Box::new(NaiveRehearsal::new(config.proportion, memory.items)))
    }
}

impl<S: Scalar> Learner<S> for NaiveRehearsal<'_> {
    fn method(&mut self) -> &mut dyn Method<S, LANES> {
        self
    }
}
