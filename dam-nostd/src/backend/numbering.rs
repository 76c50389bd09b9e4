//! Patterns that occur are given consecutive places, in rising order.

/// Bits of a word of the map of what occurs.
const WORD: usize = u32::BITS as usize;

/// Puts in place of each of `indices`, all below `limit`, its place among those that occur, and writes these to `patterns`;
/// returns how many they are. Where they are more than `patterns` has room for, nothing is changed.
///
/// `scratch` has a word for each sixteen of `limit`.
pub(crate) fn number(indices: &mut [u16], limit: usize, scratch: &mut [u32], patterns: &mut [u16]) -> Option<usize> {
    let words = limit.div_ceil(WORD);
    let (map, before) = scratch.get_mut(..2 * words)?.split_at_mut_checked(words)?;
    map.fill(0);
    for &index in indices.iter() {
        if let Some(word) = map.get_mut(usize::from(index) / WORD) {
            *word |= 1 << (usize::from(index) % WORD);
        }
    }
    let mut count = 0;
    for (before, word) in before.iter_mut().zip(map.iter()) {
        *before = count;
        count += word.count_ones();
    }
    let mut places = patterns.get_mut(..count as usize)?.iter_mut();
    for (w, &word) in map.iter().enumerate() {
        let mut left = word;
        while left != 0 {
            if let Some(place) = places.next() {
                *place = (w * WORD) as u16 + left.trailing_zeros() as u16;
            }
            left &= left - 1;
        }
    }
    for index in indices {
        let (w, bit) = (usize::from(*index) / WORD, usize::from(*index) % WORD);
        if let (Some(&word), Some(&before)) = (map.get(w), before.get(w)) {
            *index = (before + (word & ((1 << bit) - 1)).count_ones()) as u16;
        }
    }
    Some(count as usize)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn indices_become_places_among_those_that_occur() {
        let (mut scratch, mut patterns) = ([9; 8], [0; 4]);
        let mut indices = [127, 0, 33, 32, 33, 127];
        assert_eq!(number(&mut indices, 128, &mut scratch, &mut patterns), Some(4));
        assert_eq!((indices, patterns), ([3, 0, 2, 1, 2, 3], [0, 32, 33, 127]));
    }

    #[test]
    fn more_than_there_is_room_for_are_left_as_they_are() {
        let (mut scratch, mut patterns) = ([9; 8], [0; 3]);
        let mut indices = [127, 0, 33, 32];
        assert_eq!(number(&mut indices, 128, &mut scratch, &mut patterns), None);
        assert_eq!((indices, patterns), ([127, 0, 33, 32], [0; 3]));
    }
}
