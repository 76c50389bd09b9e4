//! Recognises digits.
#![no_std]
#![no_main]

use board_support::hardware::{ANSWERS, Cycles, Input, Output, write};
use dam_firmware::display::Binary;

/// General-purpose pins of port 0.
const P0: usize = 0x5000_0000;
/// The processor's clock in MHz.
const MHZ: u32 = 64;

board_support::tell_faults!(fault_in_recall);

#[cortex_m_rt::entry]
fn main() -> ! {
    // SAFETY: addresses and bits are those of the product specification of the nRF52840.
    let (leds, button, serial) = unsafe {
        // P0.13 to P0.16, the board's four diodes, are lit by a low level.
        write(P0 + 0x518, 0xf << 13);
        // Button 1 pulls P0.11 low: an input with a pull-up resistor.
        write(P0 + 0x700 + 4 * 11, 3 << 2);
        let led = |pin: u32| Output::new((P0 + 0x50c, 1 << pin), (P0 + 0x508, 1 << pin));
        let button = Input::new(P0 + 0x510, 1 << 11, false);
        ([led(13), led(14), led(15), led(16)], button, &ANSWERS)
    };
    let delay = Cycles { per_microsecond: MHZ };
    // No part can fail, and there is no end.
    let _ = board_support::recall(Binary(leds), button, serial, delay, None);
    loop {
        core::hint::spin_loop();
    }
}
