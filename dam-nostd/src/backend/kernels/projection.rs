//! Inner products and projections of gradients.
//!
//! Products are taken and added in `f64`: lane by lane over the rows of a block, the lanes by halves, and the blocks in
//! order, so that no number of threads changes a bit. Lanes that are no memory vectors are left out.

use super::{block_rows, exponents_of};
use crate::backend::executor::Kernel;
use crate::learn::methods::qp::{self, MOST};
use crate::maths::projection::{combined, cosine, dot};
use crate::model::shape::Shape;
use crate::number::lanes::{self, Row};
use crate::number::scalar::Scalar;

/// Parts: the block's share of the product of `left` with each of `rights`, of [`Shape::rows`] rows each.
pub(crate) struct Products<'a, S: Scalar, const L: usize> {
    pub shape: Shape,
    pub exponents: &'a [Row<S::Exponent, L>],
    pub left: &'a [Row<S, L>],
    pub rights: &'a [Row<S, L>],
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
                    *sum *= S::square_scale(exponent);
                }
            }
            for unused in sum.iter_mut().skip(self.shape.live_lanes(block, L)) {
                *unused = 0.0;
            }
            *partial = lanes::fold(&sum);
        }
    }
}

/// Parts: the gradient, to which factor * right is added for each of `rights`.
pub(crate) struct AddScaled<'a, S, const L: usize> {
    pub shape: Shape,
    pub rights: &'a [Row<S, L>],
    pub factors: &'a [f64],
}

impl<S: Scalar, const L: usize> Kernel<&mut [Row<S, L>]> for AddScaled<'_, S, L> {
    #[inline(always)]
    fn apply(&self, block: usize, gradient: &mut [Row<S, L>]) {
        let (rows, neurons) = (self.shape.rows(L).max(1), self.shape.neurons());
        for (neuron, row) in gradient.iter_mut().enumerate() {
            let rights = self.rights.chunks_exact(rows).zip(self.factors);
            let rights = rights
                .filter_map(|(right, &factor)| Some((block_rows(right, neurons, block).get(neuron)?, [factor; L])));
            *row = combined(row, rights);
        }
    }
}

/// GEM, a memory vector at a time: all of its gradients share one exponent, which so changes nothing.
///
/// Parts: the gradient; numbers of [`Projected::partials`](crate::methods::projection::Projected::partials), in which are
/// left how many memory vectors were changed, the sum of their cosines, and how many dual problems were not solved.
pub(crate) struct ProjectEach<'a, S: Scalar, const L: usize> {
    pub shape: Shape,
    pub rights: &'a [Row<S, L>],
    pub margin: f64,
}

impl<S: Scalar, const L: usize> Kernel<(&mut [Row<S, L>], &mut [f64])> for ProjectEach<'_, S, L> {
    #[inline(always)]
    fn apply(&self, block: usize, (gradient, partials): (&mut [Row<S, L>], &mut [f64])) {
        let neurons = self.shape.neurons();
        let rights =
            || self.rights.chunks_exact(self.shape.rows(L).max(1)).map(|right| block_rows(right, neurons, block));
        let (products, _) = partials.as_chunks_mut::<L>();
        let tasks = rights().len();
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
                let indices = (0..tasks).flat_map(|nu| (0..=nu).map(move |mu| (nu, mu)));
                for (product, (nu, mu)) in pairs.iter().zip(indices) {
                    put(&mut gram, nu, mu, at(product));
                    put(&mut gram, mu, nu, at(product));
                }
                let solution = qp::solve(&gram, &slope, tasks, self.margin);
                v = solution.v;
                let (along, change) = qp::change(&gram, &slope, &v);
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
            let rights = rights().zip(own.iter().skip(1));
            *row = combined(row, rights.filter_map(|(right, factors)| Some((right.get(neuron)?, *factors))));
        }
        for (place, number) in partials.iter_mut().zip([changed, cosines, unsolved]) {
            *place = number;
        }
    }
}

fn put(gram: &mut qp::Gram, row: usize, column: usize, number: f64) {
    if let Some(place) = gram.get_mut(row).and_then(|row| row.get_mut(column)) {
        *place = number;
    }
}
