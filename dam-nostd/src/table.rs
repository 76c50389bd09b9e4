//! Partial sums over four neurons at once.
//!
//! Four positions of an item, `4g..4g+4`, are a group, and the bits that it has on there a pattern. Pattern `16 g + b`
//! stands for the positions `4g + i` for which bit i of b is set. A table has a row for each pattern that occurs in a
//! chunk. It is filled and used by one block at a time, so that it stays in a cache; workers that work at the same time
//! each have one of their own.

use crate::items::Wirings;
use crate::lanes::{self, Row};
use crate::scalar::Scalar;

/// Positions of one group.
const GROUP: usize = 4;

/// Patterns of one group.
const PATTERNS: usize = 1 << GROUP;

/// The most rows of a table for `neurons` neurons.
pub const fn rows(neurons: usize) -> usize {
    PATTERNS * neurons.div_ceil(GROUP)
}

/// Calls `with` for each neuron that `pattern` has on, in the order of positions.
#[inline(always)]
pub(crate) fn each_neuron(pattern: u16, wirings: &Wirings<'_>, wiring: u8, mut with: impl FnMut(usize)) {
    let (group, bits) = (usize::from(pattern) / PATTERNS, usize::from(pattern) % PATTERNS);
    for bit in 0..GROUP {
        if bits >> bit & 1 == 1 {
            with(wirings.neuron(wiring, GROUP * group + bit));
        }
    }
}

/// Fills a table with the sums of the weights of each pattern's neurons.
#[inline(always)]
pub(crate) fn fill<S: Scalar, const L: usize>(
    table: &mut [Row<S, L>],
    patterns: &[u16],
    weights: &[Row<S, L>],
    wirings: &Wirings<'_>,
    wiring: u8,
) {
    for (sums, &pattern) in table.iter_mut().zip(patterns) {
        let mut sum = lanes::splat(S::ZERO);
        each_neuron(pattern, wirings, wiring, |neuron| {
            if let Some(row) = weights.get(neuron) {
                lanes::add_to(&mut sum, row);
            }
        });
        *sums = sum;
    }
}
