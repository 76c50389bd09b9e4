//! Similarities and fields in 32-bit floating point: a model without quantisation.
//!
//! The sums are those of `maths::field`, in the order of neurons and of groups of four memory vectors.

use crate::maths::energy;
use crate::maths::interaction::Interaction;
use crate::maths::similarity::{changed, scaled};
use crate::model::bits;
use crate::number::lanes::{self, Row};

use super::model::{Model, word};
use super::packed::{Group, each_row};
use super::precision::GROUP_WORDS;
use super::session::{Evaluate, Relax};

const LANES: usize = GROUP_WORDS;

/// What a model's header says, ready for use.
#[derive(Clone, Copy, Debug)]
pub struct Prepared {
    interaction: Interaction<f32>,
    /// beta / N.
    scale: f32,
}

fn row(group: &Group) -> Row<f32, LANES> {
    group.map(f32::from_bits)
}

/// The similarities of groups, and the weights of each group to a class neuron.
fn groups<'a>(
    model: &Model<'a, f32>,
    similarities: &'a [f32],
) -> impl Iterator<Item = (&'a Row<f32, LANES>, &'a [u32])> {
    let classes = LANES * model.shape().classes().max(1);
    similarities.as_chunks().0.iter().zip(model.classes().chunks_exact(classes.max(1)))
}

/// Weights of a group to `class`.
fn to_class(weights: &[u32], class: usize, classes: usize) -> Row<f32, LANES> {
    core::array::from_fn(|lane| weights.get(lane * classes + class).map_or(0.0, |&bits| f32::from_bits(bits)))
}

impl Evaluate for f32 {
    type Similarity = f32;
    type Field = f32;
    type Prepared = Option<Prepared>;

    fn prepare(model: &Model<'_, f32>) -> Option<Prepared> {
        let leak = f32::from_bits(model.header(word::LEAK));
        let interaction = Interaction::new(model.kind(), model.vertex(), leak).ok()?;
        Some(Prepared { interaction, scale: f32::from_bits(model.header(word::SCALE)) })
    }

    fn similarities(model: &Model<'_, f32>, _: &Self::Prepared, state: &[u32], out: &mut [f32]) {
        let places = out.as_chunks_mut::<LANES>().0.iter_mut().zip(model.constants(0).as_chunks::<LANES>().0);
        for (rows, (out, total)) in model.weights().zip(places) {
            let mut sum = lanes::splat(0.0);
            each_row(rows, state, |group| lanes::add_to(&mut sum, &row(group)));
            *out = lanes::zip(&sum, &row(total), |on, total| on + on - total);
        }
    }

    fn fields(model: &Model<'_, f32>, prepared: &Self::Prepared, similarities: &[f32], out: &mut [f32]) -> i32 {
        out.fill(0.0);
        let Some(Prepared { interaction, scale }) = *prepared else { return 0 };
        for (h, weights) in groups(model, similarities) {
            let s = scaled(h, scale);
            let unchanged = interaction.values(&s);
            for (class, field) in out.iter_mut().enumerate() {
                let zeta = to_class(weights, class, model.shape().classes());
                let on = interaction.values(&changed(&s, 2.0 * scale, &zeta));
                *field += lanes::fold(&lanes::zip(&on, &unchanged, |on, off| on - off));
            }
        }
        0
    }

    fn margin(best: f32, next: f32, _: i32) -> u32 {
        ((best - next) * 65_536.0) as u32
    }
}

impl Relax for f32 {
    fn show(model: &Model<'_, f32>, class: usize, out: &mut [f32]) {
        let classes = model.shape().classes().max(1);
        for (out, weights) in out.iter_mut().zip(model.classes().chunks_exact(classes.max(1))) {
            let weight = weights.get(class).map_or(0.0, |&bits| f32::from_bits(bits));
            *out += weight + weight;
        }
    }

    fn update(model: &Model<'_, f32>, prepared: &Self::Prepared, h: &[f32], state: &[u32], next: &mut [u32]) {
        let Some(Prepared { interaction, scale }) = *prepared else { return };
        let shape = model.shape();
        let shown = shape.class_neurons().start;
        // What a flip gains; h are the similarities of one group.
        let gain = |h: &Row<f32, LANES>, zeta: &Row<f32, LANES>, on: bool| {
            energy::gain(&interaction, h, if on { -2.0 } else { 2.0 }, zeta, scale)
        };
        let mut set = |neuron: usize, on: bool, gain: f32| {
            bits::set(next, neuron, if on { gain < 0.0 } else { gain > 0.0 });
        };
        for neuron in 0..shown {
            let on = bits::is_on(state, neuron);
            let rows = model.weights().filter_map(|rows| rows.get(neuron));
            let each = h.as_chunks::<LANES>().0.iter().zip(rows);
            set(neuron, on, each.fold(0.0, |sum, (h, group)| sum + gain(h, &row(group), on)));
        }
        for (class, neuron) in shape.class_neurons().enumerate() {
            let on = bits::is_on(state, neuron);
            let each = groups(model, h).map(|(h, weights)| gain(h, &to_class(weights, class, shape.classes()), on));
            set(neuron, on, each.fold(0.0, |sum, gain| sum + gain));
        }
    }
}
