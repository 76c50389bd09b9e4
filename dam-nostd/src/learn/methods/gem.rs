//! Gradient Episodic Memories (Lopez-Paz and Ranzato, 2017), section 3.3 of the paper, eq. 1 to 5.

use core::num::NonZeroUsize;

use rand_core::Rng;

use super::projection::{self, Projected, Projections};
use super::qp::{self, MOST};
use super::rehearsal::{ItemBuffer, portion};
use super::{Method, State};
use crate::error::{BufferFull, TooShort};
use crate::learn::passes::{Gradient, Passes};
use crate::maths::objective::{Loss, Objective};
use crate::model::items::{Items, Union};
use crate::model::network::Weights;
use crate::model::rng::Xoshiro128PlusPlus;
use crate::model::shape::Shape;
use crate::number::lanes::Row;
use crate::number::scalar::Scalar;

/// The most past tasks.
pub const MOST_PAST: usize = MOST;

/// How GEM works.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct GemOptions {
    /// r, 0 to 1: the proportion of each task's items that is kept.
    pub proportion: f64,
    /// The least that each component of v may be once the gradient has to be changed, 0 and more. Above 0 the gradient is
    /// also pulled towards past tasks' (the "memory strength" of Lopez-Paz and Ranzato's program, 0.5 there).
    pub margin: f64,
    /// Items of each past task, drawn anew for each batch, that its gradient is taken over; `None` for all kept.
    pub sample: Option<NonZeroUsize>,
    /// What is held against past gradients.
    pub projected: Projected,
    /// The loss: the one that is trained with.
    pub loss: Loss,
}

/// Memory for GEM, lent.
#[derive(Debug)]
pub struct GemBuffers<'a, S: Scalar, const L: usize> {
    /// Room for r times the items of every task that [`Method::end_task`] is called for.
    pub items: ItemBuffer<'a>,
    /// [`Shape::rows`] rows for each such task, up to [`MOST_PAST`]: the gradients g_nu.
    pub gradients: &'a mut [Row<S, L>],
    /// One entry for each item that the gradient of one past task is taken over: of the largest task.
    pub picks: &'a mut [u32],
    /// [`Projected::partials`] numbers for each block.
    pub partials: &'a mut [f64],
}

/// Keeps a proportion of each task's items, and changes the gradient g of a batch where it points against the gradient
/// g_nu of a past task nu, <g, g_nu> < 0: it becomes the nearest vector that points against none, g + sum_nu v_nu g_nu,
/// where v solves eq. 4.
///
/// With [`Projected::Memory`] that is done for each memory vector by itself, as if it were the network. What comes after
/// does not undo it but for the momentum: the step divides each memory vector by its own size. With
/// [`Projected::Network`], the paper's, that division weighs memory vectors anew and may turn the step against a past task.
#[derive(Debug)]
pub struct Gem<'a, S: Scalar, const L: usize> {
    options: GemOptions,
    buffers: GemBuffers<'a, S, L>,
    rng: Xoshiro128PlusPlus,
    /// Where the items of the task after each past task begin.
    offsets: [usize; MOST],
    tasks: usize,
    most_tasks: usize,
    projections: Projections,
}

/// Bytes that [`Gem`] keeps for `tasks` past tasks of `items` kept items each.
pub const fn bytes(
    shape: &Shape,
    lanes: usize,
    scalar: usize,
    projected: Projected,
    tasks: usize,
    items: usize,
) -> usize {
    ItemBuffer::bytes(shape.neurons(), tasks * items)
        + tasks * shape.rows(lanes) * lanes * scalar
        + 8 * shape.blocks(lanes) * projected.partials(tasks, lanes)
        + 4 * items
}

impl<'a, S: Scalar, const L: usize> Gem<'a, S, L> {
    /// Without a task learned. `rng` draws the samples.
    pub fn new(
        shape: &Shape,
        options: GemOptions,
        buffers: GemBuffers<'a, S, L>,
        rng: Xoshiro128PlusPlus,
    ) -> Result<Self, TooShort> {
        TooShort::check("gradients", buffers.gradients.len(), shape.rows(L))?;
        let most_tasks = (buffers.gradients.len() / shape.rows(L)).min(MOST);
        let partials = shape.blocks(L) * options.projected.partials(most_tasks, L);
        TooShort::check("partial sums", buffers.partials.len(), partials)?;
        let projections = Projections::default();
        Ok(Self { options, buffers, rng, offsets: [0; MOST], tasks: 0, most_tasks, projections })
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

impl<S: Scalar, const L: usize> Method<S, L> for Gem<'_, S, L> {
    fn begin_task(&mut self, _weights: &Weights<'_, S, L>) {
        self.projections = Projections::default();
    }

    fn alter_gradient(
        &mut self,
        passes: &mut dyn Passes<S, L>,
        weights: &mut Weights<'_, S, L>,
        gradient: &mut Gradient<'_, S, L>,
    ) {
        let (shape, rule, tasks) = (passes.model().shape, passes.rule(), self.tasks);
        let GemBuffers { items, gradients, picks, partials } = &mut self.buffers;
        let union = Union::only(items.items());
        if union.is_empty() {
            return;
        }
        let rows = shape.rows(L).max(1);
        let objective = Objective::Loss(self.options.loss);
        let mut first = 0;
        for (past, &end) in gradients.chunks_exact_mut(rows).zip(&self.offsets).take(tasks) {
            let picks = projection::pick(picks, first, end - first, self.options.sample, &mut self.rng);
            let past = &mut Gradient::new(past, gradient.scale());
            passes.gradient(rule, weights, &union, picks, objective, past);
            first = end;
        }
        let past = gradients.get(..tasks * rows).unwrap_or(&[]);
        self.projections.batches += 1;
        if self.options.projected == Projected::Memory {
            self.projections.count_each(passes.project_each(gradient, past, self.options.margin, partials));
            return;
        }
        let mut slope = [0.0; MOST];
        let along = slope.get_mut(..tasks).unwrap_or(&mut []);
        passes.products(gradient.scale(), gradient.rows(), past, partials, along);
        if slope.iter().all(|&product| product >= 0.0) {
            return;
        }
        let mut gram = [[0.0; MOST]; MOST];
        for (nu, left) in past.chunks_exact(rows).enumerate() {
            // The lower triangle, then its mirror image.
            let mut row = [0.0; MOST];
            let products = row.get_mut(..=nu).unwrap_or(&mut []);
            passes.products(gradient.scale(), left, past, partials, products);
            let len = products.len();
            for (column, &product) in gram.iter_mut().zip(&row).take(len) {
                if let Some(place) = column.get_mut(nu) {
                    *place = product;
                }
            }
            if let Some(place) = gram.get_mut(nu) {
                *place = row;
            }
        }
        let solution = qp::solve(&gram, &slope, tasks, self.options.margin);
        self.projections.unsolved += u32::from(!solution.optimal);
        let mut square = [0.0];
        passes.products(gradient.scale(), gradient.rows(), gradient.rows(), partials, &mut square);
        let (along, change) = qp::change(&gram, &slope, &solution.v);
        self.projections.count(square[0], along, change);
        passes.add_scaled(gradient, past, &solution.v);
    }

    fn end_task(
        &mut self,
        _passes: &mut dyn Passes<S, L>,
        _weights: &mut Weights<'_, S, L>,
        items: Items<'_>,
        _gradient: &mut Gradient<'_, S, L>,
        rng: &mut dyn Rng,
    ) -> Result<(), BufferFull> {
        if self.tasks >= self.most_tasks {
            return Err(BufferFull { capacity: self.most_tasks });
        }
        let wanted = portion(self.options.proportion, items.len());
        let sample = self.options.sample.map_or(wanted, |sample| sample.get().min(wanted));
        if self.buffers.picks.len() < sample {
            return Err(BufferFull { capacity: self.buffers.picks.len() });
        }
        self.buffers.items.keep(items, wanted, rng)?;
        if let Some(end) = self.offsets.get_mut(self.tasks) {
            *end = self.buffers.items.items().len();
            self.tasks += 1;
        }
        Ok(())
    }

    fn state(&mut self, state: &mut dyn State<S, L>) {
        self.buffers.items.state(state);
        state.words(self.rng.state());
        for end in &mut self.offsets {
            state.count(end);
        }
        state.count(&mut self.tasks);
        self.tasks = self.tasks.min(self.most_tasks);
    }
}
