//! Classifies with weights of 16 bits, in floating point, and with few memory vectors.
#![no_std]
#![no_main]

/// The system timer's frequency in kHz.
const TIMER: u32 = 25_000;

#[cortex_m_rt::entry]
fn main() -> ! {
    board_support::qemu::demonstrate_precisions(TIMER)
}
