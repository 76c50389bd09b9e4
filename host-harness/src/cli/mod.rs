//! The subcommands of `dam`.

pub mod convert;
pub mod data;
pub mod error;
pub mod eval;
pub mod machine;
pub mod relax;
