//! What is told beside a command's own output: on standard error, whoever may still listen there.

use std::fmt::Display;
use std::io::{self, Write};

/// Writes a line to standard error. One that is closed or full is no reason to stop working.
pub fn tell(line: impl Display) {
    let _ = writeln!(io::stderr(), "{line}");
}

/// Writes a line that warns.
pub fn warn(line: impl Display) {
    tell(format_args!("warning: {line}"));
}
