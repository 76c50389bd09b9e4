//! Indices in order, without a panic and without memory.

/// Distances of the passes, Ciura (2001), continued by factors of 2.25.
const GAPS: [usize; 15] = [205_078, 91_145, 40_509, 18_004, 8_002, 3_556, 1_581, 701, 301, 132, 57, 23, 10, 4, 1];

/// Sorts `indices` by `key` (Shell, 1959). Indices of equal keys come in any order, but always the same. Whether they were in
/// order before.
pub(crate) fn sort(indices: &mut [u32], key: impl Fn(u32) -> u64) -> bool {
    if indices.is_sorted_by_key(|&index| key(index)) {
        return true;
    }
    for gap in GAPS {
        for start in gap..indices.len() {
            let Some(&index) = indices.get(start) else { break };
            let wanted = key(index);
            let mut place = start;
            while let Some(before) = place.checked_sub(gap) {
                match indices.get(before).copied() {
                    Some(other) if key(other) > wanted => put(indices, place, other),
                    _ => break,
                }
                place = before;
            }
            put(indices, place, index);
        }
    }
    false
}

fn put(indices: &mut [u32], place: usize, index: u32) {
    if let Some(slot) = indices.get_mut(place) {
        *slot = index;
    }
}

/// The first indices of the same `key`, and the rest; none where there are none.
pub(crate) fn first_run<K: PartialEq>(indices: &[u32], key: impl Fn(u32) -> K) -> Option<(&[u32], &[u32])> {
    let first = key(*indices.first()?);
    let len = indices.iter().take_while(|&&index| key(index) == first).count();
    indices.split_at_checked(len)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::rng::{Xoshiro128PlusPlus, below};
    use rand_core::SeedableRng;

    #[test]
    fn indices_come_in_order_and_all_of_them() {
        let mut rng = Xoshiro128PlusPlus::seed_from_u64(1);
        for len in (0..40).chain([100, 999, 5000]) {
            let mut indices = [0; 5000];
            let indices = &mut indices[..len];
            indices.fill_with(|| below(&mut rng, 700));
            let mut expected = [0; 5000];
            expected[..len].copy_from_slice(indices);
            expected[..len].sort_unstable_by_key(|&index| (index % 3, index));
            sort(indices, |index| u64::from(index % 3) << 32 | u64::from(index));
            assert_eq!(indices, &expected[..len]);
        }
    }

    #[test]
    fn runs_are_those_of_chunk_by() {
        let indices = [5, 7, 2, 4, 4, 1, 3, 8];
        let (mut rest, mut expected) = (&indices[..], indices.chunk_by(|a, b| a % 2 == b % 2));
        while let Some((run, others)) = first_run(rest, |index| index % 2) {
            assert_eq!(Some(run), expected.next());
            rest = others;
        }
        assert_eq!(expected.next(), None);
    }
}
