//! Relaxation: neurons are updated until nothing changes.

pub use crate::model::relaxed::{End, Relaxed};

use super::passes::Passes;
use crate::maths::energy;
use crate::model::bits;
use crate::model::items::{Items, Union};
use crate::model::network::{Model, Weights};
use crate::model::rule::{Context, Rule, Updated};
use crate::number::lanes::{self, Row};
use crate::number::scalar::Scalar;

/// Relaxes states synchronously: all neurons are updated at once, from the old state, to the sign of their field;
/// sign(0) = -1.
///
/// `states` holds `relaxed.len()` states in neuron order, [`Shape::words`](crate::Shape::words) words each, `previous` is
/// of the same length and `active` has one entry a state. A state that was seen two sweeps before is a cycle, and the
/// sweep that finds it is the last.
#[allow(clippy::too_many_arguments, reason = "buffers are lent")]
pub fn synchronous<S: Scalar, const L: usize>(
    passes: &mut dyn Passes<S, L>,
    weights: &mut Weights<'_, S, L>,
    states: &mut [u32],
    previous: &mut [u32],
    active: &mut [u32],
    relaxed: &mut [Relaxed],
    most_sweeps: u32,
) {
    let rule = Rule { context: Context::Labels, updated: Updated::All, ..passes.rule() };
    let shape = passes.model().shape;
    let (neurons, words) = (shape.neurons(), shape.words());
    let capacity = passes.capacity(Updated::All);
    let count = relaxed.len().min(active.len());
    for (i, (place, relaxed)) in active.iter_mut().zip(relaxed.iter_mut()).enumerate() {
        *place = i as u32;
        *relaxed = Relaxed { end: End::Limit, sweeps: 0 };
    }
    let mut left = count;
    for _ in 0..most_sweeps {
        let mut still = 0;
        let mut from = 0;
        while from < left {
            let to = (from + capacity).min(left);
            let Some(chunk) = active.get(from..to) else { return };
            // Lent to the passes, each under its own index.
            let items = Items::in_neuron_order(words, states);
            let fields = passes.fields(rule, weights, &Union::only(items), chunk);
            for (slot, fields) in (from..to).zip(fields.chunks_exact(neurons.max(1))) {
                let Some(&index) = active.get(slot) else { return };
                let range = index as usize * words..(index as usize + 1) * words;
                let (Some(state), Some(previous), Some(relaxed)) =
                    (states.get_mut(range.clone()), previous.get_mut(range), relaxed.get_mut(index as usize))
                else {
                    return;
                };
                relaxed.sweeps += 1;
                match update(state, previous, fields, relaxed.sweeps > 1) {
                    Some(end) => relaxed.end = end,
                    None => {
                        if let Some(place) = active.get_mut(still) {
                            *place = index;
                            still += 1;
                        }
                    }
                }
            }
            from = to;
        }
        left = still;
    }
}

/// One synchronous update of one state; `previous` becomes the state before it, and is one only if there was an update
/// before.
fn update<S: Scalar>(state: &mut [u32], previous: &mut [u32], fields: &[S], updated_before: bool) -> Option<End> {
    let (mut same, mut back) = (true, updated_before);
    for (w, (state, previous)) in state.iter_mut().zip(previous).enumerate() {
        let mut new = 0;
        for (bit, &field) in fields.iter().skip(32 * w).take(32).enumerate() {
            if field > S::ZERO {
                new |= 1 << bit;
            }
        }
        same &= new == *state;
        back &= new == *previous;
        (*previous, *state) = (*state, new);
    }
    if same {
        Some(End::Stable)
    } else if back {
        Some(End::Cycle)
    } else {
        None
    }
}

/// Relaxes one state asynchronously: one neuron after the other, in the order of `order`, each from the newest state.
/// The energy never rises.
///
/// `similarities` lends one row a block.
pub fn asynchronous<S: Scalar, const L: usize>(
    model: &Model<S>,
    weights: &[Row<S, L>],
    state: &mut [u32],
    order: &[u16],
    similarities: &mut [Row<S, L>],
    most_sweeps: u32,
) -> Relaxed {
    let (neurons, levels, scale) = (model.shape.neurons(), model.levels(), model.scale());
    let blocks = || weights.chunks_exact(neurons.max(1));
    for (h, rows) in similarities.iter_mut().zip(blocks()) {
        *h = lanes::splat(S::ZERO);
        for (j, row) in rows.iter().enumerate() {
            let shown = levels.shown(j, if bits::is_on(state, j) { S::ONE } else { -S::ONE });
            lanes::add_scaled_to(h, shown, row);
        }
    }
    for sweep in 1..=most_sweeps {
        let mut changed = false;
        for &neuron in order {
            let neuron = usize::from(neuron);
            let on = bits::is_on(state, neuron);
            let change = if on { -levels.difference(neuron) } else { levels.difference(neuron) };
            // What flipping this neuron gains.
            let mut gain = S::ZERO;
            for (h, rows) in similarities.iter().zip(blocks()) {
                let Some(zeta) = rows.get(neuron) else { continue };
                gain = gain + energy::gain(&model.interaction, h, change, zeta, scale);
            }
            // sign(0) = -1.
            if gain > S::ZERO || (on && gain == S::ZERO) {
                bits::set(state, neuron, !on);
                changed = true;
                for (h, rows) in similarities.iter_mut().zip(blocks()) {
                    let Some(zeta) = rows.get(neuron) else { continue };
                    lanes::add_scaled_to(h, change, zeta);
                }
            }
        }
        if !changed {
            return Relaxed { end: End::Stable, sweeps: sweep };
        }
    }
    Relaxed { end: End::Limit, sweeps: most_sweeps }
}
