//! Items: states that a network is to learn, and the permutation that says which neuron shows which pixel.

use core::fmt;

use crate::model::bits;

/// Permutations of the pixels, one for each task: `map[p]` is the neuron that shows pixel p of the image.
///
/// A permuted task is kept as images in their own order and a permutation. Neighbouring pixels then stay neighbours in
/// storage, where the sums over them are shared.
#[derive(Clone, Copy, Debug)]
pub struct Permutations<'a> {
    pixels: usize,
    maps: &'a [u16],
}

/// The maps of a [`Permutations`] were not permutations of the pixels.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NotAPermutation;

impl fmt::Display for NotAPermutation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "not permutations of the pixels: each has every number below their count once")
    }
}

impl core::error::Error for NotAPermutation {}

impl<'a> Permutations<'a> {
    /// Permutations without a single map: every item is in neuron order.
    pub const IDENTITY: Permutations<'static> = Permutations { pixels: 0, maps: &[] };

    /// `maps` holds one map of `pixels` entries after the other, each a permutation of `0..pixels`.
    pub fn new(pixels: usize, maps: &'a [u16]) -> Result<Self, NotAPermutation> {
        if pixels == 0 || !maps.len().is_multiple_of(pixels) {
            return Err(NotAPermutation);
        }
        for map in maps.chunks_exact(pixels) {
            for p in 0..pixels {
                // Quadratic, but free of memory; done once for each permutation.
                if !map.iter().any(|&neuron| usize::from(neuron) == p) {
                    return Err(NotAPermutation);
                }
            }
        }
        Ok(Self { pixels, maps })
    }

    /// The neuron at `position` of an item of permutation `id`. Positions beyond the pixels, and the permutation
    /// [`Items::IDENTITY`], are neurons as they stand.
    #[inline(always)]
    pub fn neuron(&self, id: u8, position: usize) -> usize {
        if position >= self.pixels || id == Items::IDENTITY {
            return position;
        }
        self.maps.get(usize::from(id) * self.pixels + position).map_or(position, |&neuron| usize::from(neuron))
    }
}

/// Items, bit-packed, each with the index of its permutation.
#[derive(Clone, Copy, Debug)]
pub struct Items<'a> {
    words_per_item: usize,
    words: &'a [u32],
    /// The index of each item's permutation; none where all are in neuron order.
    permutations: Option<&'a [u8]>,
}

impl<'a> Items<'a> {
    /// The index of the permutation of items that are in neuron order.
    pub const IDENTITY: u8 = u8::MAX;

    /// No items.
    pub const NONE: Items<'static> = Items { words_per_item: 0, words: &[], permutations: None };

    /// `permutations.len()` items of `words_per_item` words each. Items whose words are missing are left out.
    pub fn new(words_per_item: usize, words: &'a [u32], permutations: &'a [u8]) -> Self {
        let whole = words.len().checked_div(words_per_item).unwrap_or(0).min(permutations.len());
        Self { words_per_item, words, permutations: permutations.get(..whole) }
    }

    /// As many states in neuron order as `words` holds.
    pub fn in_neuron_order(words_per_item: usize, words: &'a [u32]) -> Self {
        Self { words_per_item, words, permutations: None }
    }

    /// How many.
    pub fn len(&self) -> usize {
        match self.permutations {
            Some(permutations) => permutations.len(),
            None => self.words.len().checked_div(self.words_per_item).unwrap_or(0),
        }
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The bits of item `i`; none where there is no such item.
    #[inline]
    pub fn bits(&self, i: usize) -> &'a [u32] {
        self.words.get(i * self.words_per_item..(i + 1) * self.words_per_item).unwrap_or(&[])
    }

    /// The index of the permutation of item `i`.
    #[inline]
    pub fn permutation(&self, i: usize) -> u8 {
        self.permutations.and_then(|permutations| permutations.get(i)).copied().unwrap_or(Self::IDENTITY)
    }

    /// Writes item `i` in neuron order into `state`.
    pub fn write_state(&self, i: usize, permutations: &Permutations<'_>, neurons: usize, state: &mut [u32]) {
        for position in 0..neurons {
            bits::set(state, permutations.neuron(self.permutation(i), position), bits::is_on(self.bits(i), position));
        }
    }
}

/// Two sets of items, one after the other: a new task's and those rehearsed with it.
#[derive(Clone, Copy, Debug)]
pub struct Union<'a> {
    /// The first `new.len()` indices.
    pub new: Items<'a>,
    /// The indices after them.
    pub rehearsed: Items<'a>,
}

impl<'a> Union<'a> {
    /// Only `items`.
    pub fn only(items: Items<'a>) -> Self {
        Self { new: items, rehearsed: Items::NONE }
    }

    /// How many in both.
    pub fn len(&self) -> usize {
        self.new.len() + self.rehearsed.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The bits of item `i`.
    #[inline]
    pub fn bits(&self, i: usize) -> &'a [u32] {
        match i.checked_sub(self.new.len()) {
            None => self.new.bits(i),
            Some(i) => self.rehearsed.bits(i),
        }
    }

    /// The index of the permutation of item `i`.
    #[inline]
    pub fn permutation(&self, i: usize) -> u8 {
        match i.checked_sub(self.new.len()) {
            None => self.new.permutation(i),
            Some(i) => self.rehearsed.permutation(i),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_permutation_moves_pixels_and_nothing_else() {
        let permutations = Permutations::new(3, &[2, 0, 1]).unwrap();
        let words = [0b01001];
        let items = Items::new(1, &words, &[0]);
        let mut state = [0];
        items.write_state(0, &permutations, 5, &mut state);
        assert_eq!(state, [0b01100]);
    }

    #[test]
    fn maps_that_are_no_permutations_are_refused() {
        assert_eq!(Permutations::new(3, &[0, 0, 1]).unwrap_err(), NotAPermutation);
        assert_eq!(Permutations::new(3, &[0, 1]).unwrap_err(), NotAPermutation);
        assert!(Permutations::new(2, &[1, 0, 0, 1]).is_ok());
    }
}
