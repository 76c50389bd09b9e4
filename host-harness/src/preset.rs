//! Settings that a method has when none are given.

use crate::config::MethodName;
use crate::paper::{self, VERTICES};

/// The strengths that were best at 2000 items a task, for each of [`VERTICES`]: docs/reproduction.md.
const MEASURED: [(MethodName, [f64; VERTICES.len()]); 4] = [
    (MethodName::L2, [3e-6, 3e-6, 1e-5, 1e-5]),
    (MethodName::Ewc, [3e2, 3e2, 1e3, 3e3]),
    (MethodName::Mas, [3e-2, 5e-2, 1e-1, 1e-1]),
    (MethodName::Si, [1e-2, 1e-2, 1e-3, 1e-3]),
];

/// The strength of the penalty that was measured to be best, for the interaction vertex that is nearest to `n` on a
/// logarithmic scale; 0 for methods without a penalty.
pub fn lambda(method: MethodName, n: u32) -> f64 {
    paper::nearest(&MEASURED, method, n)
}
