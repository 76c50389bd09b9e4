//! Inner products and sums of gradients, for GEM and A-GEM, and what they report.
//!
//! Products are taken and added in `f64`: lane by lane over the rows of a block, the lanes by halves, and the blocks in
//! order, so that no number of threads changes a bit. Lanes that are no memory vectors are left out.

use core::num::NonZeroUsize;

use rand_core::Rng;

use crate::engine::Engine;
use crate::executor::{self, Executor, Kernel};
use crate::field::block_rows;
use crate::gradient::exponents_of;
use crate::lanes::{self, Row};
use crate::rng;
use crate::scalar::Scalar;
use crate::shape::Shape;

/// What a projecting method did over a task.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Projections {
    /// Batches learned while there were past tasks' items.
    pub batches: u32,
    /// Batches whose gradient pointed against a past task's, and was changed.
    pub violated: u32,
    /// The sum over the changed gradients of the cosine between before and after.
    pub cosines: f64,
    /// Batches for which the dual problem ended before its optimum; GEM only, and not expected.
    pub unsolved: u32,
}

impl Projections {
    /// The mean cosine between a gradient and what became of it, over those that were changed; 1 where none was.
    pub fn mean_cosine(&self) -> f64 {
        if self.violated == 0 { 1.0 } else { self.cosines / f64::from(self.violated) }
    }

    /// Counts a changed gradient: |g|^2 before, <g, change>, and |change|^2.
    pub(crate) fn count(&mut self, before: f64, along: f64, change: f64) {
        self.violated += 1;
        let after = before + 2.0 * along + change;
        if before > 0.0 && after > 0.0 {
            self.cosines += (before + along) / libm::sqrt(before * after);
        }
    }
}

/// Fills `products` with the inner products of `left` and each of `rights`, of [`Shape::rows`] rows each.
///
/// `partials` lends a number for each block and product.
pub(crate) fn products<S: Scalar, const L: usize, E: Executor>(
    engine: &Engine<'_, S, L, E>,
    left: &[Row<S, L>],
    rights: &[Row<S, L>],
    partials: &mut [f64],
    products: &mut [f64],
) {
    let (count, shape) = (products.len(), &engine.model.shape);
    products.fill(0.0);
    let Some(partials) = partials.get_mut(..count * shape.blocks(L)) else { return };
    if count == 0 {
        return;
    }
    let kernel = Products { shape: *shape, exponents: engine.exponents(), left, rights };
    executor::each_block(engine.executor(), 0..shape.blocks(L), &mut *partials, count, &kernel);
    for partials in partials.chunks_exact(count) {
        for (product, partial) in products.iter_mut().zip(partials) {
            *product += partial;
        }
    }
}

/// Parts: the block's share of each product.
struct Products<'a, S: Scalar, const L: usize> {
    shape: Shape,
    exponents: &'a [Row<S::Exponent, L>],
    left: &'a [Row<S, L>],
    rights: &'a [Row<S, L>],
}

impl<S: Scalar, const L: usize> Kernel<&mut [f64]> for Products<'_, S, L> {
    #[inline(always)]
    fn apply(&self, block: usize, partials: &mut [f64]) {
        let neurons = self.shape.neurons();
        let left = block_rows(self.left, neurons, block);
        for (partial, right) in partials.iter_mut().zip(self.rights.chunks_exact(self.shape.rows(L).max(1))) {
            let mut sum = [0.0f64; L];
            for (a, b) in left.iter().zip(block_rows(right, neurons, block)) {
                for l in 0..L {
                    sum[l] += a[l].to_f64() * b[l].to_f64();
                }
            }
            if S::SATURATES {
                for (sum, exponent) in sum.iter_mut().zip(exponents_of(self.exponents, block)) {
                    *sum *= S::square_of_orders(exponent);
                }
            }
            for dead in sum.iter_mut().skip(self.shape.live_lanes(block, L)) {
                *dead = 0.0;
            }
            *partial = lanes::fold(&sum);
        }
    }
}

/// gradient += sum over `rights` of factor * right, each number rounded once.
pub(crate) fn add<S: Scalar, const L: usize>(
    executor: &impl Executor,
    shape: &Shape,
    gradient: &mut [Row<S, L>],
    rights: &[Row<S, L>],
    factors: &[f64],
) {
    let kernel = Add { rows: shape.rows(L), neurons: shape.neurons(), rights, factors };
    executor::each_block(executor, 0..shape.blocks(L), gradient, shape.neurons(), &kernel);
}

/// Parts: the gradient.
struct Add<'a, S, const L: usize> {
    rows: usize,
    neurons: usize,
    rights: &'a [Row<S, L>],
    factors: &'a [f64],
}

impl<S: Scalar, const L: usize> Kernel<&mut [Row<S, L>]> for Add<'_, S, L> {
    #[inline(always)]
    fn apply(&self, block: usize, gradient: &mut [Row<S, L>]) {
        for (neuron, row) in gradient.iter_mut().enumerate() {
            let mut sum = [0.0f64; L];
            for l in 0..L {
                sum[l] = row[l].to_f64();
            }
            for (right, &factor) in self.rights.chunks_exact(self.rows.max(1)).zip(self.factors) {
                if let Some(right) = block_rows(right, self.neurons, block).get(neuron) {
                    for l in 0..L {
                        sum[l] += factor * right[l].to_f64();
                    }
                }
            }
            for l in 0..L {
                row[l] = S::from_f64(sum[l]);
            }
        }
    }
}

/// Writes the names `first..first + total`, or `sample` of them drawn anew, to `picks` and returns them.
pub(crate) fn pick<'a>(
    picks: &'a mut [u32],
    first: usize,
    total: usize,
    sample: Option<NonZeroUsize>,
    rng: &mut impl Rng,
) -> &'a mut [u32] {
    let wanted = sample.map_or(total, |sample| sample.get().min(total)).min(picks.len());
    let picks = picks.get_mut(..wanted).unwrap_or(&mut []);
    if wanted == total {
        for (i, place) in picks.iter_mut().enumerate() {
            *place = (first + i) as u32;
        }
    } else {
        let mut places = picks.iter_mut();
        rng::choose(total, wanted, rng, |i| {
            if let Some(place) = places.next() {
                *place = (first + i) as u32;
            }
        });
    }
    picks
}
