//! Recognises digits.
#![no_std]
#![no_main]

#[cortex_m_rt::entry]
fn main() -> ! {
    board_support::qemu::recall()
}
