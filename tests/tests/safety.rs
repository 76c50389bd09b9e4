//! The core has no `unsafe` code, and nothing may bring it in.
#![allow(missing_docs, reason = "a test")]

use std::fs;
use std::path::Path;

#[test]
fn the_core_forbids_unsafe_code() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap();
    let read = |name: &str| fs::read_to_string(root.join(name)).unwrap_or_else(|error| panic!("{name}: {error}"));
    // `forbid` cannot be allowed again further inside, `deny` can.
    assert!(read("dam-nostd/src/lib.rs").lines().any(|line| line == "#![forbid(unsafe_code)]"));
    assert!(read("Cargo.toml").lines().any(|line| line == "unsafe_code = \"forbid\""));
    for member in ["dam-nostd", "host-harness", "benches", "tests", "xtask"] {
        assert!(read(&format!("{member}/Cargo.toml")).contains("[lints]\nworkspace = true"), "{member}");
    }
}
