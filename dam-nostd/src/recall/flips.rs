//! Relaxation in integers: all neurons at once.

use crate::model::bits;

use super::integer::{Prepared, base};
use super::leak::Leak;
use super::model::Model;
use super::packed::{Group, Packed};
use super::powers::{Common, Powers};
use super::precision::GROUP_WORDS;
use super::terms::Parts;

/// Class neuron `class` becomes +1.
pub(super) fn show<W: Packed>(model: &Model<'_, W>, class: usize, out: &mut [i32]) {
    let classes = model.shape().classes().max(1);
    for (out, weights) in out.iter_mut().zip(model.classes().chunks_exact(classes.max(1))) {
        *out = out.wrapping_add(weights.get(class).map_or(0, |&weight| weight as i32));
    }
}

/// Neurons whose flips are summed at once: four words of a state.
const FLIPS: usize = 128;

/// All neurons at once: `next` is what follows `state`, whose bases these are.
pub(super) fn update<W: Packed>(
    model: &Model<'_, W>,
    prepared: &Prepared,
    bases: &[i32],
    state: &[u32],
    next: &mut [u32],
) {
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
        let groups = model.weights().zip(bases.chunks_exact(W::LANES)).zip(constants);
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
