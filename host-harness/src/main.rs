//! The command `dam`.
fn main() {}
