//! Settings that a method has when none are given.

use crate::config::MethodName;
use crate::paper::TABLE_1;

/// The strength of the penalty of Table 1 of the paper, for the interaction vertex of the table that is nearest to `n`
/// on a logarithmic scale; 0 for methods without a penalty.
pub fn lambda(method: MethodName, n: u32) -> f64 {
    let column = match n {
        ..=3 => 0,
        4..=7 => 1,
        8..=14 => 2,
        _ => 3,
    };
    TABLE_1.iter().find(|(of, _)| *of == method).map_or(0.0, |(_, strengths)| strengths[column])
}
