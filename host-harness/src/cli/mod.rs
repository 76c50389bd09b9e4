//! The subcommands of `dam`.

pub mod data;
