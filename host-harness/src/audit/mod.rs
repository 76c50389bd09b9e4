//! Number types held against each other: layer by layer on one network, and after whole trials.

pub mod layers;
pub mod learning;
