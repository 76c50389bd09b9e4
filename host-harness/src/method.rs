//! Methods by name: their memory, and what they tell of themselves.

use dam_nostd::distribution::{self, Distribution};
use dam_nostd::methods::agem::{AGemBuffers, AGemOptions};
use dam_nostd::methods::consolidation::{ConsolidationBuffers, Importance};
use dam_nostd::methods::estimate::{Estimate, Per};
use dam_nostd::methods::gem::{GemBuffers, GemOptions};
use dam_nostd::methods::penalty::{Entry, Penalty};
use dam_nostd::methods::projection::{Projected, Projections};
use dam_nostd::methods::pseudorehearsal::{Growth, PseudoBuffers, PseudoOptions, TaskNeurons};
use dam_nostd::methods::rehearsal::{ItemBuffer, portion};
use dam_nostd::methods::si::{SiBuffers, SiOptions};
use dam_nostd::methods::{AGem, Consolidation, Gem, Last, Method, NaiveRehearsal, Pseudorehearsal, Si, Vanilla};
use dam_nostd::relax::{End, Relaxed};
use dam_nostd::rng::{Purpose, Xoshiro128PlusPlus};
use dam_nostd::{Scalar, Shape, TooShort};
use serde::{Deserialize, Serialize};

use crate::config::{
    Config, ImportanceName, MethodName, PenaltyEntry, ProjectedName, PseudoGrowth, PseudoTaskNeurons, Sample,
};
use crate::outcome::number_or_null;
use crate::rows::{LANES, Row, Rows};

/// Probes that are relaxed at once.
const PROBES: usize = 1024;

/// Redraws of a pseudo-item that is there already.
const REDRAWS: u32 = 10;

/// How much of what a method borrows.
struct Needs {
    /// Rows of a set as large as the weights.
    rows: usize,
    /// Items in the buffer.
    kept: usize,
    /// Such sets of numbers, in the places that the method knows, and of wide ones.
    arrays: [usize; 4],
    wide: usize,
    picks: usize,
    partials: usize,
    probes: usize,
}

impl Needs {
    fn new(config: &Config, shape: &Shape) -> Self {
        let past = config.tasks.saturating_sub(1);
        let items = config.training_items();
        let kept = portion(config.proportion, items);
        let (kept, arrays, wide) = match config.method {
            MethodName::Vanilla | MethodName::Joint => (0, [0; 4], 0),
            MethodName::Rehearsal | MethodName::Pseudorehearsal => (past * kept, [0; 4], 0),
            MethodName::Gem => (past * kept, [past, 0, 0, 0], 0),
            MethodName::AGem => (past * kept, [1, 0, 0, 0], 0),
            MethodName::L2 => (0, [1, 0, 0, 0], 0),
            MethodName::Ewc | MethodName::Mas => (0, [1, 0, 0, 0], 2),
            MethodName::Si => (0, [1; 4], 2),
        };
        let projected = Projected::from(config.projected);
        let partials = match config.method {
            MethodName::Gem => projected.partials(past, LANES),
            MethodName::AGem => projected.partials(1, LANES),
            _ => 0,
        };
        Self {
            rows: shape.rows(LANES),
            kept,
            arrays,
            wide,
            picks: items.max(kept),
            partials: shape.blocks(LANES) * partials,
            probes: if config.method == MethodName::Pseudorehearsal { PROBES } else { 0 },
        }
    }
}

/// The memory that the method of a configuration borrows.
#[derive(Debug)]
pub struct MethodMemory<S: Scalar> {
    words: Vec<u32>,
    permutations: Vec<u8>,
    rows: [Rows<S>; 4],
    wide: [Rows<S::Wide>; 2],
    picks: Vec<u32>,
    partials: Vec<f64>,
    states: Vec<u32>,
    previous: Vec<u32>,
    active: Vec<u32>,
    relaxed: Vec<Relaxed>,
}

impl<S: Scalar> MethodMemory<S> {
    /// For the method of `config`.
    pub fn new(config: &Config, shape: &Shape) -> Self {
        let Needs { rows, kept, arrays, wide, picks, partials, probes } = Needs::new(config, shape);
        Self {
            words: vec![0; kept * shape.words()],
            permutations: vec![0; kept],
            rows: arrays.map(|arrays| Rows::zeroed(rows * arrays)),
            wide: std::array::from_fn(|i| Rows::zeroed(if i < wide { rows } else { 0 })),
            picks: vec![0; picks],
            partials: vec![0.0; partials],
            states: vec![0; probes * shape.words()],
            previous: vec![0; probes * shape.words()],
            active: vec![0; probes],
            relaxed: vec![Relaxed { end: End::Limit, sweeps: 0 }; probes],
        }
    }

    /// Bytes of that.
    pub fn bytes(config: &Config, shape: &Shape) -> u64 {
        let Needs { rows, kept, arrays, wide, picks, partials, probes } = Needs::new(config, shape);
        let narrow: usize = arrays.iter().sum();
        let numbers = rows * (narrow * size_of::<Row<S>>() + wide * size_of::<Row<S::Wide>>());
        let items = (kept + 2 * probes) * (size_of::<u32>() * shape.words() + 1);
        (numbers + items + size_of::<u32>() * (picks + probes) + size_of::<f64>() * partials) as u64
    }

    /// The method of `config`, with this memory.
    ///
    /// # Errors
    /// None: the memory was made for it.
    pub fn learner<'a>(&'a mut self, config: &Config, shape: &Shape) -> Result<Learner<'a, S>, TooShort> {
        let [a, b, c, d] = &mut self.rows;
        let [omega, fresh] = &mut self.wide;
        let items = ItemBuffer::new(shape.words(), &mut self.words, &mut self.permutations);
        let (picks, partials) = (&mut self.picks[..], &mut self.partials[..]);
        let (loss, proportion) = (config.training().loss, config.proportion);
        let entry = match config.penalty_entry {
            PenaltyEntry::Gradient => Entry::Gradient,
            PenaltyEntry::Step => Entry::Step,
        };
        let penalty = Penalty { lambda: config.lambda, entry };
        let estimate = Estimate {
            per: match config.importance {
                ImportanceName::Batch => {
                    let items = config.batch.of_training().items(config.training_items());
                    Per::Batch(items.try_into().unwrap_or(std::num::NonZeroUsize::MIN))
                }
                ImportanceName::Item => Per::Item,
            },
            items: config.importance_items.number(),
            normalised: config.importance_normalised,
        };
        let (sample, projected) = (config.memory_batch.number(), config.projected.into());
        let samples = Xoshiro128PlusPlus::of(config.seed, Purpose::Method, u32::MAX);
        Ok(match config.method {
            MethodName::Vanilla | MethodName::Joint => Learner::Vanilla(Vanilla),
            MethodName::Rehearsal => Learner::Rehearsal(NaiveRehearsal::new(proportion, items)),
            MethodName::Pseudorehearsal => {
                let options = PseudoOptions {
                    proportion,
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
                };
                let (states, previous) = (&mut self.states[..], &mut self.previous[..]);
                let (active, relaxed) = (&mut self.active[..], &mut self.relaxed[..]);
                let buffers = PseudoBuffers { items, states, previous, active, relaxed };
                Learner::Pseudorehearsal(Pseudorehearsal::new(options, buffers))
            }
            MethodName::Gem => {
                let options = GemOptions { proportion, margin: config.margin, sample, projected, loss };
                let buffers = GemBuffers { items, gradients: a, picks, partials };
                // With one task there is no past, and no memory for its gradients.
                if config.tasks < 2 {
                    return Ok(Learner::Vanilla(Vanilla));
                }
                Learner::Gem(Box::new(Gem::new(shape, options, buffers, samples)?))
            }
            MethodName::AGem => {
                let options = AGemOptions { proportion, sample, projected, loss };
                Learner::AGem(AGem::new(shape, options, AGemBuffers { items, gradient: a, picks, partials }, samples)?)
            }
            MethodName::L2 | MethodName::Ewc | MethodName::Mas => {
                let importance = match config.method {
                    MethodName::Ewc => Importance::Fisher { loss, estimate },
                    MethodName::Mas => Importance::OutputNorm { squared: config.norm_squared, estimate },
                    _ => Importance::Uniform,
                };
                let buffers = ConsolidationBuffers { anchor: a, omega, fresh, picks };
                Learner::Consolidation(Consolidation::new(shape, penalty, importance, buffers)?)
            }
            MethodName::Si => {
                let options = SiOptions { penalty, xi: config.xi, normalised: config.importance_normalised };
                let buffers = SiBuffers { omega, path: fresh, anchor: a, start: b, before: c, gradient: d };
                Learner::Si(Si::new(shape, options, buffers)?)
            }
        })
    }
}

/// A method at work.
#[derive(Debug)]
#[allow(missing_docs, reason = "the names say it")]
pub enum Learner<'a, S: Scalar> {
    Vanilla(Vanilla),
    Rehearsal(NaiveRehearsal<'a>),
    Pseudorehearsal(Pseudorehearsal<'a>),
    Gem(Box<Gem<'a, S, LANES>>),
    AGem(AGem<'a, S, LANES>),
    Consolidation(Consolidation<'a, S, LANES>),
    Si(Si<'a, S, LANES>),
}

impl<S: Scalar> Learner<'_, S> {
    /// As what the core calls it.
    pub fn method(&mut self) -> &mut dyn Method<S, LANES> {
        match self {
            Self::Vanilla(method) => method,
            Self::Rehearsal(method) => method,
            Self::Pseudorehearsal(method) => method,
            Self::Gem(method) => &mut **method,
            Self::AGem(method) => method,
            Self::Consolidation(method) => method,
            Self::Si(method) => method,
        }
    }

    /// Calls `with` with the method for a task of which nothing will be wanted afterwards, if `last`.
    pub fn with<T>(&mut self, last: bool, with: impl FnOnce(&mut dyn Method<S, LANES>) -> T) -> T {
        if last { with(&mut Last(self.method())) } else { with(self.method()) }
    }

    /// What the method tells of the task just learned.
    pub fn diagnostics(&mut self, shape: &Shape, weights: &[Row<S>]) -> Diagnostics {
        let mut told = Diagnostics {
            rehearsed_items: self.method().rehearsed().len(),
            saturated_weights: distribution::clamped(shape, weights),
            ..Diagnostics::default()
        };
        match self {
            Self::Gem(gem) => {
                told.rehearsed_items = gem.items().len();
                told.projection = Some(gem.projections().into());
            }
            Self::AGem(agem) => {
                told.rehearsed_items = agem.items().len();
                told.projection = Some(agem.projections().into());
            }
            Self::Pseudorehearsal(pseudo) => told.probes = Some(pseudo.report().into()),
            Self::Consolidation(method) if !method.omega().is_empty() => {
                told.importances = Some(Distribution::of(shape, method.omega()).into());
            }
            Self::Si(si) => told.importances = Some(Distribution::of(shape, si.omega()).into()),
            Self::Vanilla(_) | Self::Rehearsal(_) | Self::Consolidation(_) => {}
        }
        told
    }
}

/// What a method tells of one task. What does not concern it is absent.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Diagnostics {
    /// Items of past tasks in the buffer.
    pub rehearsed_items: usize,
    /// The share of weights, those to class neurons apart, that are -1 or +1.
    pub saturated_weights: f64,
    /// GEM and A-GEM: how often and how far the gradient was turned.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub projection: Option<Projection>,
    /// Pseudorehearsal: how the probes fared.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub probes: Option<Probes>,
    /// Regularisers: how the importances are distributed.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub importances: Option<Importances>,
}

/// How often and how far gradients were turned.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Projection {
    /// Batches that had a past to look at.
    pub batches: u32,
    /// Those whose gradient pointed against it.
    pub violated: u32,
    /// The mean over these of the cosine of the angle that the gradient was turned by.
    #[serde(deserialize_with = "number_or_null")]
    pub mean_cosine: f64,
}

impl From<Projections> for Projection {
    fn from(told: Projections) -> Self {
        Self { batches: told.batches, violated: told.violated, mean_cosine: told.mean_cosine() }
    }
}

/// How the probes of pseudorehearsal fared.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[allow(missing_docs, reason = "as in the core's Report")]
pub struct Probes {
    pub probes: u32,
    pub stable: u32,
    pub cycled: u32,
    pub limit: u32,
    pub kept: u32,
    pub distinct: u32,
    pub one_class: u32,
}

impl From<dam_nostd::methods::pseudorehearsal::Report> for Probes {
    fn from(told: dam_nostd::methods::pseudorehearsal::Report) -> Self {
        let dam_nostd::methods::pseudorehearsal::Report { probes, stable, cycled, limit, kept, distinct, one_class } =
            told;
        Self { probes, stable, cycled, limit, kept, distinct, one_class }
    }
}

/// How importances are distributed. Quantiles are exact to a factor of 2.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Importances {
    /// The least.
    #[serde(deserialize_with = "number_or_null")]
    pub least: f64,
    /// A tenth is below.
    #[serde(deserialize_with = "number_or_null")]
    pub tenth: f64,
    /// Half is below.
    #[serde(deserialize_with = "number_or_null")]
    pub median: f64,
    /// Nine tenths are below.
    #[serde(deserialize_with = "number_or_null")]
    pub ninetieth: f64,
    /// The largest.
    #[serde(deserialize_with = "number_or_null")]
    pub largest: f64,
    /// The mean.
    #[serde(deserialize_with = "number_or_null")]
    pub mean: f64,
    /// The share that is zero.
    pub zero: f64,
}

impl From<Distribution> for Importances {
    fn from(told: Distribution) -> Self {
        Self {
            least: told.least,
            tenth: told.quantile(0.1),
            median: told.quantile(0.5),
            ninetieth: told.quantile(0.9),
            largest: told.largest,
            mean: told.mean,
            zero: told.zero,
        }
    }
}

impl From<ProjectedName> for Projected {
    fn from(name: ProjectedName) -> Self {
        match name {
            ProjectedName::Network => Self::Network,
            ProjectedName::Memory => Self::Memory,
        }
    }
}

/// A memory batch, or a number of items: all, or so many.
impl Sample {
    fn number(self) -> Option<std::num::NonZeroUsize> {
        match self {
            Self::All => None,
            Self::Items(items) => Some(items),
        }
    }
}
