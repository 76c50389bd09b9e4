//! Similarities and fields in integers.

use crate::maths::interaction::Kind;
use crate::model::bits;

use super::model::{GROUP_WORDS, Model, padded, word};
use super::packed::{self, Group, Packed};
use super::powers::{self, Common, Leak, Powers, Scale};
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
    leak: Leak,
    /// For n = 2: the slope below 0 in the unit of bases, where squares of bases need no other exponent.
    square: Option<i32>,
}

impl Prepared {
    fn new<W: Packed>(model: &Model<'_, W>) -> Self {
        let memories = padded::<W>(&model.shape());
        let scale = Scale { vertex: model.vertex(), places: model.header(word::SCALE) as i32, memories };
        let leak = if model.kind() == Kind::Rectified { 0 } else { model.header(word::LEAK) };
        let leak = Leak::new(leak, model.kind() == Kind::RisingLeak, scale.places);
        let square = if scale.vertex == 2 { leak.in_bases(scale.places, powers::bits(memories)) } else { None };
        Self { rise: model.header(word::RISE), scale, leak, square }
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
    let shown = model.shape().class_neurons().start;
    if let Some(slope) = prepared.square {
        squares(model, slope, bases, out);
        for (field, drift) in out.iter_mut().zip(model.drifts(shown)) {
            *field = field.wrapping_add(drift.wrapping_mul(slope.into()) >> 32);
        }
        return 2 * prepared.scale.places - 32;
    }
    let mut largest = 0;
    for (&x, &top) in bases.iter().zip(model.constants(2)) {
        largest = largest.max(x.wrapping_add(top as i32));
    }
    let powers = Powers::new(&prepared.scale, largest);
    all_terms(model, prepared, &powers, bases, out)
}

/// Class neurons whose fields are summed at once.
const AT_ONCE: usize = 5;

/// What class neurons gain by being +1; returns the places of that.
fn all_terms<W: Packed>(
    model: &Model<'_, W>,
    prepared: &Prepared,
    powers: &Powers,
    bases: &[i32],
    out: &mut [i64],
) -> i32 {
    let mut common = Common::new(powers, &prepared.leak);
    let mut drifts = model.drifts(model.shape().class_neurons().start);
    for first in (0..out.len()).step_by(AT_ONCE) {
        let sums = terms::<W, AT_ONCE>(model, powers, bases, first);
        for (class, (sum, drift)) in (first..).zip(sums.iter().zip(&mut drifts)) {
            // The parts below 0 become more by all weights less those of the parts above.
            let leak = prepared.leak.of(drift.wrapping_sub(sum.above));
            let (field, less) = common.sum(sum.power.into(), leak);
            for field in out.iter_mut().take(if less > 0 { class } else { 0 }) {
                *field = field.checked_shr(less).unwrap_or(field.signum().min(0));
            }
            if let Some(place) = out.get_mut(class) {
                *place = field;
            }
        }
    }
    common.places()
}

/// Sums over memory vectors: of powers, and of the parts of bases above 0.
#[derive(Clone, Copy, Debug, Default)]
struct Parts {
    power: i32,
    above: i64,
}

impl Parts {
    /// Adds sums of at most 16 memory vectors.
    #[inline(always)]
    fn add(&mut self, power: i32, above: u32) {
        self.power = self.power.wrapping_add(power);
        self.above = self.above.wrapping_add(above.into());
    }

    fn less(self, other: Self) -> Self {
        Self { power: self.power.wrapping_sub(other.power), above: self.above.wrapping_sub(other.above) }
    }
}

/// How much more the powers, and the parts above 0, of all bases are where class neurons from `first` on are +1.
fn terms<W: Packed, const C: usize>(model: &Model<'_, W>, powers: &Powers, bases: &[i32], first: usize) -> [Parts; C] {
    let mut rows = model.classes().chunks_exact(model.shape().classes().max(1));
    let (mut sums, mut unchanged) = ([Parts::default(); C], Parts::default());
    for (bases, tops) in bases.chunks(W::LANES).zip(model.constants(2).chunks(W::LANES)) {
        let mut group = [(0_i32, 0_u32); C];
        for ((&x, &top), weights) in bases.iter().zip(tops).zip(&mut rows) {
            // Neither this state nor one with a class neuron on has a similarity above 0.
            if x.wrapping_add(top as i32) <= 0 {
                continue;
            }
            unchanged.add(powers.term(x), x.max(0) as u32);
            for ((power, above), &weight) in group.iter_mut().zip(weights.get(first..).unwrap_or(&[])) {
                let x = x.wrapping_add(weight as i32);
                *power = power.wrapping_add(powers.term(x));
                *above = above.wrapping_add(x.max(0) as u32);
            }
        }
        for (sum, (power, above)) in sums.iter_mut().zip(group) {
            sum.add(power, above);
        }
    }
    sums.map(|sum| sum.less(unchanged))
}

/// The same for n = 2, where a sum is one register.
const SQUARES: usize = 10;

/// What class neurons gain by being +1 for n = 2, in units of 2^32, less the drift: a term is x (x - slope).
#[inline(always)]
fn squares<W: Packed>(model: &Model<'_, W>, slope: i32, bases: &[i32], out: &mut [i64]) {
    let (many, rest) = out.as_chunks_mut::<SQUARES>();
    let first = SQUARES * many.len();
    for (i, fields) in many.iter_mut().enumerate() {
        *fields = squares_from(model, slope, bases, SQUARES * i).map(i64::from);
    }
    for (i, field) in rest.iter_mut().enumerate() {
        *field = squares_from::<W, 1>(model, slope, bases, first + i)[0].into();
    }
}

/// [`squares`] of `C` class neurons from `first` on.
#[inline(always)]
fn squares_from<W: Packed, const C: usize>(model: &Model<'_, W>, slope: i32, bases: &[i32], first: usize) -> [i32; C] {
    let rows = model.classes().chunks_exact(model.shape().classes().max(1));
    let mut fields = [0_i32; C];
    let mut unchanged = 0_i32;
    for ((&x, &top), weights) in bases.iter().zip(model.constants(2)).zip(rows) {
        if x.wrapping_add(top as i32) <= 0 {
            continue;
        }
        let Some(weights) = weights.get(first..).and_then(|weights| weights.first_chunk::<C>()) else { continue };
        unchanged = unchanged.wrapping_add(square(x, slope));
        for (field, &weight) in fields.iter_mut().zip(weights) {
            *field = field.wrapping_add(square(x.wrapping_add(weight as i32), slope));
        }
    }
    fields.map(|field| field.wrapping_sub(unchanged))
}

/// The higher half of x (x - slope) for x > 0, and otherwise 0.
#[inline(always)]
fn square(x: i32, slope: i32) -> i32 {
    ((i64::from(x.max(0)) * i64::from(x.wrapping_sub(slope))) >> 32) as i32
}

/// Neurons whose flips are summed at once: four words of a state.
const FLIPS: usize = 128;

/// All neurons at once: `next` is what follows `state`, whose bases these are.
fn update<W: Packed>(model: &Model<'_, W>, prepared: &Prepared, bases: &[i32], state: &[u32], next: &mut [u32]) {
    let shape = model.shape();
    let (shown, classes) = (shape.class_neurons().start, shape.classes());

    let mut largest = 0;
    for (&x, &peak) in bases.iter().zip(model.constants(3)) {
        largest = largest.max(x.saturating_add(peak as i32));
    }
    let flips = Flips::new(prepared, largest, bases);
    for first in (0..shown).step_by(FLIPS) {
        let mut sums = Sums::new();
        let on = state.get(first / 32..).unwrap_or(&[]);
        let constants = model.constants(0).chunks_exact(W::LANES).zip(model.constants(3).chunks_exact(W::LANES));
        let groups = model.weights().chunks_exact(shown.max(1)).zip(bases.chunks_exact(W::LANES)).zip(constants);
        for ((rows, bases), (factors, peaks)) in groups {
            let rows = rows.get(first..).unwrap_or(&[]);
            let words = bases.chunks_exact(W::PER_WORD).zip(factors.chunks_exact(W::PER_WORD));
            for (word, ((bases, factors), peaks)) in words.zip(peaks.chunks_exact(W::PER_WORD)).enumerate() {
                // Otherwise no flip of a neuron gives any of them a similarity above 0.
                if bases.iter().zip(peaks).any(|(&x, &peak)| x.saturating_add(peak as i32) > 0) {
                    flips.add::<W>(&mut sums, rows, word, on, bases, factors, prepared.rise + 1);
                }
            }
            sums.carry(rows.len());
        }
        flips.decide(&sums, model.drifts(first), first..shown.min(first + FLIPS), state, next);
    }

    let rows = || model.classes().chunks_exact(classes.max(1));
    let mut largest = 0;
    for (&x, weights) in bases.iter().zip(rows()) {
        let peak = weights.iter().map(|&weight| (weight as i32).saturating_abs()).max().unwrap_or(0);
        largest = largest.max(x.saturating_add(peak));
    }
    let flips = Flips::new(prepared, largest, bases);
    for first in (0..classes).step_by(FLIPS) {
        let mut sums = Sums::new();
        let neurons = shown + first..shown + classes.min(first + FLIPS);
        let mut rows = rows();
        for bases in bases.chunks(W::LANES) {
            for (&x, weights) in bases.iter().zip(&mut rows) {
                // Of either direction and sign of the weight, with one that has the other sign to begin with.
                let none = |weight| Flip { weight, power: 0, above: 0, _rest: 0 };
                let mut last = [[none(u32::MAX), none(0)]; 2];
                let weights = weights.get(first..).unwrap_or(&[]);
                for ((&weight, (power, above)), neuron) in weights.iter().zip(&mut sums.group).zip(neurons.clone()) {
                    let on = bits::is_on(state, neuron);
                    let last = &mut last[usize::from(on)][usize::from((weight as i32) < 0)];
                    if last.weight != weight {
                        *last = flips.flipped(weight, x, weight as i32, on);
                    }
                    *power = power.wrapping_add(last.power);
                    *above = above.wrapping_add(last.above);
                }
            }
            sums.carry(neurons.len());
        }
        flips.decide(&sums, model.drifts(neurons.start), neurons, state, next);
    }
}

/// Sums over memory vectors, for each of some neurons that flip.
struct Sums {
    /// Of powers, and of the parts above 0 of at most 16 memory vectors.
    group: [(i32, u32); FLIPS],
    /// Of the parts above 0 of all before.
    above: [i64; FLIPS],
}

impl Sums {
    fn new() -> Self {
        Self { group: [(0, 0); FLIPS], above: [0; FLIPS] }
    }

    /// Of the first neurons.
    fn carry(&mut self, neurons: usize) {
        for ((_, part), above) in self.group.iter_mut().zip(&mut self.above).take(neurons) {
            *above = above.wrapping_add(core::mem::take(part).into());
        }
    }
}

/// What the flip of a neuron makes of a memory vector's base.
#[derive(Clone, Copy)]
struct Flip {
    weight: u32,
    power: i32,
    above: u32,
    /// Sixteen bytes are quickly found.
    _rest: u32,
}

/// What becomes of single neurons that flip.
struct Flips {
    powers: Powers,
    leak: Leak,
    /// Of the state itself.
    unchanged: Parts,
}

impl Flips {
    fn new(prepared: &Prepared, largest: i32, bases: &[i32]) -> Self {
        let powers = Powers::new(&prepared.scale, largest);
        let mut unchanged = Parts::default();
        bases.iter().for_each(|&x| unchanged.add(powers.term(x), x.max(0) as u32));
        Self { powers, leak: prepared.leak, unchanged }
    }

    /// To base x, by a neuron of this weight.
    fn flip(&self, weight: u32, x: i32) -> Flip {
        Flip { weight, power: self.powers.term(x), above: x.max(0) as u32, _rest: 0 }
    }

    /// From base x, by a neuron whose weight is `change` as a base.
    #[inline(never)]
    fn flipped(&self, weight: u32, x: i32, change: i32, on: bool) -> Flip {
        self.flip(weight, if on { x.wrapping_sub(change) } else { x.wrapping_add(change) })
    }

    /// Adds, for each neuron that has a row, what becomes of the bases of the memory vectors of one word where the neuron
    /// flips; bits of `on` are set for neurons that are +1. A weight is a base by 2^rise and its factor.
    ///
    /// Weights may be few: of each memory vector the last flip of either direction and sign of the weight is kept.
    #[inline(never)]
    #[allow(clippy::too_many_arguments, reason = "what one loop needs, so that it has all registers")]
    fn add<W: Packed>(
        &self,
        sums: &mut Sums,
        rows: &[Group],
        word: usize,
        on: &[u32],
        bases: &[i32],
        factors: &[u32],
        rise: u32,
    ) {
        // No packed weight is so large.
        let mut last = [[Flip { weight: u32::MAX, power: 0, above: 0, _rest: 0 }; 4]; 4];
        // Neighbours tend to be alike, in all memory vectors of the word: the row before, its direction, and its sums.
        let (mut before, mut direction, mut same) = (0, 2, (0_i32, 0_u32));
        for (&on, (rows, sums)) in on.iter().zip(rows.chunks(32).zip(sums.group.chunks_mut(32))) {
            let mut on = on;
            for (row, (power, above)) in rows.iter().zip(sums) {
                let row = row[word % GROUP_WORDS];
                if row != before || on & 1 != direction {
                    (before, direction, same) = (row, on & 1, (0, 0));
                    for (place, last) in last.iter_mut().take(W::PER_WORD).enumerate() {
                        let packed = W::packed(row, place);
                        let last = &mut last[(2 * direction + packed / W::OFFSET) as usize % 4];
                        if last.weight != packed {
                            let (x, factor) = (bases.get(place).copied(), factors.get(place).copied());
                            let weight = (packed as i32 - W::OFFSET as i32) << (rise & 31);
                            *last =
                                self.flipped(packed, x.unwrap_or(0), base(weight, factor.unwrap_or(0)), direction == 1);
                        }
                        same.0 = same.0.wrapping_add(last.power);
                        same.1 = same.1.wrapping_add(last.above);
                    }
                }
                *power = power.wrapping_add(same.0);
                *above = above.wrapping_add(same.1);
                on >>= 1;
            }
        }
    }

    /// Sets those of `neurons`, of which none is set in `next`, whose fields are above 0.
    fn decide(
        &self,
        sums: &Sums,
        drifts: impl Iterator<Item = i64>,
        neurons: core::ops::Range<usize>,
        state: &[u32],
        next: &mut [u32],
    ) {
        let common = Common::new(&self.powers, &self.leak);
        let sums = sums.group.iter().zip(&sums.above).map(|(&(power, _), &above)| Parts { power, above });
        for ((neuron, sum), drift) in neurons.zip(sums).zip(drifts) {
            let on = bits::is_on(state, neuron);
            let gain = sum.less(self.unchanged);
            let drift = if on { drift.wrapping_neg() } else { drift };
            let below = drift.wrapping_sub(gain.above);
            let leak = if below == 0 { 0 } else { self.leak.of(below) };
            let gain = common.sign(gain.power.into(), leak);
            // All are off.
            if if on { gain < 0 } else { gain > 0 } {
                bits::set(next, neuron, true);
            }
        }
    }
}
