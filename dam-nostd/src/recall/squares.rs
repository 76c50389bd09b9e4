//! Fields of class neurons for n = 2: sums of the higher halves of squares.
//!
//! A memory vector is *active* where this state or one with a class neuron on has a similarity above 0: others give nothing.

use super::model::Model;
use super::packed::Packed;

/// Class neurons whose fields are summed at once: their sums, and all that a term needs, fit the registers of a Cortex-M.
const AT_ONCE: usize = 5;
/// Memory vectors of which the active ones are listed at once.
const LISTED: usize = 64;

/// What class neurons gain by being +1, in units of 2^32: a term is x (x - slope) for x > 0, and otherwise 0, to which the
/// drift comes. Ten, as there are digits, have code of their own, a third faster, unless code is to be small.
#[inline(always)]
pub(super) fn squares<W: Packed>(model: &Model<'_, W>, slope: i32, bases: &[i32], out: &mut [i64]) {
    for (field, drift) in out.iter_mut().zip(model.class_drifts()) {
        *field = drift.wrapping_mul(slope.into()) >> 32;
    }
    match <&mut [i64; 2 * AT_ONCE]>::try_from(&mut *out) {
        Ok(out) if cfg!(feature = "powers") && model.shape().classes() == 2 * AT_ONCE => ten(model, slope, bases, out),
        _ => any(model, slope, bases, out),
    }
}

/// Of any number of class neurons.
#[inline(never)]
fn any<W: Packed>(model: &Model<'_, W>, slope: i32, bases: &[i32], out: &mut [i64]) {
    for ((&x, &top), row) in bases.iter().zip(model.constants(2)).zip(model.of_classes()) {
        if is_active(x, top) {
            let mut unchanged = 0;
            add(&mut unchanged, x, slope);
            for (field, &weight) in out.iter_mut().zip(row) {
                let mut gain = unchanged.wrapping_neg();
                add(&mut gain, x.wrapping_add(weight as i32), slope);
                *field = field.wrapping_add(gain.into());
            }
        }
    }
}

/// Weights of a memory vector to ten class neurons.
type Row = [u32; 2 * AT_ONCE];

/// Of ten class neurons: active memory vectors are listed, with their bases, before they are summed.
#[inline(always)]
fn ten<W: Packed>(model: &Model<'_, W>, slope: i32, bases: &[i32], out: &mut [i64; 2 * AT_ONCE]) {
    let ([low, high], _) = out.as_chunks_mut() else { return };
    let mut list = [(0, &[0; 2 * AT_ONCE]); LISTED];
    let chunks = bases.chunks(LISTED).zip(model.constants(2).chunks(LISTED));
    for ((bases, tops), rows) in chunks.zip(model.classes().as_chunks().0.chunks(LISTED)) {
        let (mut listed, mut unchanged) = (0, 0);
        for ((&x, &top), row) in bases.iter().zip(tops).zip(rows) {
            if is_active(x, top) {
                list[listed % LISTED] = (x, row);
                listed += 1;
                add(&mut unchanged, x, slope);
            }
        }
        let list = list.get(..listed).unwrap_or(&list);
        gain(list, |row| row.first_chunk(), slope, unchanged, low);
        gain(list, |row| row.last_chunk(), slope, unchanged, high);
    }
}

/// Adds to five fields what listed memory vectors give; `half` are the weights to them.
#[inline(never)]
fn gain<'a>(
    list: &[(i32, &'a Row)],
    half: impl Fn(&'a Row) -> Option<&'a [u32; AT_ONCE]>,
    slope: i32,
    unchanged: i32,
    fields: &mut [i64; AT_ONCE],
) {
    let mut sums = [0_i32; AT_ONCE];
    for &(x, row) in list {
        let Some(weights) = half(row) else { break };
        for (sum, &weight) in sums.iter_mut().zip(weights) {
            add(sum, x.wrapping_add(weight as i32), slope);
        }
    }
    for (field, sum) in fields.iter_mut().zip(sums) {
        *field = field.wrapping_add(sum.wrapping_sub(unchanged).into());
    }
}

#[inline(always)]
fn is_active(x: i32, top: u32) -> bool {
    x.wrapping_add(top as i32) > 0
}

/// Adds the higher half of x (x - slope) for x > 0.
#[inline(always)]
fn add(sum: &mut i32, x: i32, slope: i32) {
    *sum = sum.wrapping_add(((i64::from(x.max(0)) * i64::from(x.wrapping_sub(slope))) >> 32) as i32);
}
