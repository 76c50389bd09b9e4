//! `dam bench`: what it measures, and what it writes for others.

use std::path::Path;
use std::process::{Command, Output};

use dam_nostd::bits;
use dam_nostd::train::Batch;
use host_harness::bench::Bench;
use host_harness::config::Settings;
use host_harness::data::Dataset;
use host_harness::machine::Machine;
use safetensors::SafeTensors;

/// Runs `dam bench` in `folder`.
fn bench(folder: &Path, words: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_dam")).arg("bench").args(words).current_dir(folder).output().unwrap()
}

#[test]
fn what_is_exported_is_what_was_learned_from() {
    let folder = tempfile::tempdir().unwrap();
    let words = ["--n", "3", "--items", "40", "--epochs", "2", "--batch", "15", "--threads", "1"];
    let output = bench(folder.path(), &[&words[..], &["--export", "x.safetensors"]].concat());
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let bytes = std::fs::read(folder.path().join("x.safetensors")).unwrap();
    let tensors = SafeTensors::deserialize(&bytes).unwrap();
    let numbers = |name: &str| -> Vec<f64> {
        tensors.tensor(name).unwrap().data().as_chunks().0.iter().map(|&bytes| f64::from_le_bytes(bytes)).collect()
    };
    let settings = Settings { n: Some(3), items: Some(50), ..Settings::default() };
    let config = settings.of_trial().config().unwrap();
    let data = Dataset::embedded(config.threshold).unwrap();
    let same = Bench::new(config, &data).unwrap();
    let batch = Batch::Items(15.try_into().unwrap());
    // Threads change nothing.
    let trained = same.train(&Machine::new(2, None).unwrap(), 2, batch).unwrap();
    assert_eq!(numbers("losses"), trained.losses);
    assert!(trained.losses[1] < trained.losses[0]);
    assert!(numbers("seconds")[0] > 0.0);
    let orders: Vec<u32> =
        tensors.tensor("orders").unwrap().data().as_chunks().0.iter().map(|&bytes| u32::from_le_bytes(bytes)).collect();
    assert_eq!(orders, same.orders(2, batch).concat());
    let (mut first, second) = (orders[..40].to_vec(), &orders[40..]);
    assert_ne!(first, second);
    first.sort_unstable();
    assert!(first.into_iter().eq(0..40));
    let metadata = SafeTensors::read_metadata(&bytes).unwrap().1;
    let metadata = metadata.metadata().as_ref().unwrap();
    let settings: serde_json::Value = serde_json::from_str(&metadata["settings"]).unwrap();
    assert_eq!((settings["n"].as_u64(), metadata["batch"].as_str()), (Some(3), "15"));
    let weights = tensors.tensor("weights").unwrap();
    assert_eq!(weights.shape(), [512, 799]);
    let third = &weights.data()[4 * (799 + 3)..][..4];
    assert_eq!(third, same.weight(1, 3).to_le_bytes());
    let (states, targets) = (tensors.tensor("states").unwrap(), tensors.tensor("targets").unwrap());
    assert_eq!((states.shape(), targets.shape()), (&[40, 799][..], &[40, 10][..]));
    let packed = same.states();
    for (item, state) in states.data().chunks_exact(799).enumerate() {
        let words = &packed[item * same.shape().words()..];
        for (neuron, &byte) in state.iter().enumerate() {
            let on = bits::is_on(words, neuron) && !same.shape().class_neurons().contains(&neuron);
            assert_eq!(byte.cast_signed() > 0, on, "item {item}, neuron {neuron}");
        }
    }
    for target in targets.data().chunks_exact(10) {
        assert_eq!(target.iter().filter(|&&byte| byte.cast_signed() > 0).count(), 1);
    }
}

#[test]
fn an_export_is_of_one_vertex() {
    let folder = tempfile::tempdir().unwrap();
    let output = bench(folder.path(), &["--n", "2,5", "--export", "x"]);
    assert_eq!(output.status.code(), Some(2));
    assert!(String::from_utf8_lossy(&output.stderr).contains("--export takes one"), "{output:?}");
    assert!(!folder.path().join("x").exists());
}

#[test]
fn each_part_has_its_floor() {
    let output = bench(Path::new("."), &["--n", "2", "--items", "60"]);
    let text = String::from_utf8(output.stdout).unwrap();
    let row = text.lines().find_map(|line| line.trim_start().strip_prefix("at best")).expect(&text);
    let floors: Vec<f64> = row.split_whitespace().map(|number| number.parse().unwrap()).collect();
    assert_eq!(floors.len(), 5, "{text}");
    // To be within what is shown, and larger than nothing.
    assert!((floors[..4].iter().sum::<f64>() - floors[4]).abs() < 0.03 && floors[0] > 0.0, "{text}");
}
