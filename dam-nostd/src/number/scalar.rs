//! The number type of weights, similarities and gradients.

use core::fmt::Debug;
use core::ops::{Add, Div, Mul, Neg, Sub};

use crate::number::lanes::{self, Row};

/// A number that a network can be made of.
///
/// Implemented for `f32`, `f64` and [`Fixed32`](crate::number::fixed::Fixed32). No operation may be contracted or reordered by an
/// implementation: results are to be the same on every machine.
///
/// # What fixed point needs
/// The loops are the same for all number types. Where a fixed format is too narrow, they ask the type: a weight of 1 is
/// stored as [`UNIT`](Self::UNIT), so that sums over all neurons fit; the gradient of a memory vector is stored multiplied
/// with a power of two of its own, its [`Exponent`](Self::Exponent) (block floating point), since the step is normalised
/// memory vector by memory vector and small gradients count as much as large ones; and what has a range that no format
/// holds, importances above all, is kept as [`Wide`](Self::Wide). For floating point all three are nothing: the unit is 1,
/// the exponent takes no memory, and wide is the type itself.
pub trait Scalar:
    Copy
    + Default
    + Debug
    + PartialOrd
    + Send
    + Sync
    + Add<Output = Self>
    + Sub<Output = Self>
    + Mul<Output = Self>
    + Div<Output = Self>
    + Neg<Output = Self>
    + 'static
{
    /// 0.
    const ZERO: Self;
    /// 1.
    const ONE: Self;
    /// What a weight of 1 is stored as: a power of two, at most 1.
    const UNIT: Self;
    /// Powers below this are taken to be zero: see [`Interaction::least`](crate::Interaction::least). It leaves room
    /// below itself for the products of a gradient.
    const NEGLIGIBLE: f64;
    /// Whether numbers saturate at the ends of their range, and the gradients of a memory vector share an exponent.
    const SATURATES: bool;
    /// Whether loops over wide rows are compiled once for each interaction vertex of the paper: for the type that
    /// experiments are run in, since each time takes the compiler as long again.
    const EACH_VERTEX: bool;
    /// The exponent 0.
    const NO_EXPONENT: Self::Exponent;
    /// How much lower the exponent is under which the derivative for a single item is stored than that of the mean over a
    /// batch.
    const ITEM_EXPONENT: i32;

    /// The number that tells this type from others where numbers are stored.
    const FORM: u32;
    /// Words of 32 bits that a stored number takes: 1 or 2.
    const WORDS: usize;

    /// The exponent that the gradients of a memory vector share.
    type Exponent: Copy + Debug + Default + PartialEq + Send + Sync + 'static;
    /// A number of great range.
    type Wide: Scalar;

    /// The nearest representable number.
    fn from_f64(value: f64) -> Self;
    /// The same number as `f64`, exactly where `f64` can hold it.
    fn to_f64(self) -> f64;
    /// All bits, the lower word first; the second is 0 where one is enough.
    fn to_words(self) -> [u32; 2];
    /// The number of these bits.
    fn from_words(words: [u32; 2]) -> Self;
    /// Hyperbolic tangent.
    fn tanh(self) -> Self;
    /// e to the power of `self`.
    fn exp(self) -> Self;
    /// Natural logarithm.
    fn ln(self) -> Self;
    /// Square root.
    fn sqrt(self) -> Self;

    /// The same number, wide.
    fn widen(self) -> Self::Wide;
    /// The weight that this stands for.
    fn as_weight(self) -> Self::Wide;
    /// What stands for `weight`.
    fn of_weight(weight: Self::Wide) -> Self;
    /// The derivative that this stands for under `exponent`.
    fn as_slope(self, exponent: Self::Exponent) -> Self::Wide;
    /// What stands for `slope` under `exponent`.
    fn of_slope(slope: Self::Wide, exponent: Self::Exponent) -> Self;
    /// `self` times two to the power of `exponent`.
    fn scaled(self, exponent: Self::Exponent) -> Self;
    /// `exponent` and `more`.
    fn exponent_plus(exponent: Self::Exponent, more: i32) -> Self::Exponent;
    /// `exponent` as a number.
    fn exponent_value(exponent: Self::Exponent) -> i32;
    /// The exponent under which the coefficients of a gradient are stored in a network of so many neurons.
    fn coefficient_exponent(neurons: usize) -> i32;
    /// beta / N times `weight` under `exponent`: what turns the slope of a loss into the coefficient of an item.
    fn coefficient(temperature: Self, neurons: usize, weight: f64, exponent: i32) -> Self;
    /// The exponent for the next step, and how much more that is, where the largest component of the velocity is
    /// `size` under `exponent`.
    fn renormalised(size: Self, exponent: Self::Exponent) -> (Self::Exponent, i32);
    /// What the product of two slopes that are stored under `exponent` is to be multiplied with.
    fn square_scale(exponent: Self::Exponent) -> f64;
    /// Rounded to a multiple of two to the power of `bits` least steps, and no larger than 15 bits of these hold. Floating
    /// point stays as it is.
    fn rounded(self, bits: u32) -> Self;
    /// Whether this is at an end of the range: a result that did not fit.
    fn is_saturated(self) -> bool;

    /// In every lane, x^n times two to the power of the lane's exponent.
    #[inline(always)]
    fn powers<const L: usize>(x: &Row<Self, L>, n: u32, exponents: &Row<Self::Exponent, L>) -> Row<Self, L> {
        let _ = exponents;
        lanes::power(x, n)
    }

    /// Distance from zero.
    #[inline(always)]
    fn abs(self) -> Self {
        if self < Self::ZERO { -self } else { self }
    }

    /// The smaller of two numbers.
    #[inline(always)]
    fn smaller(self, other: Self) -> Self {
        if self < other { self } else { other }
    }

    /// The larger of two numbers.
    #[inline(always)]
    fn larger(self, other: Self) -> Self {
        if self > other { self } else { other }
    }
}

macro_rules! float {
    ($float:ty, $bits:ty, $form:literal, $each:literal, $negligible:literal, $tanh:path, $exp:path, $ln:path, $sqrt:path) => {
        impl Scalar for $float {
            const ZERO: Self = 0.0;
            const ONE: Self = 1.0;
            const UNIT: Self = 1.0;
            const NEGLIGIBLE: f64 = $negligible;
            const SATURATES: bool = false;
            const EACH_VERTEX: bool = $each;
            const NO_EXPONENT: () = ();
            const ITEM_EXPONENT: i32 = 0;
            const FORM: u32 = $form;
            const WORDS: usize = size_of::<$bits>() / 4;

            type Exponent = ();
            type Wide = Self;

            #[inline(always)]
            fn from_f64(value: f64) -> Self {
                value as $float
            }
            #[inline(always)]
            fn to_f64(self) -> f64 {
                self as f64
            }
            #[inline(always)]
            fn to_words(self) -> [u32; 2] {
                let bits = u64::from(self.to_bits());
                [bits as u32, (bits >> 32) as u32]
            }
            #[inline(always)]
            fn from_words([low, high]: [u32; 2]) -> Self {
                Self::from_bits((u64::from(high) << 32 | u64::from(low)) as $bits)
            }
            #[inline]
            fn tanh(self) -> Self {
                $tanh(self)
            }
            #[inline]
            fn exp(self) -> Self {
                $exp(self)
            }
            #[inline]
            fn ln(self) -> Self {
                $ln(self)
            }
            #[inline]
            fn sqrt(self) -> Self {
                $sqrt(self)
            }
            #[inline(always)]
            fn abs(self) -> Self {
                self.abs()
            }
            #[inline(always)]
            fn widen(self) -> Self {
                self
            }
            #[inline(always)]
            fn as_weight(self) -> Self {
                self
            }
            #[inline(always)]
            fn of_weight(weight: Self) -> Self {
                weight
            }
            #[inline(always)]
            fn as_slope(self, (): ()) -> Self {
                self
            }
            #[inline(always)]
            fn of_slope(slope: Self, (): ()) -> Self {
                slope
            }
            #[inline(always)]
            fn scaled(self, (): ()) -> Self {
                self
            }
            #[inline(always)]
            fn exponent_plus((): (), _more: i32) {}
            #[inline(always)]
            fn exponent_value((): ()) -> i32 {
                0
            }
            #[inline(always)]
            fn coefficient_exponent(_neurons: usize) -> i32 {
                0
            }
            #[inline]
            fn coefficient(temperature: Self, neurons: usize, weight: f64, _exponent: i32) -> Self {
                1.0 / (temperature * neurons as $float) * (weight as $float)
            }
            #[inline(always)]
            fn renormalised(_size: Self, (): ()) -> ((), i32) {
                ((), 0)
            }
            #[inline(always)]
            fn square_scale((): ()) -> f64 {
                1.0
            }
            #[inline(always)]
            fn rounded(self, _bits: u32) -> Self {
                self
            }
            #[inline(always)]
            fn is_saturated(self) -> bool {
                false
            }
        }
    };
}

float!(f32, u32, 1, true, 1e-26, libm::tanhf, libm::expf, libm::logf, libm::sqrtf);
float!(f64, u64, 2, false, 1e-290, libm::tanh, libm::exp, libm::log, libm::sqrt);
