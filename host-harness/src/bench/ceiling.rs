//! What a core can do at best: rows added a second, operations a second.

use std::hint::black_box;
use std::time::Instant;

use dam_nostd::Scalar;
use dam_nostd::executor::{Executor, Operation};
use dam_nostd::lanes;

use super::median;
use crate::machine::Machine;
use crate::rows::{LANES, Row, Rows};

/// Rows of a block of 799 neurons: 200 kB, in the second-level cache as a block is while it is worked on.
const NEAR: usize = 800;

/// Rows of 32 MB: further away than any cache of one core.
const FAR: usize = 128 * 1024;

/// Measured ceilings of one core.
#[derive(Clone, Copy, Debug)]
pub struct Ceilings {
    /// Bytes a second of rows in the second-level cache, each row added to a sum.
    pub near: f64,
    /// Bytes a second of rows further away.
    pub far: f64,
    /// Additions and multiplications a second, on registers; nothing is contracted.
    pub operations: f64,
}

impl Ceilings {
    /// Of `machine`, on the thread that calls.
    pub fn measure(machine: &Machine) -> Self {
        let bytes = |rows: usize, times: usize| {
            let mut rows = Rows::<f32>::zeroed(rows);
            // Pages that were never written to are all the same one.
            rows.fill([1.0; LANES]);
            let seconds = median(|| {
                let start = Instant::now();
                black_box(machine.run(AddRows { rows: &rows, times }));
                start.elapsed().as_secs_f64()
            });
            (rows.len() * times * size_of::<Row<f32>>()) as f64 / seconds
        };
        let times = 100_000;
        let seconds = median(|| {
            let start = Instant::now();
            black_box(machine.run(MultiplyAdd { times }));
            start.elapsed().as_secs_f64()
        });
        Self { near: bytes(NEAR, 500), far: bytes(FAR, 2), operations: (times * 2 * 2 * LANES) as f64 / seconds }
    }
}

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
