//! What a board has to print: what the same demonstrations print here.

use dam_demos::learn;
use dam_demos::{Console, MEASURED};

use super::Outcome;

/// Keeps lines.
#[derive(Debug, Default)]
pub struct Lines(Vec<String>);

impl Lines {
    /// What does not depend on the board.
    pub fn unmeasured(mut self) -> Vec<String> {
        self.0.retain(|line| !line.starts_with(MEASURED));
        self.0
    }
}

impl Console for Lines {
    const TICKS: u32 = 1;

    fn line(&mut self, text: &str) {
        self.0.push(text.to_owned());
    }

    fn now(&self) -> u32 {
        0
    }

    fn counted(&self, _: u32) -> u32 {
        0
    }
}

/// Whether boards of `target` learn in fixed point, as their `support` chooses: those without a floating-point unit.
pub fn fixed(target: &str) -> bool {
    !target.ends_with("eabihf")
}

/// The lines of the demonstrations, without those that are measured, on a board of `target`.
pub fn lines(target: &str) -> Vec<String> {
    let mut console = Lines::default();
    if fixed(target) {
        dam_demos::all(&mut console, |print| learn::fixed(print, &mut learn::zeroed()));
    } else {
        dam_demos::all(&mut console, |print| learn::float(print, &mut learn::zeroed()));
    }
    console.unmeasured()
}

/// The lines of the whole network.
pub fn whole() -> Vec<String> {
    let mut console = Lines::default();
    dam_demos::whole(&mut console);
    console.unmeasured()
}

/// The lines of the classifier in other number types.
pub fn precisions() -> Vec<String> {
    let mut console = Lines::default();
    dam_demos::precisions(&mut console);
    console.unmeasured()
}

/// # Errors
/// A line of a board that is not the expected one.
pub fn compare(board: &str, expected: &[String], lines: &[String]) -> Outcome<()> {
    let mut printed = lines.iter().filter(|line| !line.starts_with(MEASURED));
    for (number, line) in (1..).zip(expected) {
        match printed.next() {
            Some(found) if found == line => {}
            found => {
                let found = found.map_or("nothing", String::as_str);
                return Err(format!("{board}: line {number} is {found:?}, and on this machine {line:?}").into());
            }
        }
    }
    match printed.next() {
        None => Ok(()),
        Some(line) => Err(format!("{board}: a line too many: {line:?}").into()),
    }
}
