//! Packed weights: several to a word, added several at a time.
//!
//! Weights are kept offset, so that they are not negative and sums carry only upwards. A word of four 8-bit weights
//! w0..w3 is added to one sum as it is, modulo 2^32, and w1 + 2^16 w3 to another. That is three instructions for four weights,
//! and the four sums come apart at the end: the first less 2^8 times the second is w0 + 2^16 w2.

use super::precision::{GROUP_WORDS, Precision};
use crate::model::shape::Shape;

/// The weights of one group of memory vectors to one neuron.
pub type Group = [u32; GROUP_WORDS];

/// Weights of 8 or 16 bits.
pub trait Packed: Precision {
    /// The largest weight, and the least less one sign.
    const MOST: i32;
    /// What is added to a weight when it is packed.
    const OFFSET: u32 = Self::MOST as u32 + 1;

    /// A sum for each lane.
    type Sums: AsRef<[u32]>;

    /// The sums of the packed weights in the rows whose bit of `state` is set, which are `on`: each weight is [`OFFSET`](Self::OFFSET) too
    /// large.
    fn sums(rows: &[Group], state: &[u32], on: u32) -> Self::Sums;

    /// Weights of a word.
    const PER_WORD: usize = 32 / Self::BITS as usize;

    /// The packed weight at a place of a word: the weight plus [`OFFSET`](Self::OFFSET).
    #[inline(always)]
    fn packed(word: u32, place: usize) -> u32 {
        (word >> (place as u32 * Self::BITS)) & (u32::MAX >> (32 - Self::BITS))
    }
}

/// Rows of 8-bit weights whose sums fit 16 bits, and 2^8 and 2^16 times these with them 32.
const ROWS: u32 = 256;
const _: () = assert!(ROWS * 255 < 1 << 16 && ROWS as u64 * 255 * (1 + (1 << 16)) < 1 << 32 && ROWS.is_multiple_of(32));
// Sums of 16-bit weights.
const _: () = assert!(Shape::MOST_NEURONS as u64 * 0xffff < 1 << 32);
// Twice a sum of signed weights.
const _: () = assert!(2 * Shape::MOST_NEURONS as u64 * 0x7fff < 1 << 31);

/// Bits below `limit` that are set.
pub fn count(state: &[u32], limit: usize) -> u32 {
    let (words, rest) = (limit / 32, limit % 32);
    let last = state.get(words).map_or(0, |word| word & ((1 << rest) - 1));
    state.iter().take(words).map(|word| word.count_ones()).sum::<u32>() + last.count_ones()
}

/// Calls `with` for each row whose bit is set.
#[inline(always)]
pub(super) fn each_row(rows: &[Group], state: &[u32], mut with: impl FnMut(&Group)) {
    let (whole, rest) = rows.as_chunks::<32>();
    for (rows, &word) in whole.iter().zip(state) {
        let mut left = word;
        while left != 0 {
            with(&rows[left.trailing_zeros() as usize & 31]);
            left &= left - 1;
        }
    }
    let mut left = state.get(whole.len()).copied().unwrap_or(0);
    while let Some(row) = rest.get(left.trailing_zeros() as usize) {
        with(row);
        left &= left - 1;
    }
}

impl Packed for i8 {
    const MOST: i32 = 127;
    type Sums = [u32; 16];

    #[inline(always)]
    fn sums(rows: &[Group], state: &[u32], on: u32) -> [u32; 16] {
        if on <= ROWS { bytes(rows, state) } else { many(rows, state) }
    }
}

/// Sums of any number of rows, one lane after the other: few states have so many neurons on.
#[cold]
#[inline(never)]
fn many(rows: &[Group], state: &[u32]) -> [u32; 16] {
    core::array::from_fn(|lane| {
        let mut sum = 0_u32;
        for (rows, &word) in rows.chunks(32).zip(state) {
            let mut left = word;
            while let Some(row) = rows.get(left.trailing_zeros() as usize) {
                sum = sum.wrapping_add(i8::packed(row[lane / 4 % GROUP_WORDS], lane % 4));
                left &= left - 1;
            }
        }
        sum
    })
}

/// Sums of at most [`ROWS`] rows. Where code is to be small there is one copy.
#[cfg_attr(feature = "powers", inline(always))]
#[cfg_attr(not(feature = "powers"), inline(never))]
fn bytes(rows: &[Group], state: &[u32]) -> [u32; 16] {
    // Of each word itself, and of its bytes 1 and 3 in halves.
    let mut sums = [(0_u32, 0_u32); GROUP_WORDS];
    // One by one, since a loop is not unrolled where code is to be small.
    let [a, b, c, d] = &mut sums;
    each_row(rows, state, |row| {
        add(a, row[0]);
        add(b, row[1]);
        add(c, row[2]);
        add(d, row[3]);
    });
    let mut out = [0; 16];
    for (out, (all, odd)) in out.as_chunks_mut().0.iter_mut().zip(sums) {
        let even = all.wrapping_sub(odd << 8);
        *out = [even & 0xffff, odd & 0xffff, even >> 16, odd >> 16];
    }
    out
}

/// Adds a word of four bytes.
#[inline(always)]
fn add((all, odd): &mut (u32, u32), word: u32) {
    *all = all.wrapping_add(word);
    *odd = odd.wrapping_add((word >> 8) & 0x00ff_00ff);
}

impl Packed for i16 {
    const MOST: i32 = 32_767;
    type Sums = [u32; 8];

    #[inline(always)]
    fn sums(rows: &[Group], state: &[u32], _: u32) -> [u32; 8] {
        let (mut low, mut high) = ([0_u32; GROUP_WORDS], [0_u32; GROUP_WORDS]);
        each_row(rows, state, |row| {
            for w in 0..GROUP_WORDS {
                low[w] = low[w].wrapping_add(row[w] & 0xffff);
                high[w] = high[w].wrapping_add(row[w] >> 16);
            }
        });
        let mut out = [0; 8];
        for (out, (low, high)) in out.as_chunks_mut().0.iter_mut().zip(low.into_iter().zip(high)) {
            *out = [low, high];
        }
        out
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::bits;

    /// Calls `each(lane, sum)` with sums of weights, no longer offset, of `count` rows.
    fn sums<W: Packed>(rows: &[Group], state: &[u32], count: u32, mut each: impl FnMut(usize, i32)) {
        assert_eq!(super::count(state, rows.len()), count);
        for (lane, sum) in W::sums(rows, state, count).as_ref().iter().enumerate() {
            each(lane, sum.wrapping_sub(count * W::OFFSET) as i32);
        }
    }

    /// All rows alike: the sums are the count times the weight, for each count of rows that a network can have.
    fn counts<W: Packed>(group: Group) {
        let mut state = [0; Shape::MOST_NEURONS.div_ceil(32)];
        let rows = [group; Shape::MOST_NEURONS];
        for count in 0..=Shape::MOST_NEURONS {
            if count < 600 || count.is_power_of_two() || count == Shape::MOST_NEURONS {
                let mut lanes = 0;
                sums::<W>(&rows, &state, count as u32, |lane, sum| {
                    lanes += 1;
                    let word = group[lane / W::PER_WORD];
                    let weight = W::packed(word, lane % W::PER_WORD) as i32 - W::OFFSET as i32;
                    assert_eq!(sum, count as i32 * weight, "{count} rows, lane {lane}");
                });
                assert_eq!(lanes, W::LANES);
            }
            bits::set(&mut state, count, true);
        }
    }

    #[test]
    fn bits_are_counted_below_a_limit() {
        let mut state = [u32::MAX; 70];
        state[3] = 0x8421_0f31;
        for limit in [0, 1, 31, 32, 100, 126, 128, 992, 993, 1024, 2239, 2240, 3000] {
            let expected = (0..limit).filter(|&bit| bits::is_on(&state, bit)).count();
            assert_eq!(count(&state, limit) as usize, expected, "{limit}");
        }
        assert_eq!(count(&[], 40), 0);
    }

    #[test]
    fn extreme_weights_do_not_overflow_at_any_count() {
        // Every pattern of the least and the largest weight over four neighbouring lanes.
        for pattern in 0..16_u32 {
            let byte = |b: u32| if (pattern >> b) & 1 == 1 { 0xff << (8 * b) } else { 0 };
            let word = byte(0) | byte(1) | byte(2) | byte(3);
            counts::<i8>([word, !word, 0x80ff_0100, u32::MAX]);
            counts::<i16>([word, !word, 0x8000_7fff, u32::MAX]);
        }
    }

    #[test]
    fn every_pair_of_bytes_beside_each_other_adds_up() {
        for pair in 0..=u16::MAX {
            let [a, b] = pair.to_le_bytes();
            let rows = [[u32::from_le_bytes([a, b, a, b]); 4], [u32::from_le_bytes([b, b, 0, 255]); 4]];
            let (a, b) = (i32::from(a) - 128, i32::from(b) - 128);
            let expected = [a + b, b + b, a - 128, b + 127];
            sums::<i8>(&rows, &[3], 2, |lane, sum| assert_eq!(sum, expected[lane % 4], "{pair:x}"));
        }
    }

    #[test]
    fn bits_without_a_row_count_nothing() {
        for rows in [0, 1, 31, 32, 33, 64, 255, 256, 257] {
            let rows = &[[0xffff_ffff; 4]; 257][..rows];
            for state in [&[][..], &[u32::MAX], &[u32::MAX; 9]] {
                let count = rows.len().min(32 * state.len());
                sums::<i8>(rows, state, count as u32, |_, sum| assert_eq!(sum, 127 * count as i32));
                sums::<i16>(rows, state, count as u32, |_, sum| assert_eq!(sum, 32_767 * count as i32));
            }
        }
    }
}
