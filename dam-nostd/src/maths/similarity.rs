//! The similarity of a memory vector zeta and a state xi: h = <zeta, xi>, s = (beta / N) h.
//!
//! Few neurons are on, so h = 2 * (sum of zeta over the neurons that are on) - (sum of zeta over all neurons) in bipolar
//! states, and only neurons that are on are added.
//!
//! # What an off neuron adds
//! A class neuron that is on counts +1 and one that is off -1. An input neuron, which shows a pixel or names the task,
//! counts +1 when it is on, and when it is off -1 or nothing. The paper speaks of binary vectors (section 4.1) and of the
//! space {-1, +1}^N (section 4.2), and it matters: where off pixels count, every task moves every weight, and where they do
//! not, a task leaves the weights of its dark pixels alone.

use crate::number::lanes::{self, Row};
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

/// What each neuron counts when it is on and when it is off. Class neurons are bipolar in either coding.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Levels<S> {
    coding: Coding,
    /// On less off, of an input neuron.
    input: S,
    /// The first class neuron.
    classes: usize,
}

impl<S: Scalar> Levels<S> {
    /// Of `coding`, where class neurons begin with `classes`.
    pub fn new(coding: Coding, classes: usize) -> Self {
        let input = match coding {
            Coding::Bipolar => S::ONE + S::ONE,
            Coding::Binary => S::ONE,
        };
        Self { coding, input, classes }
    }

    /// The first neuron that counts something while it is off.
    pub fn first_counted(&self) -> usize {
        match self.coding {
            Coding::Bipolar => 0,
            Coding::Binary => self.classes,
        }
    }

    /// On less off, of `neuron`: what a flip changes.
    #[inline(always)]
    pub fn difference(&self, neuron: usize) -> S {
        if neuron < self.classes { self.input } else { S::ONE + S::ONE }
    }

    /// What `neuron` counts: `state` is +1 where it is on, -1 where it is off, 0 where it shows neither.
    #[inline(always)]
    pub fn shown(&self, neuron: usize, state: S) -> S {
        if neuron < self.first_counted() && state < S::ZERO { S::ZERO } else { state }
    }
}

/// The sum of a block's rows over the neurons that count while they are off, of the first `shown`.
#[inline(always)]
pub(crate) fn total<S: Scalar, const L: usize>(rows: &[Row<S, L>], levels: &Levels<S>, shown: usize) -> Row<S, L> {
    let mut sum = lanes::splat(S::ZERO);
    for row in rows.iter().take(shown).skip(levels.first_counted()) {
        lanes::add_to(&mut sum, row);
    }
    sum
}

/// h, from the sum of the rows that are on and the [`total`].
///
/// Class neurons that are on are in `on` once. Where that is too little, `updated`, the rows from neuron `first` on, and
/// their `states` tell which they are.
#[inline(always)]
pub(crate) fn similarity<S: Scalar, const L: usize>(
    on: &Row<S, L>,
    total: &Row<S, L>,
    levels: &Levels<S>,
    first: usize,
    updated: &[Row<S, L>],
    states: &[S],
) -> Row<S, L> {
    let input = levels.input;
    let mut h = lanes::zip(on, total, |on, total| input * on - total);
    if input < S::ONE + S::ONE {
        let classes = levels.classes.saturating_sub(first);
        for (zeta, _) in updated.iter().zip(states).skip(classes).filter(|&(_, &state)| state > S::ZERO) {
            lanes::add_to(&mut h, zeta);
        }
    }
    h
}

/// s = scale * h, scale = beta / N.
#[inline(always)]
pub(crate) fn scaled<S: Scalar, const L: usize>(h: &Row<S, L>, scale: S) -> Row<S, L> {
    lanes::map(h, |h| scale * h)
}

/// s of a state in which one neuron, to which the weights are zeta, counts more: s + change * zeta, where `change` is beta / N
/// times what it counts more.
#[inline(always)]
pub(crate) fn changed<S: Scalar, const L: usize>(s: &Row<S, L>, change: S, zeta: &Row<S, L>) -> Row<S, L> {
    lanes::zip(s, zeta, |s, z| s + change * z)
}

/// s of the state with a neuron flipped that is on (`state` is +1) or off (-1), where `flip` is what s is the more with it on.
#[inline(always)]
pub(crate) fn flipped<S: Scalar, const L: usize>(s: &Row<S, L>, flip: &Row<S, L>, state: S) -> Row<S, L> {
    if state < S::ZERO { lanes::zip(s, flip, |s, flip| s + flip) } else { lanes::zip(s, flip, |s, flip| s - flip) }
}

/// s of the state with a neuron on, and with it off, that shows neither.
#[inline(always)]
pub(crate) fn clamped<S: Scalar, const L: usize>(s: &Row<S, L>, flip: &Row<S, L>) -> [Row<S, L>; 2] {
    let half = S::ONE / (S::ONE + S::ONE);
    [half, -half].map(|half| changed(s, half, flip))
}
