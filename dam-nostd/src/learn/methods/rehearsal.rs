//! Naive rehearsal, section 3.1 of the paper: a proportion of each task's items is kept and learned again with every
//! later task, shuffled and batched together with the new items.

use rand_core::Rng;

use super::{Method, State};
use crate::error::BufferFull;
use crate::learn::passes::{Gradient, Passes};
use crate::model::items::Items;
use crate::model::network::Weights;
use crate::model::rng;
use crate::number::scalar::Scalar;

/// Items kept for later, in memory that the caller lends.
#[derive(Debug)]
pub struct ItemBuffer<'a> {
    words_per_item: usize,
    words: &'a mut [u32],
    permutations: &'a mut [u8],
    len: usize,
}

impl<'a> ItemBuffer<'a> {
    /// An empty buffer of as many items of `words_per_item` words as fit into both slices.
    pub fn new(words_per_item: usize, words: &'a mut [u32], permutations: &'a mut [u8]) -> Self {
        Self { words_per_item, words, permutations, len: 0 }
    }

    /// Bytes that `items` items of `neurons` neurons take.
    pub const fn bytes(neurons: usize, items: usize) -> usize {
        items * (4 * neurons.div_ceil(32) + 1)
    }

    /// How many items fit.
    pub fn capacity(&self) -> usize {
        self.permutations.len().min(self.words.len().checked_div(self.words_per_item).unwrap_or(0))
    }

    /// What was kept so far.
    pub fn items(&self) -> Items<'_> {
        Items::new(self.words_per_item, self.words, self.permutations.get(..self.len).unwrap_or(&[]))
    }

    /// The first `count` of these, or all where there are fewer.
    pub(crate) fn first(&self, count: usize) -> Items<'_> {
        let permutations = self.permutations.get(..self.len.min(count)).unwrap_or(&[]);
        Items::new(self.words_per_item, self.words, permutations)
    }

    /// Exchanges the items `a` and `b`.
    pub(crate) fn swap(&mut self, a: usize, b: usize) {
        if a.max(b) >= self.len || a == b {
            return;
        }
        let (low, high) = (a.min(b), a.max(b));
        if let Some((before, after)) = self.words.split_at_mut_checked(high * self.words_per_item) {
            for (one, other) in before.iter_mut().skip(low * self.words_per_item).zip(after).take(self.words_per_item) {
                core::mem::swap(one, other);
            }
        }
        if let Ok([one, other]) = self.permutations.get_disjoint_mut([a, b]) {
            core::mem::swap(one, other);
        }
    }

    /// What was kept, and how much.
    pub fn state<S: Scalar, const L: usize>(&mut self, state: &mut dyn State<S, L>) {
        state.words(self.words);
        state.bytes(self.permutations);
        state.count(&mut self.len);
    }

    /// Forgets everything.
    pub fn clear(&mut self) {
        self.len = 0;
    }

    /// Keeps one item more.
    pub fn push(&mut self, bits: &[u32], permutation: u8) -> Result<(), BufferFull> {
        let full = BufferFull { capacity: self.capacity() };
        let place = self.len * self.words_per_item..(self.len + 1) * self.words_per_item;
        let (Some(words), Some(index)) = (self.words.get_mut(place), self.permutations.get_mut(self.len)) else {
            return Err(full);
        };
        for (word, &bits) in words.iter_mut().zip(bits) {
            *word = bits;
        }
        *index = permutation;
        self.len += 1;
        Ok(())
    }

    /// Keeps `wanted` of `items`, each choice as likely as any other.
    ///
    /// # Errors
    /// There is no room for so many; those that fitted stay.
    pub fn keep(&mut self, items: Items<'_>, wanted: usize, rng: &mut dyn Rng) -> Result<(), BufferFull> {
        let mut kept = Ok(());
        rng::choose(items.len(), wanted, rng, |i| {
            if kept.is_ok() {
                kept = self.push(items.bits(i), items.permutation(i));
            }
        });
        kept
    }
}

/// The number of items that `proportion` of `items` is, to the nearest.
pub fn portion(proportion: f64, items: usize) -> usize {
    libm::round(proportion.clamp(0.0, 1.0) * items as f64) as usize
}

/// Keeps a proportion of each task's items and has them learned again.
#[derive(Debug)]
pub struct NaiveRehearsal<'a> {
    proportion: f64,
    buffer: ItemBuffer<'a>,
}

impl<'a> NaiveRehearsal<'a> {
    /// `proportion` r of 0 to 1; `buffer` has room for r times the items of every task that [`Method::end_task`] is called
    /// for: learned through [`Last`](super::Last), the last task needs none.
    pub fn new(proportion: f64, buffer: ItemBuffer<'a>) -> Self {
        Self { proportion, buffer }
    }
}

impl<S: Scalar, const L: usize> Method<S, L> for NaiveRehearsal<'_> {
    fn rehearsed(&self) -> Items<'_> {
        self.buffer.items()
    }

    fn end_task(
        &mut self,
        _passes: &mut dyn Passes<S, L>,
        _weights: &mut Weights<'_, S, L>,
        items: Items<'_>,
        _gradient: &mut Gradient<'_, S, L>,
        rng: &mut dyn Rng,
    ) -> Result<(), BufferFull> {
        self.buffer.keep(items, portion(self.proportion, items.len()), rng)
    }

    fn state(&mut self, state: &mut dyn State<S, L>) {
        self.buffer.state(state);
    }
}
