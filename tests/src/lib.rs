//! What the tests of all crates have in common.

/// Every tolerance: the table of the core, whose tests go with it.
#[path = "../../dam-nostd/tests/support/tolerance.rs"]
pub mod tolerance;
