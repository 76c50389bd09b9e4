//! Packed images.
#![no_main]

use host_harness::data::pack::{decode, encode};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    if let Ok(set) = decode("fuzz", bytes) {
        assert_eq!(decode("fuzz", &encode(&set)).expect("what was read can be written and read"), set);
    }
});
