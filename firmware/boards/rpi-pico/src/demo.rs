//! Demonstrates recall, classification and learning.
#![no_std]
#![no_main]

mod start;

board_support::tell_faults!();

#[cortex_m_rt::entry]
fn main() -> ! {
    board_support::hardware::demonstrate()
}
