//! The mathematics: each equation of the paper a function on a row of lanes, each lane a memory vector.

pub mod coding;
pub mod energy;
pub mod field;
pub mod gradient;
pub mod interaction;
pub mod metrics;
pub mod objective;
pub mod step;
