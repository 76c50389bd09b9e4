//! Similarities and fields in integers.

use crate::bits;
use crate::interaction::Kind;

use super::model::{Model, padded};
use super::packed::Packed;
use super::powers::{self, Powers, Scale, coarser};
use super::recall::Evaluate;

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
}

impl Prepared {
    fn new<W: Packed>(model: &Model<'_, W>) -> Self {
        let memories = padded::<W>(&model.shape());
        let scale = Scale {
            vertex: model.vertex(),
            places: model.header(10) as i32,
            leak: if model.kind() == Kind::Rectified { 0 } else { model.header(8) },
            rising: model.kind() == Kind::RisingLeak,
            bits: powers::bits(memories),
        };
        Self { rise: model.header(9), scale, coarser: coarser(memories) }
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
            fn similarities(model: &Model<'_, Self>, prepared: &Prepared, names: &[u16], out: &mut [i32]) {
                similarities(model, prepared, names, out);
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

/// H_k 2^a with all class neurons at -1, where the others that `names` names are +1.
fn similarities<W: Packed>(model: &Model<'_, W>, prepared: &Prepared, names: &[u16], out: &mut [i32]) {
    let shown = model.shape().class_neurons().start.max(1);
    let totals = model.constants(1);
    let groups = model.weights().chunks_exact(shown);
    let places = out.chunks_exact_mut(W::LANES).zip(totals.chunks_exact(W::LANES));
    for (rows, (out, totals)) in groups.zip(places) {
        W::sums(rows, names, |lane, sum| {
            if let (Some(out), Some(&total)) = (out.get_mut(lane), totals.get(lane)) {
                *out = (2 * sum).wrapping_sub(total as i32) << prepared.rise;
            }
        });
    }
}

/// Class neuron `class` becomes +1.
fn show<W: Packed>(model: &Model<'_, W>, class: usize, out: &mut [i32]) {
    let classes = model.shape().classes().max(1);
    for (out, weights) in out.iter_mut().zip(model.classes().chunks_exact(classes)) {
        *out = out.wrapping_add(weights.get(class).map_or(0, |&weight| weight as i32));
    }
}

/// The fields of the class neurons, which are at -1; returns their places.
fn fields<W: Packed>(model: &Model<'_, W>, prepared: &Prepared, similarities: &[i32], out: &mut [i64]) -> i32 {
    let shape = model.shape();
    let (factors, tops) = (model.constants(0), model.constants(2));
    let mut largest = model.header(13) as i32;
    for ((&h, &factor), &top) in similarities.iter().zip(factors).zip(tops) {
        largest = largest.max(base(h.wrapping_add(top as i32), factor));
    }
    let powers = Powers::new(&prepared.scale, largest);
    let drifts = model.drifts().get(shape.class_neurons()).unwrap_or(&[]);
    for (field, &drift) in out.iter_mut().zip(drifts) {
        *field = powers.leaked(drift as i32, prepared.coarser).wrapping_neg();
    }
    match powers.exponent() {
        1 => add_terms(model, similarities, |x| powers.term_by(x, |y| y), out),
        2 => add_terms(model, similarities, |x| powers.term_by(x, |y| powers.square(y)), out),
        _ => add_terms(model, similarities, |x| powers.term(x), out),
    }
    powers.places()
}

/// Adds to each class's field what its neuron gains by being +1.
#[inline(always)]
fn add_terms<W: Packed>(model: &Model<'_, W>, similarities: &[i32], term: impl Fn(i32) -> i64, out: &mut [i64]) {
    let (factors, tops) = (model.constants(0), model.constants(2));
    let rows = model.classes().chunks_exact(model.shape().classes().max(1));
    let mut unchanged = 0_i64;
    for (((&h, &factor), &top), weights) in similarities.iter().zip(factors).zip(tops).zip(rows) {
        // Neither this state nor one with a class neuron on has a similarity above 0.
        if h.wrapping_add(top as i32) <= 0 {
            continue;
        }
        unchanged = unchanged.wrapping_add(term(base(h, factor)));
        for (field, &weight) in out.iter_mut().zip(weights) {
            *field = field.wrapping_add(term(base(h.wrapping_add(weight as i32), factor)));
        }
    }
    for field in out {
        *field = field.wrapping_sub(unchanged);
    }
}

/// All neurons at once: `next` is what follows `state`, of which `similarities` are.
fn update<W: Packed>(model: &Model<'_, W>, prepared: &Prepared, similarities: &[i32], state: &[u32], next: &mut [u32]) {
    let shape = model.shape();
    let (factors, peaks) = (model.constants(0), model.constants(3));
    let (shown, classes) = (shape.class_neurons().start, shape.classes());
    let each = || similarities.iter().zip(factors).map(|(&h, &factor)| (h, factor));
    let drift = |neuron: usize| model.drifts().get(neuron).map_or(0, |&drift| drift as i32);

    let mut largest = model.header(12) as i32;
    for ((h, factor), &peak) in each().zip(peaks) {
        largest = largest.max(base(h.saturating_add(peak as i32), factor));
    }
    let flips = Flips::new(prepared, largest, each());
    let groups = model.weights().chunks_exact(shown.max(1));
    for neuron in 0..shown {
        let on = bits::is_on(state, neuron);
        let mut sum = 0_i64;
        let parts = similarities.chunks_exact(W::LANES).zip(factors.chunks_exact(W::LANES));
        for (rows, (h, factors)) in groups.clone().zip(parts) {
            let Some(row) = rows.get(neuron) else { continue };
            W::unpack(row, |lane, weight| {
                if let (Some(&h), Some(&factor)) = (h.get(lane), factors.get(lane)) {
                    let weight = weight << (prepared.rise + 1);
                    sum = sum.wrapping_add(flips.term(h, weight, on, factor));
                }
            });
        }
        bits::set(next, neuron, flips.becomes_on(sum, drift(neuron), on));
    }

    let rows = || model.classes().chunks_exact(classes.max(1));
    let mut largest = model.header(13) as i32;
    for ((h, factor), weights) in each().zip(rows()) {
        let peak = weights.iter().map(|&weight| (weight as i32).saturating_abs()).max().unwrap_or(0);
        largest = largest.max(base(h.saturating_add(peak), factor));
    }
    let flips = Flips::new(prepared, largest, each());
    for class in 0..classes {
        let neuron = shown + class;
        let on = bits::is_on(state, neuron);
        let sum = each().zip(rows()).fold(0_i64, |sum, ((h, factor), weights)| {
            let weight = weights.get(class).map_or(0, |&weight| weight as i32);
            sum.wrapping_add(flips.term(h, weight, on, factor))
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
    fn new(prepared: &Prepared, largest: i32, each: impl Iterator<Item = (i32, u32)>) -> Self {
        let powers = Powers::new(&prepared.scale, largest);
        let unchanged = each.fold(0_i64, |sum, (h, factor)| sum.wrapping_add(powers.term(base(h, factor))));
        Self { powers, unchanged, coarser: prepared.coarser }
    }

    /// The term of one memory vector; `weight` is twice the weight to the neuron, times 2^a.
    #[inline(always)]
    fn term(&self, h: i32, weight: i32, on: bool, factor: u32) -> i64 {
        let h = if on { h.wrapping_sub(weight) } else { h.wrapping_add(weight) };
        self.powers.term(base(h, factor))
    }

    /// The sign of the field; sign(0) = -1.
    fn becomes_on(&self, sum: i64, drift: i32, on: bool) -> bool {
        let gain = sum.wrapping_sub(self.unchanged);
        let leaked = self.powers.leaked(drift, self.coarser);
        if on { gain.wrapping_add(leaked) < 0 } else { gain.wrapping_sub(leaked) > 0 }
    }
}
