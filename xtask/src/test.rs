//! `cargo xtask test`: all tests, and what they need.

use std::error::Error;
use std::process::Command;

use crate::bare::{self, BareTask};

/// Runs the tests of the workspace, then builds the core for microcontrollers.
///
/// # Errors
/// A test that failed; no toolchain for a microcontroller; a core that allocates.
pub fn run() -> Result<(), Box<dyn Error>> {
    cargo(&["test", "--workspace", "--locked"])?;
    bare::run(&BareTask::default())
}

/// Runs cargo with `arguments`, its output shown.
fn cargo(arguments: &[&str]) -> Result<(), Box<dyn Error>> {
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let status = Command::new(cargo).args(arguments).status()?;
    if status.success() { Ok(()) } else { Err(format!("cargo {} failed", arguments.join(" ")).into()) }
}
