//! Averaged Gradient Episodic Memories (Chaudhry et al., 2018), section 3.4 of the paper, eq. 6 to 8.

use core::num::NonZeroUsize;

use rand_core::Rng;

use super::projection::{self, Projected, Projections};
use super::rehearsal::{ItemBuffer, portion};
use super::{Method, State};
use crate::error::{BufferFull, TooShort};
use crate::learn::passes::{Gradient, Passes};
use crate::maths::objective::{Loss, Objective};
use crate::maths::projection::averaged;
use crate::model::items::{Items, Union};
use crate::model::network::Weights;
use crate::model::rng::Xoshiro128PlusPlus;
use crate::model::shape::Shape;
use crate::number::lanes::Row;
use crate::number::scalar::Scalar;

/// How A-GEM works.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct AGemOptions {
    /// r, 0 to 1: the proportion of each task's items that is kept.
    pub proportion: f64,
    /// Kept items, of all past tasks together and drawn anew for each batch, that the gradient is taken over; `None` for
    /// all.
    pub sample: Option<NonZeroUsize>,
    /// What is held against g_mem.
    pub projected: Projected,
    /// The loss: the one that is trained with.
    pub loss: Loss,
}

/// Memory for A-GEM, lent.
#[derive(Debug)]
pub struct AGemBuffers<'a, S: Scalar, const L: usize> {
    /// Room for r times the items of every task that [`Method::end_task`] is called for.
    pub items: ItemBuffer<'a>,
    /// [`Shape::rows`] rows: the gradient g_mem over past tasks' items.
    pub gradient: &'a mut [Row<S, L>],
    /// One entry for each item that the gradient is taken over.
    pub picks: &'a mut [u32],
    /// [`Projected::partials`] numbers of one task for each block.
    pub partials: &'a mut [f64],
}

/// Keeps a proportion of each task's items, and changes the gradient g of a batch where it points against the gradient
/// g_mem over the kept items of all past tasks, <g, g_mem> < 0: it becomes g - <g, g_mem> / <g_mem, g_mem> g_mem.
///
/// With [`Projected::Memory`] that is done for each memory vector by itself, see [`projection`]. With one past task it is
/// GEM without margin, bit for bit.
#[derive(Debug)]
pub struct AGem<'a, S: Scalar, const L: usize> {
    options: AGemOptions,
    buffers: AGemBuffers<'a, S, L>,
    rng: Xoshiro128PlusPlus,
    projections: Projections,
}

/// Bytes that [`AGem`] keeps for `items` kept items, of which the gradient is taken over `sample`.
pub const fn bytes(
    shape: &Shape,
    lanes: usize,
    scalar: usize,
    projected: Projected,
    items: usize,
    sample: usize,
) -> usize {
    ItemBuffer::bytes(shape.neurons(), items)
        + shape.rows(lanes) * lanes * scalar
        + 8 * shape.blocks(lanes) * projected.partials(1, lanes)
        + 4 * sample
}

impl<'a, S: Scalar, const L: usize> AGem<'a, S, L> {
    /// Without a task learned. `rng` draws the samples.
    pub fn new(
        shape: &Shape,
        options: AGemOptions,
        buffers: AGemBuffers<'a, S, L>,
        rng: Xoshiro128PlusPlus,
    ) -> Result<Self, TooShort> {
        TooShort::check("gradient", buffers.gradient.len(), shape.rows(L))?;
        TooShort::check("partial sums", buffers.partials.len(), shape.blocks(L) * options.projected.partials(1, L))?;
        Ok(Self { options, buffers, rng, projections: Projections::default() })
    }

    /// The items that were kept, task after task.
    pub fn items(&self) -> Items<'_> {
        self.buffers.items.items()
    }

    /// What was done during the task that is or was learned last.
    pub fn projections(&self) -> Projections {
        self.projections
    }
}

impl<S: Scalar, const L: usize> Method<S, L> for AGem<'_, S, L> {
    fn begin_task(&mut self, _weights: &Weights<'_, S, L>) {
        self.projections = Projections::default();
    }

    fn alter_gradient(
        &mut self,
        passes: &mut dyn Passes<S, L>,
        weights: &mut Weights<'_, S, L>,
        gradient: &mut Gradient<'_, S, L>,
    ) {
        let (shape, rule) = (passes.model().shape, passes.rule());
        let AGemBuffers { items, gradient: past, picks, partials } = &mut self.buffers;
        let union = Union::only(items.items());
        let Some(past) = past.get_mut(..shape.rows(L)) else { return };
        if union.is_empty() {
            return;
        }
        let picks = projection::pick(picks, 0, union.len(), self.options.sample, &mut self.rng);
        let objective = Objective::Loss(self.options.loss);
        passes.gradient(rule, weights, &union, picks, objective, &mut Gradient::new(past, gradient.scale()));
        self.projections.batches += 1;
        if self.options.projected == Projected::Memory {
            self.projections.count_each(passes.project_each(gradient, past, 0.0, partials));
            return;
        }
        let mut product = |left: &[Row<S, L>], right: &[Row<S, L>]| {
            let mut product = [0.0];
            passes.products(gradient.scale(), left, right, partials, &mut product);
            product[0]
        };
        let (along, square) = (product(gradient.rows(), past), product(past, past));
        let Some(factor) = averaged(along, square) else { return };
        let before = product(gradient.rows(), gradient.rows());
        self.projections.count(before, factor * along, factor * factor * square);
        passes.add_scaled(gradient, past, &[factor]);
    }

    fn end_task(
        &mut self,
        _passes: &mut dyn Passes<S, L>,
        _weights: &mut Weights<'_, S, L>,
        items: Items<'_>,
        _gradient: &mut Gradient<'_, S, L>,
        rng: &mut dyn Rng,
    ) -> Result<(), BufferFull> {
        self.buffers.items.keep(items, portion(self.options.proportion, items.len()), rng)?;
        let total = self.buffers.items.items().len();
        let capacity = self.buffers.picks.len();
        let sample = self.options.sample.map_or(total, |sample| sample.get().min(total));
        if capacity < sample { Err(BufferFull { capacity }) } else { Ok(()) }
    }

    fn state(&mut self, state: &mut dyn State<S, L>) {
        self.buffers.items.state(state);
        state.words(self.rng.state());
    }
}
