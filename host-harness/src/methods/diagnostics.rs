//! What methods tell of themselves after each task.

use dam_nostd::distribution::Distribution;
use dam_nostd::methods::projection::Projections;
use serde::{Deserialize, Serialize};

use crate::number_or_null;

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
    #[serde(deserialize_with = "number_or_null::number")]
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
    #[serde(deserialize_with = "number_or_null::number")]
    pub least: f64,
    /// A tenth is below.
    #[serde(deserialize_with = "number_or_null::number")]
    pub tenth: f64,
    /// Half is below.
    #[serde(deserialize_with = "number_or_null::number")]
    pub median: f64,
    /// Nine tenths are below.
    #[serde(deserialize_with = "number_or_null::number")]
    pub ninetieth: f64,
    /// The largest.
    #[serde(deserialize_with = "number_or_null::number")]
    pub largest: f64,
    /// The mean.
    #[serde(deserialize_with = "number_or_null::number")]
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
