//! Relaxation: neurons are updated until nothing changes.

use crate::backend::engine::Engine;
use crate::backend::executor::Executor;
use crate::model::bits;
use crate::model::items::{Items, Union};
use crate::model::network::Model;
use crate::model::rule::{Context, Rule, Updated};
use crate::number::lanes::{self, Row};
use crate::number::scalar::Scalar;

/// How a relaxation ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum End {
    /// No neuron changes any more.
    Stable,
    /// Two states follow each other for ever; only synchronous updates do that.
    Cycle,
    /// Still changing after the most sweeps that were allowed.
    Limit,
}

/// A relaxation's end and the sweeps it took. The sweep that finds nothing to change counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Relaxed {
    /// Which end.
    pub end: End,
    /// Updates of all neurons.
    pub sweeps: u32,
}

/// Relaxes states synchronously: all neurons are updated at once, from the old state, to the sign of their field;
/// sign(0) = -1.
///
/// `states` holds `relaxed.len()` states in neuron order, [`Shape::words`](crate::Shape::words) words each, `previous` is
/// of the same length and `active` has one entry a state. A state that was seen two sweeps before is a cycle, and the
/// sweep that finds it is the last.
#[allow(clippy::too_many_arguments, reason = "buffers are lent")]
pub fn synchronous<S: Scalar, const L: usize, E: Executor>(
    engine: &mut Engine<'_, S, L, E>,
    weights: &[Row<S, L>],
    states: &mut [u32],
    previous: &mut [u32],
    active: &mut [u32],
    relaxed: &mut [Relaxed],
    most_sweeps: u32,
) {
    let rule = Rule { context: Context::Labels, updated: Updated::All, ..engine.rule };
    let (neurons, words) = (engine.model.shape.neurons(), engine.model.shape.words());
    let capacity = engine.capacity(Updated::All);
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
            // Lend the states to the engine under their own names.
            let items = Items::in_neuron_order(words, states);
            let fields = engine.fields_under(rule, weights, &Union::only(items), chunk);
            for (slot, fields) in (from..to).zip(fields.chunks_exact(neurons.max(1))) {
                let Some(&name) = active.get(slot) else { return };
                let range = name as usize * words..(name as usize + 1) * words;
                let (Some(state), Some(previous), Some(relaxed)) =
                    (states.get_mut(range.clone()), previous.get_mut(range), relaxed.get_mut(name as usize))
                else {
                    return;
                };
                relaxed.sweeps += 1;
                match update(state, previous, fields, relaxed.sweeps > 1) {
                    Some(end) => relaxed.end = end,
                    None => {
                        if let Some(place) = active.get_mut(still) {
                            *place = name;
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
    let (neurons, swings, scale) = (model.shape.neurons(), model.swings(), model.scale());
    let blocks = || weights.chunks_exact(neurons.max(1));
    for (h, rows) in similarities.iter_mut().zip(blocks()) {
        *h = lanes::splat(S::ZERO);
        for (j, row) in rows.iter().enumerate() {
            let shown = swings.shown(j, if bits::is_on(state, j) { S::ONE } else { -S::ONE });
            lanes::add_scaled_to(h, shown, row);
        }
    }
    for sweep in 1..=most_sweeps {
        let mut changed = false;
        for &neuron in order {
            let neuron = usize::from(neuron);
            let on = bits::is_on(state, neuron);
            let swing = if on { -swings.of(neuron) } else { swings.of(neuron) };
            // What flipping this neuron adds.
            let turn = |z: S| swing * z;
            let mut gain = S::ZERO;
            for (h, rows) in similarities.iter().zip(blocks()) {
                let Some(zeta) = rows.get(neuron) else { continue };
                let stay = model.interaction.values(&lanes::map(h, |h| scale * h));
                let flip = model.interaction.values(&lanes::zip(h, zeta, |h, z| scale * (h + turn(z))));
                gain = gain + lanes::fold(&lanes::zip(&flip, &stay, |flip, stay| flip - stay));
            }
            // sign(0) = -1.
            if gain > S::ZERO || (on && gain == S::ZERO) {
                bits::set(state, neuron, !on);
                changed = true;
                for (h, rows) in similarities.iter_mut().zip(blocks()) {
                    let Some(zeta) = rows.get(neuron) else { continue };
                    *h = lanes::zip(h, zeta, |h, z| h + turn(z));
                }
            }
        }
        if !changed {
            return Relaxed { end: End::Stable, sweeps: sweep };
        }
    }
    Relaxed { end: End::Limit, sweeps: most_sweeps }
}
