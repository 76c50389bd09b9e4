//! Classifies with weights of 16 bits and in floating point.
#![no_std]
#![no_main]

/// The system timer's frequency in kHz.
const TIMER: u32 = 25_000;

#[cortex_m_rt::entry]
fn main() -> ! {
    board_support::qemu::demonstrate_precisions(TIMER)
}
