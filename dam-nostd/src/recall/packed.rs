//! Packed weights: several to a word, added several at a time.
//!
//! Weights are kept offset, so that they are not negative and sums carry only upwards. A word of four 8-bit weights
//! w0..w3 is added to two words: w0 + 2^16 w2, and, shifted right by one weight, w1 + 2^8 w2 + 2^16 w3. That is three
//! instructions for four weights on a processor that shifts as it adds, and the four sums come apart at the end.

use super::model::{GROUP_WORDS, Precision};
use crate::model::shape::Shape;

/// The weights of one group of memory vectors to one neuron.
pub type Group = [u32; GROUP_WORDS];

/// Weights of 8 or 16 bits.
pub trait Packed: Precision {
    /// The largest weight, and the least less one sign.
    const MOST: i32;
    /// What is added to a weight when it is packed.
    const OFFSET: u32 = Self::MOST as u32 + 1;

    /// Calls `each(lane, sum)` with the sums of the packed weights in the rows whose bit of `state` is set, which are `on`: each
    /// weight is [`OFFSET`](Self::OFFSET) too large.
    fn sums(rows: &[Group], state: &[u32], on: u32, each: impl FnMut(usize, u32));

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
const _: () = assert!(ROWS * 255 < 1 << 16 && ROWS as u64 * 255 * (1 + (1 << 8) + (1 << 16)) < 1 << 32);
// Sums of 16-bit weights.
const _: () = assert!(Shape::MOST_NEURONS as u64 * 0xffff < 1 << 32);
// Twice a sum of signed weights.
const _: () = assert!(2 * Shape::MOST_NEURONS as u64 * 0x7fff < 1 << 31);

/// Bits below `limit` that are set.
pub fn count(state: &[u32], limit: usize) -> u32 {
    let (words, rest) = (limit / 32, limit % 32);
    let mut total = 0;
    // Counts of at most 31 words fit bytes, four of which are added at once; few small processors count bits themselves.
    for words in state.get(..words).unwrap_or(state).chunks(31) {
        let bytes = words.iter().fold(0, |bytes, &word| bytes + bytes_of(word));
        let pairs = (bytes & 0x00ff_00ff) + ((bytes >> 8) & 0x00ff_00ff);
        total += (pairs & 0xffff) + (pairs >> 16);
    }
    total + state.get(words).map_or(0, |word| (word & ((1 << rest) - 1)).count_ones())
}

/// The bits that are set in each byte.
#[inline(always)]
fn bytes_of(word: u32) -> u32 {
    let pairs = word - ((word >> 1) & 0x5555_5555);
    let nibbles = (pairs & 0x3333_3333) + ((pairs >> 2) & 0x3333_3333);
    (nibbles + (nibbles >> 4)) & 0x0f0f_0f0f
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

    #[inline(always)]
    fn sums(rows: &[Group], state: &[u32], on: u32, mut each: impl FnMut(usize, u32)) {
        if on <= ROWS {
            for (w, word) in bytes(rows, state).into_iter().enumerate() {
                let [a, b, c, d] = apart(word);
                each(4 * w, a);
                each(4 * w + 1, b);
                each(4 * w + 2, c);
                each(4 * w + 3, d);
            }
            return;
        }
        let mut sums = [0; 16];
        many(rows, state, &mut sums);
        for (lane, &sum) in sums.iter().enumerate() {
            each(lane, sum);
        }
    }
}

/// Sums of any number of rows, one lane after the other: few states have so many neurons on.
#[cold]
#[inline(never)]
fn many(rows: &[Group], state: &[u32], sums: &mut [u32]) {
    for (lane, place) in sums.iter_mut().enumerate() {
        *place = sum(rows, state, lane);
    }
}

/// A lane's sum.
#[inline(never)]
fn sum(rows: &[Group], state: &[u32], lane: usize) -> u32 {
    let mut sum = 0_u32;
    each_row(rows, state, |row| sum = sum.wrapping_add(i8::packed(row[lane / 4 % GROUP_WORDS], lane % 4)));
    sum
}

/// The sums of the four bytes of a word.
#[inline(always)]
fn apart((even, rest): (u32, u32)) -> [u32; 4] {
    let (first, third) = (even & 0xffff, even >> 16);
    let odd = rest.wrapping_sub(third << 8);
    [first, odd & 0xffff, third, odd >> 16]
}

/// Sums of at most [`ROWS`] rows: of each word, bytes 0 and 2 in halves, and all bytes but the first. Without the feature
/// `powers` code is to be small, so that there is one copy.
#[cfg_attr(feature = "powers", inline(always))]
#[cfg_attr(not(feature = "powers"), inline(never))]
fn bytes(rows: &[Group], state: &[u32]) -> [(u32, u32); GROUP_WORDS] {
    let mut sums = [(0_u32, 0_u32); GROUP_WORDS];
    // One by one, since a loop is not unrolled where code is to be small.
    let [a, b, c, d] = &mut sums;
    each_row(rows, state, |row| {
        add(a, row[0]);
        add(b, row[1]);
        add(c, row[2]);
        add(d, row[3]);
    });
    sums
}

/// Adds a word of four bytes.
#[inline(always)]
fn add((even, rest): &mut (u32, u32), word: u32) {
    *even = even.wrapping_add(word & 0x00ff_00ff);
    *rest = rest.wrapping_add(word >> 8);
}

impl Packed for i16 {
    const MOST: i32 = 32_767;

    #[inline(always)]
    fn sums(rows: &[Group], state: &[u32], _: u32, mut each: impl FnMut(usize, u32)) {
        let (mut low, mut high) = ([0_u32; GROUP_WORDS], [0_u32; GROUP_WORDS]);
        each_row(rows, state, |row| {
            for w in 0..GROUP_WORDS {
                low[w] = low[w].wrapping_add(row[w] & 0xffff);
                high[w] = high[w].wrapping_add(row[w] >> 16);
            }
        });
        for w in 0..GROUP_WORDS {
            each(2 * w, low[w]);
            each(2 * w + 1, high[w]);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::bits;

    /// Calls `each(lane, sum)` with sums of weights, no longer offset, of `count` rows.
    fn sums<W: Packed>(rows: &[Group], state: &[u32], count: u32, mut each: impl FnMut(usize, i32)) {
        assert_eq!(super::count(state, rows.len()), count);
        W::sums(rows, state, count, |lane, sum| each(lane, sum.wrapping_sub(count * W::OFFSET) as i32));
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
