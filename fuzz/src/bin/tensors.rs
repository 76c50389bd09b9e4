//! Networks and probes as safetensors.
#![no_main]

use host_harness::file::tensors::{decode_network, decode_probes};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    if let Ok(network) = decode_network(bytes) {
        let shape = network.shape().expect("checked when it was read");
        let _ = decode_probes(bytes, &shape);
    }
    let _ = decode_probes(bytes, &host_harness::config::Config::shape(&config(), 4, 2).expect("small"));
});

fn config() -> host_harness::config::Config {
    host_harness::config::Settings { tasks: Some(1), memories: Some(3), ..Default::default() }
        .config()
        .expect("in range")
}
