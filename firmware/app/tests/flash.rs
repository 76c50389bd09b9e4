//! A learner's slots in a memory of `embedded-storage`.

use core::convert::Infallible;

use dam_firmware::Nor;
use dam_nostd::store::{Slots, Source};
use embedded_storage::nor_flash::{ErrorType, NorFlash, ReadNorFlash};

/// Four pages of 128 bytes, written by eight.
struct Bytes([u8; 512]);

impl ErrorType for Bytes {
    type Error = Infallible;
}

impl ReadNorFlash for Bytes {
    const READ_SIZE: usize = 1;

    fn read(&mut self, offset: u32, bytes: &mut [u8]) -> Result<(), Infallible> {
        bytes.copy_from_slice(&self.0[offset as usize..][..bytes.len()]);
        Ok(())
    }

    fn capacity(&self) -> usize {
        self.0.len()
    }
}

impl NorFlash for Bytes {
    const WRITE_SIZE: usize = 8;
    const ERASE_SIZE: usize = 128;

    fn erase(&mut self, from: u32, to: u32) -> Result<(), Infallible> {
        assert!(from.is_multiple_of(128) && to.is_multiple_of(128));
        self.0[from as usize..to as usize].fill(0xff);
        Ok(())
    }

    fn write(&mut self, offset: u32, bytes: &[u8]) -> Result<(), Infallible> {
        assert!(offset.is_multiple_of(8) && bytes.len() == 8);
        let cells = &mut self.0[offset as usize..][..8];
        assert!(cells.iter().all(|&cell| cell == 0xff));
        cells.copy_from_slice(bytes);
        Ok(())
    }
}

#[test]
fn what_is_written_is_read() {
    let mut slots = Slots::new(Nor(Bytes([7; 512])), 0, 2).unwrap();
    for length in [1, 20, 56, 3] {
        slots.save(5, |sink| (0..length).for_each(|word| sink.put(word * 0x0101_0101))).unwrap();
        let record = slots.newest().unwrap().unwrap();
        let words = |source: &mut dyn Source| std::iter::from_fn(|| source.take()).collect::<Vec<u32>>();
        assert_eq!(slots.read(record, words).unwrap(), (0..length).map(|word| word * 0x0101_0101).collect::<Vec<_>>());
    }
    assert!(Slots::new(Nor(Bytes([7; 512])), 1, 2).is_err());
}
