//! Goes on learning from the serial line, over a reset.
#![no_std]
#![no_main]

use core::cell::RefCell;

use board_support::further::{Nrf51Uart, Nvmc, Region, demonstrate};
use critical_section::Mutex;
use dam_demos::further::{Small, small};

/// The system timer's frequency in kHz.
const TIMER: u32 = 16_000;

/// Memory for learning.
static MEMORY: Mutex<RefCell<Small>> = Mutex::new(RefCell::new(Small::zeroed()));

#[cortex_m_rt::entry]
fn main() -> ! {
    // SAFETY: once, and `memory.x` keeps this flash free.
    let (serial, mut flash) = unsafe { (Nrf51Uart::new(), Region::<Nvmc, 0x0003_8000, 32>::new()) };
    demonstrate(TIMER, |console| {
        critical_section::with(|section| small(console, &mut MEMORY.borrow_ref_mut(section), serial, &mut flash))
    })
}
