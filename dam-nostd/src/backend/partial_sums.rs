//! Partial sums over eight neurons at once, or four.
//!
//! Positions `g * size..` of an item are group g, and the bits that it has on there a pattern: index `g << size | bits`. A
//! table has a row for each pattern that occurs in a chunk. It is filled and used by one block at a time, so that it stays in
//! a cache; workers that work at the same time each have one of their own.
//!
//! The sums of the subsets of four rows are made one from the other, each by one addition, as far as they are needed; the sum
//! of a pattern of eight adds one of its lower four to one of its upper four. The way back is the same in reverse: what is
//! added to a subset goes on to its rows.

use crate::model::items::Permutations;
use crate::number::lanes::{self, Row};
use crate::number::scalar::Scalar;

/// Rows of which all subsets are summed.
const ROWS: usize = 4;

/// Their subsets.
const SUBSETS: usize = 1 << ROWS;

/// Positions of a group at most.
const POSITIONS: usize = 2 * ROWS;

/// Rows at the start of a table in which the sums of subsets are made.
const SCRATCH: usize = 2 * SUBSETS;

/// The most patterns of a chunk that are given a row, for `neurons` neurons: all there are in groups of four.
pub(crate) const fn patterns(neurons: usize) -> usize {
    SUBSETS * neurons.div_ceil(ROWS)
}

/// Rows of a table for `neurons` neurons.
pub(crate) const fn rows(neurons: usize) -> usize {
    SCRATCH + patterns(neurons)
}

/// The patterns that occur in a chunk, and what they stand for.
#[derive(Clone, Copy)]
pub(crate) struct Patterns<'a> {
    /// The patterns, in rising order.
    pub all: &'a [u16],
    /// Positions of a group, as a power of two's exponent of its patterns: 4 or 8.
    pub size: usize,
    /// Where the positions' neurons are.
    pub permutations: Permutations<'a>,
    /// The permutation of all items.
    pub permutation: u8,
}

/// The patterns of one group.
struct Group<'a> {
    /// The neurons at the group's positions; where it has four, the upper four are none.
    neurons: [usize; POSITIONS],
    /// The patterns, in rising order.
    patterns: &'a [u16],
    /// The place of the first among all patterns of the chunk.
    first: usize,
}

impl<'a> Patterns<'a> {
    #[inline(always)]
    fn groups(self) -> impl Iterator<Item = Group<'a>> {
        let (mut rest, mut first) = (self.all, 0);
        core::iter::from_fn(move || {
            let this = usize::from(*rest.first()?) >> self.size;
            let count = rest.iter().take_while(|&&pattern| usize::from(pattern) >> self.size == this).count();
            let (patterns, others) = rest.split_at_checked(count)?;
            let neuron = |bit| self.permutations.neuron(self.permutation, this * self.size + bit);
            let neurons = core::array::from_fn(|bit| if bit < self.size { neuron(bit) } else { usize::MAX });
            let group = Group { neurons, patterns, first };
            (rest, first) = (others, first + count);
            Some(group)
        })
    }

    /// The two subsets, of the lower and of the upper four positions, that `pattern` is made of.
    #[inline(always)]
    fn subsets(self, pattern: u16) -> (usize, usize) {
        let bits = usize::from(pattern) & ((1 << self.size) - 1);
        (bits % SUBSETS, bits / SUBSETS % SUBSETS)
    }

    /// The subsets of the lower and of the upper four positions that `patterns` need.
    #[inline(always)]
    fn needed(self, patterns: &[u16]) -> [Needed; 2] {
        let (mut low, mut high) = (0, 0);
        for &pattern in patterns {
            let (lower, upper) = self.subsets(pattern);
            low |= 1 << lower;
            high |= 1 << upper;
        }
        [low, high].map(Needed::to_make)
    }

    /// Fills `table` with the sums of the weights of each pattern's neurons; returns the patterns' rows.
    #[inline(always)]
    pub fn fill<'t, S: Scalar, const L: usize>(
        self,
        table: &'t mut [Row<S, L>],
        weights: &[Row<S, L>],
    ) -> &'t [Row<S, L>] {
        let Some((scratch, sums)) = table.split_first_chunk_mut::<SCRATCH>() else { return &[] };
        let (low, high) = scratch.split_at_mut(SUBSETS);
        for group in self.groups() {
            let [lower, upper] = self.needed(group.patterns);
            add_up(low, lower, weights, &group.neurons[..ROWS]);
            add_up(high, upper, weights, &group.neurons[ROWS..]);
            for (sum, &pattern) in sums.iter_mut().skip(group.first).zip(group.patterns) {
                let (lower, upper) = self.subsets(pattern);
                if let (Some(lower), Some(upper)) = (low.get(lower), high.get(upper)) {
                    *sum = lanes::zip(lower, upper, |lower, upper| lower + upper);
                }
            }
        }
        sums
    }

    /// Adds `on(place)`, the sum for each pattern, to the rows of its neurons. What `table` holds before and after means
    /// nothing.
    #[inline(always)]
    pub fn spread<S: Scalar, const L: usize>(
        self,
        table: &mut [Row<S, L>],
        rows: &mut [Row<S, L>],
        on: impl Fn(usize) -> Row<S, L>,
    ) {
        let Some(scratch) = table.first_chunk_mut::<SCRATCH>() else { return };
        for group in self.groups() {
            let (low, high) = scratch.split_at_mut(SUBSETS);
            let [lower, upper] = self.needed(group.patterns);
            clear(low, lower);
            clear(high, upper);
            for (place, &pattern) in (group.first..).zip(group.patterns) {
                let (on, (lower, upper)) = (on(place), self.subsets(pattern));
                if let (Some(lower), Some(upper)) = (low.get_mut(lower), high.get_mut(upper)) {
                    lanes::add_to(lower, &on);
                    lanes::add_to(upper, &on);
                }
            }
            hand_down(low, lower, rows, &group.neurons[..ROWS]);
            hand_down(high, upper, rows, &group.neurons[ROWS..]);
        }
    }
}

/// A subset without its first row, and which that is.
#[inline(always)]
fn without_first(subset: usize) -> (usize, usize) {
    (subset & (subset - 1), subset.trailing_zeros() as usize)
}

/// Subsets of four rows, a bit each: with any subset also those that its sum is made of, and the empty one.
#[derive(Clone, Copy)]
struct Needed(u32);

impl Needed {
    /// Those that the subsets in `wanted` are made of.
    #[inline(always)]
    fn to_make(wanted: u32) -> Self {
        let mut needed = wanted | 1;
        for subset in (1..SUBSETS).rev() {
            needed |= (needed >> subset & 1) << without_first(subset).0;
        }
        Self(needed)
    }

    /// From the smallest to the largest.
    #[inline(always)]
    fn rising(self) -> impl Iterator<Item = usize> {
        let mut left = self.0;
        core::iter::from_fn(move || {
            let subset = left.trailing_zeros();
            left &= left.checked_sub(1)?;
            Some(subset as usize)
        })
    }

    /// From the largest to the smallest, without the empty one.
    #[inline(always)]
    fn falling(self) -> impl Iterator<Item = usize> {
        let mut left = self.0 & !1;
        core::iter::from_fn(move || {
            let subset = left.checked_ilog2()?;
            left ^= 1 << subset;
            Some(subset as usize)
        })
    }
}

/// The sums over the `needed` subsets of the rows of `neurons`.
#[inline(always)]
fn add_up<S: Scalar, const L: usize>(sums: &mut [Row<S, L>], needed: Needed, rows: &[Row<S, L>], neurons: &[usize]) {
    for subset in needed.rising() {
        let mut sum = [S::ZERO; L];
        if subset > 0 {
            let (others, first) = without_first(subset);
            let row = neurons.get(first).and_then(|&neuron| rows.get(neuron)).copied().unwrap_or([S::ZERO; L]);
            sum = sums.get(others).map_or(row, |others| lanes::zip(others, &row, |others, row| others + row));
        }
        if let Some(place) = sums.get_mut(subset) {
            *place = sum;
        }
    }
}

/// Sets the sums of the `needed` subsets to zero.
#[inline(always)]
fn clear<S: Scalar, const L: usize>(sums: &mut [Row<S, L>], needed: Needed) {
    for subset in needed.rising() {
        if let Some(sum) = sums.get_mut(subset) {
            *sum = [S::ZERO; L];
        }
    }
}

/// Adds to the rows of `neurons` the sums of the `needed` subsets that they are in.
#[inline(always)]
fn hand_down<S: Scalar, const L: usize>(
    sums: &mut [Row<S, L>],
    needed: Needed,
    rows: &mut [Row<S, L>],
    neurons: &[usize],
) {
    for subset in needed.falling() {
        let (others, first) = without_first(subset);
        let Some(sum) = sums.get(subset).copied() else { return };
        if let Some(others) = sums.get_mut(others) {
            lanes::add_to(others, &sum);
        }
        if let Some(row) = neurons.get(first).and_then(|&neuron| rows.get_mut(neuron)) {
            lanes::add_to(row, &sum);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn patterns(all: &[u16], size: usize) -> Patterns<'_> {
        Patterns { all, size, permutations: Permutations::IDENTITY, permutation: 0 }
    }

    fn on(pattern: u16, size: usize) -> impl Iterator<Item = usize> {
        let (group, bits) = (usize::from(pattern) >> size, usize::from(pattern));
        (0..size)
            .filter(move |bit| bits >> bit & 1 == 1)
            .map(move |bit| group * size + bit)
            .filter(|&neuron| neuron < 13)
    }

    #[test]
    fn a_row_is_the_sum_over_the_neurons_of_its_pattern_whatever_was_in_the_table() {
        let weights: [Row<f64, 2>; 13] = core::array::from_fn(|neuron| [f64::from(1 << neuron), 1.0]);
        for size in [4, 8] {
            let all: [u16; 40] = core::array::from_fn(|i| 1 + 7 * i as u16);
            let mut table = [[f64::MAX, -3.0]; SCRATCH + 40];
            let sums = patterns(&all, size).fill(&mut table, &weights);
            for (sum, &pattern) in sums.iter().zip(&all) {
                let expected = on(pattern, size).fold([0.0; 2], |[a, b], neuron| [a + weights[neuron][0], b + 1.0]);
                assert_eq!(*sum, expected, "pattern {pattern} of {size}");
            }
        }
    }

    #[test]
    fn what_is_spread_reaches_the_neurons_of_its_pattern_and_no_others() {
        for size in [4, 8] {
            let all: [u16; 40] = core::array::from_fn(|i| 1 + 7 * i as u16);
            let mut rows: [Row<f64, 2>; 13] = core::array::from_fn(|neuron| [0.0, neuron as f64]);
            let mut expected = rows;
            for (place, &pattern) in all.iter().enumerate() {
                on(pattern, size).for_each(|neuron| expected[neuron][0] += (1u64 << place) as f64);
            }
            let mut table = [[f64::MAX, -3.0]; SCRATCH];
            patterns(&all, size).spread(&mut table, &mut rows, |place| [(1u64 << place) as f64, 0.0]);
            assert_eq!(rows, expected, "groups of {size}");
        }
    }
}
