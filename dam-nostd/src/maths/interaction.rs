//! The interaction function f_n, eq. 20, and its slope.

use core::fmt;
use core::num::NonZeroU32;

use crate::number::lanes::{self, Row};
use crate::number::scalar::Scalar;

/// The form of the interaction function.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// x^n for x > 0, -leak * x otherwise: eq. 20 as it is printed. f_n rises again below zero.
    FallingLeak,
    /// x^n for x > 0, +leak * x otherwise: the authors' library, and the default. f_n never falls.
    RisingLeak,
    /// x^n for x > 0, 0 otherwise.
    Rectified,
    /// x^n.
    Polynomial,
}

/// The interaction function: its form, the interaction vertex n and the leak.
///
/// ```
/// use dam_nostd::{Interaction, Kind};
/// let f = Interaction::new(Kind::FallingLeak, 3, 0.01f64).unwrap();
/// assert_eq!(f.value(2.0), 8.0);
/// assert_eq!(f.slope(2.0), 12.0);
/// assert_eq!(f.value(-2.0), 0.02);
/// ```
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Interaction<S> {
    kind: Kind,
    vertex: u32,
    leak: S,
    least: S,
}

/// The interaction vertex was zero: x^0 tells nothing apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ZeroVertex;

impl fmt::Display for ZeroVertex {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "an interaction vertex of 0 tells nothing apart: give 1 or more")
    }
}

impl core::error::Error for ZeroVertex {}

impl<S: Scalar> Interaction<S> {
    /// The function of interaction vertex `vertex` (1 and more) with `leak` (the epsilon of eq. 20, 0.01 in the paper).
    pub fn new(kind: Kind, vertex: u32, leak: S) -> Result<Self, ZeroVertex> {
        let vertex = NonZeroU32::new(vertex).ok_or(ZeroVertex)?;
        Ok(Self { kind, vertex: 1, leak, least: S::ZERO }.at(vertex))
    }

    /// The same form and leak at another interaction vertex.
    pub fn at(self, vertex: NonZeroU32) -> Self {
        let vertex = vertex.get();
        let least = if vertex <= 2 { 0.0 } else { libm::pow(S::NEGLIGIBLE, 1.0 / f64::from(vertex)) };
        Self { vertex, least: S::from_f64(least), ..self }
    }

    /// Numbers nearer to zero than this have power 0: x^n would be below [`Scalar::NEGLIGIBLE`].
    ///
    /// Up to n = 2 that is 0: sums of weights that are not 0 have squares far above the smallest number.
    /// For `f32` and n = 20 it is 0.05, and the slope there 4e-24, twenty-one orders of magnitude below the leak.
    /// Smaller powers are lost in any sum with the leak, and on many processors cost a hundred times the time of others.
    /// Where nothing else moves a memory vector (without a leak, or where it is similar to every item), it stalls, as it
    /// would at the floor of the normalisation; `f64` has room for such powers.
    pub fn least(&self) -> S {
        self.least
    }

    /// The interaction vertex n.
    pub fn vertex(&self) -> u32 {
        self.vertex
    }

    /// The form.
    pub fn kind(&self) -> Kind {
        self.kind
    }

    /// f_n(x).
    pub fn value(&self, x: S) -> S {
        self.values(&[x])[0]
    }

    /// f'_n(x). At the kink, x = 0, the slope of the lower side.
    pub fn slope(&self, x: S) -> S {
        self.slopes(&[x], &[S::NO_EXPONENT])[0]
    }

    /// f_n in every lane.
    #[inline(always)]
    pub fn values<const L: usize>(&self, x: &Row<S, L>) -> Row<S, L> {
        // Copied out: behind a reference they would be loaded lane by lane.
        let (leak, least) = (self.leak, self.least);
        let power = S::powers(&self.bases(x), self.vertex, &[S::NO_EXPONENT; L]);
        // Up to `least` the power is 0, and so is the leak's part above zero: one comparison tells them apart.
        match self.kind {
            Kind::FallingLeak => lanes::zip(x, &power, |x, p| if x > least { p } else { -(leak * x.smaller(S::ZERO)) }),
            // Where `least` is 0, there is nothing between.
            Kind::RisingLeak if self.vertex <= 2 => {
                lanes::zip(x, &power, |x, p| if x > S::ZERO { p } else { leak * x })
            }
            Kind::RisingLeak => lanes::zip(x, &power, |x, p| if x > least { p } else { leak * x.smaller(S::ZERO) }),
            Kind::Rectified => lanes::zip(x, &power, |x, p| if x > S::ZERO { p } else { S::ZERO }),
            Kind::Polynomial => power,
        }
    }

    /// f'_n in every lane, times two to the power of the lane's exponent.
    #[inline(always)]
    pub fn slopes<const L: usize>(&self, x: &Row<S, L>, exponents: &Row<S::Exponent, L>) -> Row<S, L> {
        let vertex = S::from_f64(f64::from(self.vertex));
        let leak = self.leak;
        let power = S::powers(&self.bases(x), self.vertex - 1, exponents);
        match self.kind {
            Kind::FallingLeak => {
                lanes::zip_with(x, &power, exponents, |x, p, e| if x > S::ZERO { vertex * p } else { -leak.scaled(e) })
            }
            Kind::RisingLeak => {
                lanes::zip_with(x, &power, exponents, |x, p, e| if x > S::ZERO { vertex * p } else { leak.scaled(e) })
            }
            Kind::Rectified => lanes::zip(x, &power, |x, p| if x > S::ZERO { vertex * p } else { S::ZERO }),
            Kind::Polynomial => lanes::map(&power, |p| vertex * p),
        }
    }
}

impl<S: Scalar> Interaction<S> {
    /// The rising leak at `vertex`: what this is already, said so that the compiler knows it.
    #[inline(always)]
    pub(crate) fn with_vertex(self, vertex: u32) -> Self {
        Self { kind: Kind::RisingLeak, vertex, ..self }
    }

    /// What is raised to a power: only what is used afterwards and does not vanish.
    #[inline(always)]
    fn bases<const L: usize>(&self, x: &Row<S, L>) -> Row<S, L> {
        let least = self.least;
        match self.kind {
            _ if self.vertex <= 2 => *x,
            Kind::Polynomial => lanes::map(x, |x| if x.abs() > least { x } else { S::ZERO }),
            _ => lanes::map(x, |x| if x > least { x } else { S::ZERO }),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const KINDS: [Kind; 4] = [Kind::FallingLeak, Kind::RisingLeak, Kind::Rectified, Kind::Polynomial];

    #[test]
    fn the_slope_is_the_derivative() {
        for kind in KINDS {
            for vertex in [1, 2, 3, 5, 10, 20, 40, 100] {
                let f = Interaction::new(kind, vertex, 0.01).unwrap();
                for x in [-1.1, -0.7, -0.3, 0.2, 0.6, 0.9, 1.05f64] {
                    assert!(x.abs() > f.least());
                    let step = 1e-6 * x.abs();
                    let numeric = (f.value(x + step) - f.value(x - step)) / (2.0 * step);
                    let error = (f.slope(x) - numeric).abs() / (f.slope(x).abs() + 1e-30);
                    assert!(
                        error < crate::tolerance::DIFFERENCE_OF_FIVE
                            || f.slope(x).abs() < crate::tolerance::VANISHING_SLOPE,
                        "{kind:?} n={vertex} x={x}: {error}"
                    );
                }
            }
        }
    }

    #[test]
    fn each_kind_has_its_side_below_zero() {
        let at = |kind| Interaction::new(kind, 3, 0.5f64).unwrap().value(-2.0);
        assert_eq!(KINDS.map(at), [1.0, -1.0, 0.0, -8.0]);
    }

    #[test]
    fn powers_that_would_be_subnormal_are_zero() {
        assert_eq!(Interaction::new(Kind::Rectified, 2, 0.01f32).unwrap().least(), 0.0);
        for vertex in [3, 5, 10, 20, 40, 100] {
            let f = Interaction::new(Kind::Rectified, vertex, 0.01f32).unwrap();
            let (below, above) = (0.99 * f.least(), 1.01 * f.least());
            assert_eq!((f.value(below), f.slope(below)), (0.0, 0.0));
            assert!(f.value(above) * 1e-9 >= f32::MIN_POSITIVE, "n={vertex}: {}", f.value(above));
            assert!(f.slope(above) * 1e-9 >= f32::MIN_POSITIVE, "n={vertex}: {}", f.slope(above));
        }
    }

    #[test]
    fn vertex_zero_is_refused() {
        assert_eq!(Interaction::new(Kind::Polynomial, 0, 0.0f32), Err(ZeroVertex));
    }
}
