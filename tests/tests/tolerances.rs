//! No test states a tolerance of its own: they are all in `dam-nostd/tests/support/tolerance.rs`.
#![allow(missing_docs, reason = "a test")]

use std::fs;
use std::path::{Path, PathBuf};

/// All source files of tests, and of crates with tests inside.
fn sources(folder: &Path, found: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() && !path.ends_with("target") {
            sources(&path, found);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            found.push(path);
        }
    }
}

/// Whether a small number in scientific notation is compared with in this line.
fn states_one(line: &str) -> bool {
    let compared = |before: &str| {
        let before = before.trim_end_matches(|c: char| c.is_ascii_digit() || c == '.').trim_end();
        before.ends_with(['<', '>', '=', ',']) || before.ends_with("<= -") || before.ends_with(">= -")
    };
    let close = line.contains("close(") || line.contains(" < ") || line.contains("<= ") || line.contains(">= -");
    close
        && line.match_indices("e-").any(|(at, _)| {
            let digit = |c: Option<char>| c.is_some_and(|c| c.is_ascii_digit());
            digit(line[..at].chars().last()) && digit(line[at + 2..].chars().next()) && compared(&line[..at])
        })
}

#[test]
fn no_test_has_a_tolerance_of_its_own() {
    assert!(states_one("assert!(error < 1e-6);") && states_one("close(&a, &b, 2.5e-12)") && states_one("u >= -1e-12"));
    assert!(!states_one("let step = 1e-6;") && !states_one("random_weights::<S>(&shape, 1e-3, &mut rng)"));
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap();
    let mut files = vec![];
    for folder in ["dam-nostd", "host-harness", "tests/tests", "xtask"] {
        sources(&root.join(folder), &mut files);
    }
    assert!(files.len() > 60, "{} files", files.len());
    for file in files {
        let text = fs::read_to_string(&file).unwrap();
        // In a crate only its tests.
        let inside = file.components().any(|part| part.as_os_str() == "src");
        let tests = if inside { text.split_once("mod tests {").map_or("", |(_, tests)| tests) } else { &text };
        for line in tests.lines().filter(|line| !line.trim_start().starts_with("//")) {
            let own = states_one(line) && !file.ends_with("tolerances.rs") && !file.ends_with("tolerance.rs");
            assert!(!own, "{}: {}\nname it in dam-nostd/tests/support/tolerance.rs", file.display(), line.trim());
        }
    }
}
