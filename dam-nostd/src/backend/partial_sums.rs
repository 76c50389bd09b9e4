//! Partial sums over four neurons at once.
//!
//! Four positions of an item, `4g..4g+4`, are a group, and the bits that it has on there a pattern. Pattern `16 g + b`
//! stands for the positions `4g + i` for which bit i of b is set. A table has a row for each pattern that occurs in a
//! chunk. It is filled and used by one block at a time, so that it stays in a cache; workers that work at the same time
//! each have one of their own.

use crate::model::items::Permutations;
use crate::number::lanes::{self, Row};
use crate::number::scalar::Scalar;

/// Positions of one group.
pub(crate) const GROUP: usize = 4;

/// Patterns of one group.
const PATTERNS: usize = 1 << GROUP;

/// The most rows of a table for `neurons` neurons.
pub(crate) const fn rows(neurons: usize) -> usize {
    PATTERNS * neurons.div_ceil(GROUP)
}

/// The patterns of one group that occur in a chunk.
pub(crate) struct Group<'a> {
    /// The neurons at the group's positions.
    pub neurons: [usize; GROUP],
    /// The patterns, in rising order.
    pub patterns: &'a [u16],
    /// The place of the first among all patterns of the chunk.
    pub first: usize,
}

/// The groups of `patterns`, which rise.
#[inline(always)]
pub(crate) fn groups<'a>(
    patterns: &'a [u16],
    permutations: &Permutations<'_>,
    permutation: u8,
) -> impl Iterator<Item = Group<'a>> {
    let group = |pattern: u16| usize::from(pattern) / PATTERNS;
    let (mut rest, mut first) = (patterns, 0);
    core::iter::from_fn(move || {
        let this = group(*rest.first()?);
        let count = rest.iter().take_while(|&&pattern| group(pattern) == this).count();
        let (patterns, others) = rest.split_at_checked(count)?;
        let neurons = core::array::from_fn(|bit| permutations.neuron(permutation, GROUP * this + bit));
        let of_group = Group { neurons, patterns, first };
        (rest, first) = (others, first + count);
        Some(of_group)
    })
}

/// `factors` where `pattern` has a neuron on, 0 elsewhere.
///
/// A finite number that is multiplied with 0 and added changes no sum, and costs less than to jump over it.
#[inline(always)]
pub(crate) fn masked<S: Scalar>(factors: &[S; GROUP], pattern: u16) -> [S; GROUP] {
    core::array::from_fn(|bit| if pattern >> bit & 1 == 1 { factors[bit] } else { S::ZERO })
}

/// Fills a table with the sums of the weights of each pattern's neurons.
#[inline(always)]
pub(crate) fn fill<S: Scalar, const L: usize>(
    table: &mut [Row<S, L>],
    patterns: &[u16],
    weights: &[Row<S, L>],
    permutations: &Permutations<'_>,
    permutation: u8,
) {
    for group in groups(patterns, permutations, permutation) {
        let mut rows = [lanes::splat(S::ZERO); GROUP];
        for (row, neuron) in rows.iter_mut().zip(group.neurons) {
            *row = weights.get(neuron).copied().unwrap_or(*row);
        }
        let sums = table.iter_mut().skip(group.first);
        for (sums, &pattern) in sums.zip(group.patterns) {
            let mut sum = lanes::splat(S::ZERO);
            for (row, factor) in rows.iter().zip(masked(&[S::ONE; GROUP], pattern)) {
                lanes::add_scaled_to(&mut sum, factor, row);
            }
            *sums = sum;
        }
    }
}
