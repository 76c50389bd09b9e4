//! Names in order, without a panic and without memory.

/// Distances of the passes, Ciura (2001), continued by factors of 2.25.
const GAPS: [usize; 15] = [205_078, 91_145, 40_509, 18_004, 8_002, 3_556, 1_581, 701, 301, 132, 57, 23, 10, 4, 1];

/// Sorts `names` by `key` (Shell, 1959). Names of equal keys come in any order, but always the same.
pub(crate) fn sort(names: &mut [u32], key: impl Fn(u32) -> u64) {
    for gap in GAPS {
        for start in gap..names.len() {
            let Some(&name) = names.get(start) else { return };
            let wanted = key(name);
            let mut place = start;
            while let Some(before) = place.checked_sub(gap) {
                match names.get(before).copied() {
                    Some(other) if key(other) > wanted => put(names, place, other),
                    _ => break,
                }
                place = before;
            }
            put(names, place, name);
        }
    }
}

fn put(names: &mut [u32], place: usize, name: u32) {
    if let Some(slot) = names.get_mut(place) {
        *slot = name;
    }
}

/// The first names of the same `key`, and the rest; none where there are no names.
pub(crate) fn first_run<K: PartialEq>(names: &[u32], key: impl Fn(u32) -> K) -> Option<(&[u32], &[u32])> {
    let first = key(*names.first()?);
    let len = names.iter().take_while(|&&name| key(name) == first).count();
    names.split_at_checked(len)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::rng::{Xoshiro128PlusPlus, below};
    use rand_core::SeedableRng;

    #[test]
    fn names_come_in_order_and_all_of_them() {
        let mut rng = Xoshiro128PlusPlus::seed_from_u64(1);
        for len in (0..40).chain([100, 999, 5000]) {
            let mut names = [0; 5000];
            let names = &mut names[..len];
            names.fill_with(|| below(&mut rng, 700));
            let mut expected = [0; 5000];
            expected[..len].copy_from_slice(names);
            expected[..len].sort_unstable_by_key(|&name| (name % 3, name));
            sort(names, |name| u64::from(name % 3) << 32 | u64::from(name));
            assert_eq!(names, &expected[..len]);
        }
    }

    #[test]
    fn runs_are_those_of_chunk_by() {
        let names = [5, 7, 2, 4, 4, 1, 3, 8];
        let (mut rest, mut expected) = (&names[..], names.chunk_by(|a, b| a % 2 == b % 2));
        while let Some((run, others)) = first_run(rest, |name| name % 2) {
            assert_eq!(Some(run), expected.next());
            rest = others;
        }
        assert_eq!(expected.next(), None);
    }
}
