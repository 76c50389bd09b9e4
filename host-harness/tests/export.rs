//! `dam export`: one model in three forms, the report, and what is refused.

use std::fs;
use std::path::Path;
use std::process::{Command, Output};

use host_harness::export::report::BOARDS;

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
            assert!(BOARDS.iter().all(|board| report.contains(board.name)), "{report}");
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
