//! Learning and recall: Algorithm 1, relaxation, classification, the methods of sequential learning.

pub mod classify;
pub mod methods;
pub mod relax;
pub mod train;
