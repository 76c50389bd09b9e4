//! The number type of weights, similarities and gradients.

use core::fmt::Debug;
use core::ops::{Add, Div, Mul, Neg, Sub};

/// A number that a network can be made of.
///
/// Implemented for `f32` and `f64`. Nothing in the crate asks for more than this trait, so that another number type
/// (fixed point) is one more implementation and no other change. No operation may be contracted or reordered by an
/// implementation: results are to be the same on every machine.
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
    /// Powers below this are taken to be zero: see [`Interaction::least`](crate::Interaction::least). It leaves room
    /// below itself for the products of a gradient.
    const NEGLIGIBLE: f64;

    /// The nearest representable number.
    fn from_f64(value: f64) -> Self;
    /// The same number as `f64`, exactly where `f64` can hold it.
    fn to_f64(self) -> f64;
    /// Hyperbolic tangent.
    fn tanh(self) -> Self;
    /// e to the power of `self`.
    fn exp(self) -> Self;
    /// Natural logarithm.
    fn ln(self) -> Self;
    /// Square root.
    fn sqrt(self) -> Self;

    /// Distance from zero.
    #[inline(always)]
    fn abs(self) -> Self {
        if self < Self::ZERO { -self } else { self }
    }

    /// The larger of two numbers.
    #[inline(always)]
    fn larger(self, other: Self) -> Self {
        if self > other { self } else { other }
    }
}

macro_rules! float {
    ($float:ty, $negligible:literal, $tanh:path, $exp:path, $ln:path, $sqrt:path) => {
        impl Scalar for $float {
            const ZERO: Self = 0.0;
            const ONE: Self = 1.0;
            const NEGLIGIBLE: f64 = $negligible;

            #[inline(always)]
            fn from_f64(value: f64) -> Self {
                value as $float
            }
            #[inline(always)]
            fn to_f64(self) -> f64 {
                self as f64
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
        }
    };
}

float!(f32, 1e-26, libm::tanhf, libm::expf, libm::logf, libm::sqrtf);
float!(f64, 1e-290, libm::tanh, libm::exp, libm::log, libm::sqrt);
