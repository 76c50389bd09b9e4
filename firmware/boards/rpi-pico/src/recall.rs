//! Recognises digits.
#![no_std]
#![no_main]

use board_support::hardware::{ANSWERS, Cycles, Input, Output, crystal, is_set, modify, write};
use dam_firmware::display::Binary;

mod start;

/// Releases peripherals from reset.
const RESETS: usize = 0x4000_c000;
/// Functions of pins, 8 bytes each, and their pads.
const IO_BANK0: usize = 0x4001_4000;
const PADS_BANK0: usize = 0x4001_c000;
/// Pins by software.
const SIO: usize = 0xd000_0000;
/// The crystal, in MHz.
const MHZ: u32 = 12;
/// Its oscillator, and the clocks.
const XOSC: usize = 0x4002_4000;
const CLOCKS: usize = 0x4000_8000;

board_support::tell_faults!(fault_in_recall);

#[cortex_m_rt::entry]
fn main() -> ! {
    // SAFETY: addresses and bits are those of the datasheet of the RP2040.
    let (leds, button, serial) = unsafe {
        crystal(XOSC, CLOCKS);
        // Pins and their pads.
        modify(RESETS, 1 << 5 | 1 << 8, 0);
        while !is_set(RESETS + 8, 1 << 5 | 1 << 8) {}
        for pin in [16, 17, 18, 25, 15] {
            write(IO_BANK0 + 8 * pin + 4, 5);
        }
        // GP16 to GP18 and the board's diode, GP25, are outputs; GP15 is an input with a pull-up resistor.
        write(SIO + 0x24, 7 << 16 | 1 << 25);
        write(PADS_BANK0 + 4 + 4 * 15, 1 << 6 | 1 << 3);
        let led = |pin: u32| Output::new((SIO + 0x14, 1 << pin), (SIO + 0x18, 1 << pin));
        ([led(25), led(16), led(17), led(18)], Input::new(SIO + 0x04, 1 << 15, false), &ANSWERS)
    };
    let delay = Cycles { per_microsecond: MHZ };
    // No part can fail, and there is no end.
    let _ = board_support::recall(Binary(leds), button, serial, delay, None);
    loop {
        core::hint::spin_loop();
    }
}
