//! How much stack was used.

/// What `cortex-m-rt` paints the stack with before `main`.
const PAINT: u32 = 0xcccc_cccc;

/// Bytes below the stack pointer that are left alone: [`paint`]'s own, where it is not inlined.
const MARGIN: u32 = 128;

unsafe extern "C" {
    static _stack_start: u32;
    static _stack_end: u32;
}

/// Paints what is not in use.
pub fn paint() {
    let top = cortex_m::register::msp::read().saturating_sub(MARGIN) as usize;
    let mut place = (&raw const _stack_end).cast_mut();
    while (place as usize) < top {
        // SAFETY: RAM that belongs to the stack, below all that is in use.
        unsafe { place.write_volatile(PAINT) };
        place = place.wrapping_add(1);
    }
}

/// The most bytes of stack that were in use at any time since the start, or since the last [`paint`].
pub fn used() -> usize {
    let (mut place, top) = (&raw const _stack_end, &raw const _stack_start);
    // SAFETY: all words between the two are RAM that belongs to the stack, and aligned.
    while place < top && unsafe { place.read_volatile() } == PAINT {
        place = place.wrapping_add(1);
    }
    top as usize - place as usize
}
