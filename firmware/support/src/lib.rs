//! What boards have in common: two images, consoles that print through defmt, pins.
#![no_std]

#[cfg(feature = "semihosting")]
pub mod further;
#[cfg(feature = "semihosting")]
pub mod qemu;

#[cfg(feature = "rtt")]
pub mod hardware;

pub mod stack;

use core::cell::RefCell;

use critical_section::Mutex;
use dam_demos::learn::{self, Memory};
use dam_demos::{Console, data};
use dam_firmware::button::Button;
use dam_firmware::display::Display;
use dam_firmware::station::{Fault, Station};
use dam_nostd::recall::Model;
use embedded_hal::delay::DelayNs;
use embedded_hal::digital::InputPin;
use embedded_io::Write;

/// The model, checked when this is compiled.
const CLASSIFIER: Model<'static, i8> = match data::classifier() {
    Ok(model) if data::SmallMemory::fits(&model.shape()) => model,
    _ => panic!("firmware/models/digits-i8.bin is damaged"),
};

/// The image that recognises digits: a press of the button shows the next, for ever or `presses` times.
///
/// # Errors
/// A part that failed.
#[inline(never)]
pub fn recall<D: Display, B: InputPin, S: Write>(
    display: D,
    button: B,
    serial: S,
    mut delay: impl DelayNs,
    presses: Option<u32>,
) -> Result<(), Fault> {
    let mut memory = data::SmallMemory::new();
    let recall = memory.recall(CLASSIFIER);
    let mut station = Station::new(recall, data::STORED, display, Button::new(button), serial);
    let mut left = presses;
    while left != Some(0) {
        station.step(&mut delay)?;
        left = left.map(|left| left - 1);
    }
    Ok(())
}

#[cfg(target_abi = "eabihf")]
mod number {
    pub use dam_demos::learn::float as learn;
    pub type Number = f32;
}

/// Without a floating-point unit learning is in fixed point.
#[cfg(not(target_abi = "eabihf"))]
mod number {
    pub use dam_demos::learn::fixed as learn;
    pub type Number = dam_nostd::Fixed32;
}

/// Memory for learning.
static MEMORY: Mutex<RefCell<Memory<number::Number>>> = Mutex::new(RefCell::new(learn::zeroed()));

/// The image that demonstrates recall, classification and learning, and logs them.
pub fn demonstrate(console: &mut impl Console) {
    critical_section::with(|section| {
        dam_demos::all(console, |print| number::learn(print, &mut MEMORY.borrow_ref_mut(section)));
    });
}
