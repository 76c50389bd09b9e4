//! A chunk of items as the network is shown them: which rows each item adds, and which items add each row.
//!
//! Only neurons that are +1 are added (see [`field`](crate::maths::field)). They are named either one by one, each a row of the
//! weights, or four at a time: an item's bits `4g..4g+4` are a pattern of 0 to 15, and a table holds a row for each
//! pattern that occurs in the chunk: the sum of the weights of the neurons that it has on. An item of 150 +1 neurons then
//! adds 50 rows instead of 150, which pays for the table from a few dozen items of one wiring.

use crate::backend::partial_sums;
use crate::model::bits;
use crate::model::items::{Items, Union, Wirings};
use crate::model::rule::{Context, Updated};
use crate::model::shape::Shape;
use crate::number::scalar::Scalar;

/// How +1 neurons are named.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Naming {
    /// One by one, each by its row of the weights.
    Neurons,
    /// Four at a time, by a row of the table of partial sums: the place of the pattern among those that occur.
    Nibbles,
}

impl Naming {
    /// How many names there are at most.
    pub const fn names(&self, shape: &Shape) -> usize {
        match self {
            Self::Neurons => shape.neurons(),
            Self::Nibbles => partial_sums::rows(shape.neurons()),
        }
    }
}

/// Lists of names, one after the other.
#[derive(Debug)]
pub struct Lists<'a> {
    names: &'a mut [u16],
    ends: &'a mut [u32],
}

impl<'a> Lists<'a> {
    /// Lists that lie in `names`; `ends` has room for one more entry than there are lists.
    pub fn new(names: &'a mut [u16], ends: &'a mut [u32]) -> Self {
        Self { names, ends }
    }

    /// List `i`.
    #[inline(always)]
    pub fn list(&self, i: usize) -> &[u16] {
        match (self.ends.get(i), self.ends.get(i + 1)) {
            (Some(&start), Some(&end)) => self.names.get(start as usize..end as usize).unwrap_or(&[]),
            _ => &[],
        }
    }
}

/// A chunk of items, all of one wiring, as the network is shown them.
#[derive(Debug)]
pub struct Presentation<'a, S> {
    /// For each item the names that it has on.
    pub on: Lists<'a>,
    /// For each name the items that have it on.
    pub shown_by: Lists<'a>,
    /// Of [`Naming::Nibbles`], the pattern that each name stands for, in rising order: `16 g + pattern`.
    pub patterns: &'a mut [u16],
    /// `[item][updated]`: what each updated neuron shows, -1, 0 or +1.
    pub states: &'a mut [S],
    /// `[item][updated]`: what each updated neuron is to become, -1 or +1.
    pub targets: &'a mut [S],
    /// Items in the chunk.
    pub items: usize,
    /// Updated neurons of each item.
    pub updated: usize,
    /// Names that are in use.
    pub names: usize,
    /// How `on` and `shown_by` name neurons.
    pub naming: Naming,
    /// The wiring of all items.
    pub wiring: u8,
}

/// How a chunk is to be encoded.
#[derive(Clone, Copy, Debug)]
pub struct Encoding {
    /// What class neurons show.
    pub context: Context,
    /// Which neurons are updated.
    pub updated: Updated,
    /// How +1 neurons are named.
    pub naming: Naming,
    /// Whether `shown_by` is wanted: it is for gradients, and not for recall.
    pub both_ways: bool,
}

impl<S: Scalar> Presentation<'_, S> {
    /// Encodes the items `picks` of `union`, which are all of one wiring.
    pub fn encode(
        &mut self,
        shape: &Shape,
        union: &Union<'_>,
        picks: &[u32],
        wirings: &Wirings<'_>,
        encoding: Encoding,
    ) {
        let range = encoding.updated.range(shape);
        self.items = picks.len();
        self.updated = range.len();
        self.naming = encoding.naming;
        self.wiring = picks.first().map_or(Items::IDENTITY, |&pick| union.wiring(pick as usize));
        // Positions that take part in similarities: class neurons only where labels are shown.
        let shown = if encoding.context == Context::Labels { shape.neurons() } else { shape.class_neurons().start };
        let mut count = 0;
        if let Some(first) = self.on.ends.first_mut() {
            *first = 0;
        }
        for (item, &pick) in picks.iter().enumerate() {
            let (bits, wiring) = (union.bits(pick as usize), union.wiring(pick as usize));
            let mut push = |name: usize| {
                if let Some(place) = self.on.names.get_mut(count) {
                    *place = name as u16;
                    count += 1;
                }
            };
            match encoding.naming {
                Naming::Neurons => each_on(bits, shown, |position| push(wirings.neuron(wiring, position))),
                Naming::Nibbles => each_nibble(bits, shown, push),
            }
            if let Some(end) = self.on.ends.get_mut(item + 1) {
                *end = count as u32;
            }
            self.encode_updated(shape, item, bits, |position| wirings.neuron(wiring, position), encoding);
        }
        self.names = match encoding.naming {
            Naming::Neurons => shape.neurons(),
            Naming::Nibbles => self.renumber(count, encoding.naming.names(shape)),
        };
        if encoding.both_ways {
            self.turn_over(self.names);
        }
    }

    /// The patterns that occur, in rising order.
    #[inline(always)]
    pub fn patterns(&self) -> &[u16] {
        self.patterns.get(..self.names).unwrap_or(&[])
    }

    /// Numbers the patterns that occur among the first `count` names of `on`, all below `limit`; returns how many there are.
    fn renumber(&mut self, count: usize, limit: usize) -> usize {
        let (Some(names), Some(numbers)) = (self.on.names.get_mut(..count), self.shown_by.ends.get_mut(..limit)) else {
            return 0;
        };
        numbers.fill(0);
        for &name in names.iter() {
            if let Some(number) = numbers.get_mut(usize::from(name)) {
                *number = 1;
            }
        }
        let mut used = 0;
        for (pattern, number) in numbers.iter_mut().enumerate().filter(|(_, number)| **number > 0) {
            if let Some(place) = self.patterns.get_mut(used) {
                (*place, *number) = (pattern as u16, used as u32);
                used += 1;
            }
        }
        for name in names {
            *name = numbers.get(usize::from(*name)).map_or(0, |&number| number as u16);
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

    /// Fills `shown_by` from `on`: a counting sort.
    fn turn_over(&mut self, names: usize) {
        let Some(ends) = self.shown_by.ends.get_mut(..names + 1) else { return };
        ends.fill(0);
        let end = self.on.ends.get(self.items).map_or(0, |&end| end as usize);
        for &name in self.on.names.iter().take(end) {
            if let Some(count) = ends.get_mut(usize::from(name)) {
                *count += 1;
            }
        }
        // Each count becomes the start of its list, and, as the list is filled, its end.
        let mut start = 0;
        for count in ends.iter_mut() {
            (*count, start) = (start, start + *count);
        }
        for item in 0..self.items {
            for &name in self.on.list(item) {
                if let Some(end) = ends.get_mut(usize::from(name)) {
                    if let Some(place) = self.shown_by.names.get_mut(*end as usize) {
                        *place = item as u16;
                    }
                    *end += 1;
                }
            }
        }
        // Ends stand one place too far left.
        let mut before = 0;
        for end in ends {
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

/// Calls `with` for the name of each group of four bits that has one set below `limit`, in rising order.
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

    fn encoded(naming: Naming, context: Context, check: impl FnOnce(&Presentation<'_, f32>)) {
        let shape = Shape::new(36, 2, 2, 1).unwrap();
        let maps: [u16; 36] = core::array::from_fn(|p| (35 - p) as u16);
        let wirings = Wirings::new(36, &maps).unwrap();
        // Pixels 0, 1, 33; task neuron 36; class neuron 39.
        let words = [0b11, 0b1001_0010, 0b10, 0b0001_0000];
        let items = Items::new(2, &words, &[0, 0]);
        let (mut on, mut on_ends, mut by, mut by_ends) = ([0; 80], [0; 3], [0; 80], [0; 200]);
        let mut patterns = [0; 160];
        let (mut states, mut targets) = ([0.0; 4], [0.0; 4]);
        let mut presentation = Presentation {
            on: Lists::new(&mut on, &mut on_ends),
            shown_by: Lists::new(&mut by, &mut by_ends),
            patterns: &mut patterns,
            states: &mut states,
            targets: &mut targets,
            items: 0,
            updated: 0,
            names: 0,
            naming,
            wiring: 0,
        };
        let encoding = Encoding { context, updated: Updated::Classes, naming, both_ways: true };
        presentation.encode(&shape, &Union::only(items), &[0, 1], &wirings, encoding);
        check(&presentation);
    }

    #[test]
    fn neurons_are_named_where_the_wiring_puts_them() {
        encoded(Naming::Neurons, Context::Off, |p| {
            assert_eq!((p.on.list(0), p.on.list(1)), (&[35, 34, 2, 36][..], &[34, 36][..]));
            assert_eq!((p.shown_by.list(34), p.shown_by.list(2)), (&[0, 1][..], &[0][..]));
            assert_eq!((p.shown_by.list(36), p.shown_by.list(0)), (&[0, 1][..], &[][..]));
            assert_eq!(*p.states, [-1.0; 4]);
            assert_eq!(*p.targets, [-1.0, 1.0, -1.0, -1.0]);
        });
    }

    #[test]
    fn nibbles_are_named_by_their_place_among_the_patterns_that_occur() {
        encoded(Naming::Nibbles, Context::Off, |p| {
            assert_eq!(p.patterns(), [2, 3, 16 * 8 + 2, 16 * 9 + 1]);
            assert_eq!((p.on.list(0), p.on.list(1)), (&[1, 2, 3][..], &[0, 3][..]));
            assert_eq!((p.shown_by.list(3), p.shown_by.list(1)), (&[0, 1][..], &[0][..]));
        });
    }

    #[test]
    fn labels_are_shown_only_where_the_context_says() {
        encoded(Naming::Neurons, Context::Labels, |p| {
            assert_eq!(p.on.list(0), &[35, 34, 2, 36, 39]);
            assert_eq!(*p.states, [-1.0, 1.0, -1.0, -1.0]);
        });
        encoded(Naming::Neurons, Context::Zero, |p| assert_eq!(*p.states, [0.0; 4]));
    }
}
