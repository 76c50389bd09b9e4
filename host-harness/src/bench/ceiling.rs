//! What a core can do at best: rows added a second, operations a second.

use std::hint::black_box;
use std::time::Instant;

use dam_engine::ceiling::{OPERATIONS, add_rows, multiply_add};

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
                black_box(add_rows(machine, &rows, times));
                start.elapsed().as_secs_f64()
            });
            (rows.len() * times * size_of::<Row<f32>>()) as f64 / seconds
        };
        let times = 100_000;
        let seconds = median(|| {
            let start = Instant::now();
            black_box(multiply_add(machine, times));
            start.elapsed().as_secs_f64()
        });
        Self { near: bytes(NEAR, 500), far: bytes(FAR, 2), operations: (times * OPERATIONS) as f64 / seconds }
    }
}
