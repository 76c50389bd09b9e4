//! The benchmark harness of the Dense Associative Memory.

// Both panic where nobody listens any more: `console::tell` does not.
#![deny(clippy::print_stderr, clippy::print_stdout)]

pub use dam_engine::{machine, rows, workspace};

pub mod audit;
pub mod bench;
pub mod capacity;
pub mod chart;
pub mod checkpoint;
pub mod cli;
pub mod commitment;
pub mod config;
pub mod console;
pub mod data;
pub mod defaults;
pub mod divergence;
pub mod evaluation;
pub mod experiment;
pub mod export;
pub mod file;
pub mod inspection;
pub mod measured;
pub mod memory;
pub mod methods;
pub mod network;
mod number_or_null;
pub mod outcome;
mod page;
pub mod paper;
pub mod pictures;
pub mod plot;
pub mod recall;
pub mod report;
pub mod scatter;
pub mod scores;
pub mod spread;
pub mod table;
pub mod tasks;
pub mod trial;
pub mod verify;
