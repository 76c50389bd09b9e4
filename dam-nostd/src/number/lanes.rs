//! Loops over the `L` lanes of a row. Each lane is one memory vector.
//!
//! Plain loops over arrays of fixed width: the compiler turns them into whatever vectors the target has. The order of
//! additions is fixed by the lanes, so that every instruction set gives the same bits.

use crate::number::scalar::Scalar;

/// The weights of `L` memory vectors to one neuron, or one number for each of `L` memory vectors.
pub type Row<S, const L: usize> = [S; L];

/// `value` in every lane.
#[inline(always)]
pub fn splat<S: Scalar, const L: usize>(value: S) -> Row<S, L> {
    [value; L]
}

/// Sets every lane of `rows` to zero.
#[inline(always)]
pub fn clear<S: Scalar, const L: usize>(rows: &mut [Row<S, L>]) {
    // Row by row, a row of zeros would be copied.
    rows.as_flattened_mut().fill(S::ZERO);
}

/// Lane by lane, `op(a, b)`.
#[inline(always)]
pub fn zip<S: Scalar, const L: usize>(a: &Row<S, L>, b: &Row<S, L>, op: impl Fn(S, S) -> S) -> Row<S, L> {
    let mut out = [S::ZERO; L];
    for l in 0..L {
        out[l] = op(a[l], b[l]);
    }
    out
}

/// Lane by lane, `op(a, b, c)`.
#[inline(always)]
pub fn zip_with<S: Scalar, T: Copy, const L: usize>(
    a: &Row<S, L>,
    b: &Row<S, L>,
    c: &Row<T, L>,
    op: impl Fn(S, S, T) -> S,
) -> Row<S, L> {
    let mut out = [S::ZERO; L];
    for l in 0..L {
        out[l] = op(a[l], b[l], c[l]);
    }
    out
}

/// Lane by lane, `op(a)`.
#[inline(always)]
pub fn map<S: Scalar, const L: usize>(a: &Row<S, L>, op: impl Fn(S) -> S) -> Row<S, L> {
    let mut out = [S::ZERO; L];
    for l in 0..L {
        out[l] = op(a[l]);
    }
    out
}

/// Adds `row` to `sum`.
#[inline(always)]
pub fn add_to<S: Scalar, const L: usize>(sum: &mut Row<S, L>, row: &Row<S, L>) {
    for l in 0..L {
        sum[l] = sum[l] + row[l];
    }
}

/// Subtracts `row` from `sum`.
#[inline(always)]
pub fn subtract_from<S: Scalar, const L: usize>(sum: &mut Row<S, L>, row: &Row<S, L>) {
    for l in 0..L {
        sum[l] = sum[l] - row[l];
    }
}

/// Adds `factor * row` to `sum`.
#[inline(always)]
pub fn add_scaled_to<S: Scalar, const L: usize>(sum: &mut Row<S, L>, factor: S, row: &Row<S, L>) {
    for l in 0..L {
        sum[l] = sum[l] + factor * row[l];
    }
}

/// The sum of the rows whose indices are in `list`, in its order. Indices beyond `rows` add nothing.
#[inline(always)]
pub fn sum_rows<S: Scalar, const L: usize>(rows: &[Row<S, L>], list: &[u16]) -> Row<S, L> {
    let mut sum = [S::ZERO; L];
    for &index in list {
        if let Some(row) = rows.get(usize::from(index)) {
            add_to(&mut sum, row);
        }
    }
    sum
}

/// The sum over lanes, by halves: lane l and lane l + L/2 first, then quarters, and so on. `L` is a power of two.
#[inline(always)]
pub fn fold<S: Scalar, const L: usize>(row: &Row<S, L>) -> S {
    const { assert!(L.is_power_of_two(), "a row has 1, 2, 4, ... lanes") };
    let mut sum = *row;
    let mut width = L;
    while width > 1 {
        width /= 2;
        for l in 0..width {
            sum[l] = sum[l] + sum[l + width];
        }
    }
    sum[0]
}

/// [`fold`] but for the last two halvings.
#[inline(always)]
pub fn fold_to_four<S: Scalar, const L: usize>(row: &Row<S, L>) -> [S; 4] {
    let mut sum = *row;
    let mut width = L;
    while width > 4 {
        width /= 2;
        for l in 0..width {
            sum[l] = sum[l] + sum[l + width];
        }
    }
    let mut four = [S::ZERO; 4];
    four[..width].copy_from_slice(&sum[..width]);
    four
}

/// The last two halvings, for many rows at once: each waits for none of the others.
#[inline(always)]
pub fn fold_fours<S: Scalar>(fours: &[[S; 4]], sums: &mut [S]) {
    for (sum, four) in sums.iter_mut().zip(fours) {
        *sum = (four[0] + four[2]) + (four[1] + four[3]);
    }
}

/// x^exponent by repeated squaring from the highest bit down, the same chain in every lane.
#[inline(always)]
pub fn power<S: Scalar, const L: usize>(x: &Row<S, L>, exponent: u32) -> Row<S, L> {
    if exponent == 0 {
        return splat(S::ONE);
    }
    let mut power = *x;
    let mut bit = exponent.ilog2();
    while bit > 0 {
        bit -= 1;
        for lane in power.iter_mut() {
            *lane = *lane * *lane;
        }
        if (exponent >> bit) & 1 == 1 {
            for l in 0..L {
                power[l] = power[l] * x[l];
            }
        }
    }
    power
}

/// The place of the largest number; of several, the first.
pub fn largest<T: PartialOrd + Copy>(numbers: &[T]) -> usize {
    let mut best = (0, None);
    for (i, &number) in numbers.iter().enumerate() {
        if best.1.is_none_or(|best| number > best) {
            best = (i, Some(number));
        }
    }
    best.0
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn powers_are_those_of_repeated_multiplication() {
        for exponent in 0..=100 {
            let mut expected = 1.0f64;
            for _ in 0..exponent {
                expected *= 1.01;
            }
            let power = power(&[1.01f64; 2], exponent)[1];
            assert!(
                (power / expected - 1.0).abs() < crate::tolerance::FEW_TERMS,
                "1.01^{exponent}: {power}, expected {expected}"
            );
        }
    }

    #[test]
    fn folding_adds_every_lane_once() {
        let row: [f64; 64] = core::array::from_fn(|l| (1u64 << (l % 32)) as f64);
        assert_eq!(fold(&row), 2.0 * (u32::MAX as f64));
        assert_eq!(fold(&[7.0f32]), 7.0);
    }

    #[test]
    fn a_list_may_have_an_index_twice_and_those_beyond_add_nothing() {
        assert_eq!(sum_rows(&[[1.0f32, 2.0], [10.0, 20.0]], &[1, 0, 1, 9]), [21.0, 42.0]);
    }
}
