//! Speed, and no mathematics: who runs the loops, over which blocks, with which lists and tables.

pub mod engine;
pub mod executor;
pub mod index_lists;
pub mod partial_sums;
pub(crate) mod sort;
