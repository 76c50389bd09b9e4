//! Algorithm 1 of the paper, with the notes under it: minibatches, clamping, normalised steps.

use core::num::NonZeroUsize;
use core::ops::ControlFlow;

use rand_core::Rng;

use super::descent::Descent;
use super::methods::Method;
use super::passes::Passes;
use crate::error::BufferFull;
use crate::maths::objective::{Loss, Objective};
use crate::maths::step::Step;
use crate::model::items::{Items, Union};
use crate::model::network::Weights;
use crate::model::rng;
use crate::number::lanes::{self, Row};
use crate::number::scalar::Scalar;

/// How the items of an epoch, rehearsed ones included, are cut into minibatches.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Batch {
    /// All of them at once: the default of the authors' library.
    #[default]
    Full,
    /// So many at a time; the last minibatch may be smaller.
    Items(NonZeroUsize),
    /// This number of minibatches, however many items there are; the last may be smaller.
    Parts(NonZeroUsize),
}

impl Batch {
    /// Items of a minibatch where `count` items are learned at once; at least 1.
    pub fn items(self, count: usize) -> usize {
        let items = match self {
            Self::Full => count,
            Self::Items(items) => items.get().min(count),
            Self::Parts(parts) => count.div_ceil(parts.get()),
        };
        items.max(1)
    }
}

/// What the learning rate is multiplied with its decay after.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Decays {
    /// Each epoch: Algorithm 1, line 4.
    #[default]
    EachEpoch,
    /// Each minibatch.
    EachBatch,
}

/// How a task is learned.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Training {
    /// Presentations of every item.
    pub epochs: u32,
    /// How an epoch is cut into minibatches.
    pub batch: Batch,
    /// The learning rate before its decay.
    pub rate: f64,
    /// What the learning rate is multiplied with.
    pub decay: f64,
    /// How often it is.
    pub decays: Decays,
    /// The temperature T_i that a task begins with.
    pub first_temperature: f64,
    /// The temperature T_f of a task's last epoch; between, it changes linearly.
    pub last_temperature: f64,
    /// The momentum p.
    pub momentum: f64,
    /// The least that a memory vector's largest component is taken to be when it is normalised.
    pub floor: f64,
    /// The loss.
    pub loss: Loss,
    /// Whether the velocity goes on into the next task, instead of starting from zero.
    pub carry_momentum: bool,
    /// Whether the learning rate goes on decaying in the next task, instead of starting anew.
    pub carry_rate: bool,
}

impl Training {
    /// The reading of the paper that comes nearest to it: learning rate and temperature of its appendix A (section 4.2
    /// prints 0.08 and 0.95), two minibatches an epoch, the rate decaying at each, and everything else as in section 4.2.
    pub const PAPER: Self = Self {
        epochs: 500,
        batch: Batch::Parts(NonZeroUsize::new(2).unwrap()),
        rate: 0.1,
        decay: 0.999,
        decays: Decays::EachBatch,
        first_temperature: 0.875,
        last_temperature: 0.875,
        momentum: 0.6,
        floor: 1e-30,
        loss: Loss::Power { exponent: 1 },
        carry_momentum: false,
        carry_rate: false,
    };

    /// The learning rate of minibatch `batch` of `batches` of an epoch, which `epochs` epochs were before; all from 0.
    fn rate_at(&self, epochs: u32, batch: usize, batches: usize) -> f64 {
        let decays = match self.decays {
            Decays::EachEpoch => f64::from(epochs + 1),
            Decays::EachBatch => f64::from(epochs) * batches as f64 + (batch + 1) as f64,
        };
        self.rate * libm::pow(self.decay, decays)
    }
}

/// How far a task has been learned.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Progress<S: Scalar> {
    /// The epoch of this task that has just ended, from 1.
    pub epoch: u32,
    /// Epochs of this task.
    pub epochs: u32,
    /// Items presented in the epoch.
    pub items: usize,
    /// The loss, as the mean over the epoch's batches.
    pub loss: S::Wide,
    /// Memory vectors whose largest velocity was below the floor at the last step: they hardly moved.
    pub stalled: usize,
    /// Numbers that ended at the end of their range during the epoch: see [`Passes::saturated`].
    pub saturated: u64,
}

/// How often a gradient that has gone beyond the range of fixed-point numbers is taken again, under lower exponents.
const MOST_RETRIES: u32 = 8;

/// What is trained, and what it is trained with.
#[allow(missing_debug_implementations, reason = "passes may be anything")]
pub struct Trainer<'a, 'w, 'd, S: Scalar, const L: usize> {
    /// The passes over the network.
    pub passes: &'a mut (dyn Passes<S, L> + 'a),
    /// The weights.
    pub weights: &'a mut Weights<'w, S, L>,
    /// Velocity and gradient.
    pub descent: &'a mut Descent<'d, S, L>,
    /// One entry for each item that is learned at once, rehearsed ones included.
    pub order: &'a mut [u32],
    /// Epochs of earlier tasks.
    pub epochs_before: u32,
}

/// Why a task could not be learned.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TrainError {
    /// `order` is too short; carries how many items were to be learned at once.
    OrderTooShort(usize),
    /// The method's buffer could not hold what the method wants to keep.
    BufferFull(BufferFull),
    /// The watcher broke off.
    Stopped,
}

impl core::fmt::Display for TrainError {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        match self {
            Self::OrderTooShort(items) => write!(f, "{items} items are to be learned at once: lend an order as long"),
            Self::BufferFull(full) => full.fmt(f),
            Self::Stopped => write!(f, "stopped"),
        }
    }
}

impl core::error::Error for TrainError {}

/// How far one task has been learned, where it is learned in pieces: [`Trainer::learn_some`].
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Course<S: Scalar> {
    begun: bool,
    /// Epochs that have ended, and minibatches of the one that has not.
    epoch: u32,
    batch: usize,
    /// The sum of these minibatches' losses, and what had saturated before them.
    loss: S::Wide,
    saturated: u64,
}

impl<S: Scalar> Course<S> {
    /// Nothing has been learned of the task.
    pub const fn new() -> Self {
        Self { begun: false, epoch: 0, batch: 0, loss: S::Wide::ZERO, saturated: 0 }
    }

    /// Epochs that have ended.
    pub fn epochs(&self) -> u32 {
        self.epoch
    }
}

impl<S: Scalar, const L: usize> Trainer<'_, '_, '_, S, L> {
    /// Learns one task.
    ///
    /// `order_rng` shuffles the items, `method_rng` is the method's own. `watch` is told of every epoch and may break off.
    ///
    /// # Errors
    /// Too little memory for the items, or for what the method keeps of them; `watch` broke off.
    pub fn learn(
        &mut self,
        training: &Training,
        items: Items<'_>,
        method: &mut dyn Method<S, L>,
        order_rng: &mut impl Rng,
        method_rng: &mut dyn Rng,
        mut watch: impl FnMut(Progress<S>) -> ControlFlow<()>,
    ) -> Result<(), TrainError> {
        let mut course = Course::new();
        let all = u32::MAX;
        while !self.learn_some(&mut course, all, training, items, method, order_rng, method_rng, &mut watch)? {}
        Ok(())
    }

    /// Learns at most `batches` minibatches more of one task, and returns whether it has been learned. However it is cut
    /// into pieces, the weights are those of [`learn`](Self::learn), bit for bit.
    ///
    /// From the first piece to the last: `course`, the lent `order`, and the generators are not to be touched, and items,
    /// method and training are to be the same. The end of the task, where a method may go over all items, is not cut; where
    /// the minibatches of a piece are used up, it is a piece of its own.
    ///
    /// # Errors
    /// As [`learn`](Self::learn).
    #[allow(clippy::too_many_arguments, reason = "as many as of `learn`, and the piece")]
    pub fn learn_some(
        &mut self,
        course: &mut Course<S>,
        batches: u32,
        training: &Training,
        items: Items<'_>,
        method: &mut dyn Method<S, L>,
        order_rng: &mut impl Rng,
        method_rng: &mut dyn Rng,
        mut watch: impl FnMut(Progress<S>) -> ControlFlow<()>,
    ) -> Result<bool, TrainError> {
        let count = items.len() + method.rehearsed().len();
        if self.order.len() < count {
            return Err(TrainError::OrderTooShort(count));
        }
        if !course.begun {
            course.begun = true;
            for (i, place) in self.order.iter_mut().enumerate() {
                *place = i as u32;
            }
            if !training.carry_momentum {
                lanes::clear(self.descent.velocity);
            }
            method.begin_task(self.weights);
        }
        let mut left = batches;
        while course.epoch < training.epochs {
            if left == 0 {
                return Ok(false);
            }
            if course.batch == 0 {
                method.begin_epoch(method_rng);
            }
            self.part_of_epoch(course, &mut left, training, items, count, method, order_rng);
            if course.batch == 0 {
                let loss = core::mem::take(&mut course.loss);
                let saturated = self.passes.saturated() - course.saturated;
                let stalled = self.stalled(S::from_f64(training.floor));
                let (epoch, epochs) = (course.epoch, training.epochs);
                if watch(Progress { epoch, epochs, items: count, loss, stalled, saturated }).is_break() {
                    return Err(TrainError::Stopped);
                }
            }
        }
        if left == 0 {
            return Ok(false);
        }
        self.epochs_before += training.epochs;
        let mut gradient = self.descent.gradient();
        method.end_task(self.passes, self.weights, items, &mut gradient, method_rng).map_err(TrainError::BufferFull)?;
        Ok(true)
    }

    /// At most `left` minibatches of an epoch. Where the epoch ends with them, the loss of `course` becomes their mean.
    #[allow(clippy::too_many_arguments, reason = "as those of `learn_some`")]
    fn part_of_epoch(
        &mut self,
        course: &mut Course<S>,
        left: &mut u32,
        training: &Training,
        items: Items<'_>,
        count: usize,
        method: &mut dyn Method<S, L>,
        order_rng: &mut impl Rng,
    ) {
        let batch = training.batch.items(count);
        let number = count.div_ceil(batch);
        let epochs = if training.carry_rate { self.epochs_before + course.epoch } else { course.epoch };
        let way = f64::from(course.epoch + 1) / f64::from(training.epochs);
        let temperature = training.first_temperature + (training.last_temperature - training.first_temperature) * way;
        self.passes.set_temperature(S::from_f64(temperature));
        let mut order = core::mem::take(&mut self.order);
        let shuffled = order.get_mut(..count).unwrap_or(&mut []);
        if course.batch == 0 {
            course.saturated = self.passes.saturated();
            // All items at once have no order.
            if batch < count {
                rng::shuffle(shuffled, order_rng);
            }
        }
        for picks in shuffled.chunks_mut(batch).skip(course.batch) {
            if *left == 0 {
                break;
            }
            *left -= 1;
            let step = Step {
                momentum: S::from_f64(training.momentum),
                rate: S::from_f64(training.rate_at(epochs, course.batch, number)),
                floor: S::from_f64(training.floor),
            };
            let union = Union { new: items, rehearsed: method.rehearsed() };
            course.loss = course.loss + self.gradient(&union, picks, Objective::Loss(training.loss));
            course.batch += 1;
            method.alter_gradient(self.passes, self.weights, &mut self.descent.gradient());
            self.passes.step(&step, self.weights, self.descent);
            method.observe_step(self.passes, self.weights, &self.descent.gradient(), step.rate);
            self.passes.renormalise(self.weights, self.descent);
        }
        self.order = core::mem::take(&mut order);
        if course.batch < number {
            return;
        }
        if number > 0 {
            course.loss = course.loss / S::Wide::from_f64(number as f64);
        }
        course.batch = 0;
        course.epoch += 1;
    }

    /// The gradient of a batch; returns the loss.
    fn gradient(&mut self, union: &Union<'_>, picks: &mut [u32], objective: Objective) -> S::Wide {
        let rule = self.passes.rule();
        let mut retries = MOST_RETRIES;
        loop {
            let gradient = &mut self.descent.gradient();
            let value = self.passes.gradient(rule, self.weights, union, picks, objective, gradient);
            if retries == 0 || !self.passes.lower_exponents(self.descent) {
                return value;
            }
            retries -= 1;
        }
    }

    /// Memory vectors that hardly moved at the last step.
    fn stalled(&self, floor: S) -> usize {
        let shape = &self.passes.model().shape;
        let of_block = |(block, sizes): (usize, &Row<S, L>)| {
            sizes.iter().take(shape.live_lanes(block, L)).filter(|&&size| size < floor || size == S::ZERO).count()
        };
        self.descent.sizes.iter().enumerate().map(of_block).sum()
    }
}
