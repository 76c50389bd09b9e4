//! Inner products and sums of gradients, eq. 1 to 8, in `f64`.

use crate::number::lanes::Row;
use crate::number::scalar::Scalar;

/// <left, right> of each memory vector: lane by lane, in the order of rows.
#[inline(always)]
pub(crate) fn dot<S: Scalar, const L: usize>(left: &[Row<S, L>], right: &[Row<S, L>]) -> [f64; L] {
    let mut sum = [0.0f64; L];
    for (a, b) in left.iter().zip(right) {
        for l in 0..L {
            sum[l] += a[l].to_f64() * b[l].to_f64();
        }
    }
    sum
}

/// gradient + sum of factors * rights, each number rounded once: g + G' v, eq. 5.
#[inline(always)]
pub(crate) fn combined<'a, S: Scalar, const L: usize>(
    gradient: &Row<S, L>,
    rights: impl Iterator<Item = (&'a Row<S, L>, [f64; L])>,
) -> Row<S, L> {
    let mut sum = gradient.map(S::to_f64);
    for (right, factors) in rights {
        for l in 0..L {
            sum[l] += factors[l] * right[l].to_f64();
        }
    }
    sum.map(S::from_f64)
}

/// What is added of g_mem to g so that nothing of it points against g_mem, eq. 8: -<g, g_mem> / <g_mem, g_mem>. `None`
/// where nothing does.
pub(crate) fn averaged(along: f64, square: f64) -> Option<f64> {
    (along < 0.0 && square > 0.0).then(|| -along / square)
}

/// The cosine between g and g + change, by |g|^2, <g, change> and |change|^2; 0 where either is zero.
pub(crate) fn cosine(before: f64, along: f64, change: f64) -> f64 {
    let after = before + 2.0 * along + change;
    if before > 0.0 && after > 0.0 { (before + along) / libm::sqrt(before * after) } else { 0.0 }
}
