//! `dam export`: one model in three forms, the report, and what is refused.

use std::fs;
use std::path::Path;
use std::process::{Command, Output};

use dam_nostd::store::Trained;
use host_harness::export::board;
use host_harness::file::network;

fn dam(folder: &Path, words: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_dam")).current_dir(folder).args(words).output().unwrap()
}

fn done(output: Output) -> String {
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap()
}

/// The numbers of a source text that are written like `0x01234567`.
fn words(text: &str) -> Vec<u32> {
    let numbers = text.split("0x").skip(1).filter_map(|rest| rest.get(..8));
    numbers.map(|digits| u32::from_str_radix(digits, 16).unwrap()).collect()
}

#[test]
fn a_network_is_exported_in_three_forms_and_at_another_size() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    let small = ["--tasks", "1", "--n", "2", "--items", "60", "--epochs", "2", "--memories", "20"];
    done(dam(folder, &[&["run", "--out", "a.json", "--save", "net.dam"], &small[..]].concat()));
    for (precision, bits) in [("i8", 8), ("i16", 16), ("f32", 32)] {
        for format in ["bin", "rust", "c"] {
            let args = ["export", "net.dam", "--format", format, "--precision", precision, "--out", format];
            let report = done(dam(folder, &args));
            assert!(board::all().iter().all(|board| report.contains(&board.name)), "{report}");
        }
        let bytes = fs::read(folder.join("bin")).unwrap();
        let model: Vec<u32> = bytes.as_chunks().0.iter().map(|&word| u32::from_le_bytes(word)).collect();
        assert_eq!((model[1] >> 16, model[2] as usize), (bits, bytes.len() / 4));
        for format in ["rust", "c"] {
            assert_eq!(words(&fs::read_to_string(folder.join(format)).unwrap()), model, "{format}, {precision}");
        }
    }
    let reduced = ["export", "net.dam", "--format", "bin", "--pixels", "14x14", "--memories", "8", "--out", "small"];
    assert!(done(dam(folder, &reduced)).contains("8 memory vectors of 207 neurons"));
    let missing = dam(folder, &["export", "net.dam", "--format", "bin", "--task", "2", "--out", "none"]);
    assert_eq!(missing.status.code(), Some(2), "{}", String::from_utf8_lossy(&missing.stderr));
    assert!(!folder.join("none").exists());
}

#[test]
fn a_network_is_exported_for_further_training() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    let small = ["--tasks", "2", "--n", "3", "--items", "60", "--epochs", "2", "--memories", "5", "--pixels", "7x7"];
    done(dam(folder, &[&["run", "--out", "a.json", "--save", "net.dam"], &small[..]].concat()));
    for format in ["bin", "rust"] {
        let args = ["export", "net.dam", "--trainable", "--format", format, "--task", "2", "--out", format];
        assert!(done(dam(folder, &args)).contains("flash    1276 bytes"));
    }
    let bytes = fs::read(folder.join("bin")).unwrap();
    let exported: Vec<u32> = bytes.as_chunks().0.iter().map(|&word| u32::from_le_bytes(word)).collect();
    assert_eq!(words(&fs::read_to_string(folder.join("rust")).unwrap()), exported);
    let trained = Trained::open(&exported).unwrap();
    let network = network::load(&folder.join("net.dam")).unwrap();
    let (shape, mut rows, mut totals) = (network.shape().unwrap(), vec![[0.0f32; 2]; 3 * 61], [[0.0; 2]; 3]);
    let mut weights = dam_nostd::Weights::new(&shape, &mut rows, &mut totals).unwrap();
    trained.load(&mut weights).unwrap();
    // Pixel by pixel of the second task's image.
    let wide = network.weights.wide();
    for memory in 0..5 {
        for place in 0..61 {
            let neuron = network.permutations[1].get(place).map_or(place, |&neuron| usize::from(neuron));
            assert_eq!(f64::from(weights.get(memory, place).unwrap()), wide[61 * memory + neuron]);
        }
    }
    assert_eq!(trained.description().model::<f64>().unwrap(), network.config.model(shape).unwrap());
    // For tasks and classes to come: it answers as before, and new neurons have no weights.
    let more = ["--tasks", "3", "--classes", "12", "--importances", "--format", "bin", "--out", "more"];
    done(dam(folder, &[&["export", "net.dam", "--trainable"], &more[..]].concat()));
    let bytes = fs::read(folder.join("more")).unwrap();
    let larger: Vec<u32> = bytes.as_chunks().0.iter().map(|&word| u32::from_le_bytes(word)).collect();
    let larger = Trained::open(&larger).unwrap();
    let shape = larger.description().shape;
    assert_eq!((shape.tasks(), shape.classes(), shape.neurons()), (3, 12, 64));
    let (mut rows, mut importances, mut totals) = (vec![[0.0f32; 8]; 64], vec![[0.0f32; 8]; 64], [[0.0; 8]]);
    let mut weights = dam_nostd::Weights::new(&shape, &mut rows, &mut totals).unwrap();
    larger.load(&mut weights).unwrap();
    assert_eq!(larger.importances(&mut importances), Ok(true));
    let small = network.weights.wide();
    for memory in 0..5 {
        let weight = |neuron| f64::from(weights.get(memory, neuron).unwrap());
        assert_eq!([weight(49), weight(50), weight(52)], [49, 50, 51].map(|neuron| small[61 * memory + neuron]));
        assert_eq!([weight(51), weight(62), weight(63)], [0.0; 3]);
        assert!((0..49).any(|pixel| importances[pixel][memory] > 0.0) && importances[63][memory] == 0.0);
    }
    let scale = |model: dam_nostd::Model<f64>| model.scale();
    let (before, after) =
        (network.config.model(network.shape().unwrap()).unwrap(), larger.description().model().unwrap());
    assert!((scale(before) / scale(after) - 1.0).abs() < dam_tests::tolerance::MANY_TERMS);
    let fewer =
        dam(folder, &["export", "net.dam", "--trainable", "--format", "bin", "--classes", "9", "--out", "none"]);
    assert_eq!(fewer.status.code(), Some(2), "{}", String::from_utf8_lossy(&fewer.stderr));
    let c = dam(folder, &["export", "net.dam", "--trainable", "--format", "c", "--out", "none"]);
    assert_eq!(c.status.code(), Some(2), "{}", String::from_utf8_lossy(&c.stderr));
}
