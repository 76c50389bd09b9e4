//! L2 regularisation, Elastic Weight Consolidation (Kirkpatrick et al., 2017) and Memory Aware Synapses (Aljundi et al.,
//! 2018), sections 3.5 to 3.7 of the paper, eq. 9 to 13: one quadratic penalty, with three importances.

use rand_core::Rng;

use super::estimate::{Estimate, Of};
use super::penalty::{Penalty, Quadratic};
use super::{Method, State};
use crate::error::{BufferFull, TooShort};
use crate::learn::passes::{Gradient, Passes};
use crate::maths::consolidation::Measure;
use crate::maths::objective::{Loss, Objective};
use crate::model::items::Items;
use crate::model::network::Weights;
use crate::model::shape::Shape;
use crate::number::lanes::Row;
use crate::number::scalar::Scalar;

/// How much each weight matters to a task.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Importance {
    /// All alike: L2. The penalty is lambda * sum over past tasks mu of (theta - theta*_mu)^2.
    Uniform,
    /// omega_mu is the mean over the items of task mu of the squared derivative of the loss at theta*_mu, the diagonal of
    /// the empirical Fisher information: EWC. The penalty is
    /// lambda/2 * sum over past tasks mu of omega_mu (theta - theta*_mu)^2.
    ///
    /// In `f32` the square of a derivative below about 1e-19 loses bits, and below 4e-23 it is zero: such weights count as
    /// unimportant.
    Fisher {
        /// The loss whose derivative is squared: the one that is trained with.
        loss: Loss,
        /// How omega is estimated.
        estimate: Estimate,
    },
    /// omega is, summed over past tasks, the mean over the items of |d ||y||^2 / d theta|, y being the outputs of the
    /// updated neurons: MAS. The penalty is lambda * omega (theta - theta*)^2, theta* the weights at the end of the last
    /// task.
    OutputNorm {
        /// Whether the norm of the output is squared before it is differentiated (so Aljundi et al., section 4.1), or not.
        squared: bool,
        /// How omega is estimated.
        estimate: Estimate,
    },
}

impl Importance {
    /// How and of what importances are estimated; `None` where they are not.
    fn estimate(&self) -> Option<(Estimate, Of)> {
        match *self {
            Self::Uniform => None,
            Self::Fisher { loss, estimate } => {
                Some((estimate, Of { objective: Objective::Loss(loss), measure: Measure::Square }))
            }
            Self::OutputNorm { squared, estimate } => {
                let objective = if squared { Objective::SquaredNorm } else { Objective::Norm };
                Some((estimate, Of { objective, measure: Measure::Absolute }))
            }
        }
    }

    /// A task ends with `weights`, of importances `omega`: a term more, or the one term moved.
    fn join<S: Scalar, const L: usize>(
        &self,
        quadratic: &mut Quadratic<'_, S, L>,
        weights: &[Row<S, L>],
        omega: &[Row<S::Wide, L>],
    ) {
        match self {
            Self::Uniform | Self::Fisher { .. } => quadratic.add_term(weights, omega),
            Self::OutputNorm { .. } => quadratic.move_term(weights, omega),
        }
    }
}

/// Memory for [`Consolidation`], lent. Of uniform importances, only `anchor` is used.
#[derive(Debug)]
pub struct ConsolidationBuffers<'a, S: Scalar, const L: usize> {
    /// [`Shape::rows`] rows: what weights are pulled to, the mean of the theta*_mu, each weighted with its omega_mu; for
    /// MAS the newest theta*.
    pub anchor: &'a mut [Row<S, L>],
    /// [`Shape::rows`] rows: the sum of the omega_mu of past tasks.
    pub omega: &'a mut [Row<S::Wide, L>],
    /// [`Shape::rows`] rows: the omega of the newest task. None where no task's importances are to be estimated: where the
    /// last task is learned [as such](super::Last), and earlier ones are [given](Consolidation::begin_with).
    pub fresh: &'a mut [Row<S::Wide, L>],
    /// One entry for each item that omega is estimated from.
    pub picks: &'a mut [u32],
}

/// Memory for [`Consolidation`] that is sized at compile time: `ROWS` rows of the network, and `ITEMS` items that importances
/// are estimated from.
#[derive(Debug)]
pub struct ConsolidationMemory<S: Scalar, const L: usize, const ROWS: usize, const ITEMS: usize> {
    anchor: [Row<S, L>; ROWS],
    omega: [Row<S::Wide, L>; ROWS],
    fresh: [Row<S::Wide, L>; ROWS],
    picks: [u32; ITEMS],
}

impl<S: Scalar, const L: usize, const ROWS: usize, const ITEMS: usize> ConsolidationMemory<S, L, ROWS, ITEMS> {
    /// All zero.
    pub const ZEROED: Self = Self {
        anchor: [[S::ZERO; L]; ROWS],
        omega: [[S::Wide::ZERO; L]; ROWS],
        fresh: [[S::Wide::ZERO; L]; ROWS],
        picks: [0; ITEMS],
    };

    /// As what is lent.
    pub fn buffers(&mut self) -> ConsolidationBuffers<'_, S, L> {
        let Self { anchor, omega, fresh, picks } = self;
        ConsolidationBuffers { anchor, omega, fresh, picks }
    }
}

/// Pulls the weights to where they were at the ends of past tasks, each with its importance.
///
/// Where the paper has a term for each task, their sum is kept: see [`consolidation`](crate::consolidation).
#[derive(Debug)]
pub struct Consolidation<'a, S: Scalar, const L: usize> {
    importance: Importance,
    quadratic: Quadratic<'a, S, L>,
    fresh: &'a mut [Row<S::Wide, L>],
    picks: &'a mut [u32],
}

/// Bytes that [`Consolidation`] keeps for numbers of `scalar` and `wide` bytes, for any number of tasks of `items` items
/// (those used for omega).
pub const fn bytes(shape: &Shape, lanes: usize, scalar: usize, wide: usize, uniform: bool, items: usize) -> usize {
    let weights = shape.rows(lanes) * lanes;
    if uniform { weights * scalar } else { weights * (scalar + 2 * wide) + 4 * items }
}

impl<'a, S: Scalar, const L: usize> Consolidation<'a, S, L> {
    /// Without a task learned.
    ///
    /// # Errors
    /// A buffer is too short.
    pub fn new(
        shape: &Shape,
        penalty: Penalty,
        importance: Importance,
        buffers: ConsolidationBuffers<'a, S, L>,
    ) -> Result<Self, TooShort> {
        let ConsolidationBuffers { anchor, omega, fresh, picks } = buffers;
        let Penalty { lambda, entry } = penalty;
        let (factor, omega) = match importance {
            Importance::Uniform => (2.0 * lambda, None),
            Importance::Fisher { .. } => (lambda, Some(omega)),
            Importance::OutputNorm { .. } => (2.0 * lambda, Some(omega)),
        };
        if omega.is_some() && !fresh.is_empty() {
            TooShort::check("omega of the newest task", fresh.len(), shape.rows(L))?;
        }
        let quadratic = Quadratic::new(shape, factor, entry, omega, anchor)?;
        Ok(Self { importance, quadratic, fresh, picks })
    }

    /// The importances of all past tasks, added; empty where they are uniform.
    pub fn omega(&self) -> &[Row<S::Wide, L>] {
        self.quadratic.omega()
    }

    /// What the weights are pulled to.
    pub fn anchor(&self) -> &[Row<S, L>] {
        self.quadratic.anchor()
    }

    /// The importances of the newest task alone.
    pub fn newest(&self) -> &[Row<S::Wide, L>] {
        self.fresh
    }

    /// Begins with one task that was learned elsewhere, around theta* = `weights`: `fill` writes its importances.
    ///
    /// # Errors
    /// That of `fill`.
    pub fn begin_with<E>(
        &mut self,
        weights: &[Row<S, L>],
        fill: impl FnOnce(&mut [Row<S::Wide, L>]) -> Result<(), E>,
    ) -> Result<(), E> {
        self.quadratic.begin_with(weights, fill)
    }

    /// Adds a term of importances `omega` that were found elsewhere, around theta* = `weights`.
    pub fn consolidate(&mut self, weights: &[Row<S, L>], omega: &[Row<S::Wide, L>]) {
        self.importance.join(&mut self.quadratic, weights, omega);
    }
}

impl<S: Scalar, const L: usize> Method<S, L> for Consolidation<'_, S, L> {
    fn alter_gradient(
        &mut self,
        passes: &mut dyn Passes<S, L>,
        weights: &mut Weights<'_, S, L>,
        gradient: &mut Gradient<'_, S, L>,
    ) {
        self.quadratic.pull(passes, weights, gradient);
    }

    fn observe_step(
        &mut self,
        passes: &mut dyn Passes<S, L>,
        weights: &mut Weights<'_, S, L>,
        _gradient: &Gradient<'_, S, L>,
        rate: S,
    ) {
        self.quadratic.step(passes, weights, rate);
    }

    fn end_task(
        &mut self,
        passes: &mut dyn Passes<S, L>,
        weights: &mut Weights<'_, S, L>,
        items: Items<'_>,
        gradient: &mut Gradient<'_, S, L>,
        rng: &mut dyn Rng,
    ) -> Result<(), BufferFull> {
        if let Some((estimate, of)) = self.importance.estimate() {
            if self.fresh.is_empty() {
                return Err(BufferFull { capacity: 0 });
            }
            estimate.run(passes, weights, items, of, gradient, self.fresh, self.picks, rng)?;
        }
        self.importance.join(&mut self.quadratic, weights.rows(), self.fresh);
        Ok(())
    }

    fn state(&mut self, state: &mut dyn State<S, L>) {
        self.quadratic.state(state);
    }
}
