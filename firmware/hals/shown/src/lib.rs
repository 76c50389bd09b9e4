//! A model, digits, and the application with whatever parts a board has.
#![no_std]
#![forbid(unsafe_code)]

use dam_firmware::button::Button;
use dam_firmware::display::Display;
use dam_firmware::model::words;
use dam_firmware::{Digits, Memory, Station};
use dam_nostd::recall::Model;
use embedded_hal::delay::DelayNs;
use embedded_hal::digital::InputPin;
use embedded_io::Write;

const FILE: &[u8] = include_bytes!("../../../models/few-i8.bin");
static WORDS: [u32; FILE.len() / 4] = words(FILE);
static MODEL: Model<'static, i8> = match Model::open(&WORDS) {
    Ok(model) => model,
    Err(_) => panic!("firmware/models/few-i8.bin is damaged"),
};

const SHOWN: &[u8] = include_bytes!("../../../models/stored.bin");
static STATES: [u32; SHOWN.len() / 4] = words(SHOWN);
const LABELS: &[u8] = include_bytes!("../../../models/stored.labels");

/// A press of the button shows the next digit; the answer is displayed and sent over the serial line. For ever.
pub fn run(display: impl Display, button: impl InputPin, serial: impl Write, mut delay: impl DelayNs) -> ! {
    let mut memory = Memory::<i8, 16, 10, 7>::new();
    let digits = Digits { words: STATES.len() / LABELS.len(), states: &STATES, labels: LABELS };
    let mut station = Station::new(memory.recall(MODEL), digits, display, Button::new(button), serial);
    loop {
        // A part that failed is tried again at the next press.
        let _ = station.step(&mut delay);
    }
}
