//! Checkpoints, as they are and under their own checksum: the trial goes on from what is taken for one.
#![no_main]

use std::fs;
use std::ops::ControlFlow;
use std::path::PathBuf;
use std::sync::OnceLock;

use host_harness::checkpoint::Checkpoint;
use host_harness::config::{Config, MethodName, Settings};
use host_harness::data::{Dataset, pack};
use host_harness::machine::Machine;
use host_harness::trial;
use libfuzzer_sys::fuzz_target;
use sha2::{Digest, Sha256};

/// What the trial of `corpus/checkpoint` needs.
struct Trial {
    config: Config,
    data: Dataset,
    machine: Machine,
    path: PathBuf,
}

fn small() -> Trial {
    let settings = Settings {
        method: Some(MethodName::Rehearsal),
        tasks: Some(3),
        items: Some(12),
        epochs: Some(1),
        memories: Some(2),
        ..Settings::default()
    };
    Trial {
        config: settings.config().expect("settings in range"),
        data: pack::decode("tiny", include_bytes!("../../corpus/pack/tiny")).expect("the smallest set"),
        machine: Machine::new(1, None).expect("one thread"),
        path: std::env::temp_dir().join(format!("dam-fuzz-checkpoint-{}", std::process::id())),
    }
}

fuzz_target!(|bytes: &[u8]| {
    go_on(bytes);
    let content = bytes.len().checked_sub(32).map_or(bytes, |end| &bytes[..end]);
    let mut whole = content.to_vec();
    whole.extend(Sha256::digest(content));
    go_on(&whole);
});

fn go_on(bytes: &[u8]) {
    static TRIAL: OnceLock<Trial> = OnceLock::new();
    let Trial { config, data, machine, path } = TRIAL.get_or_init(small);
    fs::write(path, bytes).expect("a folder for temporary files");
    let checkpoint = Checkpoint::new(path.clone(), "fuzz".to_owned());
    let _ = trial::run_from(config, data, machine, Some(&checkpoint), None, &mut |_| ControlFlow::Continue(()));
}
