//! What is asked of a flash memory.

/// A flash memory, in words of 32 bits. Erasing sets all bits of a page; writing clears some, once after each erasing.
///
/// `dam-firmware` has an adapter for whatever implements `NorFlash` of the crate `embedded-storage`, as most hardware
/// abstraction layers do.
pub trait Flash {
    /// Why it failed.
    type Error;

    /// Words that are erased at once.
    const PAGE: usize;

    /// Words that are written at once, at most [`MOST_UNIT`]; a divisor of [`PAGE`](Self::PAGE).
    const UNIT: usize;

    /// Pages.
    fn pages(&self) -> usize;

    /// Fills `words` with those from `at` on.
    ///
    /// # Errors
    /// The memory's.
    fn read(&mut self, at: usize, words: &mut [u32]) -> Result<(), Self::Error>;

    /// Erases a page.
    ///
    /// # Errors
    /// The memory's.
    fn erase(&mut self, page: usize) -> Result<(), Self::Error>;

    /// Writes one unit of words, all erased since they were last written, to `at`, a multiple of [`UNIT`](Self::UNIT).
    ///
    /// # Errors
    /// The memory's.
    fn write(&mut self, at: usize, words: &[u32]) -> Result<(), Self::Error>;
}

impl<F: Flash> Flash for &mut F {
    type Error = F::Error;
    const PAGE: usize = F::PAGE;
    const UNIT: usize = F::UNIT;

    fn pages(&self) -> usize {
        (**self).pages()
    }

    fn read(&mut self, at: usize, words: &mut [u32]) -> Result<(), F::Error> {
        (**self).read(at, words)
    }

    fn erase(&mut self, page: usize) -> Result<(), F::Error> {
        (**self).erase(page)
    }

    fn write(&mut self, at: usize, words: &[u32]) -> Result<(), F::Error> {
        (**self).write(at, words)
    }
}

/// The most words of a unit of writing: 256 bytes, a page of most serial flash memories.
pub const MOST_UNIT: usize = 64;
