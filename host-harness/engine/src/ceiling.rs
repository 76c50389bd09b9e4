//! Loops of which is known what they take at least: what a core can do at best.

use std::hint::black_box;

use dam_nostd::Scalar;
use dam_nostd::executor::Operation;
use dam_nostd::lanes;

use crate::machine::{Machine, Vectorized};
use crate::rows::{LANES, Row};

/// Adds `rows` up `times` times, on this thread.
#[inline(never)]
pub fn add_rows(machine: &Machine, rows: &[Row<f32>], times: usize) -> Row<f32> {
    machine.arch().dispatch(Vectorized(AddRows { rows, times }))
}

/// Multiplies and adds on registers, on this thread: [`OPERATIONS`] of them `times` times.
#[inline(never)]
pub fn multiply_add(machine: &Machine, times: usize) -> [Row<f32>; 2] {
    machine.arch().dispatch(Vectorized(MultiplyAdd { times }))
}

/// Multiplications and additions of [`multiply_add`] a time.
pub const OPERATIONS: usize = 2 * 2 * LANES;

/// The sum of all rows, in two halves that do not wait for each other.
struct AddRows<'a> {
    rows: &'a [Row<f32>],
    times: usize,
}

impl Operation for AddRows<'_> {
    type Output = Row<f32>;

    #[inline(always)]
    fn run(self) -> Row<f32> {
        let (mut even, mut odd) = (lanes::splat(0.0), lanes::splat(0.0));
        for _ in 0..self.times {
            for [one, other] in black_box(self.rows).as_chunks().0 {
                lanes::add_to(&mut even, one);
                lanes::add_to(&mut odd, other);
            }
        }
        lanes::add_to(&mut even, &odd);
        even
    }
}

/// x = a x + b on two rows.
struct MultiplyAdd {
    times: usize,
}

impl Operation for MultiplyAdd {
    type Output = [Row<f32>; 2];

    #[inline(always)]
    fn run(self) -> [Row<f32>; 2] {
        let (a, b) = (black_box(0.5), black_box(f32::ONE));
        let mut x = black_box([[1.0; LANES], [2.0; LANES]]);
        for _ in 0..self.times {
            for row in &mut x {
                *row = lanes::map(row, |x| a * x + b);
            }
        }
        x
    }
}
