//! Learning and recall: Algorithm 1, relaxation, classification, the methods of sequential learning.

pub mod classify;
pub mod descent;
pub mod methods;
pub mod passes;
pub mod relax;
pub mod train;
