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
        self.split_at_mut(middle)
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

/// Applies `kernel` to each of `blocks`; `parts` are the buffers of exactly these blocks.
pub fn each_block<P: Parts, K: Kernel<P>>(
    executor: &impl Executor,
    blocks: Range<usize>,
    parts: P,
    strides: P::Strides,
    kernel: &K,
) {
    match blocks.len() {
        0 => {}
        1 => executor.run(OnBlock { kernel, block: blocks.start, parts }),
        count => {
            let middle = blocks.start + count / 2;
            let (first, second) = parts.cut(count / 2, strides);
            executor.join(
                || each_block(executor, blocks.start..middle, first, strides, kernel),
                || each_block(executor, middle..blocks.end, second, strides, kernel),
            );
        }
    }
}

struct OnBlock<'a, K, P> {
    kernel: &'a K,
    block: usize,
    parts: P,
}

impl<K: Kernel<P>, P> Operation for OnBlock<'_, K, P> {
    type Output = ();

    #[inline(always)]
    fn run(self) {
        self.kernel.apply(self.block, self.parts);
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

    #[test]
    fn every_block_gets_its_own_part() {
        let (mut one, mut two) = ([9; 5], [9; 10]);
        each_block(&Sequential, 0..5, (&mut one[..], &mut two[..]), (1, 2), &Number);
        assert_eq!(one, [0, 1, 2, 3, 4]);
        assert_eq!(two, [0, 0, 10, 10, 20, 20, 30, 30, 40, 40]);
    }
}
