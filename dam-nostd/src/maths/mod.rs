//! The mathematics: each equation of the paper a function on a row of lanes, each lane a memory vector.

#[cfg(feature = "train")]
pub mod consolidation;
pub(crate) mod energy;
#[cfg(feature = "train")]
pub(crate) mod field;
#[cfg(feature = "train")]
pub(crate) mod gradient;
pub mod interaction;
#[cfg(feature = "train")]
pub mod objective;
#[cfg(feature = "train")]
pub(crate) mod projection;
pub mod similarity;
#[cfg(feature = "train")]
pub mod step;
