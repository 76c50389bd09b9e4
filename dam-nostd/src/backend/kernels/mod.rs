//! Loops over one block, for all items of a chunk or all neurons of the network: each compiled for the instruction set of
//! the executor. What is computed in them is in `maths`.

mod backward;
mod consolidation;
mod differentiate;
mod flips;
mod forward;
mod importance;
mod projection;
mod pulls;
mod step;
mod vertex;

pub(crate) use backward::Backward;
pub(crate) use consolidation::{AddMeasure, AddSlope, AddToPath, StepDownSlope};
pub(crate) use differentiate::Differentiate;
pub(crate) use forward::{Energies, Fields};
pub(crate) use importance::Importance;
pub(crate) use projection::{AddScaled, Products, ProjectEach};
pub(crate) use pulls::Pulls;
pub(crate) use step::{LowerExponents, Move, Renormalise};

use crate::number::lanes::Row;

/// The part of `rows` that belongs to `block`, `each` rows long.
#[inline(always)]
pub(crate) fn block_rows<T, const L: usize>(rows: &[Row<T, L>], each: usize, block: usize) -> &[Row<T, L>] {
    rows.get(block * each..(block + 1) * each).unwrap_or(&[])
}

/// The exponents that the gradients of the memory vectors of `block` share.
#[inline(always)]
pub(crate) fn exponents_of<E: Copy + Default, const L: usize>(exponents: &[Row<E, L>], block: usize) -> Row<E, L> {
    exponents.get(block).copied().unwrap_or([E::default(); L])
}
