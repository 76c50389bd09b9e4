//! A learner in a slot: its network, what its method keeps of past tasks, and how many epochs there were.

use core::fmt;

use super::flash::Flash;
use super::slots::{Record, SlotError, Slots};
use super::trained::{Description, TrainedError, put, take};
use super::words::{Sink, Source};
use crate::learn::methods::{Method, State};
use crate::learner::Session;
use crate::number::lanes::Row;
use crate::number::scalar::Scalar;

/// The kind of a record that is a learner.
pub const LEARNER: u32 = u32::from_le_bytes(*b"LRNR");

/// Why a learner was not taken up again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RestoreError<E> {
    /// The memory failed.
    Slot(SlotError<E>),
    /// The newest record is of this other kind.
    Kind(u32),
    /// Its network cannot be loaded.
    Network(TrainedError),
    /// It is another network's, of another number type, or its method kept something else. Nothing that the learner and its
    /// method hold now is of use.
    Other,
}

impl<E: fmt::Debug> fmt::Display for RestoreError<E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Slot(error) => error.fmt(f),
            Self::Kind(kind) => write!(f, "the slot holds something else, of kind {kind:#010x}"),
            Self::Network(error) => error.fmt(f),
            Self::Other => write!(f, "what is stored is a learner of another network, number type or method"),
        }
    }
}

impl<E: fmt::Debug> core::error::Error for RestoreError<E> {}

impl<E> From<SlotError<E>> for RestoreError<E> {
    fn from(error: SlotError<E>) -> Self {
        Self::Slot(error)
    }
}

impl<S: Scalar, const L: usize> Session<'_, S, L> {
    /// Stores the weights, what `method` keeps of past tasks, and the number of epochs. Between tasks only: neither a task
    /// that is being learned nor items that wait for one are stored, nor the velocity.
    ///
    /// `description` is that of the network; its shape is replaced by the session's.
    ///
    /// # Errors
    /// As [`Slots::save`].
    pub fn save<F: Flash>(
        &mut self,
        slots: &mut Slots<F>,
        description: &Description,
        method: &mut dyn Method<S, L>,
    ) -> Result<Record, SlotError<F::Error>> {
        // The method's state has them.
        let description = Description { shape: self.weights.shape(), importances: false, ..*description };
        slots.save(LEARNER, |sink| {
            let weight = |memory, neuron| self.weights.get(memory, neuron).unwrap_or(S::ZERO);
            description.put(weight, |_, _| 0.0, sink);
            sink.put(self.epochs_before);
            self.descent.exponents(&mut Save(sink));
            method.state(&mut Save(sink));
        })
    }

    /// Takes up what was stored by [`save`](Self::save) of a network as this one and a method of the same options; `false`
    /// where nothing was. Learning goes on as if there had been no interruption, but for a velocity that is carried from
    /// task to task ([`Training::carry_momentum`](crate::train::Training)): it begins at rest.
    ///
    /// # Errors
    /// Something else was stored; the memory's.
    pub fn restore<F: Flash>(
        &mut self,
        slots: &mut Slots<F>,
        method: &mut dyn Method<S, L>,
    ) -> Result<bool, RestoreError<F::Error>> {
        let Some(record) = slots.newest()? else { return Ok(false) };
        if record.kind != LEARNER {
            return Err(RestoreError::Kind(record.kind));
        }
        slots.read(record, |source| {
            let (description, form) = Description::take(source).map_err(RestoreError::Network)?;
            let model = description.model::<S>().map_err(RestoreError::Network)?;
            if form != S::FORM || model != self.nominal || description.rule != self.engine.rule {
                return Err(RestoreError::Other);
            }
            description.take_weights(form, source, &mut self.weights).map_err(RestoreError::Network)?;
            self.epochs_before = source.take().ok_or(RestoreError::Other)?;
            let mut restore = Restore { source, short: false };
            self.descent.exponents(&mut restore);
            method.state(&mut restore);
            if restore.short || restore.source.take().is_some() { Err(RestoreError::Other) } else { Ok(true) }
        })?
    }
}

/// Puts the parts of a state.
struct Save<'a>(&'a mut dyn Sink);

impl<S: Scalar, const L: usize> State<S, L> for Save<'_> {
    fn rows(&mut self, rows: &mut [Row<S, L>]) {
        rows.as_flattened().iter().for_each(|&number| put(number, self.0));
    }

    fn wide(&mut self, rows: &mut [Row<S::Wide, L>]) {
        rows.as_flattened().iter().for_each(|&number| put(number, self.0));
    }

    fn words(&mut self, words: &mut [u32]) {
        words.iter().for_each(|&word| self.0.put(word));
    }

    fn bytes(&mut self, bytes: &mut [u8]) {
        for bytes in bytes.chunks(4) {
            self.0.put(bytes.iter().rev().fold(0, |word, &byte| word << 8 | u32::from(byte)));
        }
    }

    fn count(&mut self, count: &mut usize) {
        self.0.put(*count as u32);
    }
}

/// Takes the parts of a state.
struct Restore<'a> {
    source: &'a mut dyn Source,
    short: bool,
}

impl Restore<'_> {
    fn word(&mut self) -> u32 {
        self.source.take().unwrap_or_else(|| {
            self.short = true;
            0
        })
    }

    fn numbers<S: Scalar>(&mut self, numbers: &mut [S]) {
        for number in numbers {
            match take(self.source) {
                Some(taken) => *number = taken,
                None => self.short = true,
            }
        }
    }
}

impl<S: Scalar, const L: usize> State<S, L> for Restore<'_> {
    fn rows(&mut self, rows: &mut [Row<S, L>]) {
        self.numbers(rows.as_flattened_mut());
    }

    fn wide(&mut self, rows: &mut [Row<S::Wide, L>]) {
        self.numbers(rows.as_flattened_mut());
    }

    fn words(&mut self, words: &mut [u32]) {
        words.iter_mut().for_each(|word| *word = self.word());
    }

    fn bytes(&mut self, bytes: &mut [u8]) {
        for bytes in bytes.chunks_mut(4) {
            let word = self.word();
            bytes.iter_mut().zip(word.to_le_bytes()).for_each(|(place, byte)| *place = byte);
        }
    }

    fn count(&mut self, count: &mut usize) {
        *count = self.word() as usize;
    }
}
