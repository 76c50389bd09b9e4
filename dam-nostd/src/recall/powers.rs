//! Powers x^n of integers, with one exponent for all of an item.
//!
//! The largest base of an item is known before any power is taken: it is shifted up until its highest bit is set, and its
//! chain of squarings decides after which multiplications a bit has become free and is shifted out. All other bases,
//! which are smaller, go through the same shifts, so that no product overflows and all powers have one exponent. However
//! large n is, the largest power has 31 bits, and what vanishes is what a sum with it would lose.
//!
//! # Error
//! A multiplication rounds down by less than 2 units of 2^-31 of the largest product, and a later one multiplies that by
//! its exponent: a power is too small by less than 4 n 2^-31 of the largest power. The result is then cut to
//! B = (61 - ceil(log2 K)) / 2 bits, 26 for K = 512: which takes less than 2^(2 - B) of the largest.
//!
//! # Bounds
//! A term of a field is a product of two numbers below 2^B or two such products, K of them are below 2^(2 B + 1) K, which
//! is at most 2^62, and a difference of two such sums and the drift, at most as large, fit 64 bits.

/// The powers of one item.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Powers {
    /// n - 1: the last multiplication goes into the sum.
    exponent: u32,
    /// How far a base is shifted up.
    up: u32,
    /// Whether a product is shifted by one more bit, from the lowest bit on.
    shifts: u32,
    /// How far the power of exponent n - 1, and how far the base is shifted down before they are multiplied.
    power_down: u32,
    base_down: u32,
    /// What a base is multiplied with to be its leak.
    leak: i32,
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
    /// The leak, 32 places behind the point.
    pub leak: u32,
    /// Whether the leak rises with x.
    pub rising: bool,
    /// Bits of an operand of the last multiplication, B.
    pub bits: u32,
}

impl Scale {
    /// The leak in the unit of bases, where it has at most as many bits as a base; negative where it rises with x.
    pub fn leak_of_bases(&self) -> Option<i32> {
        let leak = if self.places <= 32 { shifted(i64::from(self.leak), self.places - 32) } else { i64::MAX };
        let leak = i32::try_from(leak).ok().filter(|&leak| leak < 1 << self.bits)?;
        Some(if self.rising { -leak } else { leak })
    }
}

/// The binary logarithm of `memories`, rounded up: sums over all of them have so many bits more.
pub const fn coarser(memories: usize) -> u32 {
    usize::BITS - memories.saturating_sub(1).leading_zeros()
}

/// B for `memories` memory vectors.
pub const fn bits(memories: usize) -> u32 {
    (61 - coarser(memories)) / 2
}

impl Powers {
    /// For bases of at most `largest`.
    pub fn new(scale: &Scale, largest: i32) -> Self {
        let largest = largest.max(1) as u32;
        let up = largest.leading_zeros();
        let exponent = scale.vertex.max(1) - 1;
        // Places of y = x 2^up as a fraction of 32 bits.
        let places = scale.places + up as i32 - 32;
        let mut powers =
            Self { exponent, up, shifts: 0, power_down: 0, base_down: 32 - scale.bits, leak: 0, places: 0 };
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
        let places = scale.vertex as i32 * places + gained + 2 * scale.bits as i32;
        // The leak of a base x: leak 2^-32 x, with `places` behind the point, by y cut to its bits.
        let rise = places - (scale.places + up as i32 + scale.bits as i32);
        let wide = 32 - scale.leak.leading_zeros() as i32;
        // Where the leak would not fit, the powers have places too many.
        let down = if scale.leak == 0 { 0 } else { (wide + rise - scale.bits as i32).max(0) };
        // Beyond 31 there is nothing left but what the leak's own rounding exceeds.
        powers.power_down = (powers.base_down + down as u32).min(31);
        powers.places = places - down;
        let leak = shifted(i64::from(scale.leak), rise - down);
        // Below 2^B.
        powers.leak = if scale.rising { -leak } else { leak } as i32;
        powers
    }

    /// g(x) = x^n + leak x for x > 0 (less the leak where it rises) and 0 otherwise.
    #[inline(always)]
    pub fn term(&self, x: i32) -> i64 {
        self.term_by(x, |y| self.power(y))
    }

    /// [`term`](Self::term) where `power` takes the power of exponent n - 1: without a loop for small n.
    #[inline(always)]
    pub fn term_by(&self, x: i32, power: impl Fn(u32) -> u32) -> i64 {
        let y = (x.max(0) as u32) << self.up;
        let base = (y >> self.base_down) as i32;
        let power = (power(y) >> self.power_down) as i32;
        (i64::from(power) * i64::from(base)).wrapping_add(i64::from(self.leak) * i64::from(base))
    }

    /// n - 1.
    pub fn exponent(&self) -> u32 {
        self.exponent
    }

    /// y^2, for n = 3.
    #[inline(always)]
    pub fn square(&self, y: u32) -> u32 {
        high(y, y) << (self.shifts & 1)
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

    /// The leak of `drift`, which has `down` places less than a base.
    pub fn leaked(&self, drift: i32, down: u32) -> i64 {
        shifted(i64::from(self.leak) * i64::from(drift), self.up as i32 + down as i32 - self.base_down as i32)
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

/// value 2^by, rounded towards -infinity; 0 or -1 where nothing is left. Bits above the highest are lost.
fn shifted(value: i64, by: i32) -> i64 {
    if by >= 0 { value.checked_shl(by as u32).unwrap_or(0) } else { value >> by.unsigned_abs().min(63) }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn scale(vertex: u32, leak: f64) -> Scale {
        Scale { vertex, places: 30, leak: (leak * 4_294_967_296.0) as u32, rising: false, bits: bits(512) }
    }

    /// As a number.
    fn value(powers: &Powers, term: i64) -> f64 {
        term as f64 * libm::exp2(-f64::from(powers.places))
    }

    #[test]
    fn powers_are_within_the_stated_error_of_the_largest() {
        for vertex in [1, 2, 3, 4, 5, 7, 10, 20, 31, 40, 64, 100, 255] {
            for largest in [0.9, 0.31, 0.004f64] {
                let x = |share: f64| (share * largest * libm::exp2(30.0)) as i32;
                let powers = Powers::new(&scale(vertex, 0.0), x(1.0));
                let exact = |x: i32| libm::pow(f64::from(x) * libm::exp2(-30.0), f64::from(vertex));
                // The power of the largest may be too small for f64, too.
                let most = exact(x(1.0));
                if most < crate::tolerance::VANISHING_POWER {
                    continue;
                }
                let bound = (4.0 * f64::from(vertex) / libm::exp2(31.0) + libm::exp2(-24.0)) * 1.01;
                for i in 0..=1000 {
                    let x = x(f64::from(i) / 1000.0);
                    let error = (exact(x) - value(&powers, powers.term(x))) / most;
                    assert!(
                        (-crate::tolerance::NOT_NEGATIVE..bound).contains(&error),
                        "n = {vertex}, {largest}, {i}: {error:e} {bound:e}"
                    );
                }
                let term = powers.term(x(1.0));
                assert!(term >= 1 << (2 * scale(1, 0.0).bits - 3), "the largest power has too few bits: {term:x}");
            }
        }
    }

    #[test]
    fn the_leak_has_the_exponent_of_the_powers() {
        for vertex in [1, 2, 3, 5, 10, 20, 100] {
            for largest in [0.9, 0.31, 0.004f64] {
                for leak in [0.01, 0.3, 0.999] {
                    let x = |share: f64| (share * largest * libm::exp2(30.0)) as i32;
                    let powers = Powers::new(&scale(vertex, leak), x(1.0));
                    let exact = |x: i32| {
                        let x = f64::from(x) * libm::exp2(-30.0);
                        libm::pow(x, f64::from(vertex)) + leak * x
                    };
                    for i in 1..=100 {
                        let x = x(f64::from(i) / 100.0);
                        let error = (exact(x) - value(&powers, powers.term(x))).abs() / exact(top(largest));
                        assert!(
                            error < crate::tolerance::EXPORTED_POWER,
                            "n = {vertex}, {largest}, {leak}, {i}: {error:e}"
                        );
                    }
                    let drift = x(0.7) >> 9;
                    let error = leak * f64::from(drift) * libm::exp2(-21.0) - value(&powers, powers.leaked(drift, 9));
                    assert!(
                        error.abs() < crate::tolerance::EXPORTED_POWER * largest,
                        "{vertex} {largest} {leak}: {error:e}"
                    );
                }
            }
        }
    }

    fn top(largest: f64) -> i32 {
        (largest * libm::exp2(30.0)) as i32
    }

    #[test]
    fn terms_stay_below_their_bound() {
        for memories in [1, 2, 64, 512, 65_536] {
            let bits = bits(memories);
            for vertex in [1, 2, 3, 20, 255] {
                for leak in [0, 1 << 20, u32::MAX] {
                    for places in [-40, 0, 30, 60] {
                        for largest in [1, 2, 1000, i32::MAX] {
                            let scale = Scale { vertex, places, leak, rising: false, bits };
                            let term = Powers::new(&scale, largest).term(largest);
                            let bound = (1_i64 << (2 * bits + 1)) - 1;
                            assert!((0..=bound).contains(&term), "{scale:?} {largest} {term:x}");
                            assert!((i128::from(term) * memories as i128) < 1 << 62);
                        }
                    }
                }
            }
        }
    }
}
