//! Partial sums over four neurons at once, there and back.
//!
//! A table has 16 rows for each group of four positions of an item: row `16 g + pattern` stands for the positions
//! `4g + b` whose bit b is set in the pattern. It is filled and used by one block at a time, so that it stays in a
//! cache; workers that work at the same time each have one of their own.

use crate::coding::Swings;
use crate::items::Wirings;
use crate::lanes::{self, Row};
use crate::scalar::Scalar;

/// Positions of one group.
const GROUP: usize = 4;

/// Patterns of one group.
const PATTERNS: usize = 1 << GROUP;

/// Rows of a table for `neurons` neurons.
pub const fn rows(neurons: usize) -> usize {
    PATTERNS * neurons.div_ceil(GROUP)
}

/// Fills a table with the sums of the weights of each pattern's neurons.
#[inline(always)]
pub(crate) fn fill<S: Scalar, const L: usize>(
    table: &mut [Row<S, L>],
    weights: &[Row<S, L>],
    wirings: &Wirings<'_>,
    wiring: u8,
) {
    let nothing = lanes::splat(S::ZERO);
    for (group, sums) in table.as_chunks_mut::<PATTERNS>().0.iter_mut().enumerate() {
        sums[0] = nothing;
        for bit in 0..GROUP {
            let row = weights.get(wirings.neuron(wiring, GROUP * group + bit)).unwrap_or(&nothing);
            // Patterns whose highest set bit this is: each pattern below it, and this neuron.
            let (lower, higher) = sums.split_at_mut(1 << bit);
            for (with, without) in higher.iter_mut().zip(lower.iter()) {
                for l in 0..L {
                    with[l] = without[l] + row[l];
                }
            }
        }
    }
}

/// Adds what a table holds for the patterns of each neuron, times its swing, to the neuron's row of `gradient`. The table is used up.
#[inline(always)]
pub(crate) fn spread<S: Scalar, const L: usize>(
    table: &mut [Row<S, L>],
    gradient: &mut [Row<S, L>],
    wirings: &Wirings<'_>,
    wiring: u8,
    swings: &Swings<S>,
) {
    for (group, sums) in table.as_chunks_mut::<PATTERNS>().0.iter_mut().enumerate() {
        for bit in (0..GROUP).rev() {
            // All patterns that have this bit; then forget the bit: patterns with and without it become one.
            let mut on: Row<S, L> = lanes::splat(S::ZERO);
            let (without, with) = sums.split_at_mut(1 << bit);
            for (without, with) in without.iter_mut().zip(with) {
                for l in 0..L {
                    on[l] = on[l] + with[l];
                    without[l] = without[l] + with[l];
                }
            }
            let neuron = wirings.neuron(wiring, GROUP * group + bit);
            if let Some(row) = gradient.get_mut(neuron) {
                lanes::add_scaled_to(row, swings.of(neuron), &on);
            }
        }
    }
}
