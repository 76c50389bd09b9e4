//! Classification and relaxation with an exported model.

use core::fmt::Debug;

use crate::model::bits;
use crate::model::relaxed::{End, Relaxed};
use crate::number::lanes::largest;

use super::integer::Fields;
use super::model::{Model, Precision, padded};

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

    /// Class neuron `class` becomes +1.
    fn show(model: &Model<'_, Self>, class: usize, out: &mut [Self::Similarity]);

    /// Fields of the class neurons, which are all at -1; returns their places behind the point.
    fn fields(
        model: &Model<'_, Self>,
        prepared: &Self::Prepared,
        similarities: &[Self::Similarity],
        out: &mut [Self::Field],
    ) -> i32;

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

    /// Updates all neurons at once, from the old state, to the sign of their field, until nothing changes, a state comes
    /// back, or after `most_sweeps`; sign(0) = -1.
    #[inline(never)]
    pub fn relax(&mut self, state: &mut [u32], most_sweeps: u32) -> Relaxed {
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
