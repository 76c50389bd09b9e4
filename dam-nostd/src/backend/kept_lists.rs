//! Index lists that are kept: a full batch is the same in every epoch, and so are a method's items at every step.
//!
//! Each entry has the bits of its items beside the lists. Lists are taken up where encoding and bits are the same, so what is
//! kept never has to be told that items have changed.

use crate::backend::index_lists::{Encoding, Grouping, IndexLists};
use crate::model::items::Union;
use crate::number::scalar::Scalar;

/// Words of an entry before its bits and offsets.
const HEADER: usize = 6;

/// Entries, one after the other; where there is no room for one more, all are forgotten.
#[derive(Debug)]
pub(crate) struct KeptLists<'a> {
    /// Of each entry header, bits, offsets by item, offsets by row.
    words: &'a mut [u32],
    /// Of each entry indices by item, indices by row, patterns.
    indices: &'a mut [u16],
    used: Place,
}

/// Where an entry begins.
#[derive(Clone, Copy, Debug, Default)]
struct Place {
    word: usize,
    index: usize,
}

/// The header of an entry.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Header {
    /// Encoding and permutation.
    key: u32,
    items: usize,
    words_per_item: usize,
    /// Indices in use.
    rows: usize,
    /// Indices listed, by item and by row.
    listed: usize,
    /// Positions of a group.
    grouping: Grouping,
}

impl Header {
    /// The header at the start of `words`.
    fn read(words: &[u32]) -> Option<Self> {
        let &[key, items, words_per_item, rows, listed, size] = words.first_chunk::<HEADER>()?;
        let grouping = [Grouping::Single, Grouping::Four, Grouping::Eight];
        let grouping = grouping.into_iter().find(|grouping| grouping.size() == size as usize)?;
        let [items, words_per_item, rows, listed] = [items, words_per_item, rows, listed].map(|count| count as usize);
        Some(Self { key, items, words_per_item, rows, listed, grouping })
    }

    fn written(&self) -> [u32; HEADER] {
        let Self { key, items, words_per_item, rows, listed, grouping } = *self;
        let [items, words_per_item, rows, listed, size] =
            [items, words_per_item, rows, listed, grouping.size()].map(|count| count as u32);
        [key, items, words_per_item, rows, listed, size]
    }

    fn patterns(&self) -> usize {
        if self.grouping == Grouping::Single { 0 } else { self.rows }
    }

    fn bits(&self) -> usize {
        self.items * self.words_per_item
    }

    /// The entry after that at `place`.
    fn after(&self, place: Place) -> Place {
        Place {
            word: place.word + HEADER + self.bits() + self.items + 1 + self.rows + 1,
            index: place.index + 2 * self.listed + self.patterns(),
        }
    }
}

impl<'a> KeptLists<'a> {
    /// Nothing yet, in `words` and `indices`.
    pub fn new(words: &'a mut [u32], indices: &'a mut [u16]) -> Self {
        Self { words, indices, used: Place::default() }
    }

    /// The numbers of words and of indices that keep, in chunks of `chunk` at most and in groups of eight neurons, `items` items of networks
    /// with so many neurons, words for an item and patterns of a chunk.
    pub const fn sizes(items: usize, chunk: usize, neurons: usize, words: usize, patterns: usize) -> (usize, usize) {
        let chunks = items.div_ceil(if chunk == 0 { 1 } else { chunk });
        (items * (words + 1) + chunks * (HEADER + 2 + patterns), 2 * items * neurons.div_ceil(8) + chunks * patterns)
    }

    /// What tells encodings apart: the permutation, and four bits for each choice.
    fn key(encoding: Encoding, permutation: u8) -> u32 {
        let Encoding { context, updated, grouped, transposed } = encoding;
        let bits = [u32::from(permutation), context as u32, updated as u32, u32::from(grouped), u32::from(transposed)];
        bits.into_iter().fold(0, |key, part| key << 4 | part)
    }

    /// Writes the lists of the items `picks` of `union` to `lists`, if they are kept; whether they are.
    pub fn restore<S: Scalar>(
        &self,
        union: &Union<'_>,
        picks: &[u32],
        encoding: Encoding,
        lists: &mut IndexLists<'_, S>,
    ) -> bool {
        let Some(&first) = picks.first() else { return false };
        let key = Self::key(encoding, union.permutation(first as usize));
        let mut place = Place::default();
        while place.word < self.used.word {
            let Some(words) = self.words.get(place.word..) else { return false };
            let Some(header) = Header::read(words) else { return false };
            let bits = words.get(HEADER..HEADER + header.bits()).unwrap_or(&[]);
            let same = || {
                let kept = bits.chunks_exact(header.words_per_item.max(1));
                kept.zip(picks).all(|(kept, &pick)| kept == union.bits(pick as usize))
            };
            if header.key == key && header.items == picks.len() && same() {
                return self.write_to(lists, header, place).is_some();
            }
            place = header.after(place);
        }
        false
    }

    fn write_to<S: Scalar>(&self, lists: &mut IndexLists<'_, S>, header: Header, place: Place) -> Option<()> {
        let Header { items, rows, listed, grouping, .. } = header;
        let words = self.words.get(place.word + HEADER + header.bits()..)?;
        let (by_item, words) = words.split_at_checked(items + 1)?;
        let (by_row, _) = words.split_at_checked(rows + 1)?;
        let (of_items, rest) = self.indices.get(place.index..)?.split_at_checked(listed)?;
        let (of_rows, rest) = rest.split_at_checked(listed)?;
        copy(lists.rows_of_item.offsets_mut(), by_item);
        copy(lists.items_of_row.offsets_mut(), by_row);
        copy(lists.rows_of_item.indices_mut(), of_items);
        copy(lists.items_of_row.indices_mut(), of_rows);
        copy(lists.patterns, rest.get(..header.patterns())?);
        (lists.indices, lists.grouping) = (rows, grouping);
        Some(())
    }

    /// Keeps `lists`, which are of the items `picks` of `union`, if there is room for them.
    pub fn keep<S: Scalar>(&mut self, union: &Union<'_>, picks: &[u32], encoding: Encoding, lists: &IndexLists<'_, S>) {
        let Some(&first) = picks.first() else { return };
        let header = Header {
            key: Self::key(encoding, union.permutation(first as usize)),
            items: picks.len(),
            words_per_item: union.bits(first as usize).len(),
            rows: lists.indices,
            listed: lists.rows_of_item.len(picks.len()),
            grouping: lists.grouping,
        };
        let fits = |end: Place| end.word <= self.words.len() && end.index <= self.indices.len();
        if !fits(header.after(self.used)) {
            self.used = Place::default();
        }
        let (begin, end) = (self.used, header.after(self.used));
        if fits(end) && self.read_from(union, picks, header, lists, begin).is_some() {
            self.used = end;
        }
    }

    fn read_from<S: Scalar>(
        &mut self,
        union: &Union<'_>,
        picks: &[u32],
        header: Header,
        lists: &IndexLists<'_, S>,
        place: Place,
    ) -> Option<()> {
        let Header { items, rows, listed, .. } = header;
        let (head, words) = self.words.get_mut(place.word..)?.split_first_chunk_mut::<HEADER>()?;
        *head = header.written();
        let (bits, words) = words.split_at_mut_checked(header.bits())?;
        for (kept, &pick) in bits.chunks_exact_mut(header.words_per_item.max(1)).zip(picks) {
            copy(kept, union.bits(pick as usize));
        }
        let (by_item, words) = words.split_at_mut_checked(items + 1)?;
        copy(by_item, lists.rows_of_item.offsets());
        copy(words.get_mut(..rows + 1)?, lists.items_of_row.offsets());
        let (of_items, rest) = self.indices.get_mut(place.index..)?.split_at_mut_checked(listed)?;
        let (of_rows, rest) = rest.split_at_mut_checked(listed)?;
        copy(of_items, lists.rows_of_item.indices());
        copy(of_rows, lists.items_of_row.indices());
        copy(rest.get_mut(..header.patterns())?, lists.patterns);
        Some(())
    }
}

/// As many as both have.
fn copy<T: Copy>(to: &mut [T], from: &[T]) {
    for (to, from) in to.iter_mut().zip(from) {
        *to = *from;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::backend::lists::Lists;
    use crate::model::items::{Items, Permutations};
    use crate::model::rule::{Context, Updated};
    use crate::model::shape::Shape;

    const ENCODING: Encoding =
        Encoding { context: Context::Off, updated: Updated::Classes, grouped: true, transposed: true };

    /// Encodes three items of one word, of which the second has these bits, with what is kept; the lists by item and by row.
    fn encoded(kept: &mut KeptLists<'_>, second: u32, encoding: Encoding) -> (bool, [u16; 64], [u32; 64]) {
        let shape = Shape::new(16, 1, 2, 1).unwrap();
        let (words, names) = ([0b11, second, 0x101], [0; 3]);
        let union = Union::only(Items::new(1, &words, &names));
        let map: [u16; 16] = core::array::from_fn(|p| p as u16);
        let permutations = Permutations::new(16, &map).unwrap();
        let (mut by_item, mut item_offsets, mut by_row, mut row_offsets) = ([0; 64], [0; 64], [0; 64], [0; 64]);
        let (mut patterns, mut states, mut targets) = ([0; 64], [0.0f32; 6], [0.0; 6]);
        let mut lists = IndexLists {
            rows_of_item: Lists::new(&mut by_item, &mut item_offsets),
            items_of_row: Lists::new(&mut by_row, &mut row_offsets),
            patterns: &mut patterns,
            states: &mut states,
            targets: &mut targets,
            items: 0,
            updated: 0,
            off: false,
            indices: 0,
            grouping: Grouping::Single,
            permutation: 0,
        };
        let known = kept.restore(&union, &[0, 1, 2], encoding, &mut lists);
        lists.encode(&shape, &union, &[0, 1, 2], &permutations, encoding, Some(kept));
        let (mut indices, mut offsets) = ([0; 64], [0; 64]);
        for (to, from) in indices.chunks_mut(16).zip([&*lists.patterns, lists.items_of_row.indices()]) {
            copy(to, from);
        }
        copy(&mut offsets, &[lists.indices as u32, lists.items as u32]);
        (known, indices, offsets)
    }

    #[test]
    fn lists_are_kept_for_these_bits_and_this_encoding_alone() {
        let (mut words, mut indices) = ([0; 200], [0; 200]);
        let mut kept = KeptLists::new(&mut words, &mut indices);
        let fresh = encoded(&mut kept, 0b10, ENCODING);
        let single = Encoding { grouped: false, ..ENCODING };
        for (second, encoding, expected) in
            [(0b10, ENCODING, true), (0b110, ENCODING, false), (0b10, single, false), (0b10, single, true)]
        {
            assert_eq!(encoded(&mut kept, second, encoding).0, expected, "{second:b} {encoding:?}");
        }
        let again = encoded(&mut kept, 0b10, ENCODING);
        assert_eq!((fresh.0, again.0), (false, true));
        assert_eq!((fresh.1, fresh.2), (again.1, again.2));
    }

    #[test]
    fn where_there_is_no_room_all_are_forgotten_and_what_never_fits_is_not_kept() {
        // Room for one: its header, three items of one word, and offsets.
        let (mut words, mut indices) = ([0; 20], [0; 24]);
        let mut kept = KeptLists::new(&mut words, &mut indices);
        for (second, expected) in [(0b10, false), (0b10, true), (0b110, false), (0b110, true), (0b10, false)] {
            assert_eq!(encoded(&mut kept, second, ENCODING).0, expected, "{second:b}");
        }
        for (words, indices) in [(0, 0), (10, 64), (64, 3)] {
            let (mut all_words, mut all_indices) = ([0; 64], [0; 64]);
            let mut kept = KeptLists::new(&mut all_words[..words], &mut all_indices[..indices]);
            assert!((0..3).all(|_| !encoded(&mut kept, 0b10, ENCODING).0));
        }
    }
}
