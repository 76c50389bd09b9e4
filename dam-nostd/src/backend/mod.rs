//! Speed, and no mathematics: who runs the loops, over which blocks, with which lists and tables.

mod arithmetic;
pub mod engine;
pub mod executor;
pub(crate) mod index_lists;
pub(crate) mod kept_lists;
pub(crate) mod kernels;
pub(crate) mod lists;
pub(crate) mod numbering;
pub(crate) mod partial_sums;
pub(crate) mod sort;
pub mod workspace;
