//! Classifies with the whole network.
#![no_std]
#![no_main]

board_support::tell_faults!();

#[cortex_m_rt::entry]
fn main() -> ! {
    board_support::hardware::demonstrate_whole()
}
