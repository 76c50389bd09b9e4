//! What a board has to print: what the same demonstrations print here.

use dam_demos::learn::Memory;
use dam_demos::{Console, MEASURED};

use super::Outcome;

/// Keeps lines.
#[derive(Debug, Default)]
struct Lines(Vec<String>);

impl Console for Lines {
    const TICKS: u32 = 1;

    fn line(&mut self, text: &str) {
        self.0.push(text.to_owned());
    }

    fn now(&self) -> u32 {
        0
    }

    fn instructions(&self, _: u32) -> u32 {
        0
    }
}

/// The lines of the demonstrations, without those that are measured.
pub fn lines() -> Vec<String> {
    let mut console = Lines::default();
    dam_demos::all(&mut console, &mut Memory::<f32>::zeroed(), "f32");
    console.0.retain(|line| !line.starts_with(MEASURED));
    console.0
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
