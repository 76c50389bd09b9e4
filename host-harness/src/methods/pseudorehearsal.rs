//! Pseudorehearsal: states that random probes relax to are learned again.

use std::num::NonZeroU32;

use dam_nostd::methods::pseudorehearsal::{Growth, PseudoBuffers, PseudoOptions, TaskNeurons};
use dam_nostd::methods::{self, Method};
use dam_nostd::{Scalar, Shape, TooShort};

use super::diagnostics::Diagnostics;
use super::memory::{Needs, Parts};
use super::{About, Build, Learner, options};
use crate::config::{Config, PseudoGrowth, PseudoTaskNeurons};
use crate::rows::LANES;

/// Redraws of a pseudo-item that is there already.
const REDRAWS: u32 = 10;

pub(super) struct Pseudorehearsal;

impl About for Pseudorehearsal {
    fn title(&self) -> &'static str {
        "Pseudorehearsal"
    }

    fn settings(&self) -> &'static [&'static str] {
        &["proportion", "max_sweeps", "pseudo_growth", "pseudo_unique", "pseudo_task_neurons", "probe_vertex"]
    }

    fn joining(&self, config: &Config, task: usize) -> usize {
        task.saturating_mul(options::kept(config))
    }

    fn needs(&self, config: &Config) -> Needs {
        let kept = options::past(config) * options::kept(config);
        Needs { kept, probes: options::PROBES, ..Needs::default() }
    }
}

impl<S: Scalar> Build<S> for Pseudorehearsal {
    fn build<'a>(
        &self,
        config: &Config,
        _: &Shape,
        memory: Parts<'a, S>,
    ) -> Result<Box<dyn Learner<S> + 'a>, TooShort> {
        let options = PseudoOptions {
            proportion: config.proportion,
            most_sweeps: config.max_sweeps,
            growth: match config.pseudo_growth {
                PseudoGrowth::Add => Growth::Add,
                PseudoGrowth::Regenerate => Growth::Regenerate,
            },
            unique: config.pseudo_unique.then_some(REDRAWS),
            task_neurons: match config.pseudo_task_neurons {
                PseudoTaskNeurons::Free => TaskNeurons::Free,
                PseudoTaskNeurons::Held => TaskNeurons::Held,
            },
            vertex: NonZeroU32::new(config.probe_vertex),
        };
        let Parts { items, states, previous, active, relaxed, .. } = memory;
        let buffers = PseudoBuffers { items, states, previous, active, relaxed };
        Ok(Box::new(methods::Pseudorehearsal::new(options, buffers)))
    }
}

impl<S: Scalar> Learner<S> for methods::Pseudorehearsal<'_> {
    fn method(&mut self) -> &mut dyn Method<S, LANES> {
        self
    }

    fn tell(&mut self, _: &Shape, told: &mut Diagnostics) {
        told.rehearsed_items = self.items().len();
        told.probes = Some(self.report().into());
    }
}
