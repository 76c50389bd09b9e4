//! Rows and long numbers of a model's words.

/// Of 64 bits, the lower word first.
pub(super) fn number(&[low, high]: &[u32; 2]) -> i64 {
    i64::from(high as i32) << 32 | i64::from(low)
}

/// Rows of a length, one after the other, without the division that chunks of a slice begin with.
#[derive(Clone, Debug)]
pub(super) struct Rows<'a, T> {
    left: &'a [T],
    each: usize,
}

impl<'a, T> Rows<'a, T> {
    /// Of `each` in `left`; what is left over is no row.
    #[inline(always)]
    pub(super) fn new(left: &'a [T], each: usize) -> Self {
        Self { left, each }
    }
}

impl<'a, T> Iterator for Rows<'a, T> {
    type Item = &'a [T];

    #[inline(always)]
    fn next(&mut self) -> Option<&'a [T]> {
        let (row, left) = self.left.split_at_checked(self.each)?;
        self.left = left;
        Some(row)
    }
}

#[cfg(test)]
mod tests {
    use super::Rows;

    #[test]
    fn rows_are_chunks() {
        let words: [usize; 10] = core::array::from_fn(|i| i);
        for each in [1, 3, 5, 10, 11] {
            assert!(Rows::new(&words, each).eq(words.chunks_exact(each)), "{each}");
        }
    }
}
