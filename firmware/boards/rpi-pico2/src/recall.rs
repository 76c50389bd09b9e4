//! Recognises digits.
#![no_std]
#![no_main]

use board_support::hardware::{ANSWERS, Cycles, Input, Output, crystal, is_set, modify, write};
use dam_firmware::display::Binary;

mod start;

/// Releases peripherals from reset.
const RESETS: usize = 0x4002_0000;
/// Functions of pins, 8 bytes each, and their pads.
const IO_BANK0: usize = 0x4002_8000;
const PADS_BANK0: usize = 0x4003_8000;
/// Pins by software.
const SIO: usize = 0xd000_0000;
/// The crystal, in MHz.
const MHZ: u32 = 12;
/// Its oscillator, and the clocks.
const XOSC: usize = 0x4004_8000;
const CLOCKS: usize = 0x4001_0000;

board_support::tell_faults!(fault_in_recall);

#[cortex_m_rt::entry]
fn main() -> ! {
    // SAFETY: addresses and bits are those of the datasheet of the RP2350.
    let (leds, button, serial) = unsafe {
        crystal(XOSC, CLOCKS);
        // Pins and their pads.
        modify(RESETS, 1 << 6 | 1 << 9, 0);
        while !is_set(RESETS + 8, 1 << 6 | 1 << 9) {}
        for pin in [16, 17, 18, 25, 15] {
            write(IO_BANK0 + 8 * pin + 4, 5);
            // Drive of 4 mA, input on, not isolated.
            write(PADS_BANK0 + 4 + 4 * pin, 1 << 6 | 1 << 4);
        }
        // GP16 to GP18 and the board's diode, GP25, are outputs; GP15 is an input with a pull-up resistor.
        write(SIO + 0x38, 7 << 16 | 1 << 25);
        write(PADS_BANK0 + 4 + 4 * 15, 1 << 6 | 1 << 3);
        let led = |pin: u32| Output::new((SIO + 0x18, 1 << pin), (SIO + 0x20, 1 << pin));
        ([led(25), led(16), led(17), led(18)], Input::new(SIO + 0x04, 1 << 15, false), &ANSWERS)
    };
    let delay = Cycles { per_microsecond: MHZ };
    // No part can fail, and there is no end.
    let _ = board_support::recall(Binary(leds), button, serial, delay, None);
    loop {
        core::hint::spin_loop();
    }
}
