//! What a classifier, a sequence of tasks and a network's importances are judged by.

pub mod distribution;
pub mod metrics;
