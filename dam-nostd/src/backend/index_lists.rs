//! A chunk of items as lists of indices: which rows each item adds, and, transposed, which items add each row.
//!
//! Only neurons that are on are added (see `maths::similarity`). They are listed either one by one, each a row of the
//! weights, or in groups of eight: an item's bits `8g..8g+8` are a pattern, and a table holds a row for each pattern that
//! occurs in the chunk: the sum of the weights of the neurons that it has on. An item of 150 neurons that are on then adds 31
//! rows instead of 150, which pays for the table from a few dozen items of one permutation. Where items have so little in
//! common that the table would be larger than what is lent, groups are of four: 50 rows.

use crate::backend::kept_lists::KeptLists;
use crate::backend::lists::{Filling, Lists};
use crate::backend::numbering;
use crate::backend::partial_sums::Patterns;
use crate::model::bits;
use crate::model::items::{Items, Permutations, Union};
use crate::model::rule::{Context, Rule, Updated};
use crate::model::shape::Shape;
use crate::number::scalar::Scalar;

/// How the neurons that are on are listed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Grouping {
    /// One by one: an index is a neuron's row of the weights.
    Single,
    /// Four at a time: an index is a row of the table of partial sums, the place of the pattern among those that occur.
    Four,
    /// Eight at a time.
    Eight,
}

impl Grouping {
    /// Positions of a group.
    pub const fn size(self) -> usize {
        match self {
            Self::Single => 1,
            Self::Four => 4,
            Self::Eight => 8,
        }
    }

    /// The widest in which the patterns of `neurons` neurons have numbers of 16 bits.
    fn widest(neurons: usize) -> Self {
        if neurons.div_ceil(8) << 8 <= 1 << 16 { Self::Eight } else { Self::Four }
    }
}

/// A chunk of items, all of one permutation, as the network is shown them.
#[derive(Debug)]
pub(crate) struct IndexLists<'a, S> {
    /// For each item the rows that it adds.
    pub rows_of_item: Lists<'a>,
    /// The same transposed: for each row the items that add it.
    pub items_of_row: Lists<'a>,
    /// Of groups, the pattern that each index stands for, in rising order: see [`Patterns`].
    pub patterns: &'a mut [u16],
    /// `[item][updated]`: what each updated neuron shows, -1, 0 or +1.
    pub states: &'a mut [S],
    /// `[item][updated]`: what each updated neuron is to become, -1 or +1.
    pub targets: &'a mut [S],
    /// Items in the chunk.
    pub items: usize,
    /// Updated neurons of each item.
    pub updated: usize,
    /// Whether all updated neurons of all items are off: class neurons, which show nothing of the label.
    pub off: bool,
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
    /// Whether neurons are listed in groups.
    pub grouped: bool,
    /// Whether `items_of_row` is wanted: it is for gradients, and not for recall.
    pub transposed: bool,
}

impl Encoding {
    /// What class neurons show and which neurons are updated, by `rule`; neurons one by one, for recall.
    pub fn new(rule: Rule) -> Self {
        Self { context: rule.context, updated: rule.updated, grouped: false, transposed: false }
    }
}

impl<S: Scalar> IndexLists<'_, S> {
    /// Encodes the items `picks` of `union`, which are all of one permutation. Where `kept` is there, what it has is taken from
    /// it, and what it has not is kept.
    pub fn encode(
        &mut self,
        shape: &Shape,
        union: &Union<'_>,
        picks: &[u32],
        permutations: &Permutations<'_>,
        encoding: Encoding,
        mut kept: Option<&mut KeptLists<'_>>,
    ) {
        self.items = picks.len();
        self.updated = encoding.updated.range(shape).len();
        self.off = encoding.context == Context::Off && encoding.updated == Updated::Classes;
        self.permutation = picks.first().map_or(Items::IDENTITY, |&pick| union.permutation(pick as usize));
        let permutation = self.permutation;
        for (item, &pick) in picks.iter().enumerate() {
            let neuron = |position| permutations.neuron(permutation, position);
            self.encode_updated(shape, item, union.bits(pick as usize), neuron, encoding);
        }
        if kept.as_ref().is_some_and(|kept| kept.restore(union, picks, encoding, self)) {
            return;
        }
        self.list(shape, union, picks, permutations, encoding);
        if encoding.transposed {
            self.transpose(self.indices);
        }
        if let Some(kept) = &mut kept {
            kept.keep(union, picks, encoding, self);
        }
    }

    /// Lists the neurons that are on.
    fn list(
        &mut self,
        shape: &Shape,
        union: &Union<'_>,
        picks: &[u32],
        permutations: &Permutations<'_>,
        encoding: Encoding,
    ) {
        // Positions that take part in similarities: class neurons only where labels are shown.
        let shown = if encoding.context == Context::Labels { shape.neurons() } else { shape.class_neurons().start };
        self.indices = if encoding.grouped {
            // In groups of four there is room for every pattern.
            let eight = self.list_groups(Grouping::widest(shape.neurons()), shape.neurons(), shown, union, picks);
            eight.or_else(|| self.list_groups(Grouping::Four, shape.neurons(), shown, union, picks)).unwrap_or(0)
        } else {
            self.grouping = Grouping::Single;
            let permutation = self.permutation;
            self.rows_of_item.write(union, picks, |bits, list| {
                bits::each_on(bits, shown, |position| list.push(permutations.neuron(permutation, position)));
            });
            shape.neurons()
        };
    }

    /// Lists neurons by patterns, and numbers those that occur; how many these are, if there is room for so many.
    fn list_groups(
        &mut self,
        grouping: Grouping,
        neurons: usize,
        shown: usize,
        union: &Union<'_>,
        picks: &[u32],
    ) -> Option<usize> {
        self.grouping = grouping;
        let count = self.rows_of_item.write(union, picks, |bits, list| match grouping {
            Grouping::Eight => each_pattern::<8>(bits, shown, list),
            _ => each_pattern::<4>(bits, shown, list),
        });
        let limit = neurons.div_ceil(grouping.size()) << grouping.size();
        let indices = self.rows_of_item.indices.get_mut(..count)?;
        numbering::number(indices, limit, self.items_of_row.offsets, self.patterns)
    }

    /// The patterns that occur.
    #[inline(always)]
    pub fn patterns<'p>(&'p self, permutations: &Permutations<'p>) -> Patterns<'p> {
        Patterns {
            all: self.patterns.get(..self.indices).unwrap_or(&[]),
            size: self.grouping.size(),
            permutations: *permutations,
            permutation: self.permutation,
        }
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
        let end = self.rows_of_item.len(self.items);
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

/// Lists the patterns of `SIZE` positions of which one is on and below `limit`, in rising order.
#[inline(always)]
fn each_pattern<const SIZE: usize>(bits: &[u32], limit: usize, list: &mut Filling<'_>) {
    const WORD: usize = u32::BITS as usize;
    for (w, &word) in bits.iter().enumerate() {
        let below = limit.saturating_sub(WORD * w);
        let word = if below >= WORD { word } else { word & ((1 << below) - 1) };
        if word == 0 {
            continue;
        }
        for group in 0..WORD / SIZE {
            let pattern = (word >> (SIZE * group)) as usize & ((1 << SIZE) - 1);
            list.push_if(pattern != 0, (w * (WORD / SIZE) + group) << SIZE | pattern);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Encodes all items of `words`, two words each, whose permutation turns the pixels around.
    fn encoded(
        words: &[u32],
        grouped: bool,
        room: usize,
        context: Context,
        check: impl FnOnce(&IndexLists<'_, f32>, &[u16]),
    ) {
        let shape = Shape::new(36, 2, 2, 1).unwrap();
        let maps: [u16; 36] = core::array::from_fn(|p| (35 - p) as u16);
        let permutations = Permutations::new(36, &maps).unwrap();
        let count = words.len() / 2;
        let (permutations_of, picks) = ([0; 32], core::array::from_fn::<u32, 32, _>(|i| i as u32));
        let items = Items::new(2, words, &permutations_of[..count]);
        let (mut on, mut on_offsets, mut by, mut by_offsets) = ([0; 32 * 40], [0; 33], [0; 32 * 40], [0; 200]);
        let (mut patterns, mut states, mut targets) = ([0; 160], [0.0; 64], [0.0; 64]);
        let mut lists = IndexLists {
            rows_of_item: Lists::new(&mut on, &mut on_offsets),
            items_of_row: Lists::new(&mut by, &mut by_offsets),
            patterns: &mut patterns[..room],
            states: &mut states[..2 * count],
            targets: &mut targets[..2 * count],
            items: 0,
            updated: 0,
            off: false,
            indices: 0,
            grouping: Grouping::Single,
            permutation: 0,
        };
        let encoding = Encoding { context, updated: Updated::Classes, grouped, transposed: true };
        lists.encode(&shape, &Union::only(items), &picks[..count], &permutations, encoding, None);
        check(&lists, lists.patterns(&permutations).all);
    }

    /// Pixels 0, 1, 33 and task neuron 36 of one item, pixel 1, task neuron 36 and class neuron 39 of another.
    const TWO: [u32; 4] = [0b11, 0b1001_0010, 0b10, 0b0001_0000];

    #[test]
    fn neurons_are_listed_where_the_permutation_puts_them() {
        encoded(&TWO, false, 0, Context::Off, |p, _| {
            assert_eq!((p.rows_of_item.list(0), p.rows_of_item.list(1)), (&[35, 34, 2, 36][..], &[34, 36][..]));
            assert_eq!((p.items_of_row.list(34), p.items_of_row.list(2)), (&[0, 1][..], &[0][..]));
            assert_eq!((p.items_of_row.list(36), p.items_of_row.list(0)), (&[0, 1][..], &[][..]));
            assert_eq!(*p.states, [-1.0; 4]);
            assert_eq!(*p.targets, [-1.0, 1.0, -1.0, -1.0]);
        });
    }

    #[test]
    fn groups_are_listed_by_their_place_among_the_patterns_that_occur() {
        // The class neuron is not shown.
        encoded(&TWO, true, 4, Context::Off, |p, patterns| {
            assert_eq!(p.grouping, Grouping::Eight);
            assert_eq!(patterns, [0b10, 0b11, 256 * 4 + 0b1_0000, 256 * 4 + 0b1_0010]);
            assert_eq!((p.rows_of_item.list(0), p.rows_of_item.list(1)), (&[1, 3][..], &[0, 2][..]));
            assert_eq!((p.items_of_row.list(3), p.items_of_row.list(0)), (&[0][..], &[1][..]));
        });
    }

    #[test]
    fn groups_are_of_four_where_there_is_no_room_for_all_patterns_of_eight() {
        // 32 different patterns of the first eight positions, and room for 31.
        let words: [u32; 64] = core::array::from_fn(|w| if w % 2 == 0 { 7 * (w as u32 / 2) + 1 } else { 0 });
        encoded(&words, true, 31, Context::Off, |lists, patterns| {
            assert_eq!(lists.grouping, Grouping::Four);
            for (item, words) in words.chunks_exact(2).enumerate() {
                let bits = lists.rows_of_item.list(item).iter().map(|&place| patterns[usize::from(place)]);
                let bits = bits.fold(0, |bits, pattern| bits | u32::from(pattern & 15) << (4 * (pattern >> 4)));
                assert_eq!(bits, words[0], "item {item}");
            }
        });
    }

    #[test]
    fn labels_are_shown_only_where_the_context_says() {
        encoded(&TWO, false, 0, Context::Labels, |p, _| {
            assert_eq!(p.rows_of_item.list(0), &[35, 34, 2, 36, 39]);
            assert_eq!(*p.states, [-1.0, 1.0, -1.0, -1.0]);
        });
        encoded(&TWO, false, 0, Context::Zero, |p, _| assert_eq!(*p.states, [0.0; 4]));
    }
}
