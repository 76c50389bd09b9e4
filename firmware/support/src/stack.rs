//! How much stack was used.

/// What `cortex-m-rt` paints the stack with before `main`.
const PAINT: u32 = 0xcccc_cccc;

/// The most bytes of stack that were in use at any time since the start.
pub fn used() -> usize {
    unsafe extern "C" {
        static _stack_start: u32;
        static _stack_end: u32;
    }
    let (mut place, top) = (&raw const _stack_end, &raw const _stack_start);
    // SAFETY: all words between the two are RAM that belongs to the stack, and aligned.
    while place < top && unsafe { place.read_volatile() } == PAINT {
        place = place.wrapping_add(1);
    }
    top as usize - place as usize
}
