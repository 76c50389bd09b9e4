//! Powers x^n of integers, with one exponent for all of an item.
//!
//! The largest base of an item is known before any power is taken: it is shifted up until its highest bit is set, and its
//! chain of squarings decides after which multiplications a bit has become free and is shifted out. All other bases,
//! which are smaller, go through the same shifts, so that no product overflows and all powers have one exponent. However
//! large n is, the largest power has 31 bits, and what vanishes is what a sum with it would lose.
//!
//! The leak goes another way, by the `Leak` beside this file: where x^n is far below it, one exponent would leave nothing of the powers.
//!
//! # Error
//! A multiplication rounds down by less than 2 units of 2^-31 of the largest product, and a later one multiplies that by
//! its exponent: a power is too small by less than 4 n 2^-31 of the largest power. The result is then cut, so that K of
//! them fit 31 bits, which takes less than 2^-29 K of the largest: 2^-20 for K = 512.
//!
//! # Bounds
//! Bases are below 2^B, B = (61 - ceil(log2 K)) / 2 and at most 28, so that parts above 0 of 16 of them fit 32 bits. K of them
//! add up to at most B + ceil(log2 K), which is at most 38, and the leak has 24 more: 62. Where powers and leaks are added
//! they are cut so that the sum fits 64 bits.

use super::leak::{Leak, coarser, shifted};

/// The powers of one item.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Powers {
    /// n - 1: the last multiplication goes into the sum.
    exponent: u32,
    /// How far a base is shifted up.
    up: u32,
    /// Whether a product is shifted by one more bit, from the lowest bit on.
    shifts: u32,
    /// How far a power is shifted down, so that all of them fit 31 bits.
    down: u32,
    /// Places behind the point of what [`term`](Self::term) returns.
    places: i32,
}

/// The numbers of the leak and the base that do not depend on the item.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Scale {
    /// The interaction vertex, from 1 to 255.
    pub vertex: u32,
    /// E: places behind the point of a base, from -1000 to 1000.
    pub places: i32,
    /// Memory vectors, those of whole groups.
    pub memories: usize,
}

impl Powers {
    /// For bases of at most `largest`.
    pub fn new(scale: &Scale, largest: i32) -> Self {
        let largest = largest.max(1) as u32;
        let up = largest.leading_zeros();
        let exponent = scale.vertex.max(1) - 1;
        // Places of y = x 2^up as a fraction of 32 bits.
        let places = scale.places + up as i32 - 32;
        let mut powers = Self { exponent, up, shifts: 0, down: 1 + coarser(scale.memories), places: 0 };
        // The chain of the largest, which finds the shifts.
        let base = largest << up;
        let (mut power, mut step) = (base, 0);
        // power 2^-32 is (y 2^-32)^exponent 2^gained.
        let mut gained = 0;
        let mut multiply = |power: u32, by: u32| {
            let product = high(power, by);
            let free = product.leading_zeros();
            powers.shifts |= free << step;
            step += 1;
            (product << free, free as i32)
        };
        if exponent > 1 {
            let mut bit = exponent.ilog2();
            while bit > 0 {
                bit -= 1;
                let (square, free) = multiply(power, power);
                (power, gained) = (square, 2 * gained + free);
                if (exponent >> bit) & 1 == 1 {
                    let (product, free) = multiply(power, base);
                    (power, gained) = (product, gained + free);
                }
            }
        }
        // x^0 = 1 is one half, so that it is a fraction.
        if exponent == 0 {
            gained = -1;
        }
        powers.places = scale.vertex as i32 * places + gained + 32 - powers.down as i32;
        powers
    }

    /// x^n for x > 0, and otherwise 0; all terms of an item add up to less than 2^31.
    #[inline(never)]
    pub fn term(&self, x: i32) -> i32 {
        let y = (x.max(0) as u32) << self.up;
        (high(self.power(y), y) >> self.down) as i32
    }

    /// y^(n - 1).
    #[inline(always)]
    fn power(&self, y: u32) -> u32 {
        if self.exponent <= 1 {
            return if self.exponent == 0 { 1 << 31 } else { y };
        }
        let (mut power, mut shifts) = (y, self.shifts);
        let mut bit = self.exponent.ilog2();
        while bit > 0 {
            bit -= 1;
            power = high(power, power) << (shifts & 1);
            shifts >>= 1;
            if (self.exponent >> bit) & 1 == 1 {
                power = high(power, y) << (shifts & 1);
                shifts >>= 1;
            }
        }
        power
    }

    /// Places behind the point of terms.
    pub fn places(&self) -> i32 {
        self.places
    }
}

/// The higher half of a product.
#[inline(always)]
fn high(a: u32, b: u32) -> u32 {
    ((u64::from(a) * u64::from(b)) >> 32) as u32
}

/// Brings sums of powers and of leaks to one number, with places that all fields of an item share.
#[derive(Clone, Copy, Debug)]
pub struct Common {
    powers: i32,
    leak: i32,
    places: i32,
}

impl Common {
    /// For sums of terms of `powers`, and products with `leak`.
    pub fn new(powers: &Powers, leak: &Leak) -> Self {
        Self { powers: powers.places, leak: leak.places, places: powers.places }
    }

    /// Places behind the point of the last sum.
    pub fn places(&self) -> i32 {
        self.places
    }

    /// Their sum, and how many places less than the sum before it has: a large leak does not fit where powers are small.
    pub fn sum(&mut self, powers: i64, leak: i64) -> (i64, u32) {
        let free = leak.unsigned_abs().leading_zeros() as i32 - 2;
        let less = if leak == 0 { 0 } else { (self.places - self.leak - free).max(0) };
        self.places -= less;
        let leak = shifted(leak, self.places - self.leak);
        (shifted(powers, self.places - self.powers).wrapping_add(leak), less as u32)
    }

    /// A number of the sum's sign: that of the exact sum.
    #[inline(always)]
    pub fn sign(&self, powers: i64, leak: i64) -> i64 {
        let by = self.powers - self.leak;
        if leak == 0 {
            powers
        } else if by >= 0 {
            powers.wrapping_add(risen(leak, by as u32))
        } else {
            risen(powers, by.unsigned_abs()).wrapping_add(leak)
        }
    }
}

/// value 2^by, or, where that has more than 62 bits, 2^62 with its sign: larger than what it is added to.
#[inline(always)]
fn risen(value: i64, by: u32) -> i64 {
    // Of no value that fits are there other bits above.
    let most = (1_i64 << 62).checked_shr(by).unwrap_or(0);
    if (-most < value && value < most) || value == 0 { value << (by & 63) } else { value.signum() << 62 }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::recall::leak::bits;

    fn scale(vertex: u32) -> Scale {
        Scale { vertex, places: 30, memories: 512 }
    }

    /// As a number.
    fn value(powers: &Powers, term: i32) -> f64 {
        f64::from(term) * libm::exp2(-f64::from(powers.places))
    }

    #[test]
    fn powers_are_within_the_stated_error_of_the_largest() {
        for vertex in [1, 2, 3, 4, 5, 7, 10, 20, 31, 40, 64, 100, 255] {
            for largest in [0.9, 0.31, 0.004f64] {
                let x = |share: f64| (share * largest * libm::exp2(30.0)) as i32;
                let powers = Powers::new(&scale(vertex), x(1.0));
                let exact = |x: i32| libm::pow(f64::from(x) * libm::exp2(-30.0), f64::from(vertex));
                // The power of the largest may be too small for f64, too.
                let most = exact(x(1.0));
                if most < crate::tolerance::VANISHING_POWER {
                    continue;
                }
                let bound = (4.0 * f64::from(vertex) / libm::exp2(31.0) + libm::exp2(-20.0)) * 1.01;
                for i in 0..=1000 {
                    let x = x(f64::from(i) / 1000.0);
                    let error = (exact(x) - value(&powers, powers.term(x))) / most;
                    assert!(
                        (-crate::tolerance::NOT_NEGATIVE..bound).contains(&error),
                        "n = {vertex}, {largest}, {i}: {error:e} {bound:e}"
                    );
                }
                let term = powers.term(x(1.0));
                assert!(term >= 1 << 20, "the largest power has too few bits: {term:x}");
            }
        }
    }

    #[test]
    fn sums_of_powers_and_leaks_have_their_sign_and_their_size() {
        let sizes = [0, 1, 3, 1 << 20, (1 << 40) + 1, (1 << 61) - 1];
        let signed = sizes.into_iter().flat_map(|size| [size, -size]);
        for (powers, leak) in signed.clone().flat_map(|powers| signed.clone().map(move |leak| (powers, leak))) {
            for by in [-700, -64, -63, -62, -40, -1, 0, 1, 20, 61, 62, 63, 64, 700] {
                let mut common = Common { powers: by, leak: 0, places: by };
                // Exact where it fits 126 bits; otherwise one of the two is so large that it decides, unless it is 0.
                let (large, small) = if by >= 0 { (leak, powers) } else { (powers, leak) };
                let exact = if large == 0 || by.abs() > 64 { large.into() } else { i128::from(large) << by.abs() };
                let exact = if large == 0 || by.abs() <= 64 { exact + i128::from(small) } else { exact };
                assert_eq!(common.sign(powers, leak).signum(), exact.signum() as i64, "{powers} {leak} {by}");
                let (sum, less) = common.sum(powers, leak);
                assert_eq!(common.places(), by - less as i32);
                let expected = powers as f64 * libm::exp2(f64::from(-by)) + leak as f64;
                let unit = libm::exp2(f64::from(-common.places()));
                let error = (sum as f64 * unit - expected).abs();
                assert!(
                    error <= 2.0 * unit + 4.0 * f64::EPSILON * expected.abs(),
                    "{powers} {leak} {by}: {sum} {error:e}"
                );
                assert!(leak != 0 || (sum, less) == (powers, 0), "{powers} {by}");
            }
        }
    }

    #[test]
    fn terms_stay_below_their_bound() {
        for memories in [1, 2, 16, 64, 512, 65_536] {
            let bits = bits(memories);
            assert!(bits + 4 <= 32, "parts above 0 of 16 memory vectors do not fit 32 bits");
            assert!(bits + coarser(memories) + 24 <= 62, "parts below 0 and a leak of 24 bits have more than 62");
            for vertex in [1, 2, 3, 20, 255] {
                for places in [-40, 0, 30, 60] {
                    for largest in [1, 2, 1000, i32::MAX] {
                        let term = Powers::new(&Scale { vertex, places, memories }, largest).term(largest);
                        assert!(
                            term >= 0 && i64::from(term) * (memories as i64) < 1 << 31,
                            "{vertex} {places} {largest}"
                        );
                    }
                }
            }
        }
    }
}
