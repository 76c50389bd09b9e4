//! Heterogeneous pseudorehearsal: random probes are learned again with the classes that they relax to.

use dam_nostd::methods::pseudorehearsal::PseudoBuffers;
use dam_nostd::methods::{HeterogeneousPseudorehearsal, Method};
use dam_nostd::{Scalar, Shape, TooShort};

use super::diagnostics::Diagnostics;
use super::memory::{Needs, Parts};
use super::{About, Build, Learner, options};
use crate::config::{Config, TrainedName};
use crate::rows::LANES;

pub(super) struct Heterogeneous;

impl About for Heterogeneous {
    fn title(&self) -> &'static str {
        "Heterogeneous pseudorehearsal"
    }

    fn settings(&self) -> &'static [&'static str] {
        &["proportion", "max_sweeps"]
    }

    fn refuses(&self, config: &Config) -> Option<(&'static str, String, &'static str)> {
        let all = config.trained == TrainedName::All;
        all.then(|| ("trained", config.trained.to_string(), "a pair has one target, its class neurons: give classes"))
    }

    fn joining(&self, config: &Config, task: usize) -> usize {
        task.saturating_mul(options::kept(config))
    }

    fn needs(&self, config: &Config) -> Needs {
        let kept = options::past(config) * options::kept(config);
        Needs { kept, probes: options::PROBES, starts: options::PROBES, ..Needs::default() }
    }
}

impl<S: Scalar> Build<S> for Heterogeneous {
    fn build<'a>(
        &self,
        config: &Config,
        _: &Shape,
        memory: Parts<'a, S>,
    ) -> Result<Box<dyn Learner<S> + 'a>, TooShort> {
        let Parts { items, states, previous, starts, active, relaxed, .. } = memory;
        let buffers = PseudoBuffers { items, states, previous, active, relaxed };
        Ok(Box::new(HeterogeneousPseudorehearsal::new(config.proportion, config.max_sweeps, buffers, starts)))
    }
}

impl<S: Scalar> Learner<S> for HeterogeneousPseudorehearsal<'_> {
    fn method(&mut self) -> &mut dyn Method<S, LANES> {
        self
    }

    fn tell(&mut self, _: &Shape, told: &mut Diagnostics) {
        told.rehearsed_items = self.items().len();
        told.probes = Some(self.report().into());
    }
}
