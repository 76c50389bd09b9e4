//! A log that a debug probe reads out of RAM (SEGGER's RTT): one channel of text, which takes no pin, never waits and cannot panic.

use core::convert::Infallible;
use core::fmt;
use core::sync::atomic::{AtomicU8, AtomicU32, Ordering};

use embedded_io::{ErrorType, Write};

/// The channel, laid out as probes look for it; for one static of an image without another log over RTT.
///
/// What there is no room for is lost, so that a board without a probe runs as one with it.
#[repr(C)]
pub struct Rtt<const N: usize> {
    mark: [u8; 16],
    up: u32,
    down: u32,
    name: &'static [u8; 9],
    buffer: &'static [AtomicU8; N],
    size: u32,
    written: AtomicU32,
    read: AtomicU32,
    flags: u32,
}

/// Probes know where each part is.
#[cfg(target_pointer_width = "32")]
const _: () = assert!(size_of::<Rtt<1>>() == 48 && core::mem::offset_of!(Rtt<1>, written) == 36);

impl<const N: usize> Rtt<N> {
    /// With room for a byte less than `buffer` has.
    pub const fn new(buffer: &'static [AtomicU8; N]) -> Self {
        let (written, read) = (AtomicU32::new(0), AtomicU32::new(0));
        let mark = *b"SEGGER RTT\0\0\0\0\0\0";
        Self { mark, up: 1, down: 0, name: b"Terminal\0", buffer, size: N as u32, written, read, flags: 0 }
    }

    /// What a probe does: takes the oldest byte out.
    pub fn take(&self) -> Option<u8> {
        let read = self.read.load(Ordering::Relaxed);
        if read == self.written.load(Ordering::Acquire) {
            return None;
        }
        let byte = self.buffer.get(read as usize)?.load(Ordering::Relaxed);
        self.read.store(self.after(read), Ordering::Release);
        Some(byte)
    }

    /// Adds as many bytes as there is room for.
    #[inline(never)]
    fn put(&self, bytes: &[u8]) {
        let mut place = self.written.load(Ordering::Relaxed);
        for &byte in bytes {
            let next = self.after(place);
            // The probe says how far it has read.
            let (true, Some(cell)) = (next != self.read.load(Ordering::Acquire), self.buffer.get(place as usize))
            else {
                break;
            };
            cell.store(byte, Ordering::Relaxed);
            place = next;
        }
        self.written.store(place, Ordering::Release);
    }

    fn after(&self, place: u32) -> u32 {
        let next = place.wrapping_add(1);
        if next < self.size { next } else { 0 }
    }
}

impl<const N: usize> fmt::Debug for Rtt<N> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Rtt").field("size", &self.size).finish_non_exhaustive()
    }
}

impl<const N: usize> ErrorType for &Rtt<N> {
    type Error = Infallible;
}

impl<const N: usize> Write for &Rtt<N> {
    fn write(&mut self, bytes: &[u8]) -> Result<usize, Infallible> {
        self.put(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> Result<(), Infallible> {
        Ok(())
    }
}
