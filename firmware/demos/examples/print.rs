//! Prints on a desktop what the demonstrations print on a board, and learning in both number types.

use dam_demos::Console;
use dam_demos::learn::{self, Memory};
use dam_nostd::Fixed32;

struct Terminal;

impl Console for Terminal {
    const TICKS: u32 = 1;

    fn line(&mut self, text: &str) {
        println!("{text}");
    }

    fn now(&self) -> u32 {
        0
    }

    fn instructions(&self, _: u32) -> u32 {
        0
    }
}

fn main() {
    dam_demos::all(&mut Terminal, &mut Memory::<f32>::zeroed());
    learn::run(&mut Terminal, &mut Memory::<Fixed32>::zeroed());
}
