//! Prints on a desktop what the demonstrations print on a board, and learning in both number types.

use dam_demos::Console;
use dam_demos::learn;

struct Terminal;

impl Console for Terminal {
    const TICKS: u32 = 1;

    fn line(&mut self, text: &str) {
        println!("{text}");
    }

    fn now(&self) -> u32 {
        0
    }

    fn counted(&self, _: u32) -> u32 {
        0
    }
}

fn main() {
    dam_demos::all(&mut Terminal, |print| learn::float(print, &mut learn::zeroed()));
    learn::fixed(&mut |text| Terminal.print(text), &mut learn::zeroed());
}
