//! Recognises digits with a model of `dam export`, and says through the debug probe, or QEMU, how many are right.
//!
//! Put in here: where the state comes from (`state`), and what becomes of the answer (`main`).
#![no_std]
#![no_main]

mod digits;
mod model;

use cortex_m::peripheral::SYST;
use cortex_m::peripheral::syst::SystClkSource;
use cortex_m_rt::{ExceptionFrame, entry, exception};
use dam_nostd::bits;
use dam_nostd::recall::{Buffers, Recall};

use digits::DIGITS;
use model::MODEL;

/// Words of a state, and buffers: for as many memory vectors, classes and neurons as the model has. `dam export` tells them.
const MEMORIES: usize = 512;
const CLASSES: usize = 64;
const WORDS: usize = 64;

/// What the program is told with a digit, and what it should answer.
pub struct Digit {
    /// The pixels that are on, row by row: bit j % 32 of word j / 32 is pixel j.
    pub pixels: &'static [u32],
    /// The class.
    pub label: u8,
}

/// A state of the network: its pixel neurons, then a neuron for each task, then one for each class. A neuron is +1 where its
/// bit is set, and -1 otherwise.
///
/// Of a sensor's grey values `dam_nostd::recall::Sensor::of(&MODEL)` makes the pixels, as the images were made that the network
/// was trained with: on from the grey value of the model's header on (`--threshold` of the training), and made smaller. Pixels
/// that come as bits are only copied.
fn state(digit: &Digit) -> [u32; WORDS] {
    let mut state = [0; WORDS];
    let shape = MODEL.shape();
    for pixel in 0..shape.pixels() {
        bits::set(&mut state, pixel, bits::is_on(digit.pixels, pixel));
    }
    // The neuron of the task, here of the first: networks that learned several tasks ask which one it is. Networks that were
    // trained without them have none, or leave them off.
    if !shape.task_neurons().is_empty() {
        bits::set(&mut state, shape.task_neurons().start, true);
    }
    // Class neurons stay off: what they would gain by being on is the answer.
    state
}

/// Writes to the machine that the probe is plugged into, or that QEMU runs on. Without `core::fmt`, which takes more flash than
/// recall does.
fn print(text: &str) {
    for byte in text.bytes() {
        semihosting::sys::arm_compat::sys_writec(byte);
    }
}

/// The same, of a number to a base.
fn number(what: &str, value: u32, base: u32) {
    print(what);
    let (mut place, mut digits) = (1, 1);
    while value / place >= base {
        place *= base;
        digits += 1;
    }
    for _ in 0..digits {
        let digit = (value / place % base) as u8;
        semihosting::sys::arm_compat::sys_writec(if digit < 10 { b'0' + digit } else { b'a' - 10 + digit });
        place = (place / base).max(1);
    }
}

#[entry]
fn main() -> ! {
    let (mut similarities, mut fields) = ([Default::default(); MEMORIES], [Default::default(); CLASSES]);
    let (memories, classes) = (MODEL.shape().memories().div_ceil(16) * 16, MODEL.shape().classes());
    let (Some(similarities), Some(fields)) = (similarities.get_mut(..memories), fields.get_mut(..classes)) else {
        print("MEMORIES or CLASSES of main.rs is less than the model has\n");
        semihosting::process::exit(2)
    };
    let mut recall = Recall::new(MODEL, Buffers { similarities, fields, previous: &mut [], next: &mut [] });
    timer();
    let (mut right, mut kept, mut right_of_kept, mut ticks) = (0, 0, 0, 0_u64);
    for digit in &DIGITS {
        let state = state(digit);
        let before = SYST::get_current();
        let answer = recall.answer(state.get(..MODEL.shape().words()).unwrap_or(&state));
        ticks += u64::from(before.wrapping_sub(SYST::get_current()) & 0xff_ffff);
        let is_right = answer.class == usize::from(digit.label);
        right += u32::from(is_right);
        if !answer.rejected {
            kept += 1;
            right_of_kept += u32::from(is_right);
        }
    }
    number("right ", right, 10);
    number(" of ", DIGITS.len() as u32, 10);
    number("\nsure of ", kept, 10);
    number(", of which right ", right_of_kept, 10);
    number("\nticks ", (ticks / DIGITS.len().max(1) as u64) as u32, 10);
    print("\n");
    semihosting::process::exit(0)
}

/// The system timer counts down, one a cycle; in QEMU by its own time.
fn timer() {
    if let Some(peripherals) = cortex_m::Peripherals::take() {
        let mut timer = peripherals.SYST;
        timer.set_clock_source(SystClkSource::Core);
        timer.set_reload(0xff_ffff);
        timer.clear_current();
        timer.enable_counter();
    }
}

/// Where the processor gives up: a wrong address, an instruction that it does not have, a stack that is too small.
#[exception]
unsafe fn HardFault(frame: &ExceptionFrame) -> ! {
    number("HardFault at 0x", frame.pc(), 16);
    print("\n");
    semihosting::process::exit(70)
}

#[panic_handler]
fn panic(info: &core::panic::PanicInfo<'_>) -> ! {
    if let Some(place) = info.location() {
        print("panicked at ");
        print(place.file());
        number(":", place.line(), 10);
        print("\n");
    }
    semihosting::process::exit(101)
}
