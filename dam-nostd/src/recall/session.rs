//! Classification and relaxation with an exported model.

use core::fmt::Debug;

use crate::model::bits;
use crate::model::relaxed::{End, Relaxed};
use crate::number::lanes::largest;

use super::model::{Content, Model, padded, word};
use super::precision::Precision;

/// The fields of the class neurons, all with one exponent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Fields<'a, F> {
    /// One for each class; a field is value 2^-places.
    pub values: &'a [F],
    /// Places behind the binary point; 0 for floating point.
    pub places: i32,
}

/// The class of a state, and how sure that is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Answer<F> {
    /// The class with the largest field.
    pub class: usize,
    /// Its field, value 2^-places.
    pub field: F,
    /// Places behind the binary point; 0 for floating point.
    pub places: i32,
    /// How much larger it is than the next, times 2^16; the largest number where that does not fit.
    pub margin: u32,
    /// Whether the margin is below that of the model: such an answer is not to be trusted.
    pub rejected: bool,
}

/// How a precision takes similarities and fields.
pub trait Evaluate: Precision {
    /// A similarity.
    type Similarity: Copy + Default + Debug;
    /// A field.
    type Field: Copy + Default + PartialOrd + Debug;
    /// What a model's header says.
    type Prepared: Copy + Debug;

    /// Reads a model's header.
    fn prepare(model: &Model<'_, Self>) -> Self::Prepared;

    /// Similarities of `state` with its class neurons at -1.
    fn similarities(model: &Model<'_, Self>, prepared: &Self::Prepared, state: &[u32], out: &mut [Self::Similarity]);

    /// Fields of the class neurons, which are all at -1; returns their places behind the point.
    fn fields(
        model: &Model<'_, Self>,
        prepared: &Self::Prepared,
        similarities: &[Self::Similarity],
        out: &mut [Self::Field],
    ) -> i32;

    /// How much larger `best` is than `next`, times 2^16.
    fn margin(best: Self::Field, next: Self::Field, places: i32) -> u32;
}

/// How a precision relaxes.
pub trait Relax: Evaluate {
    /// Class neuron `class` becomes +1.
    fn show(model: &Model<'_, Self>, class: usize, out: &mut [Self::Similarity]);

    /// All neurons at once: `next` is what follows `state`.
    fn update(
        model: &Model<'_, Self>,
        prepared: &Self::Prepared,
        similarities: &[Self::Similarity],
        state: &[u32],
        next: &mut [u32],
    );
}

/// Buffers lent to a [`Recall`]. With shorter ones, states and memory vectors are left out.
///
/// Lengths: `similarities` has one entry for each memory vector of whole groups ([`padded`](super::model::padded)),
/// `fields` one for each class, `previous` and `next`, which relaxation needs and classification does not, as many words
/// as a state.
#[derive(Debug)]
#[allow(missing_docs, reason = "said above")]
pub struct Buffers<'a, W: Evaluate> {
    pub similarities: &'a mut [W::Similarity],
    pub fields: &'a mut [W::Field],
    pub previous: &'a mut [u32],
    pub next: &'a mut [u32],
}

impl<W: Evaluate> Buffers<'_, W> {
    /// Bytes of all buffers for a network of this shape.
    pub const fn bytes(shape: &crate::Shape) -> usize {
        size_of::<W::Similarity>() * padded::<W>(shape)
            + size_of::<W::Field>() * shape.classes()
            + 2 * 4 * shape.words()
    }
}

/// Recall with an exported model.
///
/// A state has [`Shape::words`](crate::Shape::words) words: pixel neurons, task-ID neurons, class neurons, as in
/// [`bits`](crate::model::bits).
#[derive(Debug)]
pub struct Recall<'a, W: Evaluate> {
    model: Model<'a, W>,
    prepared: W::Prepared,
    buffers: Buffers<'a, W>,
}

impl<'a, W: Evaluate> Recall<'a, W> {
    /// With `model`.
    pub fn new(model: Model<'a, W>, buffers: Buffers<'a, W>) -> Self {
        Self { model, prepared: W::prepare(&model), buffers }
    }

    /// The model.
    pub fn model(&self) -> &Model<'a, W> {
        &self.model
    }

    /// The fields of the class neurons, which are held at -1, whatever `state` says of them.
    #[inline(never)]
    pub fn fields(&mut self, state: &[u32]) -> Fields<'_, W::Field> {
        let Buffers { similarities, fields, .. } = &mut self.buffers;
        W::similarities(&self.model, &self.prepared, state, similarities);
        let places = W::fields(&self.model, &self.prepared, similarities, fields);
        Fields { values: fields, places }
    }

    /// The class of `state`: that of the largest field.
    pub fn classify(&mut self, state: &[u32]) -> usize {
        largest(self.fields(state).values)
    }

    /// The class of `state`, with its field, and whether the model's margin rejects it.
    pub fn answer(&mut self, state: &[u32]) -> Answer<W::Field> {
        let rejection = self.model.header(word::REJECTION);
        let Fields { values, places } = self.fields(state);
        let class = largest(values);
        let field = values.get(class).copied().unwrap_or_default();
        let others = values.iter().enumerate().filter(|&(other, _)| other != class);
        let margins = others.map(|(_, &other)| W::margin(field, other, places));
        let margin = margins.min().unwrap_or(u32::MAX);
        Answer { class, field, places, margin, rejected: margin < rejection }
    }
}

impl<W: Relax> Recall<'_, W> {
    /// Updates all neurons at once, from the old state, to the sign of their field, until nothing changes, a state comes
    /// back, or after `most_sweeps`; sign(0) = -1. A model for classification alone makes no sweep.
    #[inline(never)]
    pub fn relax(&mut self, state: &mut [u32], most_sweeps: u32) -> Relaxed {
        let most_sweeps = if self.model.content() == Content::All { most_sweeps } else { 0 };
        let classes = self.model.shape().class_neurons();
        for sweeps in 1..=most_sweeps {
            let Buffers { similarities, previous, next, .. } = &mut self.buffers;
            W::similarities(&self.model, &self.prepared, state, similarities);
            for (class, neuron) in classes.clone().enumerate() {
                if bits::is_on(state, neuron) {
                    W::show(&self.model, class, similarities);
                }
            }
            next.fill(0);
            W::update(&self.model, &self.prepared, similarities, state, next);
            let (mut same, mut back) = (true, sweeps > 1);
            for ((state, previous), &next) in state.iter_mut().zip(previous.iter_mut()).zip(next.iter()) {
                same &= next == *state;
                back &= next == *previous;
                (*previous, *state) = (*state, next);
            }
            if same || back {
                return Relaxed { end: if same { End::Stable } else { End::Cycle }, sweeps };
            }
        }
        Relaxed { end: End::Limit, sweeps: most_sweeps }
    }
}
