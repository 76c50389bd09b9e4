//! Who runs the loops: one core in order, or a desktop's threads and vector units.
//!
//! Memory vectors do not see each other except through sums over all of them, so every loop of the crate is a *kernel*
//! that works on one block and writes only that block's part of the buffers. An [`Executor`] decides where the parts are
//! worked on and for which instruction set the kernel is compiled; it cannot change a result.

use core::ops::Range;

/// A computation that an [`Executor`] may compile for a wider instruction set. Implementations of [`run`](Self::run)
/// are `#[inline(always)]`.
pub trait Operation {
    /// What comes out.
    type Output;
    /// Computes it.
    fn run(self) -> Self::Output;
}

/// Where work is done.
pub trait Executor: Sync {
    /// Does both, in any order or at once.
    fn join<A: Send, B: Send>(&self, a: impl FnOnce() -> A + Send, b: impl FnOnce() -> B + Send) -> (A, B);

    /// Runs `operation`, compiled for the instruction set of this executor.
    fn run<O: Operation>(&self, operation: O) -> O::Output;
}

impl<E: Executor> Executor for &E {
    fn join<A: Send, B: Send>(&self, a: impl FnOnce() -> A + Send, b: impl FnOnce() -> B + Send) -> (A, B) {
        (**self).join(a, b)
    }

    fn run<O: Operation>(&self, operation: O) -> O::Output {
        (**self).run(operation)
    }
}

/// One thing after the other, in the instruction set of the build.
#[derive(Clone, Copy, Debug, Default)]
pub struct Sequential;

impl Executor for Sequential {
    fn join<A: Send, B: Send>(&self, a: impl FnOnce() -> A + Send, b: impl FnOnce() -> B + Send) -> (A, B) {
        (a(), b())
    }

    fn run<O: Operation>(&self, operation: O) -> O::Output {
        operation.run()
    }
}

/// Buffers that can be cut between blocks.
pub trait Parts: Send + Sized {
    /// How much of each buffer belongs to one block.
    type Strides: Copy + Send + Sync;

    /// The parts of the first `blocks` blocks, and the rest.
    fn cut(self, blocks: usize, strides: Self::Strides) -> (Self, Self);
}

impl<T: Send> Parts for &mut [T] {
    type Strides = usize;

    #[inline]
    fn cut(self, blocks: usize, stride: usize) -> (Self, Self) {
        let middle = (blocks * stride).min(self.len());
        self.split_at_mut_checked(middle).unwrap_or_default()
    }
}

macro_rules! tuple {
    ($($part:ident $stride:ident $index:tt),+) => {
        impl<$($part: Parts),+> Parts for ($($part,)+) {
            type Strides = ($($part::Strides,)+);

            #[inline]
            fn cut(self, blocks: usize, strides: Self::Strides) -> (Self, Self) {
                $(let $stride = self.$index.cut(blocks, strides.$index);)+
                (($($stride.0,)+), ($($stride.1,)+))
            }
        }
    };
}

tuple!(A a 0, B b 1);
tuple!(A a 0, B b 1, C c 2);
tuple!(A a 0, B b 1, C c 2, D d 3);

/// A loop over one block. Implementations of [`apply`](Self::apply) are `#[inline(always)]`.
pub trait Kernel<P>: Sync {
    /// Works on `block`, whose part of the buffers is `parts`.
    fn apply(&self, block: usize, parts: P);
}

/// A loop over one block that needs a table while it runs. Implementations of [`apply`](Self::apply) are
/// `#[inline(always)]`.
pub trait KernelWithTable<P, T>: Sync {
    /// Works on `block`, whose part of the buffers is `parts`. What `table` holds before and after means nothing.
    fn apply(&self, block: usize, parts: P, table: &mut [T]);
}

/// Applies `kernel` to each of `blocks`; `parts` are the buffers of exactly these blocks.
pub fn each_block<P: Parts, K: Kernel<P>>(
    executor: &impl Executor,
    blocks: Range<usize>,
    parts: P,
    strides: P::Strides,
    kernel: &K,
) {
    each_block_with(executor, blocks, parts, strides, &mut [], 0, &Tableless(kernel));
}

/// Applies `kernel` to each of `blocks`, with a table of `rows` rows for each block that is worked on at the same time:
/// as many as `tables` holds.
pub fn each_block_with<P: Parts, T: Send, K: KernelWithTable<P, T>>(
    executor: &impl Executor,
    blocks: Range<usize>,
    parts: P,
    strides: P::Strides,
    tables: &mut [T],
    rows: usize,
    kernel: &K,
) {
    let count = blocks.len();
    if count == 0 {
        return;
    }
    let workers = tables.len().checked_div(rows).unwrap_or(count).min(count);
    if workers < 2 {
        let mut rest = parts;
        for block in blocks {
            let (parts, others) = rest.cut(1, strides);
            let table = tables.get_mut(..rows).unwrap_or(&mut []);
            executor.run(OnBlock { kernel, block, parts, table });
            rest = others;
        }
        return;
    }
    let middle = blocks.start + count / 2;
    let (first, second) = parts.cut(count / 2, strides);
    let (tables_first, tables_second) = tables.split_at_mut_checked(workers / 2 * rows).unwrap_or_default();
    executor.join(
        || each_block_with(executor, blocks.start..middle, first, strides, tables_first, rows, kernel),
        || each_block_with(executor, middle..blocks.end, second, strides, tables_second, rows, kernel),
    );
}

struct Tableless<'a, K>(&'a K);

impl<P, K: Kernel<P>> KernelWithTable<P, ()> for Tableless<'_, K> {
    #[inline(always)]
    fn apply(&self, block: usize, parts: P, _table: &mut [()]) {
        self.0.apply(block, parts);
    }
}

struct OnBlock<'a, K, P, T> {
    kernel: &'a K,
    block: usize,
    parts: P,
    table: &'a mut [T],
}

impl<K: KernelWithTable<P, T>, P, T> Operation for OnBlock<'_, K, P, T> {
    type Output = ();

    #[inline(always)]
    fn run(self) {
        self.kernel.apply(self.block, self.parts, self.table);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    struct Number;

    impl Kernel<(&mut [usize], &mut [usize])> for Number {
        fn apply(&self, block: usize, (one, two): (&mut [usize], &mut [usize])) {
            one.fill(block);
            two.fill(10 * block);
        }
    }

    struct Table;

    impl KernelWithTable<&mut [usize], usize> for Table {
        fn apply(&self, block: usize, part: &mut [usize], table: &mut [usize]) {
            assert_eq!(table.len(), 3);
            table[0] += 1;
            part.fill(block);
        }
    }

    #[test]
    fn blocks_share_the_tables_there_are() {
        for tables in 1..=9 {
            let (mut parts, mut rows) = ([9; 7], [0; 27]);
            each_block_with(&Sequential, 0..7, &mut parts[..], 1, &mut rows[..3 * tables], 3, &Table);
            assert_eq!(parts, [0, 1, 2, 3, 4, 5, 6]);
            let used: [usize; 9] = core::array::from_fn(|i| rows[3 * i]);
            assert_eq!(used.iter().sum::<usize>(), 7);
            assert_eq!(used.iter().filter(|&&used| used > 0).count(), tables.min(7), "{used:?}");
        }
    }

    #[test]
    fn every_block_gets_its_own_part() {
        let (mut one, mut two) = ([9; 5], [9; 10]);
        each_block(&Sequential, 0..5, (&mut one[..], &mut two[..]), (1, 2), &Number);
        assert_eq!(one, [0, 1, 2, 3, 4]);
        assert_eq!(two, [0, 0, 10, 10, 20, 20, 30, 30, 40, 40]);
    }
}
