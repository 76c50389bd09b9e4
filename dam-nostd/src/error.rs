//! What memory that is lent can lack.

use core::fmt;

/// Less memory was lent than is worked with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TooShort {
    /// For what.
    pub what: &'static str,
    /// Rows, or numbers, that were lent.
    pub lent: usize,
    /// Those that are needed.
    pub wanted: usize,
}

impl TooShort {
    pub(crate) fn check(what: &'static str, lent: usize, wanted: usize) -> Result<(), Self> {
        if lent < wanted { Err(Self { what, lent, wanted }) } else { Ok(()) }
    }
}

impl fmt::Display for TooShort {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {} lent, {} needed", self.what, self.lent, self.wanted)
    }
}

impl core::error::Error for TooShort {}

/// What a method keeps of past tasks has no more room.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct BufferFull {
    /// How many it holds at most: items, or for GEM's gradients tasks.
    pub capacity: usize,
}

impl fmt::Display for BufferFull {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "a buffer of the method is full: it has {} places", self.capacity)
    }
}

impl core::error::Error for BufferFull {}
