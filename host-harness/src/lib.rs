//! The benchmark harness of the Dense Associative Memory.

pub mod cli;
pub mod data;
