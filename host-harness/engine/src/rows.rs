//! Rows on the heap, each at the start of a cache line: vector loads never touch two lines.

use std::ops::{Deref, DerefMut};

use dam_nostd::Scalar;

/// Memory vectors in a block. Measured against 16, 32 and 128: docs/performance.md.
pub const LANES: usize = 64;

/// Weights of [`LANES`] memory vectors to one neuron.
pub type Row<S> = [S; LANES];

/// Bytes of a cache line.
const LINE: usize = 64;

/// A fixed number of rows.
#[derive(Debug)]
pub struct Rows<S> {
    storage: Vec<S>,
    start: usize,
    count: usize,
}

impl<S: Scalar> Rows<S> {
    /// `count` rows of zeros.
    pub fn zeroed(count: usize) -> Self {
        let storage = vec![S::ZERO; count * LANES + LINE / size_of::<S>()];
        // Where the allocator puts it no better, rows are merely slower.
        let start = storage.as_ptr().align_offset(LINE).min(LINE / size_of::<S>());
        Self { storage, start, count }
    }
}

impl<S: Scalar> Deref for Rows<S> {
    type Target = [Row<S>];

    fn deref(&self) -> &[Row<S>] {
        self.storage[self.start..][..self.count * LANES].as_chunks().0
    }
}

impl<S: Scalar> DerefMut for Rows<S> {
    fn deref_mut(&mut self) -> &mut [Row<S>] {
        self.storage[self.start..][..self.count * LANES].as_chunks_mut().0
    }
}

impl<S: Scalar> From<&[Row<S>]> for Rows<S> {
    fn from(rows: &[Row<S>]) -> Self {
        let mut copy = Self::zeroed(rows.len());
        copy.copy_from_slice(rows);
        copy
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_start_at_cache_lines() {
        for count in [0, 1, 1000] {
            assert_eq!(Rows::<f32>::zeroed(count).len(), count);
            assert_eq!(Rows::<f32>::zeroed(count).as_ptr() as usize % LINE, 0);
            assert_eq!(Rows::<f64>::zeroed(count).as_ptr() as usize % LINE, 0);
        }
    }
}
