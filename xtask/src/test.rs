//! `cargo xtask test`: all tests, the core with each set of its features, its examples, and what they need.

use std::error::Error;
use std::process::Command;

use crate::bare::{self, BareTask};
use crate::lines::{self, LinesTask};

/// Sets of the core's features, besides all of them.
const FEATURES: [&str; 7] = ["", "recall", "powers", "train", "fixed", "recall,train", "train,fixed"];

/// The core's examples.
const EXAMPLES: [&str; 3] = ["recall", "ewc", "sequence"];

/// Runs the tests of the workspace and the core's examples, then builds the core for microcontrollers.
///
/// # Errors
/// A test that failed; no toolchain for a microcontroller; a core that allocates.
pub fn run() -> Result<(), Box<dyn Error>> {
    cargo(&["test", "--workspace", "--locked"])?;
    for features in FEATURES {
        cargo(&["check", "--locked", "-p", "dam-nostd", "--no-default-features", "--features", features])?;
    }
    for example in EXAMPLES {
        cargo(&["run", "--quiet", "--locked", "-p", "dam-nostd", "--example", example])?;
    }
    lines::run(&LinesTask { check: false })?;
    bare::run(&BareTask::default())
}

/// Runs cargo with `arguments`, its output shown.
fn cargo(arguments: &[&str]) -> Result<(), Box<dyn Error>> {
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let status = Command::new(cargo).args(arguments).status()?;
    if status.success() { Ok(()) } else { Err(format!("cargo {} failed", arguments.join(" ")).into()) }
}
