//! Quadratic penalties and the importances of weights, eq. 9 to 18.
//!
//! The penalty is lambda * sum over tasks mu and weights k of omega_k,mu (theta_k - theta*_k,mu)^2, where theta*_mu are the
//! weights at the end of task mu and omega_mu their importances, and its derivative is
//! 2 lambda sum_mu omega_mu (theta - theta*_mu). EWC has lambda / 2 in place of lambda (eq. 11).
//!
//! # One term for all tasks
//! A sum of quadratic terms is one quadratic term and a constant:
//! sum_mu omega_mu (theta - theta*_mu) = Omega (theta - anchor), where Omega = sum_mu omega_mu and the anchor is the mean
//! of the theta*_mu, each weighted with its omega_mu. So what the paper gives a term for each task takes as much memory
//! after ten tasks as after one. The anchor is updated as a running mean, which adds a rounding error of about one unit in
//! its last place for each task; with one task it is theta*_1 exactly, and the penalty at theta*_1 exactly zero.

use crate::number::lanes::{self, Row};
use crate::number::scalar::Scalar;

/// What of a derivative is averaged to an importance.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Measure {
    /// Its square: the diagonal of the empirical Fisher information, eq. 10.
    Square,
    /// Its absolute value, eq. 12.
    Absolute,
}

impl Measure {
    /// The measure of one derivative.
    #[inline(always)]
    pub fn of<S: Scalar>(self, derivative: S) -> S {
        match self {
            Self::Square => derivative * derivative,
            Self::Absolute => derivative.abs(),
        }
    }
}

/// The derivative of the penalty, eq. 9: factor * (omega * (theta - anchor)), factor = 2 lambda, or lambda for EWC.
#[inline(always)]
pub(crate) fn slope<S: Scalar, const L: usize>(
    factor: S::Wide,
    omega: &Row<S::Wide, L>,
    theta: &Row<S, L>,
    anchor: &Row<S, L>,
) -> Row<S::Wide, L> {
    let mut slope = lanes::splat(S::Wide::ZERO);
    for l in 0..L {
        slope[l] = factor * (omega[l] * (theta[l] - anchor[l]).as_weight());
    }
    slope
}

/// The anchor with one term more: the mean of an anchor of importance `before` and of `theta` of importance `fresh`.
pub(crate) fn running_mean<S: Scalar>(anchor: S, before: S::Wide, theta: S, fresh: S::Wide) -> S {
    let sum = before + fresh;
    if before == S::Wide::ZERO || sum == S::Wide::ZERO {
        return theta;
    }
    S::of_weight(anchor.as_weight() + fresh / sum * (theta - anchor).as_weight())
}

/// The path sum of SI, eq. 15 with the sign of Zenke et al., after a step: path - dLoss/dtheta * (after - before).
#[inline(always)]
pub(crate) fn path<S: Scalar>(path: S::Wide, slope: S::Wide, before: S, after: S) -> S::Wide {
    path - slope * (after - before).as_weight()
}

/// The importance of a weight in a task, eq. 17: max(0, path / ((theta - theta_start)^2 + xi)), xi the damping.
pub(crate) fn path_importance<S: Scalar>(path: S::Wide, theta: S, start: S, xi: S::Wide) -> S::Wide {
    let away = (theta - start).as_weight();
    (path / (away * away + xi)).larger(S::Wide::ZERO)
}
