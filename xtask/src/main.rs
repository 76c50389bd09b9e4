//! Tasks of the repository: tests, data, firmware.
fn main() {}
