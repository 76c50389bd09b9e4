//! No method: each task is learned as if there were no others. The lower bound.

use super::Method;
use crate::number::scalar::Scalar;

/// Learns each task and nothing else.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Vanilla;

impl<S: Scalar, const L: usize> Method<S, L> for Vanilla {}
