//! Inner products and sums of gradients, for GEM and A-GEM, and what they report.
//!
//! The step divides each memory vector's velocity by its own largest component. An inner product over the whole network
//! does not: at large interaction vertices, where gradients differ by many orders of magnitude, it is that of a few memory
//! vectors, and says nothing of where the others go. Therefore memory vectors can be projected each by itself, which no
//! scale of theirs changes ([`Projected::Memory`]).
//!
//!
//! Products are taken and added in `f64`: lane by lane over the rows of a block, the lanes by halves, and the blocks in
//! order, so that no number of threads changes a bit. Lanes that are no memory vectors are left out.

use core::num::NonZeroUsize;

use rand_core::Rng;

use super::qp::{self, MOST};
use crate::backend::engine::Engine;
use crate::backend::executor::{self, Executor, Kernel};
use crate::maths::field::block_rows;
use crate::maths::gradient::exponents_of;
use crate::model::rng;
use crate::model::shape::Shape;
use crate::number::lanes::{self, Row};
use crate::number::scalar::Scalar;

/// What is held against past tasks' gradients, and changed where it points against one.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Projected {
    /// The gradient of the whole network: eq. 1 to 8.
    Network,
    /// That of each memory vector by itself.
    #[default]
    Memory,
}

impl Projected {
    /// Numbers that are lent for `tasks` past gradients, a block of `lanes` memory vectors.
    pub const fn partials(self, tasks: usize, lanes: usize) -> usize {
        match self {
            Self::Network => tasks,
            // <g, g>, <g, g_nu>, and the lower triangle of <g_nu, g_mu>, lane by lane.
            Self::Memory => (1 + tasks + tasks * (tasks + 1) / 2) * lanes,
        }
    }
}

/// What a projecting method did over a task.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Projections {
    /// Batches learned while there were past tasks' items.
    pub batches: u32,
    /// Batches whose gradient pointed against a past task's, and was changed.
    pub violated: u32,
    /// The sum over the changed gradients of the cosine between before and after; where memory vectors are projected, each
    /// batch's mean over those that were changed.
    pub cosines: f64,
    /// Batches for which a dual problem ended before its optimum; GEM only, and not expected.
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
        self.cosines += cosine(before, along, change);
    }
}

/// The cosine between g and g + change, by |g|^2, <g, change> and |change|^2; 0 where either is zero.
fn cosine(before: f64, along: f64, change: f64) -> f64 {
    let after = before + 2.0 * along + change;
    if before > 0.0 && after > 0.0 { (before + along) / libm::sqrt(before * after) } else { 0.0 }
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
            let mut sum = dot(left, block_rows(right, neurons, block));
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

/// Brings the gradient of each memory vector that points against that of a past task to the nearest that points against
/// none: GEM, a memory vector at a time. `rights` are the past tasks' gradients, `partials` lends
/// [`Projected::partials`] numbers a block.
pub(crate) fn each_memory<S: Scalar, const L: usize, E: Executor>(
    engine: &Engine<'_, S, L, E>,
    gradient: &mut [Row<S, L>],
    rights: &[Row<S, L>],
    margin: f64,
    partials: &mut [f64],
    told: &mut Projections,
) {
    let shape = engine.model.shape;
    let tasks = rights.len() / shape.rows(L).max(1);
    let each = Projected::Memory.partials(tasks, L);
    let Some(partials) = partials.get_mut(..each * shape.blocks(L)) else { return };
    let kernel = EachMemory { shape, rights, margin };
    let parts = (gradient, &mut *partials);
    executor::each_block(engine.executor(), 0..shape.blocks(L), parts, (shape.neurons(), each), &kernel);
    let (mut changed, mut cosines, mut unsolved) = (0.0, 0.0, 0.0);
    for block in partials.chunks_exact(each.max(1)) {
        if let [a, b, c, ..] = block {
            (changed, cosines, unsolved) = (changed + a, cosines + b, unsolved + c);
        }
    }
    if changed > 0.0 {
        told.violated += 1;
        told.cosines += cosines / changed;
        told.unsolved += u32::from(unsolved > 0.0);
    }
}

/// Parts: the gradient; the products, and in their place how many memory vectors were changed, the sum of their cosines,
/// and how many dual problems were not solved.
struct EachMemory<'a, S: Scalar, const L: usize> {
    shape: Shape,
    rights: &'a [Row<S, L>],
    margin: f64,
}

impl<S: Scalar, const L: usize> Kernel<(&mut [Row<S, L>], &mut [f64])> for EachMemory<'_, S, L> {
    #[inline(always)]
    fn apply(&self, block: usize, (gradient, partials): (&mut [Row<S, L>], &mut [f64])) {
        let neurons = self.shape.neurons();
        let rights =
            || self.rights.chunks_exact(self.shape.rows(L).max(1)).map(|right| block_rows(right, neurons, block));
        let (products, _) = partials.as_chunks_mut::<L>();
        let tasks = rights().len();
        // All of a memory vector's gradients share one exponent, which so changes nothing.
        let (own, pairs) = products.split_at_mut_checked(1 + tasks).unwrap_or_default();
        if let Some(square) = own.first_mut() {
            *square = dot(gradient, gradient);
        }
        for (product, right) in own.iter_mut().skip(1).zip(rights()) {
            *product = dot(gradient, right);
        }
        let lower = rights().enumerate().flat_map(|(nu, left)| rights().take(nu + 1).map(move |right| (left, right)));
        for (product, (left, right)) in pairs.iter_mut().zip(lower) {
            *product = dot(left, right);
        }
        let (mut changed, mut cosines, mut unsolved) = (0.0, 0.0, 0.0);
        for lane in 0..L {
            let at = |row: &[f64; L]| row.get(lane).copied().unwrap_or(0.0);
            let mut slope = [0.0; MOST];
            for (slope, product) in slope.iter_mut().zip(own.iter().skip(1)) {
                *slope = at(product);
            }
            let mut v = [0.0; MOST];
            if lane < self.shape.live_lanes(block, L) && slope.iter().any(|&product| product < 0.0) {
                let mut gram = [[0.0; MOST]; MOST];
                let names = (0..tasks).flat_map(|nu| (0..=nu).map(move |mu| (nu, mu)));
                for (product, (nu, mu)) in pairs.iter().zip(names) {
                    put(&mut gram, nu, mu, at(product));
                    put(&mut gram, mu, nu, at(product));
                }
                let solution = qp::solve(&gram, &slope, tasks, self.margin);
                v = solution.v;
                let (along, change) = moved(&gram, &slope, &v);
                changed += 1.0;
                cosines += cosine(own.first().map_or(0.0, at), along, change);
                unsolved += if solution.optimal { 0.0 } else { 1.0 };
            }
            // What is added of each past gradient, in the place of its product.
            for (factors, v) in own.iter_mut().skip(1).zip(v) {
                if let Some(factor) = factors.get_mut(lane) {
                    *factor = v;
                }
            }
        }
        for (neuron, row) in gradient.iter_mut().enumerate().filter(|_| changed > 0.0) {
            let mut sum = row.map(S::to_f64);
            for (right, factors) in rights().zip(own.iter().skip(1)) {
                if let Some(right) = right.get(neuron) {
                    for l in 0..L {
                        sum[l] += factors[l] * right[l].to_f64();
                    }
                }
            }
            for l in 0..L {
                row[l] = S::from_f64(sum[l]);
            }
        }
        for (place, number) in partials.iter_mut().zip([changed, cosines, unsolved]) {
            *place = number;
        }
    }
}

/// Inner products lane by lane, in `f64`.
#[inline(always)]
fn dot<S: Scalar, const L: usize>(left: &[Row<S, L>], right: &[Row<S, L>]) -> [f64; L] {
    let mut sum = [0.0f64; L];
    for (a, b) in left.iter().zip(right) {
        for l in 0..L {
            sum[l] += a[l].to_f64() * b[l].to_f64();
        }
    }
    sum
}

fn put(gram: &mut qp::Gram, row: usize, column: usize, number: f64) {
    if let Some(place) = gram.get_mut(row).and_then(|row| row.get_mut(column)) {
        *place = number;
    }
}

/// <g, change> and |change|^2 of the change by `v`.
pub(crate) fn moved(gram: &qp::Gram, slope: &[f64; MOST], v: &[f64; MOST]) -> (f64, f64) {
    let (mut along, mut change) = (0.0, 0.0);
    for ((own, q), row) in v.iter().zip(slope).zip(gram) {
        along += own * q;
        change += own * row.iter().zip(v).fold(0.0, |sum, (p, v)| sum + p * v);
    }
    (along, change)
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
