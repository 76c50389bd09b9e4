//! The command `dam` in a folder of its own.

#![allow(dead_code, reason = "each test file uses what it needs")]

use std::collections::BTreeSet;
use std::fs;
use std::process::{Command, Output, Stdio};
use std::time::{Duration, Instant};

use serde_json::Value;

#[path = "desk.rs"]
mod desk;

pub use desk::Desk;

/// Two tasks of 60 images of 8 x 8 pixels: a moment.
pub const TINY: &[&str] = &[
    "--tasks",
    "2",
    "--items",
    "60",
    "--epochs",
    "2",
    "--memories",
    "8",
    "--n",
    "3",
    "--batch",
    "16",
    "--threads",
    "1",
];

/// What nothing here takes, unless it does what it must not.
const LIMIT: Duration = Duration::from_secs(60);

impl Desk {
    pub fn dam(&self, words: &[&str]) -> Output {
        let mut command = self.command(words);
        let mut child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        let start = Instant::now();
        // Little enough is printed for a pipe to hold.
        while child.try_wait().unwrap().is_none() && start.elapsed() < LIMIT {
            std::thread::sleep(Duration::from_millis(2));
        }
        let _ = child.kill();
        child.wait_with_output().unwrap()
    }

    pub fn command(&self, words: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_dam"));
        command.args(words).current_dir(self.0.path()).stdin(Stdio::null());
        command
    }

    /// `dam run` of [`TINY`] and `more`.
    pub fn run(&self, more: &[&str]) -> Output {
        self.dam(&[&["run", "--data", "images"], TINY, more].concat())
    }

    /// The names of files in `folder`, hidden ones too.
    pub fn names(&self, folder: &str) -> Vec<String> {
        let entries = fs::read_dir(self.at(folder)).unwrap();
        let mut names: Vec<_> = entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
        names.sort();
        names
    }

    pub fn json(&self, name: &str) -> Value {
        serde_json::from_slice(&fs::read(self.at(name)).unwrap()).unwrap()
    }
}

pub fn text(bytes: &[u8]) -> String {
    String::from_utf8(bytes.to_vec()).unwrap()
}

/// What a command that did its work printed.
#[track_caller]
pub fn done(output: Output) -> String {
    assert!(output.status.success(), "{:?}: {}", output.status, text(&output.stderr));
    text(&output.stdout)
}

/// What a command said that failed with `code`, after checking that it holds each of `parts`.
#[track_caller]
pub fn failed(output: Output, code: i32, parts: &[&str]) -> String {
    let message = text(&output.stderr);
    assert_eq!(output.status.code(), Some(code), "{message}");
    assert_eq!(text(&output.stdout), "");
    for part in parts {
        assert!(message.contains(part), "no {part:?} in {message}");
    }
    message
}

pub fn keys(value: &Value) -> BTreeSet<&str> {
    value.as_object().unwrap().keys().map(String::as_str).collect()
}
