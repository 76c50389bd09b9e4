//! What has a plan, and why there may be none or it may not come to its end.

use crate::config::ConfigError;
use crate::data::DataError;
use crate::evaluation::EvaluationError;
use crate::experiment::images::Images;
use crate::experiment::plan::Plan;
use crate::experiment::store::{Store, StoreError};
use crate::experiment::target::Target;
use crate::machine::MachineError;
use crate::trial::TrialError;

/// Why there is no plan.
#[derive(Debug, thiserror::Error)]
pub enum PlanError {
    /// A setting that the experiment varies itself.
    #[error("{name} is what {target} varies: leave it out{remedy}")]
    Varied {
        /// The setting.
        name: &'static str,
        /// A table or figure that varies it.
        target: Target,
        /// What to do instead.
        remedy: &'static str,
    },
    /// A setting that a grid varies.
    #[error("{name} is what a grid varies: give {flag}")]
    InGrid {
        /// The setting.
        name: &'static str,
        /// What to give instead.
        flag: &'static str,
    },
    /// A configuration out of range.
    #[error(transparent)]
    Config(#[from] ConfigError),
    /// Images that cannot be read.
    #[error(transparent)]
    Data(#[from] DataError),
    /// Nothing is left of the targets.
    #[error("no trial is left: the rows and interaction vertices asked for are not in {0}")]
    Nothing(String),
}

/// Why an experiment ended before its last trial.
#[derive(Debug, thiserror::Error)]
#[allow(missing_docs, reason = "the names say it")]
pub enum RunError {
    #[error(transparent)]
    Plan(#[from] PlanError),
    #[error(transparent)]
    Store(#[from] StoreError),
    #[error(transparent)]
    Data(#[from] DataError),
    #[error(transparent)]
    Machine(#[from] MachineError),
    #[error(transparent)]
    Trial(#[from] TrialError),
    #[error(transparent)]
    Inspection(#[from] EvaluationError),
}

/// Something that has a plan.
pub trait Source: Sync {
    /// The plan, as far as what is in `store` makes it known.
    ///
    /// # Errors
    /// A plan without sense, images that cannot be read.
    fn plan(&self, store: &Store, images: &Images) -> Result<Plan, PlanError>;
}
