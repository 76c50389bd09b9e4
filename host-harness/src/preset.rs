//! Settings that a method has when none are given.

use crate::config::MethodName;

/// The strength of the penalty of Table 1 of the paper, for the interaction vertex of the table that is nearest to `n`
/// on a logarithmic scale; 0 for methods without a penalty.
pub fn lambda(method: MethodName, n: u32) -> f64 {
    // Columns: n = 2, 5, 10, 20.
    let row = match method {
        MethodName::L2 => [1.7e-7, 5.4e-7, 7.5e-7, 2.2e-7],
        MethodName::Ewc => [1.3e3, 1.1e3, 2.3e3, 1.4e3],
        MethodName::Mas => [3.2e1, 1.5e1, 2.2e0, 5.1e-2],
        MethodName::Si => [9.5e0, 8.5e0, 1.0e-1, 3.3e-2],
        _ => return 0.0,
    };
    match n {
        ..=3 => row[0],
        4..=7 => row[1],
        8..=14 => row[2],
        _ => row[3],
    }
}
