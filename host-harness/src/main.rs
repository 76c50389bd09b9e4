//! The command `dam`.

use std::io::Write;
use std::process::ExitCode;

use clap::Parser;
use host_harness::cli::Cli;

fn main() -> ExitCode {
    match Cli::parse().run() {
        Ok(text) => {
            // A reader that has gone away, as `head` does, is no failure of ours.
            let _ = std::io::stdout().write_all(text.as_bytes());
            ExitCode::SUCCESS
        }
        Err(error) => {
            eprintln!("dam: {error}");
            error.code()
        }
    }
}
