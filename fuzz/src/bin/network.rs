//! Network files.
#![no_main]

use host_harness::file::network::{decode, encode};
use libfuzzer_sys::fuzz_target;
use sha2::{Digest, Sha256};

fuzz_target!(|bytes: &[u8]| {
    let _ = decode(bytes);
    // The same content under its own checksum.
    let content = bytes.len().checked_sub(32).map_or(bytes, |end| &bytes[..end]);
    let mut whole = content.to_vec();
    whole.extend(Sha256::digest(content));
    if let Ok(network) = decode(&whole) {
        let again = decode(&encode(&network)).expect("what was read can be written and read");
        assert_eq!(again, network);
    }
});
