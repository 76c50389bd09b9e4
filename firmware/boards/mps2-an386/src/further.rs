//! Goes on learning from the serial line, over a reset.
#![no_std]
#![no_main]

use core::cell::RefCell;

use board_support::further::{CmsdkUart, Region, Retained, demonstrate};
use critical_section::Mutex;
use dam_demos::further::{Large, large};

/// The system timer's frequency in kHz.
const TIMER: u32 = 25_000;

/// Memory for learning.
static MEMORY: Mutex<RefCell<Large>> = Mutex::new(RefCell::new(Large::zeroed()));

#[cortex_m_rt::entry]
fn main() -> ! {
    // SAFETY: once, and `memory.x` keeps this flash free.
    let (serial, mut flash) = unsafe { (CmsdkUart::new(), Region::<Retained, 0x0030_0000, 32>::new()) };
    demonstrate(TIMER, |console| {
        critical_section::with(|section| large(console, &mut MEMORY.borrow_ref_mut(section), serial, &mut flash))
    })
}
