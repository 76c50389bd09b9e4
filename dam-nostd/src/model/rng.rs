//! Randomness: a generator small enough for a microcontroller, and what is drawn from it.
//!
//! The generator is xoshiro128++ 1.0 of Blackman and Vigna (2019). Everything drawn is computed with integers or with
//! `libm`, so a seed gives the same numbers on every machine.

use core::convert::Infallible;

use rand_core::{Rng, SeedableRng, TryRng};

/// xoshiro128++: 128 bits of state, 32 bits a draw, a period of 2^128 - 1.
///
/// ```
/// use dam_nostd::rng::Xoshiro128PlusPlus;
/// use rand_core::{Rng, SeedableRng};
/// let mut rng = Xoshiro128PlusPlus::from_seed([1, 0, 0, 0, 2, 0, 0, 0, 3, 0, 0, 0, 4, 0, 0, 0]);
/// assert_eq!(rng.next_u32(), 641);
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Xoshiro128PlusPlus {
    state: [u32; 4],
}

impl Xoshiro128PlusPlus {
    /// The state, which may be kept and put back. Not to be zeros.
    pub fn state(&mut self) -> &mut [u32; 4] {
        &mut self.state
    }

    /// The generator of one purpose of one seed: generators of different purposes are independent of each other.
    pub fn of(seed: u64, purpose: Purpose, index: u32) -> Self {
        let mut mix = SplitMix(seed);
        let mut key = SplitMix(mix.next() ^ (u64::from(purpose as u32) << 32 | u64::from(index)));
        Self::seed_from_u64(key.next())
    }
}

/// What a generator is for. A purpose has generators of its own, so that a method that draws more numbers than another
/// does not change the tasks or the order of items.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Purpose {
    /// The first weights.
    Weights = 1,
    /// The permutation of the pixels of a task.
    Permutation = 2,
    /// Which images a task has.
    Images = 3,
    /// The order of items in each epoch.
    Order = 4,
    /// What a method of sequential learning draws.
    Method = 5,
    /// Probes, noise, and all else.
    Probes = 6,
}

impl TryRng for Xoshiro128PlusPlus {
    type Error = Infallible;

    #[inline]
    fn try_next_u32(&mut self) -> Result<u32, Infallible> {
        let [a, b, c, d] = self.state;
        let out = a.wrapping_add(d).rotate_left(7).wrapping_add(a);
        let (c, d) = (c ^ a, d ^ b);
        self.state = [a ^ d, b ^ c, c ^ (b << 9), d.rotate_left(11)];
        Ok(out)
    }

    #[inline]
    fn try_next_u64(&mut self) -> Result<u64, Infallible> {
        rand_core::utils::next_u64_via_u32(self)
    }

    #[inline]
    fn try_fill_bytes(&mut self, bytes: &mut [u8]) -> Result<(), Infallible> {
        rand_core::utils::fill_bytes_via_next_word(bytes, || self.try_next_u32())
    }
}

impl SeedableRng for Xoshiro128PlusPlus {
    type Seed = [u8; 16];

    /// The seed is the state, in four little-endian words; the state of zeros, which has no period, becomes that of
    /// `seed_from_u64(0)`.
    fn from_seed(seed: [u8; 16]) -> Self {
        if seed == [0; 16] {
            return Self::seed_from_u64(0);
        }
        let word = |i: usize| u32::from_le_bytes([seed[i], seed[i + 1], seed[i + 2], seed[i + 3]]);
        Self { state: [word(0), word(4), word(8), word(12)] }
    }

    /// The state is drawn from SplitMix64 seeded with `seed`.
    fn seed_from_u64(seed: u64) -> Self {
        let mut mix = SplitMix(seed);
        let (low, high) = (mix.next(), mix.next());
        Self { state: [low as u32, (low >> 32) as u32, high as u32, (high >> 32) as u32] }
    }
}

/// SplitMix64 of Steele, Lea and Flood (2014): turns seeds that are alike into states that are not.
struct SplitMix(u64);

impl SplitMix {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let z = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }
}

/// A number of `0..bound`, each as likely as any other; 0 where `bound` is 0.
pub fn below<R: Rng + ?Sized>(rng: &mut R, bound: u32) -> u32 {
    if bound == 0 {
        return 0;
    }
    // Numbers below this threshold would favour some results: draw again.
    let threshold = bound.wrapping_neg() % bound;
    loop {
        let product = u64::from(rng.next_u32()) * u64::from(bound);
        if product as u32 >= threshold {
            return (product >> 32) as u32;
        }
    }
}

/// A number of the interval [0, 1), in steps of 2^-53.
pub fn unit<R: Rng + ?Sized>(rng: &mut R) -> f64 {
    (rng.next_u64() >> 11) as f64 * (1.0 / (1u64 << 53) as f64)
}

/// A number of the standard normal distribution (Box and Muller, one of the pair).
pub fn normal<R: Rng + ?Sized>(rng: &mut R) -> f64 {
    let radius = libm::sqrt(-2.0 * libm::log(1.0 - unit(rng)));
    radius * libm::cos(2.0 * core::f64::consts::PI * unit(rng))
}

/// Puts `values` in an order that is as likely as any other.
pub fn shuffle<T, R: Rng + ?Sized>(values: &mut [T], rng: &mut R) {
    for last in (1..values.len()).rev() {
        let other = below(rng, last as u32 + 1) as usize;
        // A place is not exchanged with itself.
        if let Ok([a, b]) = values.get_disjoint_mut([last, other]) {
            core::mem::swap(a, b);
        }
    }
}

/// Chooses `chosen` of `0..total`, in rising order, each set as likely as any other (Knuth's algorithm S).
pub fn choose<R: Rng + ?Sized>(total: usize, chosen: usize, rng: &mut R, mut take: impl FnMut(usize)) {
    let mut wanted = chosen.min(total);
    for i in 0..total {
        if (below(rng, (total - i) as u32) as usize) < wanted {
            take(i);
            wanted -= 1;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// From the authors' C program xoshiro128plusplus.c, state 1, 2, 3, 4.
    const FROM_STATE_1_2_3_4: [u32; 10] =
        [641, 1573767, 3222811527, 3517856514, 836907274, 4247214768, 3867114732, 1355841295, 495546011, 621204420];

    /// Of `Xoshiro128PlusPlus::of(seed 1, Purpose::Weights, 0)`: fixed, since stored results depend on them.
    const WEIGHTS_OF_SEED_1: [u32; 4] = [1662815659, 1414325743, 1781462882, 2676212892];

    #[test]
    fn the_generator_gives_the_published_numbers() {
        let mut seed = [0; 16];
        for (i, word) in [1u32, 2, 3, 4].iter().enumerate() {
            seed[4 * i..4 * i + 4].copy_from_slice(&word.to_le_bytes());
        }
        let mut rng = Xoshiro128PlusPlus::from_seed(seed);
        assert_eq!(FROM_STATE_1_2_3_4, core::array::from_fn(|_| rng.next_u32()));
    }

    #[test]
    fn the_generator_is_that_of_rand_xoshiro() {
        let mut ours = Xoshiro128PlusPlus::seed_from_u64(42);
        let mut theirs = rand_xoshiro::Xoshiro128PlusPlus::seed_from_u64(42);
        for _ in 0..1000 {
            assert_eq!(ours.next_u64(), theirs.next_u64());
        }
        let (mut a, mut b) = ([0; 13], [0; 13]);
        ours.fill_bytes(&mut a);
        theirs.fill_bytes(&mut b);
        assert_eq!(a, b);
    }

    #[test]
    fn purposes_have_generators_of_their_own() {
        let mut rng = Xoshiro128PlusPlus::of(1, Purpose::Weights, 0);
        assert_eq!(WEIGHTS_OF_SEED_1, core::array::from_fn(|_| rng.next_u32()));
        let first = |purpose, index| Xoshiro128PlusPlus::of(1, purpose, index).next_u64();
        assert_ne!(first(Purpose::Images, 0), first(Purpose::Images, 1));
        assert_ne!(first(Purpose::Images, 0), first(Purpose::Order, 0));
    }

    #[test]
    fn draws_have_the_moments_of_their_distributions() {
        let mut rng = Xoshiro128PlusPlus::seed_from_u64(3);
        let draws = 100_000;
        let (mut sum, mut squares, mut counts) = (0.0, 0.0, [0u32; 3]);
        for _ in 0..draws {
            let x = normal(&mut rng);
            sum += x;
            squares += x * x;
            counts[below(&mut rng, 3) as usize] += 1;
        }
        // Six standard errors of each.
        assert!((sum / draws as f64).abs() < 0.019);
        assert!((squares / draws as f64 - 1.0).abs() < 0.027);
        assert!(counts.iter().all(|&count| (f64::from(count) - 33333.3).abs() < 900.0), "{counts:?}");
    }

    #[test]
    fn choosing_takes_as_many_as_asked_for_without_repeats() {
        let mut rng = Xoshiro128PlusPlus::seed_from_u64(5);
        for chosen in 0..=20 {
            let (mut count, mut last) = (0, None);
            choose(20, chosen, &mut rng, |i| {
                assert!(last < Some(i));
                (last, count) = (Some(i), count + 1);
            });
            assert_eq!(count, chosen);
        }
    }
}
