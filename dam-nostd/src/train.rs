//! Algorithm 1 of the paper, with the notes under it: minibatches, clamping, normalised steps.

use core::num::NonZeroUsize;
use core::ops::ControlFlow;

use rand_core::Rng;

use crate::engine::Engine;
use crate::executor::{self, Executor};
use crate::items::{Items, Union};
use crate::lanes::{self, Row};
use crate::methods::{BufferFull, Method};
use crate::objective::{Loss, Objective};
use crate::rng;
use crate::scalar::Scalar;
use crate::step::{Move, Step};

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
    /// Numbers that ended at a rail during the epoch: see [`Engine::saturated`].
    pub saturated: u64,
}

/// How often a gradient that has gone beyond the range of fixed-point numbers is taken again, under lower exponents.
const MOST_RETRIES: u32 = 8;

/// The weights under training and the buffers that training needs, all lent.
///
/// Lengths: `weights`, `velocity` and `gradient` have [`Shape::rows`](crate::Shape::rows) rows, `sizes` one row a block,
/// `order` one entry for each item that is learned at once, rehearsed ones included.
#[derive(Debug)]
#[allow(missing_docs, reason = "said above")]
pub struct Trainer<'a, 'b, S: Scalar, const L: usize, E> {
    pub engine: &'a mut Engine<'b, S, L, E>,
    pub weights: &'a mut [Row<S, L>],
    pub velocity: &'a mut [Row<S, L>],
    pub gradient: &'a mut [Row<S, L>],
    pub sizes: &'a mut [Row<S, L>],
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

impl<S: Scalar, const L: usize, E: Executor> Trainer<'_, '_, S, L, E> {
    /// Learns one task.
    ///
    /// `order_rng` shuffles the items, `method_rng` is the method's own. `watch` is told of every epoch and may break off.
    pub fn learn(
        &mut self,
        training: &Training,
        items: Items<'_>,
        method: &mut dyn Method<S, L, E>,
        order_rng: &mut impl Rng,
        method_rng: &mut dyn Rng,
        mut watch: impl FnMut(Progress<S>) -> ControlFlow<()>,
    ) -> Result<(), TrainError> {
        let count = items.len() + method.rehearsed().len();
        if self.order.len() < count {
            return Err(TrainError::OrderTooShort(count));
        }
        for (i, place) in self.order.iter_mut().enumerate() {
            *place = i as u32;
        }
        if !training.carry_momentum {
            lanes::clear(self.velocity);
        }
        method.begin_task(self.engine, self.weights);
        for epoch in 1..=training.epochs {
            let epochs = if training.carry_rate { self.epochs_before + epoch - 1 } else { epoch - 1 };
            let way = f64::from(epoch) / f64::from(training.epochs);
            let temperature =
                training.first_temperature + (training.last_temperature - training.first_temperature) * way;
            self.engine.model.temperature = S::from_f64(temperature);
            let before = self.engine.saturated();
            let (loss, stalled) = self.epoch(training, epochs, items, count, method, order_rng);
            let saturated = self.engine.saturated() - before;
            let progress = Progress { epoch, epochs: training.epochs, items: count, loss, stalled, saturated };
            if watch(progress).is_break() {
                return Err(TrainError::Stopped);
            }
        }
        self.epochs_before += training.epochs;
        method.end_task(self.engine, self.weights, items, method_rng).map_err(TrainError::BufferFull)
    }

    fn epoch(
        &mut self,
        training: &Training,
        epochs: u32,
        items: Items<'_>,
        count: usize,
        method: &mut dyn Method<S, L, E>,
        order_rng: &mut impl Rng,
    ) -> (S::Wide, usize) {
        let batch = training.batch.items(count);
        let floor = S::from_f64(training.floor);
        let mut order = core::mem::take(&mut self.order);
        let shuffled = order.get_mut(..count).unwrap_or(&mut []);
        // All items at once have no order.
        if batch < count {
            rng::shuffle(shuffled, order_rng);
        }
        let (mut loss, mut batches) = (S::Wide::ZERO, S::Wide::ZERO);
        let number = count.div_ceil(batch);
        for (i, picks) in shuffled.chunks_mut(batch).enumerate() {
            let step = Step {
                momentum: S::from_f64(training.momentum),
                rate: S::from_f64(training.rate_at(epochs, i, number)),
                floor,
            };
            let union = Union { new: items, rehearsed: method.rehearsed() };
            let objective = Objective::Loss(training.loss);
            let mut value = self.engine.gradient(self.weights, &union, picks, objective, self.gradient);
            for _ in 0..MOST_RETRIES {
                if !self.engine.lower(self.gradient, self.velocity, self.sizes) {
                    break;
                }
                value = self.engine.gradient(self.weights, &union, picks, objective, self.gradient);
            }
            loss = loss + value;
            batches = batches + S::Wide::ONE;
            method.alter_gradient(self.engine, self.weights, self.gradient);
            self.step(&step);
            method.observe_step(self.engine, self.weights, step.rate);
            self.engine.renormalise(self.weights, self.velocity, self.sizes);
            self.engine.weights_changed();
        }
        self.order = core::mem::take(&mut order);
        (if batches > S::Wide::ZERO { loss / batches } else { loss }, self.stalled(floor))
    }

    fn step(&mut self, step: &Step<S>) {
        let (shape, blocks) = (self.engine.model.shape, self.engine.blocks());
        let neurons = shape.neurons();
        let parts = (&mut *self.weights, &mut *self.velocity, &mut *self.gradient, &mut *self.sizes);
        let strides = (neurons, neurons, neurons, 1);
        let kernel = Move { shape, step: *step, coarse: self.engine.coarse };
        executor::each_block(self.engine.executor(), 0..blocks, parts, strides, &kernel);
        self.engine.weights_changed();
    }

    fn stalled(&self, floor: S) -> usize {
        let shape = &self.engine.model.shape;
        let of_block = |(block, sizes): (usize, &Row<S, L>)| {
            sizes.iter().take(shape.live_lanes(block, L)).filter(|&&size| size < floor || size == S::ZERO).count()
        };
        self.sizes.iter().enumerate().map(of_block).sum()
    }
}
