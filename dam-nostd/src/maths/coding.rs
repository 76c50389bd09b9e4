//! What an off neuron adds to a similarity.
//!
//! A neuron is on or off. A class neuron that is on counts +1 and one that is off -1. An input neuron, which shows a pixel
//! or names the task, counts +1 when it is on, and when it is off -1 or nothing. The paper speaks of binary vectors
//! (section 4.1) and of the space {-1, +1}^N (section 4.2), and it matters: where off pixels count, every task moves every
//! weight, and where they do not, a task leaves the weights of its dark pixels alone.

use crate::number::scalar::Scalar;

/// What an input neuron that is off adds to a similarity, as a multiple of its weight.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Coding {
    /// -1: states are bipolar.
    #[default]
    Bipolar,
    /// 0: only what is on counts.
    Binary,
}

/// The coding of all neurons: class neurons are bipolar in either.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Swings<S> {
    coding: Coding,
    /// How far apart the two states of an input neuron are.
    pub input: S,
    /// The first class neuron.
    pub classes: usize,
}

impl<S: Scalar> Swings<S> {
    /// Of `coding`, where class neurons begin with `classes`.
    pub fn new(coding: Coding, classes: usize) -> Self {
        let input = match coding {
            Coding::Bipolar => S::ONE + S::ONE,
            Coding::Binary => S::ONE,
        };
        Self { coding, input, classes }
    }

    /// The first neuron that adds anything while it is off.
    pub fn silent(&self) -> usize {
        match self.coding {
            Coding::Bipolar => 0,
            Coding::Binary => self.classes,
        }
    }

    /// How far apart the two states of `neuron` are.
    #[inline(always)]
    pub fn of(&self, neuron: usize) -> S {
        if neuron < self.classes { self.input } else { S::ONE + S::ONE }
    }

    /// What `neuron` counts: `state` is +1 where it is on, -1 where it is off, 0 where it shows neither.
    #[inline(always)]
    pub fn shown(&self, neuron: usize, state: S) -> S {
        if neuron < self.silent() && state < S::ZERO { S::ZERO } else { state }
    }
}
