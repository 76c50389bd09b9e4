//! Fixed-point numbers of 32 bits, for machines without a floating-point unit.
//!
//! # The format
//! A [`Fixed32`] has 8 bits before and 24 bits after the point (`I8F24` of the crate `fixed`): -128 to 128 in steps of 6e-8.
//! Results are rounded to the nearest number, ties away from zero where they are products, and saturate instead of
//! wrapping. All of it is integer arithmetic, or `f64` arithmetic without contraction where a number enters or leaves the
//! format: the same bits on every machine.
//!
//! - A weight of 1 is stored as 1/16: weights have steps of 9.5e-7, and the sum over up to 2048 neurons fits.
//! - A power x^n is taken on a 32-bit mantissa with an exponent of its own, and put into the format at the end: no digit is
//!   lost on the way, whatever n.
//! - The gradients of a memory vector share an exponent E (see [`Scalar`]): g is stored as g 2^E. After every step
//!   [`Scalar::renormalised`] brings the largest component of the velocity to 1/8 to 1/4, so that gradients of 1e-35 and of
//!   1e3 move their memory vectors alike.
//! - Importances and path sums, which are squares and sums of squares, are `f32` ([`Scalar::Wide`]).

use core::ops::{Add, Div, Mul, Neg, Sub};

use fixed::types::I8F24;

use crate::number::lanes::Row;
use crate::number::scalar::Scalar;

/// Bits after the point.
const FRACTION: i32 = 24;

/// A weight of 1 is stored as two to the power of minus this.
const UNIT_EXPONENT: i32 = 4;

/// Where the highest bit of the largest component of a velocity is brought to: 1/8 to 1/4.
const HOME: i32 = FRACTION - 3;

/// The largest exponent of a gradient, and its opposite the least.
const MOST_EXPONENT: i32 = 120;

/// A number of 8 bits before and 24 bits after the point.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
#[repr(transparent)]
pub struct Fixed32(I8F24);

impl Fixed32 {
    /// The largest number; the least is its opposite or one step less.
    pub const MAX: Self = Self(I8F24::MAX);

    /// The number of these bits: steps of 2^-24.
    #[inline(always)]
    pub const fn from_bits(bits: i32) -> Self {
        Self(I8F24::from_bits(bits))
    }

    /// Steps of 2^-24.
    #[inline(always)]
    pub const fn to_bits(self) -> i32 {
        self.0.to_bits()
    }
}

/// The nearest number within the range.
#[inline(always)]
fn narrow(wide: i64) -> Fixed32 {
    Fixed32::from_bits(wide.clamp(i32::MIN as i64, i32::MAX as i64) as i32)
}

/// Two to the power of `exponent`, -1000 to 1000.
#[inline(always)]
fn power_of_two(exponent: i32) -> f64 {
    f64::from_bits(((1023 + exponent.clamp(-1000, 1000)) as u64) << 52)
}

impl Add for Fixed32 {
    type Output = Self;

    #[inline(always)]
    fn add(self, other: Self) -> Self {
        Self(self.0.saturating_add(other.0))
    }
}

impl Sub for Fixed32 {
    type Output = Self;

    #[inline(always)]
    fn sub(self, other: Self) -> Self {
        Self(self.0.saturating_sub(other.0))
    }
}

impl Neg for Fixed32 {
    type Output = Self;

    #[inline(always)]
    fn neg(self) -> Self {
        Self(self.0.saturating_neg())
    }
}

impl Mul for Fixed32 {
    type Output = Self;

    #[inline(always)]
    fn mul(self, other: Self) -> Self {
        let product = self.0.wide_mul(other.0).to_bits();
        narrow((product + (1 << (FRACTION - 1))) >> FRACTION)
    }
}

impl Div for Fixed32 {
    type Output = Self;

    /// By zero: the end of the range on the side of the dividend; 0 / 0 is 0.
    #[inline(always)]
    fn div(self, other: Self) -> Self {
        let (dividend, divisor) = (i64::from(self.to_bits()) << FRACTION, i64::from(other.to_bits()));
        match (dividend + dividend.signum() * (divisor.abs() / 2)).checked_div(divisor) {
            Some(quotient) => narrow(quotient),
            None => narrow(dividend.signum() << 40),
        }
    }
}

impl Scalar for Fixed32 {
    const ZERO: Self = Self(I8F24::ZERO);
    const ONE: Self = Self(I8F24::ONE);
    const UNIT: Self = Self::from_bits(1 << (FRACTION - UNIT_EXPONENT));
    const NEGLIGIBLE: f64 = 0.0;
    const SATURATES: bool = true;
    const EACH_VERTEX: bool = false;
    const NO_EXPONENT: i32 = 0;
    const ITEM_EXPONENT: i32 = 10;
    const FORM: u32 = 3;
    const WORDS: usize = 1;

    type Exponent = i32;
    type Wide = f32;

    /// The nearest number, ties to even; 0 for what is no number.
    #[inline]
    fn from_f64(value: f64) -> Self {
        Self::from_bits(libm::rint(value * power_of_two(FRACTION)) as i32)
    }

    #[inline(always)]
    fn to_f64(self) -> f64 {
        f64::from(self.to_bits()) * power_of_two(-FRACTION)
    }

    #[inline(always)]
    fn to_words(self) -> [u32; 2] {
        [self.to_bits() as u32, 0]
    }

    #[inline(always)]
    fn from_words([low, _]: [u32; 2]) -> Self {
        Self::from_bits(low as i32)
    }

    #[inline]
    fn tanh(self) -> Self {
        Self::from_f64(libm::tanh(self.to_f64()))
    }

    #[inline]
    fn exp(self) -> Self {
        Self::from_f64(libm::exp(self.to_f64()))
    }

    #[inline]
    fn ln(self) -> Self {
        Self::from_f64(libm::log(self.to_f64()))
    }

    #[inline]
    fn sqrt(self) -> Self {
        Self::from_f64(libm::sqrt(self.to_f64()))
    }

    #[inline(always)]
    fn abs(self) -> Self {
        Self(self.0.saturating_abs())
    }

    #[inline(always)]
    fn widen(self) -> f32 {
        self.to_f64() as f32
    }

    #[inline(always)]
    fn as_weight(self) -> f32 {
        (f64::from(self.to_bits()) * power_of_two(UNIT_EXPONENT - FRACTION)) as f32
    }

    #[inline(always)]
    fn of_weight(weight: f32) -> Self {
        Self::from_f64(f64::from(weight) * power_of_two(-UNIT_EXPONENT))
    }

    #[inline(always)]
    fn as_slope(self, exponent: i32) -> f32 {
        (self.to_f64() * power_of_two(-exponent)) as f32
    }

    #[inline(always)]
    fn of_slope(slope: f32, exponent: i32) -> Self {
        Self::from_f64(f64::from(slope) * power_of_two(exponent))
    }

    #[inline(always)]
    fn scaled(self, exponent: i32) -> Self {
        let bits = i64::from(self.to_bits());
        if exponent >= 0 {
            return narrow(bits << exponent.min(32));
        }
        let down = (-exponent).min(40);
        narrow((bits + (1 << (down - 1))) >> down)
    }

    #[inline(always)]
    fn exponent_plus(exponent: i32, more: i32) -> i32 {
        exponent.saturating_add(more)
    }

    #[inline(always)]
    fn exponent_value(exponent: i32) -> i32 {
        exponent
    }

    /// So many that the coefficients of a batch of one item fit, and those of a batch of thousands keep their digits.
    #[inline]
    fn coefficient_exponent(neurons: usize) -> i32 {
        4 + neurons.max(1).ilog2() as i32
    }

    #[inline]
    fn coefficient(temperature: Self, neurons: usize, weight: f64, exponent: i32) -> Self {
        Self::from_f64(weight * power_of_two(exponent) / (temperature.to_f64() * neurons as f64))
    }

    /// Where it has saturated the true size is not known: the exponent falls by much, and rises again step by step.
    #[inline]
    fn renormalised(size: Self, exponent: i32) -> (i32, i32) {
        let more = match size.to_bits() {
            i32::MAX => -24,
            ..=0 => 8,
            bits => match HOME - bits.ilog2() as i32 {
                -2..=1 => 0,
                more => more,
            },
        };
        let next = (exponent + more).clamp(-MOST_EXPONENT, MOST_EXPONENT);
        (next, next - exponent)
    }

    #[inline(always)]
    fn square_scale(exponent: i32) -> f64 {
        power_of_two(-2 * exponent)
    }

    #[inline(always)]
    fn rounded(self, bits: u32) -> Self {
        let bits = bits.min(16);
        let steps = (i64::from(self.to_bits()) + (1 << bits >> 1)) >> bits;
        Self::from_bits((steps.clamp(i16::MIN as i64, i16::MAX as i64) as i32) << bits)
    }

    #[inline(always)]
    fn is_saturated(self) -> bool {
        self.to_bits() == i32::MAX || self.to_bits() <= -i32::MAX
    }

    /// On mantissas of 32 bits, each with an exponent of its own; rounded to the format once, at the end.
    #[inline(always)]
    fn powers<const L: usize>(x: &Row<Self, L>, n: u32, exponents: &Row<i32, L>) -> Row<Self, L> {
        let mut out = [Self::ZERO; L];
        if n == 0 {
            for l in 0..L {
                out[l] = Self::ONE.scaled(exponents[l]);
            }
            return out;
        }
        // |x| = mantissa / 2^32 * 2^size, the mantissa's highest bit set.
        let (mut mantissas, mut sizes) = ([0u32; L], [0i32; L]);
        for l in 0..L {
            let bits = x[l].to_bits().unsigned_abs();
            let zeros = bits.leading_zeros();
            mantissas[l] = bits.checked_shl(zeros).unwrap_or(0);
            sizes[l] = 32 - FRACTION - zeros as i32;
        }
        let (mut powers, mut grown) = (mantissas, sizes);
        let mut bit = n.ilog2();
        while bit > 0 {
            bit -= 1;
            for l in 0..L {
                (powers[l], grown[l]) = product((powers[l], grown[l]), (powers[l], grown[l]));
            }
            if (n >> bit) & 1 == 1 {
                for l in 0..L {
                    (powers[l], grown[l]) = product((powers[l], grown[l]), (mantissas[l], sizes[l]));
                }
            }
        }
        for l in 0..L {
            let right = (32 - FRACTION - grown[l] - exponents[l]).clamp(0, 40);
            let bits = ((u64::from(powers[l]) << 1 >> right) + 1) >> 1;
            let bits = bits.min(i32::MAX as u64) as i32;
            out[l] = Self::from_bits(if n % 2 == 1 && x[l].to_bits() < 0 { -bits } else { bits });
        }
        out
    }
}

/// The product of two numbers, each a mantissa with its highest bit set, or 0, and an exponent.
#[inline(always)]
fn product((a, i): (u32, i32), (b, j): (u32, i32)) -> (u32, i32) {
    let product = u64::from(a) * u64::from(b);
    // The highest bit is bit 63 or bit 62.
    let low = (product >> 63) ^ 1;
    let mantissa = ((product << low >> 31) + 1) >> 1;
    (mantissa.min(u32::MAX as u64) as u32, i + j - low as i32)
}
