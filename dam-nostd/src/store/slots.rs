//! Two slots of a flash memory.

use core::fmt;

use super::flash::{Flash, MOST_UNIT};
use super::words::{Sink, Source, Sum};

/// The first word: `DAMS`.
const MAGIC: u32 = u32::from_le_bytes(*b"DAMS");
/// The version of the layout.
const VERSION: u32 = 1;
/// Words of the header.
const HEADER: usize = 7;
/// Words that are read at once.
const READ: usize = 16;

/// What a slot holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Record {
    /// What the words are.
    pub kind: u32,
    /// How many were written before it.
    pub sequence: u32,
    /// Words of the content.
    pub words: usize,
    /// 0 or 1.
    pub slot: usize,
    /// The first word of the content, from the beginning of the memory.
    pub at: usize,
}

/// Why nothing was written or read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SlotError<E> {
    /// The memory failed.
    Flash(E),
    /// The memory has fewer pages than both slots.
    TooFewPages {
        /// Pages that it has.
        pages: usize,
        /// Pages up to the end of the second slot.
        wanted: usize,
    },
    /// A slot holds so many words, and more were to be written. What was there before is there still.
    TooLong {
        /// Words that fit.
        capacity: usize,
    },
    /// What was written reads otherwise: the memory is worn out. What was there before is there still.
    NotKept,
}

impl<E: fmt::Debug> fmt::Display for SlotError<E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Flash(error) => write!(f, "the flash failed: {error:?}"),
            Self::TooFewPages { pages, wanted } => {
                write!(f, "both slots end with page {wanted}, the flash with {pages}")
            }
            Self::TooLong { capacity } => write!(f, "a slot holds {capacity} words: give it more pages"),
            Self::NotKept => write!(f, "what was written reads otherwise: the flash is worn out"),
        }
    }
}

impl<E: fmt::Debug> core::error::Error for SlotError<E> {}

/// Two slots of as many pages each, one after the other.
#[derive(Debug)]
pub struct Slots<F> {
    flash: F,
    first: usize,
    pages: usize,
}

impl<F: Flash> Slots<F> {
    /// Where the content of a slot begins: with a unit of its own.
    const BODY: usize = {
        assert!(F::UNIT > 0 && F::UNIT <= MOST_UNIT && F::PAGE.is_multiple_of(F::UNIT), "units of writing fill pages");
        assert!(F::PAGE >= HEADER.next_multiple_of(F::UNIT), "a page holds a header");
        HEADER.next_multiple_of(F::UNIT)
    };

    /// Slots of `pages` pages each, from page `first` on.
    ///
    /// # Errors
    /// The memory has fewer.
    pub fn new(flash: F, first: usize, pages: usize) -> Result<Self, SlotError<F::Error>> {
        let wanted = pages.checked_mul(2).and_then(|both| both.checked_add(first)).unwrap_or(usize::MAX);
        if pages == 0 || flash.pages() < wanted {
            return Err(SlotError::TooFewPages { pages: flash.pages(), wanted });
        }
        Ok(Self { flash, first, pages })
    }

    /// Words that a slot of `pages` pages holds.
    pub const fn capacity(pages: usize) -> usize {
        (pages * F::PAGE).saturating_sub(Self::BODY)
    }

    /// The memory.
    pub fn flash(&mut self) -> &mut F {
        &mut self.flash
    }

    /// The memory, given back.
    pub fn release(self) -> F {
        self.flash
    }

    fn start(&self, slot: usize) -> usize {
        (self.first + slot * self.pages) * F::PAGE
    }

    /// The newest whole record; `None` where neither slot has one.
    ///
    /// # Errors
    /// The memory's.
    pub fn newest(&mut self) -> Result<Option<Record>, SlotError<F::Error>> {
        let (first, second) = (self.record(0)?, self.record(1)?);
        Ok(match (first, second) {
            // Sequences of two slots differ by one, past the largest number, too.
            (Some(first), Some(second)) => {
                let second_is_newer = second.sequence.wrapping_sub(first.sequence) < 1 << 31;
                Some(if second_is_newer { second } else { first })
            }
            (first, second) => first.or(second),
        })
    }

    /// What `slot` holds, if it is whole.
    fn record(&mut self, slot: usize) -> Result<Option<Record>, SlotError<F::Error>> {
        let start = self.start(slot);
        let mut header = [0; HEADER];
        self.flash.read(start, &mut header).map_err(SlotError::Flash)?;
        let [magic, version, kind, sequence, words, of_content, of_header] = header;
        let mut sum = Sum::NONE;
        header.iter().take(HEADER - 1).for_each(|&word| sum.put(word));
        let words = words as usize;
        if magic != MAGIC || version != VERSION || sum.checksum() != of_header || words > Self::capacity(self.pages) {
            return Ok(None);
        }
        let record = Record { kind, sequence, words, slot, at: start + Self::BODY };
        let mut sum = Sum::NONE;
        self.read(record, |source| {
            while let Some(word) = source.take() {
                sum.put(word);
            }
        })?;
        Ok((sum.checksum() == of_content).then_some(record))
    }

    /// Reads the content of `record`.
    ///
    /// # Errors
    /// The memory's.
    pub fn read<T>(
        &mut self,
        record: Record,
        read: impl FnOnce(&mut dyn Source) -> T,
    ) -> Result<T, SlotError<F::Error>> {
        let mut reader = Reader {
            flash: &mut self.flash,
            at: record.at,
            left: record.words,
            held: [0; READ],
            next: READ,
            failed: None,
        };
        let outcome = read(&mut reader);
        reader.failed.map_or(Ok(outcome), |error| Err(SlotError::Flash(error)))
    }

    /// Writes what `write` puts, of `kind`, beside the newest record, and reads it again.
    ///
    /// # Errors
    /// The memory's; more words than a slot holds; what was written reads otherwise. The newest record stays as it was.
    pub fn save(&mut self, kind: u32, write: impl FnOnce(&mut dyn Sink)) -> Result<Record, SlotError<F::Error>> {
        let (slot, sequence) = match self.newest()? {
            Some(newest) => (1 - newest.slot.min(1), newest.sequence.wrapping_add(1)),
            None => (0, 0),
        };
        let (start, first) = (self.start(slot), self.first + slot * self.pages);
        // The page with the header first: from then on the slot has none.
        for page in first..first + self.pages {
            self.flash.erase(page).map_err(SlotError::Flash)?;
        }
        let capacity = Self::capacity(self.pages);
        let mut writer = Writer::new(&mut self.flash, start + Self::BODY, capacity);
        write(&mut writer);
        let content = writer.finish()?;
        if content.words > capacity {
            return Err(SlotError::TooLong { capacity });
        }
        let mut writer = Writer::new(&mut self.flash, start, Self::BODY);
        let mut sum = Sum::NONE;
        for word in [MAGIC, VERSION, kind, sequence, content.words as u32, content.checksum()] {
            sum.put(word);
            writer.put(word);
        }
        writer.put(sum.checksum());
        writer.finish()?;
        match self.record(slot)? {
            Some(record) if (record.kind, record.sequence) == (kind, sequence) => Ok(record),
            _ => Err(SlotError::NotKept),
        }
    }
}

/// Writes words by units.
struct Writer<'a, F: Flash> {
    flash: &'a mut F,
    at: usize,
    capacity: usize,
    unit: [u32; MOST_UNIT],
    held: usize,
    sum: Sum,
    failed: Option<F::Error>,
}

impl<'a, F: Flash> Writer<'a, F> {
    fn new(flash: &'a mut F, at: usize, capacity: usize) -> Self {
        Self { flash, at, capacity, unit: [u32::MAX; MOST_UNIT], held: 0, sum: Sum::NONE, failed: None }
    }

    fn flush(&mut self) {
        let Some(unit) = self.unit.get(..F::UNIT) else { return };
        if self.failed.is_none() {
            self.failed = self.flash.write(self.at, unit).err();
        }
        self.at += F::UNIT;
        self.held = 0;
        self.unit = [u32::MAX; MOST_UNIT];
    }

    fn finish(mut self) -> Result<Sum, SlotError<F::Error>> {
        if self.held > 0 {
            self.flush();
        }
        self.failed.map_or(Ok(self.sum), |error| Err(SlotError::Flash(error)))
    }
}

impl<F: Flash> Sink for Writer<'_, F> {
    fn put(&mut self, word: u32) {
        self.sum.put(word);
        if self.sum.words > self.capacity {
            return;
        }
        if let Some(place) = self.unit.get_mut(self.held) {
            *place = word;
        }
        self.held += 1;
        if self.held >= F::UNIT {
            self.flush();
        }
    }
}

/// Reads words, several at once.
struct Reader<'a, F: Flash> {
    flash: &'a mut F,
    at: usize,
    left: usize,
    held: [u32; READ],
    next: usize,
    failed: Option<F::Error>,
}

impl<F: Flash> Source for Reader<'_, F> {
    fn take(&mut self) -> Option<u32> {
        if self.left == 0 || self.failed.is_some() {
            return None;
        }
        if self.next >= READ {
            let held = self.held.get_mut(..READ.min(self.left))?;
            self.failed = self.flash.read(self.at, held).err();
            if self.failed.is_some() {
                return None;
            }
            self.at += READ;
            self.next = 0;
        }
        let word = self.held.get(self.next).copied();
        self.next += 1;
        self.left -= 1;
        word
    }
}
