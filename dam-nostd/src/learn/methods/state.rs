//! What of a method outlives a task: handed out so that a sequence can be interrupted between tasks and go on elsewhere.

use crate::number::lanes::Row;
use crate::number::scalar::Scalar;

/// Sees every part of a method's state in a fixed order: copies it, or overwrites it with what was copied before.
///
/// Parts that are made anew in each task are not shown. Overwriting is for a method that was made with the same options
/// and as much memory; with any other state nothing panics, and nothing more is promised.
pub trait State<S: Scalar, const L: usize> {
    /// Weights, velocities and the like.
    fn rows(&mut self, rows: &mut [Row<S, L>]);
    /// Importances.
    fn wide(&mut self, rows: &mut [Row<S::Wide, L>]);
    /// Bit-packed items, and the states of generators.
    fn words(&mut self, words: &mut [u32]);
    /// Permutations.
    fn bytes(&mut self, bytes: &mut [u8]);
    /// A count.
    fn count(&mut self, count: &mut usize);
}
