//! Whole experiments: the tables and figures of the paper as plans of trials, and the store of what was found.

pub mod images;
pub mod plan;
pub mod request;
pub mod row;
pub mod scale;
pub mod search;
pub mod store;
pub mod target;
