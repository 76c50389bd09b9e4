//! Fields of class neurons for any interaction vertex.

use super::integer::Prepared;
use super::model::Model;
use super::packed::Packed;
use super::powers::{Common, Powers};

/// Class neurons whose fields are summed at once.
const AT_ONCE: usize = 5;

/// What class neurons gain by being +1; returns the places of that.
pub(super) fn all<W: Packed>(
    model: &Model<'_, W>,
    prepared: &Prepared,
    powers: &Powers,
    bases: &[i32],
    out: &mut [i64],
) -> i32 {
    let mut common = Common::new(powers, &prepared.leak);
    let mut drifts = model.class_drifts();
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
pub(super) struct Parts {
    pub(super) power: i32,
    pub(super) above: i64,
}

impl Parts {
    /// Adds sums of at most 16 memory vectors.
    #[inline(always)]
    pub(super) fn add(&mut self, power: i32, above: u32) {
        self.power = self.power.wrapping_add(power);
        self.above = self.above.wrapping_add(above.into());
    }

    pub(super) fn less(self, other: Self) -> Self {
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
