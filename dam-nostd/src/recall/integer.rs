//! Similarities and fields in integers.

use crate::maths::interaction::Kind;
use crate::model::bits;

use super::model::{Model, padded, word};
use super::packed::{self, Packed};
use super::powers::{self, Powers, Scale, coarser};
use super::session::Evaluate;

/// The fields of the class neurons, all with one exponent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Fields<'a, F> {
    /// One for each class; a field is value 2^-places.
    pub values: &'a [F],
    /// Places behind the binary point; 0 for floating point.
    pub places: i32,
}

/// What a model's header says, ready for use.
#[derive(Clone, Copy, Debug)]
pub struct Prepared {
    /// a: similarities are kept times 2^a.
    rise: u32,
    scale: Scale,
    /// Places that drifts have less than bases.
    coarser: u32,
    /// For n = 2: the leak in the unit of bases, where squares of bases need no other exponent.
    square: Option<i32>,
}

impl Prepared {
    fn new<W: Packed>(model: &Model<'_, W>) -> Self {
        let memories = padded::<W>(&model.shape());
        let scale = Scale {
            vertex: model.vertex(),
            places: model.header(word::SCALE) as i32,
            leak: if model.kind() == Kind::Rectified { 0 } else { model.header(word::LEAK) },
            rising: model.kind() == Kind::RisingLeak,
            bits: powers::bits(memories),
        };
        let square = if scale.vertex == 2 { scale.leak_of_bases() } else { None };
        Self { rise: model.header(word::RISE), scale, coarser: coarser(memories), square }
    }
}

/// x of a similarity.
#[inline(always)]
fn base(similarity: i32, factor: u32) -> i32 {
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
            fn show(model: &Model<'_, Self>, class: usize, out: &mut [i32]) {
                show(model, class, out);
            }
            fn fields(model: &Model<'_, Self>, prepared: &Prepared, similarities: &[i32], out: &mut [i64]) -> i32 {
                fields(model, prepared, similarities, out)
            }
            fn update(model: &Model<'_, Self>, prepared: &Prepared, h: &[i32], state: &[u32], next: &mut [u32]) {
                update(model, prepared, h, state, next);
            }
        }
    )+};
}

integer!(i8, i16);

/// x_k of `state` with all class neurons at -1.
fn similarities<W: Packed>(model: &Model<'_, W>, prepared: &Prepared, state: &[u32], out: &mut [i32]) {
    let shown = model.shape().class_neurons().start.max(1);
    let (factors, totals) = (model.constants(0), model.constants(1));
    let groups = model.weights().chunks_exact(shown.max(1));
    let constants = factors.chunks_exact(W::LANES).zip(totals.chunks_exact(W::LANES));
    let twice = (prepared.rise + 1) & 31;
    let offset = W::OFFSET.wrapping_mul(packed::count(state, shown));
    for ((rows, out), (factors, totals)) in groups.zip(out.chunks_exact_mut(W::LANES)).zip(constants) {
        W::sums(rows, state, |lane, sum| {
            if let (Some(out), Some(&factor), Some(&total)) = (out.get_mut(lane), factors.get(lane), totals.get(lane)) {
                *out = base((sum.wrapping_sub(offset) << twice).wrapping_sub(total) as i32, factor);
            }
        });
    }
}

/// Class neuron `class` becomes +1.
fn show<W: Packed>(model: &Model<'_, W>, class: usize, out: &mut [i32]) {
    let classes = model.shape().classes().max(1);
    for (out, weights) in out.iter_mut().zip(model.classes().chunks_exact(classes.max(1))) {
        *out = out.wrapping_add(weights.get(class).map_or(0, |&weight| weight as i32));
    }
}

/// The fields of the class neurons, which are at -1; returns their places.
fn fields<W: Packed>(model: &Model<'_, W>, prepared: &Prepared, bases: &[i32], out: &mut [i64]) -> i32 {
    let drifts = model.drifts().get(model.shape().class_neurons()).unwrap_or(&[]);
    if let Some(leak) = prepared.square {
        squares(model, leak, bases, out);
        for (field, &drift) in out.iter_mut().zip(drifts) {
            *field -= (i64::from(leak) * i64::from(drift as i32)) << prepared.coarser >> 32;
        }
        return 2 * prepared.scale.places - 32;
    }
    let mut largest = model.header(word::MOST_CLASS_DRIFT) as i32;
    for (&x, &top) in bases.iter().zip(model.constants(2)) {
        largest = largest.max(x.wrapping_add(top as i32));
    }
    let powers = Powers::new(&prepared.scale, largest);
    for (field, &drift) in out.iter_mut().zip(drifts) {
        *field = powers.leaked(drift as i32, prepared.coarser).wrapping_neg();
    }
    match powers.exponent() {
        2 => add_terms(model, bases, |x| powers.term_by(x, |y| powers.square(y)), out),
        _ => add_terms(model, bases, |x| powers.term(x), out),
    }
    powers.places()
}

/// Adds to each class's field what its neuron gains by being +1.
#[inline(always)]
fn add_terms<W: Packed>(model: &Model<'_, W>, bases: &[i32], term: impl Fn(i32) -> i64, out: &mut [i64]) {
    let rows = model.classes().chunks_exact(model.shape().classes().max(1));
    let mut unchanged = 0_i64;
    for ((&x, &top), weights) in bases.iter().zip(model.constants(2)).zip(rows) {
        // Neither this state nor one with a class neuron on has a similarity above 0.
        if x.wrapping_add(top as i32) <= 0 {
            continue;
        }
        unchanged = unchanged.wrapping_add(term(x));
        for (field, &weight) in out.iter_mut().zip(weights) {
            *field = field.wrapping_add(term(x.wrapping_add(weight as i32)));
        }
    }
    for field in out {
        *field = field.wrapping_sub(unchanged);
    }
}

/// Class neurons whose fields are summed at once, in registers.
const AT_ONCE: usize = 10;

/// What class neurons gain by being +1 for n = 2, where a term is x (x + leak), in units of 2^32.
#[inline(always)]
fn squares<W: Packed>(model: &Model<'_, W>, leak: i32, bases: &[i32], out: &mut [i64]) {
    let (many, rest) = out.as_chunks_mut::<AT_ONCE>();
    let first = AT_ONCE * many.len();
    for (i, fields) in many.iter_mut().enumerate() {
        *fields = squares_from(model, leak, bases, AT_ONCE * i).map(i64::from);
    }
    for (i, field) in rest.iter_mut().enumerate() {
        *field = squares_from::<W, 1>(model, leak, bases, first + i)[0].into();
    }
}

/// [`squares`] of `C` class neurons from `first` on.
#[inline(always)]
fn squares_from<W: Packed, const C: usize>(model: &Model<'_, W>, leak: i32, bases: &[i32], first: usize) -> [i32; C] {
    let rows = model.classes().chunks_exact(model.shape().classes().max(1));
    let mut fields = [0_i32; C];
    let mut unchanged = 0_i32;
    for ((&x, &top), weights) in bases.iter().zip(model.constants(2)).zip(rows) {
        if x.wrapping_add(top as i32) <= 0 {
            continue;
        }
        let Some(weights) = weights.get(first..).and_then(|weights| weights.first_chunk::<C>()) else { continue };
        unchanged = unchanged.wrapping_add(square(x, leak));
        for (field, &weight) in fields.iter_mut().zip(weights) {
            *field = field.wrapping_add(square(x.wrapping_add(weight as i32), leak));
        }
    }
    fields.map(|field| field.wrapping_sub(unchanged))
}

/// The higher half of x (x + leak) for x > 0, and otherwise 0.
#[inline(always)]
fn square(x: i32, leak: i32) -> i32 {
    ((i64::from(x.max(0)) * i64::from(x.wrapping_add(leak))) >> 32) as i32
}

/// All neurons at once: `next` is what follows `state`, whose bases these are.
fn update<W: Packed>(model: &Model<'_, W>, prepared: &Prepared, bases: &[i32], state: &[u32], next: &mut [u32]) {
    let shape = model.shape();
    let (factors, peaks) = (model.constants(0), model.constants(3));
    let (shown, classes) = (shape.class_neurons().start, shape.classes());
    let drift = |neuron: usize| model.drifts().get(neuron).map_or(0, |&drift| drift as i32);

    let mut largest = model.header(word::MOST_DRIFT) as i32;
    for (&x, &peak) in bases.iter().zip(peaks) {
        largest = largest.max(x.saturating_add(peak as i32));
    }
    let flips = Flips::new(prepared, largest, bases);
    let groups = model.weights().chunks_exact(shown.max(1));
    for neuron in 0..shown {
        let on = bits::is_on(state, neuron);
        let mut sum = 0_i64;
        let parts = bases.chunks_exact(W::LANES).zip(factors.chunks_exact(W::LANES));
        for (rows, (bases, factors)) in groups.clone().zip(parts) {
            let Some(row) = rows.get(neuron) else { continue };
            W::unpack(row, |lane, weight| {
                if let (Some(&x), Some(&factor)) = (bases.get(lane), factors.get(lane)) {
                    let weight = base(weight << (prepared.rise + 1), factor);
                    sum = sum.wrapping_add(flips.term(x, weight, on));
                }
            });
        }
        bits::set(next, neuron, flips.becomes_on(sum, drift(neuron), on));
    }

    let rows = || model.classes().chunks_exact(classes.max(1));
    let mut largest = model.header(word::MOST_CLASS_DRIFT) as i32;
    for (&x, weights) in bases.iter().zip(rows()) {
        let peak = weights.iter().map(|&weight| (weight as i32).saturating_abs()).max().unwrap_or(0);
        largest = largest.max(x.saturating_add(peak));
    }
    let flips = Flips::new(prepared, largest, bases);
    for class in 0..classes {
        let neuron = shown + class;
        let on = bits::is_on(state, neuron);
        let sum = bases.iter().zip(rows()).fold(0_i64, |sum, (&x, weights)| {
            let weight = weights.get(class).map_or(0, |&weight| weight as i32);
            sum.wrapping_add(flips.term(x, weight, on))
        });
        bits::set(next, neuron, flips.becomes_on(sum, drift(neuron), on));
    }
}

/// What becomes of single neurons that flip.
struct Flips {
    powers: Powers,
    /// The sum of terms of the state itself.
    unchanged: i64,
    coarser: u32,
}

impl Flips {
    fn new(prepared: &Prepared, largest: i32, bases: &[i32]) -> Self {
        let powers = Powers::new(&prepared.scale, largest);
        let unchanged = bases.iter().fold(0_i64, |sum, &x| sum.wrapping_add(powers.term(x)));
        Self { powers, unchanged, coarser: prepared.coarser }
    }

    /// The term of one memory vector; `weight` is what it has for the neuron, as a base.
    #[inline(always)]
    fn term(&self, x: i32, weight: i32, on: bool) -> i64 {
        self.powers.term(if on { x.wrapping_sub(weight) } else { x.wrapping_add(weight) })
    }

    /// The sign of the field; sign(0) = -1.
    fn becomes_on(&self, sum: i64, drift: i32, on: bool) -> bool {
        let gain = sum.wrapping_sub(self.unchanged);
        let leaked = self.powers.leaked(drift, self.coarser);
        if on { gain.wrapping_add(leaked) < 0 } else { gain.wrapping_sub(leaked) > 0 }
    }
}
