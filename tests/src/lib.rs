//! What the tests of all crates have in common.

pub mod tolerance;
