//! Similarities and fields in integers.

use super::model::{Model, word};
use super::packed::{self, Packed};
use super::session::Evaluate;
use super::squares::squares;
#[cfg(feature = "powers")]
use super::{
    flips,
    leak::Leak,
    model::padded,
    powers::{Powers, Scale},
    session::Relax,
    terms,
};

/// What a model's header says, ready for use.
#[derive(Clone, Copy, Debug)]
pub struct Prepared {
    /// a: similarities are kept times 2^a.
    pub(super) rise: u32,
    /// E: places behind the point of a base.
    places: i32,
    /// For n = 2: the slope below 0 in the unit of bases, where squares of bases need no other exponent.
    square: Option<i32>,
    #[cfg(feature = "powers")]
    pub(super) scale: Scale,
    #[cfg(feature = "powers")]
    pub(super) leak: Leak,
}

impl Prepared {
    fn new<W: Packed>(model: &Model<'_, W>) -> Self {
        let places = model.header(word::SCALE) as i32;
        Self {
            rise: model.header(word::RISE),
            places,
            square: model.square(),
            #[cfg(feature = "powers")]
            scale: Scale { vertex: model.vertex(), places, memories: padded::<W>(&model.shape()) },
            #[cfg(feature = "powers")]
            leak: Leak::of_kind(model.kind(), model.header(word::LEAK), places),
        }
    }
}

/// x of a similarity.
#[inline(always)]
pub(super) fn base(similarity: i32, factor: u32) -> i32 {
    ((i64::from(similarity) * i64::from(factor as i32)) >> 32) as i32
}

macro_rules! integer {
    ($($weight:ty),+) => {$(
        impl Evaluate for $weight {
            type Similarity = i32;
            type Field = i64;
            type Prepared = Prepared;

            fn prepare(model: &Model<'_, Self>) -> Prepared {
                Prepared::new(model)
            }
            fn similarities(model: &Model<'_, Self>, prepared: &Prepared, state: &[u32], out: &mut [i32]) {
                similarities(model, prepared, state, out);
            }
            fn fields(model: &Model<'_, Self>, prepared: &Prepared, similarities: &[i32], out: &mut [i64]) -> i32 {
                fields(model, prepared, similarities, out)
            }
            fn margin(best: i64, next: i64, places: i32) -> u32 {
                margin(best, next, places)
            }
        }

        #[cfg(feature = "powers")]
        impl Relax for $weight {
            fn show(model: &Model<'_, Self>, class: usize, out: &mut [i32]) {
                flips::show(model, class, out);
            }
            fn update(model: &Model<'_, Self>, prepared: &Prepared, h: &[i32], state: &[u32], next: &mut [u32]) {
                flips::update(model, prepared, h, state, next);
            }
        }
    )+};
}

integer!(i8, i16);

/// x_k of `state` with all class neurons at -1.
fn similarities<W: Packed>(model: &Model<'_, W>, prepared: &Prepared, state: &[u32], out: &mut [i32]) {
    let (factors, totals) = (model.constants(0), model.constants(1));
    let constants = factors.chunks_exact(W::LANES).zip(totals.chunks_exact(W::LANES));
    let twice = (prepared.rise + 1) & 31;
    let on = packed::count(state, model.shape().class_neurons().start);
    let offset = W::OFFSET.wrapping_mul(on);
    for ((rows, out), (factors, totals)) in model.weights().zip(out.chunks_exact_mut(W::LANES)).zip(constants) {
        let sums = W::sums(rows, state, on);
        for ((out, &sum), (&factor, &total)) in out.iter_mut().zip(sums.as_ref()).zip(factors.iter().zip(totals)) {
            *out = base((sum.wrapping_sub(offset) << twice).wrapping_sub(total) as i32, factor);
        }
    }
}

/// The fields of the class neurons, which are at -1; returns their places.
fn fields<W: Packed>(model: &Model<'_, W>, prepared: &Prepared, bases: &[i32], out: &mut [i64]) -> i32 {
    if let Some(slope) = prepared.square {
        squares(model, slope, bases, out);
        return 2 * prepared.places - 32;
    }
    #[cfg(feature = "powers")]
    {
        let mut largest = 0;
        for (&x, &top) in bases.iter().zip(model.constants(2)) {
            largest = largest.max(x.wrapping_add(top as i32));
        }
        terms::all(model, prepared, &Powers::new(&prepared.scale, largest), bases, out)
    }
    // There is no such model: it is refused.
    #[cfg(not(feature = "powers"))]
    0
}

/// Fields are below 2^63, so their difference is one of 64 bits.
fn margin(best: i64, next: i64, places: i32) -> u32 {
    let (by, difference) = (16 - places, best.abs_diff(next));
    let margin = if by <= 0 {
        difference.checked_shr(by.unsigned_abs()).unwrap_or(0)
    } else if by < 64 && difference <= u64::MAX >> by {
        difference << by
    } else if difference == 0 {
        0
    } else {
        u64::MAX
    };
    margin.min(u32::MAX.into()) as u32
}

#[cfg(test)]
mod tests {
    use super::margin;

    #[test]
    fn a_margin_is_a_difference_times_65536() {
        assert_eq!((margin(5, 3, 0), margin(5, -3, 19), margin(1 << 20, 0, 16)), (2 << 16, 1, 1 << 20));
        assert_eq!((margin(3, 3, -100), margin(i64::MAX, i64::MIN, 80), margin(4, 3, -47)), (0, 0, u32::MAX));
        assert_eq!((margin(4, 3, -48), margin(4, 3, -900), margin(1 << 60, 0, 16)), (u32::MAX, u32::MAX, u32::MAX));
    }
}
