//! The command `dam`.

#![deny(clippy::print_stderr, clippy::print_stdout)]

use std::io::{self, Write};
use std::process::ExitCode;

use clap::Parser;
use host_harness::cli::Cli;
use host_harness::console::tell;

fn main() -> ExitCode {
    match Cli::parse().run() {
        Ok(text) => print(&text),
        Err(error) => {
            tell(format_args!("dam: {error}"));
            error.code()
        }
    }
}

/// Prints what was found. A reader that has gone away, as `head` does, is no failure of ours; a full disk is one.
fn print(text: &str) -> ExitCode {
    let mut out = io::stdout();
    match out.write_all(text.as_bytes()).and_then(|()| out.flush()) {
        Err(error) if error.kind() != io::ErrorKind::BrokenPipe => {
            tell(format_args!("dam: cannot write to standard output: {error}; make room, or send it elsewhere"));
            ExitCode::FAILURE
        }
        _ => ExitCode::SUCCESS,
    }
}
