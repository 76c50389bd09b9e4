//! A flash memory whose power fails.

use dam_nostd::store::Flash;

/// The power was lost.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PowerLost;

/// What becomes of the operation in which power is lost.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Cut {
    /// It is not begun.
    Before,
    /// It is done in part: of a unit the first words, of a page the first half.
    Part,
    /// Every second bit is done.
    Bits,
    /// It is done, and nobody is told.
    Done,
}

impl Cut {
    pub const ALL: [Self; 4] = [Self::Before, Self::Part, Self::Bits, Self::Done];
}

/// Pages of 16 words, units of `UNIT`.
#[derive(Clone, Debug)]
pub struct Simulated<const UNIT: usize> {
    words: Vec<u32>,
    /// Units that were written since they were erased.
    written: Vec<bool>,
    left: usize,
    cut: Cut,
    off: bool,
    /// A word whose lowest bit cannot be set any more.
    worn: Option<usize>,
}

const EVEN: u32 = 0x5555_5555;

impl<const UNIT: usize> Simulated<UNIT> {
    /// With whatever was in it.
    pub fn new(pages: usize) -> Self {
        let words: Vec<u32> = (0..pages * 16).map(|i| (i as u32).wrapping_mul(0x1234_5671)).collect();
        Self { written: vec![true; words.len()], words, left: usize::MAX, cut: Cut::Before, off: false, worn: None }
    }

    /// Power is lost in the operation after so many.
    pub fn cut_after(&mut self, operations: usize, cut: Cut) {
        (self.left, self.cut) = (operations, cut);
    }

    /// Power is back.
    pub fn restart(&mut self) {
        (self.left, self.off) = (usize::MAX, false);
    }

    /// This word does not keep what is written.
    pub fn wear(&mut self, word: usize) {
        self.worn = Some(word);
    }

    /// Whether the operation is done, or how it is left.
    fn operation(&mut self) -> Result<Option<Cut>, PowerLost> {
        if self.off {
            return Err(PowerLost);
        }
        if self.left == 0 {
            self.off = true;
            return Ok(Some(self.cut));
        }
        self.left -= 1;
        Ok(None)
    }

    fn ended(&self) -> Result<(), PowerLost> {
        if self.off { Err(PowerLost) } else { Ok(()) }
    }
}

impl<const UNIT: usize> Flash for Simulated<UNIT> {
    type Error = PowerLost;
    const PAGE: usize = 16;
    const UNIT: usize = UNIT;

    fn pages(&self) -> usize {
        self.words.len() / 16
    }

    fn read(&mut self, at: usize, words: &mut [u32]) -> Result<(), PowerLost> {
        self.ended()?;
        words.copy_from_slice(&self.words[at..at + words.len()]);
        Ok(())
    }

    fn erase(&mut self, page: usize) -> Result<(), PowerLost> {
        let cut = self.operation()?;
        let (page, written) = (&mut self.words[16 * page..][..16], &mut self.written[16 * page..][..16]);
        match cut {
            Some(Cut::Before) => {}
            Some(Cut::Part) => page[..8].fill(u32::MAX),
            Some(Cut::Bits) => page.iter_mut().for_each(|word| *word |= EVEN),
            Some(Cut::Done) | None => {
                page.fill(u32::MAX);
                written.fill(false);
            }
        }
        self.ended()
    }

    fn write(&mut self, at: usize, words: &[u32]) -> Result<(), PowerLost> {
        assert!(at.is_multiple_of(UNIT) && words.len() == UNIT);
        let cut = self.operation()?;
        let (cells, written) = (&mut self.words[at..][..UNIT], &mut self.written[at..][..UNIT]);
        assert!(!written.contains(&true), "a unit is written once after each erasing");
        if cut != Some(Cut::Before) {
            written.fill(true);
        }
        for (i, (cell, word)) in cells.iter_mut().zip(words).enumerate() {
            *cell &= match cut {
                Some(Cut::Before) => u32::MAX,
                Some(Cut::Part) if i >= UNIT / 2 => u32::MAX,
                Some(Cut::Bits) => word | EVEN,
                _ => *word,
            };
        }
        if let Some(worn) = self.worn.filter(|worn| (at..at + UNIT).contains(worn)) {
            self.words[worn] &= !(1 << 5 | 1);
        }
        self.ended()
    }
}
