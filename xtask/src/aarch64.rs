//! `cargo xtask aarch64`: tests of the core, compiled for AArch64 and run by QEMU's user mode: the same fingerprints as
//! everywhere, on NEON.

use std::error::Error;
use std::process::Command;

const TARGET: &str = "aarch64-unknown-linux-musl";

/// Runs one AArch64 program on another machine's Linux.
const RUNNER: &str = "qemu-aarch64";

/// The Debian package that has it.
const PACKAGE: &str = "qemu-user";

/// The tests that are run, besides those in the source: fixed point's fingerprints, methods against each other, storage. The
/// others take minutes each there.
const TESTS: [&str; 4] = ["fixed", "methods", "pseudorehearsal", "learner"];

/// Builds and runs tests of the core; installs the target and QEMU where they are missing.
///
/// # Errors
/// A target or a QEMU that cannot be installed; a test that failed.
pub fn run() -> Result<(), Box<dyn Error>> {
    run_command(Command::new("rustup").args(["target", "add", TARGET]))
        .map_err(|error| format!("{error}; install the standard library of {TARGET}"))?;
    if Command::new(RUNNER).arg("--version").output().is_err() {
        run_command(Command::new("apt-get").arg("update"))?;
        let install = ["install", "--yes", "--no-install-recommends", PACKAGE];
        run_command(Command::new("apt-get").args(install).env("DEBIAN_FRONTEND", "noninteractive"))
            .map_err(|error| format!("{error}; install {RUNNER} (package {PACKAGE} on Debian and Ubuntu)"))?;
    }
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let mut test = Command::new(cargo);
    test.args(["test", "--locked", "--package", "dam-nostd", "--target", TARGET, "--lib"]);
    test.args(TESTS.iter().flat_map(|name| ["--test", name]));
    // The target brings its own C library and start-up code; only a linker is missing.
    test.env("CARGO_TARGET_AARCH64_UNKNOWN_LINUX_MUSL_LINKER", "rust-lld");
    test.env("CARGO_TARGET_AARCH64_UNKNOWN_LINUX_MUSL_RUNNER", RUNNER);
    run_command(&mut test)
}

/// Runs a command, its output shown.
fn run_command(command: &mut Command) -> Result<(), Box<dyn Error>> {
    let first = command.get_args().next().unwrap_or_default().to_string_lossy();
    let name = format!("{} {first}", command.get_program().to_string_lossy());
    let status = command.status().map_err(|error| format!("{name}: {error}"))?;
    if status.success() { Ok(()) } else { Err(format!("{name} failed").into()) }
}
