//! IDX files.
#![no_main]

use host_harness::data::idx::{parse_images, parse_labels};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    if let Ok(images) = parse_images(bytes) {
        assert_eq!(images.grey().len(), images.count() * images.height() * images.width());
    }
    let _ = parse_labels(bytes);
});
