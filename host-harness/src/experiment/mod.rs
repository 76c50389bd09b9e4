//! Whole experiments: the tables and figures of the paper as plans of trials, and the store of what was found.

pub mod archive;
pub mod comparison;
pub mod cost;
pub mod grid;
pub mod images;
pub mod paired;
pub mod plan;
pub mod progress;
pub mod quantity;
pub mod request;
pub mod row;
pub mod scale;
pub mod schedule;
pub mod search;
pub mod source;
pub mod store;
pub mod study;
pub mod target;
pub mod worklist;
