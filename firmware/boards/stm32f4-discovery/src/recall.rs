//! Recognises digits.
#![no_std]
#![no_main]

use board_support::hardware::{ANSWERS, Both, Cycles, Input, Output, Serial, modify, write};
use dam_firmware::display::Binary;

/// Reset and clock control.
const RCC: usize = 0x4002_3800;
/// Ports A and D.
const PORT_A: usize = 0x4002_0000;
const PORT_D: usize = 0x4002_0c00;
/// Serial line 2, which sends on PA2.
const USART2: usize = 0x4000_4400;
/// The internal oscillator, in MHz, which runs after a reset.
const MHZ: u32 = 16;

board_support::tell_faults!(fault_in_recall);

#[cortex_m_rt::entry]
fn main() -> ! {
    // SAFETY: addresses and bits are those of the reference manual RM0090.
    let (leds, button, serial) = unsafe {
        // Ports A and D, and the serial line.
        modify(RCC + 0x30, 0, 1 << 0 | 1 << 3);
        modify(RCC + 0x40, 0, 1 << 17);
        // PD12 to PD15, the board's four diodes, are outputs.
        modify(PORT_D, 0xff << 24, 0x55 << 24);
        // PA2 belongs to the serial line, function 7; 115 200 bits a second.
        modify(PORT_A, 3 << 4, 2 << 4);
        modify(PORT_A + 0x20, 0xf << 8, 7 << 8);
        write(USART2 + 0x08, (MHZ * 1_000_000) / 115_200);
        write(USART2 + 0x0c, 1 << 13 | 1 << 3);
        let led = |pin: u32| Output::new((PORT_D + 0x18, 1 << pin), (PORT_D + 0x18, 1 << (pin + 16)));
        // The blue button makes PA0 high.
        let button = Input::new(PORT_A + 0x10, 1 << 0, true);
        let serial = Both(Serial::new(USART2 + 0x04, (USART2, 1 << 7, true)), &ANSWERS);
        ([led(12), led(13), led(14), led(15)], button, serial)
    };
    let delay = Cycles { per_microsecond: MHZ };
    // No part can fail, and there is no end.
    let _ = board_support::recall(Binary(leds), button, serial, delay, None);
    loop {
        core::hint::spin_loop();
    }
}
