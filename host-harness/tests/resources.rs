//! Threads, memory and streams: asked for too much, full or closed, it says so, and does not hang, abort or panic.

use std::fs;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

#[path = "common/dam.rs"]
mod dam;

use dam::{Desk, TINY, done, failed, text};

#[test]
fn far_more_threads_than_cores_are_refused_at_once() {
    let desk = Desk::new();
    let start = Instant::now();
    let tiny = &TINY[..TINY.len() - 2];
    let parts = ["10000 threads are too many", "cores of this machine", "give at most"];
    failed(desk.dam(&[&["run", "--data", "images", "--threads", "10000"], tiny].concat()), 2, &parts);
    let table = ["reproduce", "table2", "--preset", "smoke", "--items", "60", "--data", "images", "--jobs", "10000"];
    failed(desk.dam(&table), 2, &parts);
    failed(desk.dam(&[&table[..], &["--dry-run"]].concat()), 2, &parts);
    assert!(start.elapsed() < Duration::from_secs(30));
    // A few more than there are do no harm.
    done(desk.dam(&[&["run", "--data", "images", "--threads", "5", "--out", "a.json"], tiny].concat()));
}

#[cfg(target_os = "linux")]
#[test]
fn the_need_for_memory_is_said_before_training_and_not_found_out_by_an_abort() {
    let desk = Desk::new();
    let large =
        "run --data images --items 80 --epochs 1 --memories 65536 --tasks 17 --method gem --precision f64 --threads 1";
    let script = format!("ulimit -v 700000; exec '{}' {large}", env!("CARGO_BIN_EXE_dam"));
    let output = Command::new("sh").args(["-c", &script]).current_dir(desk.0.path()).output().unwrap();
    let parts =
        ["the trial takes about ", " GB of memory", "are free", "fewer memories than 65536", "another method than gem"];
    let message = failed(output, 1, &parts);
    assert_eq!(message.lines().count(), 1, "{message}");
    // Weights, velocity, gradient, a copy, and the gradients of 16 past tasks: 20 times 65536 x 84 numbers of 8 bytes are
    // 0.9 GB, the similarities of a chunk of 1024 items 0.5 GB more, and what projections need.
    let said: f64 = message.split("about ").nth(1).unwrap().split(' ').next().unwrap().parse().unwrap();
    assert!((1.4..1.7).contains(&said), "{message}");
}

#[cfg(target_os = "linux")]
#[test]
fn a_full_standard_output_is_a_failure_and_a_closed_one_is_not() {
    let desk = Desk::new();
    for words in [&["data", "--data", "images"][..], &["run", "--help"]] {
        let full = fs::OpenOptions::new().write(true).open("/dev/full").unwrap();
        let output = desk.command(words).stdout(full).stderr(Stdio::piped()).output().unwrap();
        if words[0] == "data" {
            let message = text(&output.stderr);
            assert_eq!(output.status.code(), Some(1), "{message}");
            assert!(message.contains("cannot write to standard output") && message.contains("make room"), "{message}");
        }
    }
    let full = fs::OpenOptions::new().write(true).open("/dev/full").unwrap();
    let words = [&["run", "--data", "images", "--out", "a.json"], TINY].concat();
    assert_eq!(desk.command(&words).stdout(full).stderr(Stdio::null()).status().unwrap().code(), Some(1));
    assert!(desk.at("a.json").exists());
}

#[test]
fn a_closed_standard_error_ends_nothing_and_changes_no_exit_code() {
    let desk = Desk::new();
    let run = [&["run", "--data", "images", "--out", "a.json"], TINY].concat();
    let bad = ["run", "--data", "images", "--n", "0"];
    let table = ["reproduce", "fig10", "--vertices", "2", "--preset", "smoke", "--data", "images", "--items", "60"];
    let table = [&table[..], &["--epochs", "1", "--memories", "8", "--tasks", "2", "--jobs", "1"]].concat();
    for (words, code) in [(&run[..], 0), (&bad, 2), (&table, 0)] {
        let mut child = desk.command(words).stdout(Stdio::null()).stderr(Stdio::piped()).spawn().unwrap();
        drop(child.stderr.take());
        assert_eq!(child.wait().unwrap().code(), Some(code), "{words:?}");
    }
}
