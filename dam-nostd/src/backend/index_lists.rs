//! A chunk of items as lists of indices: which rows each item adds, and, transposed, which items add each row.
//!
//! Only neurons that are on are added (see `maths::similarity`). They are listed either one by one, each a row of the
//! weights, or in groups of four: an item's bits `4g..4g+4` are a pattern of 0 to 15, and a table holds a row for each
//! pattern that occurs in the chunk: the sum of the weights of the neurons that it has on. An item of 150 neurons that are
//! on then adds 50 rows instead of 150, which pays for the table from a few dozen items of one permutation.

use crate::backend::partial_sums;
use crate::model::bits;
use crate::model::items::{Items, Permutations, Union};
use crate::model::rule::{Context, Updated};
use crate::model::shape::Shape;
use crate::number::scalar::Scalar;

/// How the neurons that are on are listed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Grouping {
    /// One by one: an index is a neuron's row of the weights.
    Single,
    /// Four at a time: an index is a row of the table of partial sums, the place of the pattern among those that occur.
    Four,
}

impl Grouping {
    /// How many different indices there are at most.
    pub const fn indices(&self, shape: &Shape) -> usize {
        match self {
            Self::Single => shape.neurons(),
            Self::Four => partial_sums::rows(shape.neurons()),
        }
    }
}

/// Lists of indices, one after the other.
#[derive(Debug)]
pub(crate) struct Lists<'a> {
    indices: &'a mut [u16],
    offsets: &'a mut [u32],
}

impl<'a> Lists<'a> {
    /// Lists that lie in `indices`; `offsets` has room for one more entry than there are lists.
    pub fn new(indices: &'a mut [u16], offsets: &'a mut [u32]) -> Self {
        Self { indices, offsets }
    }

    /// List `i`.
    #[inline(always)]
    pub fn list(&self, i: usize) -> &[u16] {
        match (self.offsets.get(i), self.offsets.get(i + 1)) {
            (Some(&start), Some(&end)) => self.indices.get(start as usize..end as usize).unwrap_or(&[]),
            _ => &[],
        }
    }
}

/// A chunk of items, all of one permutation, as the network is shown them.
#[derive(Debug)]
pub(crate) struct IndexLists<'a, S> {
    /// For each item the rows that it adds.
    pub rows_of_item: Lists<'a>,
    /// The same transposed: for each row the items that add it.
    pub items_of_row: Lists<'a>,
    /// Of [`Grouping::Four`], the pattern that each index stands for, in rising order: `16 g + pattern`.
    pub patterns: &'a mut [u16],
    /// `[item][updated]`: what each updated neuron shows, -1, 0 or +1.
    pub states: &'a mut [S],
    /// `[item][updated]`: what each updated neuron is to become, -1 or +1.
    pub targets: &'a mut [S],
    /// Items in the chunk.
    pub items: usize,
    /// Updated neurons of each item.
    pub updated: usize,
    /// Indices that are in use.
    pub indices: usize,
    /// What an index is.
    pub grouping: Grouping,
    /// The permutation of all items.
    pub permutation: u8,
}

/// How a chunk is to be encoded.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Encoding {
    /// What class neurons show.
    pub context: Context,
    /// Which neurons are updated.
    pub updated: Updated,
    /// What an index is.
    pub grouping: Grouping,
    /// Whether `items_of_row` is wanted: it is for gradients, and not for recall.
    pub transposed: bool,
}

impl<S: Scalar> IndexLists<'_, S> {
    /// Encodes the items `picks` of `union`, which are all of one permutation.
    pub fn encode(
        &mut self,
        shape: &Shape,
        union: &Union<'_>,
        picks: &[u32],
        permutations: &Permutations<'_>,
        encoding: Encoding,
    ) {
        let range = encoding.updated.range(shape);
        self.items = picks.len();
        self.updated = range.len();
        self.grouping = encoding.grouping;
        self.permutation = picks.first().map_or(Items::IDENTITY, |&pick| union.permutation(pick as usize));
        // Positions that take part in similarities: class neurons only where labels are shown.
        let shown = if encoding.context == Context::Labels { shape.neurons() } else { shape.class_neurons().start };
        let mut count = 0;
        if let Some(first) = self.rows_of_item.offsets.first_mut() {
            *first = 0;
        }
        for (item, &pick) in picks.iter().enumerate() {
            let (bits, permutation) = (union.bits(pick as usize), union.permutation(pick as usize));
            let mut push = |index: usize| {
                if let Some(place) = self.rows_of_item.indices.get_mut(count) {
                    *place = index as u16;
                    count += 1;
                }
            };
            match encoding.grouping {
                Grouping::Single => each_on(bits, shown, |position| push(permutations.neuron(permutation, position))),
                Grouping::Four => each_nibble(bits, shown, push),
            }
            if let Some(end) = self.rows_of_item.offsets.get_mut(item + 1) {
                *end = count as u32;
            }
            self.encode_updated(shape, item, bits, |position| permutations.neuron(permutation, position), encoding);
        }
        self.indices = match encoding.grouping {
            Grouping::Single => shape.neurons(),
            Grouping::Four => self.renumber(count, encoding.grouping.indices(shape)),
        };
        if encoding.transposed {
            self.transpose(self.indices);
        }
    }

    /// The patterns that occur, in rising order.
    #[inline(always)]
    pub fn patterns(&self) -> &[u16] {
        self.patterns.get(..self.indices).unwrap_or(&[])
    }

    /// Puts in place of each pattern among the first `count` entries, all below `limit`, its place among those that occur;
    /// returns how many these are.
    fn renumber(&mut self, count: usize, limit: usize) -> usize {
        let (Some(indices), Some(places)) =
            (self.rows_of_item.indices.get_mut(..count), self.items_of_row.offsets.get_mut(..limit))
        else {
            return 0;
        };
        places.fill(0);
        for &pattern in indices.iter() {
            if let Some(place) = places.get_mut(usize::from(pattern)) {
                *place = 1;
            }
        }
        let mut used = 0;
        for (pattern, place) in places.iter_mut().enumerate().filter(|(_, place)| **place > 0) {
            if let Some(kept) = self.patterns.get_mut(used) {
                (*kept, *place) = (pattern as u16, used as u32);
                used += 1;
            }
        }
        for index in indices {
            *index = places.get(usize::from(*index)).map_or(0, |&place| place as u16);
        }
        used
    }

    fn encode_updated(
        &mut self,
        shape: &Shape,
        item: usize,
        bits: &[u32],
        neuron: impl Fn(usize) -> usize,
        encoding: Encoding,
    ) {
        let range = encoding.updated.range(shape);
        let part = item * range.len()..(item + 1) * range.len();
        let (Some(states), Some(targets)) = (self.states.get_mut(part.clone()), self.targets.get_mut(part)) else {
            return;
        };
        for position in range.clone() {
            let target = if bits::is_on(bits, position) { S::ONE } else { -S::ONE };
            let state = match encoding.context {
                Context::Off if shape.class_neurons().contains(&position) => -S::ONE,
                Context::Zero if shape.class_neurons().contains(&position) => S::ZERO,
                _ => target,
            };
            let place = neuron(position) - range.start;
            if let (Some(s), Some(t)) = (states.get_mut(place), targets.get_mut(place)) {
                (*s, *t) = (state, target);
            }
        }
    }

    /// Fills `items_of_row` from `rows_of_item`, with indices below `rows`: a counting sort.
    fn transpose(&mut self, rows: usize) {
        let Some(offsets) = self.items_of_row.offsets.get_mut(..rows + 1) else { return };
        offsets.fill(0);
        let end = self.rows_of_item.offsets.get(self.items).map_or(0, |&end| end as usize);
        for &row in self.rows_of_item.indices.iter().take(end) {
            if let Some(count) = offsets.get_mut(usize::from(row)) {
                *count += 1;
            }
        }
        // Each count becomes the start of its list, and, as the list is filled, its end.
        let mut start = 0;
        for count in offsets.iter_mut() {
            (*count, start) = (start, start + *count);
        }
        for item in 0..self.items {
            for &row in self.rows_of_item.list(item) {
                if let Some(end) = offsets.get_mut(usize::from(row)) {
                    if let Some(place) = self.items_of_row.indices.get_mut(*end as usize) {
                        *place = item as u16;
                    }
                    *end += 1;
                }
            }
        }
        // The ends stand one place too far left for offsets.
        let mut before = 0;
        for end in offsets {
            (before, *end) = (*end, before);
        }
    }
}

/// Calls `with` for each set bit below `limit`, in rising order.
pub(crate) fn each_on(bits: &[u32], limit: usize, mut with: impl FnMut(usize)) {
    for (w, &word) in bits.iter().enumerate() {
        let mut left = word;
        while left != 0 {
            let position = 32 * w + left.trailing_zeros() as usize;
            if position < limit {
                with(position);
            }
            left &= left - 1;
        }
    }
}

/// Calls `with` for the pattern of each group of four bits that has one set below `limit`, in rising order.
fn each_nibble(bits: &[u32], limit: usize, mut with: impl FnMut(usize)) {
    for (w, &word) in bits.iter().enumerate() {
        let below = limit.saturating_sub(32 * w);
        let mut left = if below >= 32 { word } else { word & ((1u32 << below) - 1) };
        while left != 0 {
            let group = left.trailing_zeros() as usize / 4;
            let pattern = (left >> (4 * group)) & 15;
            with(16 * (8 * w + group) + pattern as usize);
            left &= !(15 << (4 * group));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn encoded(grouping: Grouping, context: Context, check: impl FnOnce(&IndexLists<'_, f32>)) {
        let shape = Shape::new(36, 2, 2, 1).unwrap();
        let maps: [u16; 36] = core::array::from_fn(|p| (35 - p) as u16);
        let permutations = Permutations::new(36, &maps).unwrap();
        // Pixels 0, 1, 33; task neuron 36; class neuron 39.
        let words = [0b11, 0b1001_0010, 0b10, 0b0001_0000];
        let items = Items::new(2, &words, &[0, 0]);
        let (mut on, mut on_offsets, mut by, mut by_offsets) = ([0; 80], [0; 3], [0; 80], [0; 200]);
        let mut patterns = [0; 160];
        let (mut states, mut targets) = ([0.0; 4], [0.0; 4]);
        let mut lists = IndexLists {
            rows_of_item: Lists::new(&mut on, &mut on_offsets),
            items_of_row: Lists::new(&mut by, &mut by_offsets),
            patterns: &mut patterns,
            states: &mut states,
            targets: &mut targets,
            items: 0,
            updated: 0,
            indices: 0,
            grouping,
            permutation: 0,
        };
        let encoding = Encoding { context, updated: Updated::Classes, grouping, transposed: true };
        lists.encode(&shape, &Union::only(items), &[0, 1], &permutations, encoding);
        check(&lists);
    }

    #[test]
    fn neurons_are_listed_where_the_permutation_puts_them() {
        encoded(Grouping::Single, Context::Off, |p| {
            assert_eq!((p.rows_of_item.list(0), p.rows_of_item.list(1)), (&[35, 34, 2, 36][..], &[34, 36][..]));
            assert_eq!((p.items_of_row.list(34), p.items_of_row.list(2)), (&[0, 1][..], &[0][..]));
            assert_eq!((p.items_of_row.list(36), p.items_of_row.list(0)), (&[0, 1][..], &[][..]));
            assert_eq!(*p.states, [-1.0; 4]);
            assert_eq!(*p.targets, [-1.0, 1.0, -1.0, -1.0]);
        });
    }

    #[test]
    fn groups_of_four_are_listed_by_their_place_among_the_patterns_that_occur() {
        encoded(Grouping::Four, Context::Off, |p| {
            assert_eq!(p.patterns(), [2, 3, 16 * 8 + 2, 16 * 9 + 1]);
            assert_eq!((p.rows_of_item.list(0), p.rows_of_item.list(1)), (&[1, 2, 3][..], &[0, 3][..]));
            assert_eq!((p.items_of_row.list(3), p.items_of_row.list(1)), (&[0, 1][..], &[0][..]));
        });
    }

    #[test]
    fn labels_are_shown_only_where_the_context_says() {
        encoded(Grouping::Single, Context::Labels, |p| {
            assert_eq!(p.rows_of_item.list(0), &[35, 34, 2, 36, 39]);
            assert_eq!(*p.states, [-1.0, 1.0, -1.0, -1.0]);
        });
        encoded(Grouping::Single, Context::Zero, |p| assert_eq!(*p.states, [0.0; 4]));
    }
}
