//! Flash memories of hardware abstraction layers: whatever implements `NorFlash` of `embedded-storage` 0.3.

use dam_nostd::store::Flash;
use embedded_storage::nor_flash::NorFlash;

/// Bytes that are read at once.
const READ: usize = 64;
/// The most bytes that are written at once.
const WRITTEN: usize = 256;

/// A memory in which a learner is stored.
#[derive(Debug)]
pub struct Nor<F>(pub F);

impl<F: NorFlash> Nor<F> {
    const FITS: () = {
        assert!(4_usize.is_multiple_of(F::READ_SIZE), "words can be read one by one");
        assert!(F::ERASE_SIZE.is_multiple_of(4) && F::WRITE_SIZE <= WRITTEN, "units are words, at most 64");
        assert!(F::WRITE_SIZE.is_multiple_of(4) || 4_usize.is_multiple_of(F::WRITE_SIZE), "units are whole words");
    };
}

impl<F: NorFlash> Flash for Nor<F> {
    type Error = F::Error;
    const PAGE: usize = F::ERASE_SIZE / 4;
    const UNIT: usize = F::WRITE_SIZE.div_ceil(4);

    fn pages(&self) -> usize {
        const { Self::FITS };
        self.0.capacity() / F::ERASE_SIZE
    }

    fn read(&mut self, at: usize, words: &mut [u32]) -> Result<(), F::Error> {
        let mut address = 4 * at as u32;
        for words in words.chunks_mut(READ / 4) {
            let mut bytes = [0; READ];
            let bytes = bytes.get_mut(..4 * words.len()).unwrap_or_default();
            self.0.read(address, bytes)?;
            address += bytes.len() as u32;
            words.iter_mut().zip(bytes.as_chunks().0).for_each(|(word, &bytes)| *word = u32::from_le_bytes(bytes));
        }
        Ok(())
    }

    fn erase(&mut self, page: usize) -> Result<(), F::Error> {
        let from = page * F::ERASE_SIZE;
        self.0.erase(from as u32, (from + F::ERASE_SIZE) as u32)
    }

    fn write(&mut self, at: usize, words: &[u32]) -> Result<(), F::Error> {
        let mut bytes = [0; WRITTEN];
        bytes.as_chunks_mut().0.iter_mut().zip(words).for_each(|(bytes, word)| *bytes = word.to_le_bytes());
        self.0.write(4 * at as u32, bytes.get(..4 * words.len()).unwrap_or_default())
    }
}
