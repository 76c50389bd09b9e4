//! The memory that an engine works in: a few arrays, cut into the many buffers of its passes.

use super::index_lists::{Grouping, IndexLists};
use super::kept_lists::KeptLists;
use super::lists::Lists;
use super::partial_sums;
use crate::error::TooShort;
use crate::model::items::Items;
use crate::model::shape::Shape;
use crate::number::lanes::Row;
use crate::number::scalar::Scalar;

/// How many items are worked on at once, and with which tables.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Chunk {
    /// Items with the class neurons updated; with all neurons updated, as many as then fit. From 1 to 65 535.
    pub items: usize,
    /// How many threads have a table of partial sums, some `4 N` rows each, for listing neurons in groups where that pays;
    /// 0 for none.
    pub tables: usize,
    /// Items whose lists are kept from one time to the next: of full batches, or of what GEM and A-GEM remember. Takes some
    /// `N / 2` bytes an item; 0 for none. Where it is too few, lists are made anew, and nothing else changes.
    pub kept: usize,
}

/// Lengths of the arrays of an [`Arena`].
///
/// ```
/// use dam_nostd::{Chunk, Shape, Sizes};
/// let shape = Shape::new(784, 5, 10, 512).unwrap();
/// let sizes = Sizes::new(&shape, 64, Chunk { items: 1024, tables: 2, kept: 0 });
/// assert!(sizes.bytes(size_of::<f32>(), 64) < 24_000_000);
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Sizes {
    /// Rows of numbers.
    pub rows: usize,
    /// Offsets of index lists, and the bits of items whose lists are kept.
    pub offsets: usize,
    /// Indices of rows and of items, and patterns.
    pub indices: usize,
    /// Items of a chunk.
    chunk: usize,
    /// Numbers: one a field of a chunk. So many also of states, targets and coefficients.
    fields: usize,
    /// Rows of all tables.
    tables: usize,
    /// Indices by item, and as many by row.
    listed: usize,
    /// Lists by row.
    listed_rows: usize,
    patterns: usize,
    /// Words and indices of lists that are kept.
    kept: (usize, usize),
}

impl Sizes {
    /// For networks of `shape` in rows of `lanes` lanes.
    pub const fn new(shape: &Shape, lanes: usize, chunk: Chunk) -> Self {
        let blocks = shape.blocks(lanes);
        let lanes = if lanes == 0 { 1 } else { lanes };
        let items = match chunk.items {
            0 => 1,
            items if items > u16::MAX as usize => u16::MAX as usize,
            items => items,
        };
        // At least one item with all neurons updated.
        let fields = if items * shape.classes() > shape.neurons() { items * shape.classes() } else { shape.neurons() };
        let most = partial_sums::patterns(shape.neurons());
        let (listed_rows, patterns) = if chunk.tables > 0 { (most, most) } else { (shape.neurons(), 0) };
        let tables = chunk.tables * partial_sums::rows(shape.neurons());
        let listed = items * shape.neurons();
        // Similarities and the sum of D; each block's share of the fields; fields, coefficients, states and targets.
        let numbers = (blocks * fields).div_ceil(lanes) + 4 * fields.div_ceil(lanes);
        let kept = KeptLists::sizes(chunk.kept, items, shape.neurons(), shape.words(), listed_rows);
        Self {
            rows: tables + blocks * items + blocks + numbers,
            offsets: items + 1 + listed_rows + 1 + kept.0,
            indices: 2 * listed + patterns + kept.1,
            chunk: items,
            fields,
            tables,
            listed,
            listed_rows,
            patterns,
            kept,
        }
    }

    /// All arrays together, in bytes, for numbers of `scalar` bytes in rows of `lanes` lanes.
    pub const fn bytes(&self, scalar: usize, lanes: usize) -> usize {
        scalar * self.rows * lanes + 4 * self.offsets + 2 * self.indices
    }
}

/// Arrays lent to a [`Workspace`], of the lengths that [`Sizes`] tells.
#[derive(Debug)]
pub struct Arena<'a, S, const L: usize> {
    /// Rows of numbers.
    pub rows: &'a mut [Row<S, L>],
    /// Offsets of index lists.
    pub offsets: &'a mut [u32],
    /// Indices of rows and of items, and patterns.
    pub indices: &'a mut [u16],
}

/// The buffers of an [`Engine`](crate::Engine).
#[derive(Debug)]
pub struct Workspace<'a, S: Scalar, const L: usize> {
    /// The sum of D over items, a row a block.
    pub(super) sums: &'a mut [Row<S, L>],
    /// Tables of partial sums; none where neurons are always listed one by one.
    pub(super) tables: &'a mut [Row<S, L>],
    /// `[block][item]`.
    pub(super) similarities: &'a mut [Row<S, L>],
    /// `[block][item][updated]`: each block's share of each field.
    pub(super) shares: &'a mut [S],
    /// `[item][updated]`.
    pub(super) fields: &'a mut [S],
    /// `[item][updated]`: c.
    pub(super) coefficients: &'a mut [S],
    pub(super) lists: IndexLists<'a, S>,
    pub(super) kept: KeptLists<'a>,
    pub(super) chunk: usize,
}

impl<'a, S: Scalar, const L: usize> Workspace<'a, S, L> {
    /// Cuts `arena` into buffers for networks of `shape`.
    ///
    /// # Errors
    /// An array is shorter than [`Sizes::new`] of the same arguments says. Longer is as good.
    pub fn carve(arena: Arena<'a, S, L>, shape: &Shape, chunk: Chunk) -> Result<Self, TooShort> {
        const { assert!(L.is_power_of_two(), "a row has 1, 2, 4, ... lanes") };
        let sizes = Sizes::new(shape, L, chunk);
        TooShort::check("rows of the workspace", arena.rows.len(), sizes.rows)?;
        TooShort::check("offsets of the workspace", arena.offsets.len(), sizes.offsets)?;
        TooShort::check("indices of the workspace", arena.indices.len(), sizes.indices)?;
        let (chunk, blocks) = (sizes.chunk, shape.blocks(L));
        let Arena { mut rows, mut offsets, mut indices } = arena;
        let (rows, offsets, indices) = (&mut rows, &mut offsets, &mut indices);
        Ok(Self {
            tables: take(rows, sizes.tables),
            similarities: take(rows, blocks * chunk),
            sums: take(rows, blocks),
            shares: numbers(rows, blocks * sizes.fields),
            fields: numbers(rows, sizes.fields),
            coefficients: numbers(rows, sizes.fields),
            lists: IndexLists {
                states: numbers(rows, sizes.fields),
                targets: numbers(rows, sizes.fields),
                rows_of_item: Lists::new(take(indices, sizes.listed), take(offsets, chunk + 1)),
                items_of_row: Lists::new(take(indices, sizes.listed), take(offsets, sizes.listed_rows + 1)),
                patterns: take(indices, sizes.patterns),
                items: 0,
                updated: 0,
                off: false,
                indices: 0,
                grouping: Grouping::Single,
                permutation: Items::IDENTITY,
            },
            kept: KeptLists::new(take(offsets, sizes.kept.0), take(indices, sizes.kept.1)),
            chunk,
        })
    }
}

/// The first `count` of what is left.
fn take<'a, T>(rest: &mut &'a mut [T], count: usize) -> &'a mut [T] {
    let (first, others) = core::mem::take(rest).split_at_mut_checked(count).unwrap_or_default();
    *rest = others;
    first
}

/// `count` numbers, in rows of their own.
fn numbers<'a, S, const L: usize>(rest: &mut &'a mut [Row<S, L>], count: usize) -> &'a mut [S] {
    take(rest, count.div_ceil(L)).as_flattened_mut().get_mut(..count).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn too_little_memory_is_an_error_that_says_how_much_is_wanted() {
        let shape = Shape::new(30, 2, 3, 9).unwrap();
        for chunk in [Chunk { items: 5, tables: 0, kept: 0 }, Chunk { items: 7, tables: 2, kept: 3 }] {
            let sizes = Sizes::new(&shape, 4, chunk);
            let mut rows = [[0.0f32; 4]; 4000];
            let (mut offsets, mut indices) = ([0; 2000], [0; 2000]);
            let mut carve = |short: [usize; 3]| {
                let arena = Arena {
                    rows: &mut rows[..sizes.rows - short[0]],
                    offsets: &mut offsets[..sizes.offsets - short[1]],
                    indices: &mut indices[..sizes.indices - short[2]],
                };
                Workspace::carve(arena, &shape, chunk)
                    .map(|workspace| (workspace.shares.len(), workspace.fields.len(), workspace.lists.patterns.len()))
            };
            let patterns = if chunk.tables > 0 { 16 * 9 } else { 0 };
            assert_eq!(carve([0; 3]), Ok((3 * 35, 35, patterns)));
            for (array, wanted) in [sizes.rows, sizes.offsets, sizes.indices].into_iter().enumerate() {
                let mut short = [0; 3];
                short[array] = 1;
                let error = carve(short).unwrap_err();
                assert_eq!((error.lent, error.wanted), (wanted - 1, wanted));
            }
        }
    }
}
