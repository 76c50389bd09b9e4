//! The table of what boards take.

use std::fmt;
use std::fs;
use std::path::Path;

use dam_demos::MEASURED;
use host_harness::export::report::{Board, CODE};

use super::Outcome;
use super::image::Image;

/// How far numbers that depend on the compiler may be from the stored ones, as a share.
const TOLERANCE: f64 = 0.15;

/// What recall takes on one board.
#[derive(Debug)]
pub struct Row {
    name: &'static str,
    core: &'static str,
    flash: u64,
    ram: u64,
    measured: Option<Measured>,
}

/// What was measured in QEMU.
#[derive(Debug, Default)]
struct Measured {
    stack: u64,
    classification: u64,
    recall: u64,
    right: String,
}

impl Row {
    /// Of a board's recall image.
    pub fn new(board: Board, image: &Image) -> Self {
        Self { name: board.name, core: board.core, flash: image.flash, ram: image.ram, measured: None }
    }

    /// Reads what the demonstration printed.
    ///
    /// # Errors
    /// A number is missing; or recall's code is larger than `dam export` says.
    pub fn measure(&mut self, lines: &[String]) -> Outcome<()> {
        let number = |what: &str| -> Outcome<u64> {
            let prefix = format!("{MEASURED}{what} ");
            let found = lines.iter().find_map(|line| line.strip_prefix(&prefix)?.split(' ').next()?.parse().ok());
            found.ok_or_else(|| format!("{}: no number after {prefix:?}", self.name).into())
        };
        let right = lines.iter().find_map(|line| line.strip_prefix("right ")).unwrap_or_default();
        self.measured = Some(Measured {
            stack: number("stack")?,
            classification: number("classification")?,
            recall: number("recall at most")?,
            right: right.to_owned(),
        });
        Ok(())
    }

    fn cells(&self) -> Vec<String> {
        let mut cells = vec![self.name.to_owned(), self.core.to_owned(), self.flash.to_string(), self.ram.to_string()];
        match &self.measured {
            Some(Measured { stack, classification, recall, right }) => {
                cells.extend([stack.to_string(), recall.to_string(), classification.to_string(), right.clone()]);
            }
            None => cells.extend(["-"; 4].map(str::to_owned)),
        }
        cells
    }
}

impl fmt::Display for Row {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:<18} {:<11} flash {:>6}, RAM {:>5}", self.name, self.core, self.flash, self.ram)?;
        match &self.measured {
            Some(Measured { stack, classification, recall, right }) => write!(
                f,
                ", stack {stack}, instructions: recall {recall}, classification {classification}; right {right}"
            ),
            None => write!(f, "; linked"),
        }
    }
}

/// Compares the rows with the stored table, or stores them.
///
/// # Errors
/// A number that is too far from the stored one.
pub fn compare(path: &Path, rows: &[Row], bless: bool) -> Outcome<()> {
    let mut text = format!(
        "<!-- Written by `cargo xtask firmware --bless`. -->\n\
         Model: 14 x 14 pixels, 64 memory vectors, n = 2, i8. Flash and static RAM are those of the recall image, model\n\
         included, in bytes; its code takes at most {CODE} of them. Stack is the most that the demonstrations used.\n\
         Instructions are counted by QEMU, and are no cycles: of the longest recall (20 sweeps at most, 16 memory vectors,\n\
         n = 10) and of the mean classification.\n\n\
         | board | processor | flash | static RAM | stack | recall | classification | right |\n\
         |---|---|---|---|---|---|---|---|\n"
    );
    for row in rows {
        text += &format!("| {} |\n", row.cells().join(" | "));
    }
    if bless {
        return Ok(fs::write(path, text)?);
    }
    let stored = fs::read_to_string(path).map_err(|error| format!("cannot read {}: {error}", path.display()))?;
    for row in rows {
        let cells = row.cells();
        let line = stored.lines().find(|line| line.starts_with(&format!("| {} |", row.name)));
        let line = line.ok_or_else(|| format!("{} has no row for {}", path.display(), row.name))?;
        let old: Vec<&str> = line.trim_matches('|').split('|').map(str::trim).collect();
        for (old, new) in old.iter().zip(&cells) {
            let near = match (old.parse::<f64>(), new.parse::<f64>()) {
                (Ok(old), Ok(new)) => (new - old).abs() <= TOLERANCE * old + 64.0,
                _ => old == new,
            };
            if !near {
                return Err(format!(
                    "{}: {new} instead of {old} in {}; look why, then store it with --bless",
                    row.name,
                    path.display()
                )
                .into());
            }
        }
    }
    Ok(())
}
