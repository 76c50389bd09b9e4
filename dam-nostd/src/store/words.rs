//! Words, written and read one after the other.

use crate::model::crc;

/// Takes words. What goes wrong is told by whoever owns it.
pub trait Sink {
    /// Takes a word.
    fn put(&mut self, word: u32);
}

/// Gives words.
pub trait Source {
    /// The next word; `None` after the last.
    fn take(&mut self) -> Option<u32>;
}

/// The first words of a slice that have not been taken yet.
impl Source for &[u32] {
    fn take(&mut self) -> Option<u32> {
        let (&first, rest) = self.split_first()?;
        *self = rest;
        Some(first)
    }
}

/// The places of a slice that have not been written yet; beyond the last, words are lost.
impl Sink for &mut [u32] {
    fn put(&mut self, word: u32) {
        if let Some((first, rest)) = core::mem::take(self).split_first_mut() {
            *first = word;
            *self = rest;
        }
    }
}

/// Counts words and takes their checksum.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Sum {
    /// How many.
    pub words: usize,
    crc: u32,
}

impl Sum {
    /// Of none.
    pub const NONE: Self = Self { words: 0, crc: crc::START };

    /// CRC-32 (IEEE 802.3), each word's lowest byte first.
    pub fn checksum(&self) -> u32 {
        crc::finished(self.crc)
    }
}

impl Sink for Sum {
    fn put(&mut self, word: u32) {
        self.words += 1;
        self.crc = crc::with(self.crc, word);
    }
}
