//! Fields of class neurons for n = 2: sums of the higher halves of squares.

use super::model::Model;
use super::packed::Packed;

/// Class neurons whose fields are summed at once.
const AT_ONCE: usize = 10;

/// What class neurons gain by being +1, in units of 2^32: a term is x (x - slope) for x > 0, and otherwise 0, to which the
/// drift comes.
#[inline(always)]
pub(super) fn squares<W: Packed>(model: &Model<'_, W>, slope: i32, bases: &[i32], out: &mut [i64]) {
    let (many, rest) = out.as_chunks_mut::<AT_ONCE>();
    let mut first = 0;
    for fields in many {
        let mut sums = [0; AT_ONCE];
        ten(model, first, slope, bases, &mut sums);
        for (field, &sum) in fields.iter_mut().zip(&sums) {
            *field = sum.into();
        }
        first += AT_ONCE;
    }
    for field in rest {
        *field = one(model, first, slope, bases).into();
        first += 1;
    }
    for (field, drift) in out.iter_mut().zip(model.class_drifts()) {
        *field = field.wrapping_add(drift.wrapping_mul(slope.into()) >> 32);
    }
}

/// [`squares`] of ten class neurons from `first` on, without drifts. One by one, since a loop is not unrolled where code is to
/// be small.
#[inline(always)]
fn ten<W: Packed>(model: &Model<'_, W>, first: usize, slope: i32, bases: &[i32], out: &mut [i32; AT_ONCE]) {
    let rows = model.classes().chunks_exact(model.shape().classes().max(1));
    let ([mut a, mut b, mut c, mut d, mut e], [mut f, mut g, mut h, mut i, mut j]) = ([0_i32; 5], [0_i32; 5]);
    let mut unchanged = 0;
    for ((&x, &top), weights) in bases.iter().zip(model.constants(2)).zip(rows) {
        if is_passed_over(x, top) {
            continue;
        }
        let Some(weights) = weights.get(first..).and_then(|weights| weights.first_chunk::<AT_ONCE>()) else { continue };
        add(&mut unchanged, x, slope);
        let flipped = |sum: &mut i32, class: usize| add(sum, x.wrapping_add(weights[class] as i32), slope);
        flipped(&mut a, 0);
        flipped(&mut b, 1);
        flipped(&mut c, 2);
        flipped(&mut d, 3);
        flipped(&mut e, 4);
        flipped(&mut f, 5);
        flipped(&mut g, 6);
        flipped(&mut h, 7);
        flipped(&mut i, 8);
        flipped(&mut j, 9);
    }
    let gain = |sum: i32| sum.wrapping_sub(unchanged);
    *out = [gain(a), gain(b), gain(c), gain(d), gain(e), gain(f), gain(g), gain(h), gain(i), gain(j)];
}

/// Of one class neuron.
#[inline(never)]
fn one<W: Packed>(model: &Model<'_, W>, class: usize, slope: i32, bases: &[i32]) -> i32 {
    let rows = model.classes().chunks_exact(model.shape().classes().max(1));
    let (mut field, mut unchanged) = (0, 0);
    for ((&x, &top), weights) in bases.iter().zip(model.constants(2)).zip(rows) {
        if is_passed_over(x, top) {
            continue;
        }
        let Some(&weight) = weights.get(class) else { continue };
        add(&mut unchanged, x, slope);
        add(&mut field, x.wrapping_add(weight as i32), slope);
    }
    field.wrapping_sub(unchanged)
}

/// Whether neither this state nor one with a class neuron on has a similarity above 0.
#[inline(always)]
fn is_passed_over(x: i32, top: u32) -> bool {
    x.wrapping_add(top as i32) <= 0
}

/// Adds the higher half of x (x - slope) for x > 0.
#[inline(always)]
fn add(sum: &mut i32, x: i32, slope: i32) {
    *sum = sum.wrapping_add(((i64::from(x.max(0)) * i64::from(x.wrapping_sub(slope))) >> 32) as i32);
}
