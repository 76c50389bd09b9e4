//! Numbers: what a weight, a similarity and a gradient are made of, one by one and in rows of lanes.

#[cfg(feature = "fixed")]
pub mod fixed;
pub mod lanes;
pub mod scalar;
