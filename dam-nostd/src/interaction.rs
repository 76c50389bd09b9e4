//! The interaction function f_n, eq. 20, and its slope.

use crate::lanes::{self, Row};
use crate::scalar::Scalar;

/// The form of the interaction function.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// x^n for x > 0, -leak * x otherwise: eq. 20.
    LeakyRectified,
    /// x^n for x > 0, +leak * x otherwise: the leak never falls.
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
/// let f = Interaction::new(Kind::LeakyRectified, 3, 0.01f64).unwrap();
/// assert_eq!(f.value(2.0), 8.0);
/// assert_eq!(f.slope(2.0), 12.0);
/// assert_eq!(f.value(-2.0), 0.02);
/// ```
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Interaction<S> {
    kind: Kind,
    vertex: u32,
    leak: S,
}

/// The interaction vertex was zero: x^0 tells nothing apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ZeroVertex;

impl<S: Scalar> Interaction<S> {
    /// The function of interaction vertex `vertex` (1 and more) with `leak` (the epsilon of eq. 20, 0.01 in the paper).
    pub fn new(kind: Kind, vertex: u32, leak: S) -> Result<Self, ZeroVertex> {
        if vertex == 0 {
            return Err(ZeroVertex);
        }
        Ok(Self { kind, vertex, leak })
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
        self.slopes(&[x])[0]
    }

    /// f_n in every lane.
    #[inline(always)]
    pub fn values<const L: usize>(&self, x: &Row<S, L>) -> Row<S, L> {
        let power = lanes::power(x, self.vertex);
        match self.kind {
            Kind::LeakyRectified => lanes::zip(x, &power, |x, p| if x > S::ZERO { p } else { -(self.leak * x) }),
            Kind::RisingLeak => lanes::zip(x, &power, |x, p| if x > S::ZERO { p } else { self.leak * x }),
            Kind::Rectified => lanes::zip(x, &power, |x, p| if x > S::ZERO { p } else { S::ZERO }),
            Kind::Polynomial => power,
        }
    }

    /// f'_n in every lane.
    #[inline(always)]
    pub fn slopes<const L: usize>(&self, x: &Row<S, L>) -> Row<S, L> {
        let vertex = S::from_f64(f64::from(self.vertex));
        let power = lanes::power(x, self.vertex - 1);
        match self.kind {
            Kind::LeakyRectified => lanes::zip(x, &power, |x, p| if x > S::ZERO { vertex * p } else { -self.leak }),
            Kind::RisingLeak => lanes::zip(x, &power, |x, p| if x > S::ZERO { vertex * p } else { self.leak }),
            Kind::Rectified => lanes::zip(x, &power, |x, p| if x > S::ZERO { vertex * p } else { S::ZERO }),
            Kind::Polynomial => lanes::map(&power, |p| vertex * p),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const KINDS: [Kind; 4] = [Kind::LeakyRectified, Kind::RisingLeak, Kind::Rectified, Kind::Polynomial];

    #[test]
    fn the_slope_is_the_derivative() {
        for kind in KINDS {
            for vertex in [1, 2, 3, 5, 10, 20, 40, 100] {
                let f = Interaction::new(kind, vertex, 0.01).unwrap();
                for x in [-1.1, -0.7, -0.3, 0.2, 0.6, 0.9, 1.05f64] {
                    let step = 1e-6 * x.abs();
                    let numeric = (f.value(x + step) - f.value(x - step)) / (2.0 * step);
                    let error = (f.slope(x) - numeric).abs() / (f.slope(x).abs() + 1e-30);
                    assert!(error < 1e-6 || f.slope(x).abs() < 1e-20, "{kind:?} n={vertex} x={x}: {error}");
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
    fn vertex_zero_is_refused() {
        assert_eq!(Interaction::new(Kind::Polynomial, 0, 0.0f32), Err(ZeroVertex));
    }
}
