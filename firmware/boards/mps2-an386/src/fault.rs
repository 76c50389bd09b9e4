//! Faults, so that it can be seen what a board says then.
#![no_std]
#![no_main]

#[cortex_m_rt::entry]
fn main() -> ! {
    board_support::qemu::fault()
}
