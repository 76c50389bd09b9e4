//! Bipolar states, bit-packed: neuron j is bit j % 32 of word j / 32, set where the neuron is +1.

/// Whether neuron `j` is +1. Neurons beyond the words are -1.
#[inline(always)]
pub fn is_on(words: &[u32], j: usize) -> bool {
    words.get(j / 32).is_some_and(|word| (word >> (j % 32)) & 1 == 1)
}

/// Sets neuron `j` to +1 (`on`) or -1. Neurons beyond the words are left out.
#[inline(always)]
pub fn set(words: &mut [u32], j: usize, on: bool) {
    if let Some(word) = words.get_mut(j / 32) {
        let bit = 1 << (j % 32);
        *word = if on { *word | bit } else { *word & !bit };
    }
}

/// Bits `4 * group ..= 4 * group + 3` as a number of 0 to 15.
#[inline(always)]
pub fn nibble(words: &[u32], group: usize) -> u16 {
    words.get(group / 8).map_or(0, |word| ((word >> (4 * (group % 8))) & 15) as u16)
}

/// Calls `with` for each neuron before `limit` that is +1, in rising order.
#[inline(always)]
pub fn each_on(words: &[u32], limit: usize, mut with: impl FnMut(usize)) {
    for (w, &word) in words.iter().enumerate() {
        let mut left = word;
        while left != 0 {
            let j = 32 * w + left.trailing_zeros() as usize;
            if j < limit {
                with(j);
            }
            left &= left - 1;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_bit_is_where_its_neuron_says() {
        let mut words = [0u32; 3];
        for j in [0, 31, 32, 70] {
            set(&mut words, j, true);
            assert!(is_on(&words, j));
        }
        assert_eq!(words, [1 | 1 << 31, 1, 1 << 6]);
        set(&mut words, 31, false);
        assert!(!is_on(&words, 31) && !is_on(&words, 1000));
        assert_eq!(nibble(&words, 17), 4);
        let mut on = [0; 3];
        let mut places = on.iter_mut();
        each_on(&words, 70, |j| *places.next().unwrap() = j);
        assert_eq!(on, [0, 32, 0]);
    }
}
