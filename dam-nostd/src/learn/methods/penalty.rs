//! Quadratic penalties, eq. 9 of the paper: what L2, EWC, MAS and SI have in common.
//!
//! The penalty is lambda * sum over tasks mu and weights k of omega_k,mu (theta_k - theta*_k,mu)^2, where theta*_mu are the
//! weights at the end of task mu and omega_mu their importances, and its derivative is
//! 2 lambda sum_mu omega_mu (theta - theta*_mu). EWC has lambda / 2 in place of lambda (eq. 11).
//!
//! # One term for all
//! A sum of quadratic terms is one quadratic term and a constant:
//! sum_mu omega_mu (theta - theta*_mu) = Omega (theta - anchor), where Omega = sum_mu omega_mu and the anchor is the mean
//! of the theta*_mu, each weighted with its omega_mu. So EWC and L2, which the paper gives a term for each task, keep as
//! much after ten tasks as after one. The anchor is updated as a running mean, which adds a rounding error of about one
//! unit in its last place for each task; with one task it is theta*_1 exactly, and the penalty at theta*_1 exactly zero.
//! MAS and SI have a single term by definition: their anchor is the newest theta*.

use crate::backend::engine::Engine;
use crate::backend::executor::{self, Executor, Kernel};
use crate::learn::methods::{State, TooShort};
use crate::maths::field::block_rows;
use crate::maths::gradient::exponents_of;
use crate::maths::step::clamp;
use crate::model::shape::Shape;
use crate::number::lanes::{self, Row};
use crate::number::scalar::Scalar;

/// Where a penalty enters.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Entry {
    /// Its derivative is added to the gradient of the batch, before momentum and normalisation: eq. 9 to the letter.
    #[default]
    Gradient,
    /// After the step: theta <- theta - rate * derivative, taken at the weights that the step led to, and the weights but
    /// those to class neurons are clamped to [-1, 1] again. Neither momentum nor normalisation
    /// touches it, so that rate * factor * omega above 1 overshoots theta*, and above 2 does not settle.
    Step,
}

/// How strong a penalty is, and where it enters.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Penalty {
    /// lambda, 0 and more.
    pub lambda: f64,
    /// Where it enters.
    pub entry: Entry,
}

impl Penalty {
    /// Of strength `lambda`, on the gradient.
    pub const fn new(lambda: f64) -> Self {
        Self { lambda, entry: Entry::Gradient }
    }
}

/// The penalty as it stands: Omega and the anchor, of [`Shape::rows`] rows each.
#[derive(Debug)]
pub(crate) struct Quadratic<'a, S: Scalar, const L: usize> {
    /// What Omega (theta - anchor) is multiplied with: 2 lambda, or lambda for EWC.
    factor: S::Wide,
    entry: Entry,
    /// Omega where all weights are of the same importance.
    uniform: S::Wide,
    /// Omega, where they are not.
    omega: Option<&'a mut [Row<S::Wide, L>]>,
    anchor: &'a mut [Row<S, L>],
    /// Without a task there is nothing to hold on to.
    tasks: u32,
}

impl<'a, S: Scalar, const L: usize> Quadratic<'a, S, L> {
    /// No task yet. Without `omega` each task gives every weight the importance 1.
    pub fn new(
        shape: &Shape,
        factor: f64,
        entry: Entry,
        omega: Option<&'a mut [Row<S::Wide, L>]>,
        anchor: &'a mut [Row<S, L>],
    ) -> Result<Self, TooShort> {
        TooShort::check("theta*", anchor.len(), shape.rows(L))?;
        let omega = match omega {
            Some(omega) => {
                TooShort::check("omega", omega.len(), shape.rows(L))?;
                omega.fill([S::Wide::ZERO; L]);
                Some(omega)
            }
            None => None,
        };
        Ok(Self { factor: S::Wide::from_f64(factor), entry, uniform: S::Wide::ZERO, omega, anchor, tasks: 0 })
    }

    /// Omega by weight; empty where all are the same.
    pub fn omega(&self) -> &[Row<S::Wide, L>] {
        self.omega.as_deref().unwrap_or(&[])
    }

    /// The weights that the penalty pulls to.
    pub fn anchor(&self) -> &[Row<S, L>] {
        self.anchor
    }

    /// The term as it stands.
    pub fn state(&mut self, state: &mut dyn State<S, L>) {
        if let Some(omega) = self.omega.as_deref_mut() {
            state.wide(omega);
        }
        state.rows(self.anchor);
        let mut tasks = self.tasks as usize;
        state.count(&mut tasks);
        self.tasks = tasks as u32;
        if self.omega.is_none() {
            // As many terms, of importance 1 each.
            self.uniform = S::Wide::from_f64(tasks as f64);
        }
    }

    fn works(&self, entry: Entry) -> bool {
        self.tasks > 0 && self.factor != S::Wide::ZERO && self.entry == entry
    }

    /// Adds the derivative to the gradient, if that is where the penalty enters. A penalty of strength zero leaves every
    /// bit as it is.
    pub fn pull<E: Executor>(&self, engine: &Engine<'_, S, L, E>, weights: &[Row<S, L>], gradient: &mut [Row<S, L>]) {
        if self.works(Entry::Gradient) {
            let shape = &engine.model.shape;
            let kernel = Pull { slope: self.slope(shape), weights, exponents: engine.exponents() };
            executor::each_block(engine.executor(), 0..shape.blocks(L), gradient, shape.neurons(), &kernel);
        }
    }

    /// Moves the weights against the derivative, if that is where the penalty enters.
    pub fn step(&self, executor: &impl Executor, shape: &Shape, weights: &mut [Row<S, L>], rate: S) {
        if self.works(Entry::Step) {
            let kernel = Relent { slope: self.slope(shape), rate: rate.widen(), classes: shape.class_neurons().start };
            executor::each_block(executor, 0..shape.blocks(L), weights, shape.neurons(), &kernel);
        }
    }

    fn slope(&self, shape: &Shape) -> Slope<'_, S, L> {
        Slope {
            factor: self.factor,
            uniform: self.uniform,
            omega: self.omega.as_deref(),
            anchor: self.anchor,
            neurons: shape.neurons(),
        }
    }

    /// One term more: importances `fresh` (1 each where importances are uniform) around `weights`.
    pub fn add_term(&mut self, weights: &[Row<S, L>], fresh: &[Row<S::Wide, L>]) {
        self.tasks += 1;
        let Some(omega) = self.omega.as_deref_mut() else {
            let before = self.uniform;
            self.uniform = before + S::Wide::ONE;
            for (anchor, weights) in self.anchor.iter_mut().zip(weights) {
                *anchor = lanes::zip(anchor, weights, |mean, theta| running_mean(mean, before, theta, S::Wide::ONE));
            }
            return;
        };
        for (((omega, anchor), weights), fresh) in omega.iter_mut().zip(&mut *self.anchor).zip(weights).zip(fresh) {
            for (((omega, anchor), &theta), &fresh) in omega.iter_mut().zip(anchor).zip(weights).zip(fresh) {
                *anchor = running_mean(*anchor, *omega, theta, fresh);
                *omega = *omega + fresh;
            }
        }
    }

    /// Adds `fresh` to the importances, and moves the one term to `weights`.
    pub fn move_term(&mut self, weights: &[Row<S, L>], fresh: &[Row<S::Wide, L>]) {
        self.tasks += 1;
        for (omega, fresh) in self.omega.iter_mut().flat_map(|omega| omega.iter_mut()).zip(fresh) {
            lanes::add_to(omega, fresh);
        }
        for (anchor, weights) in self.anchor.iter_mut().zip(weights) {
            *anchor = *weights;
        }
    }
}

/// The weighted mean of a mean of weight `before` and of `theta` of weight `fresh`.
fn running_mean<S: Scalar>(mean: S, before: S::Wide, theta: S, fresh: S::Wide) -> S {
    let sum = before + fresh;
    if before == S::Wide::ZERO || sum == S::Wide::ZERO {
        return theta;
    }
    S::of_weight(mean.as_weight() + fresh / sum * (theta - mean).as_weight())
}

/// The derivative of the penalty.
struct Slope<'a, S: Scalar, const L: usize> {
    factor: S::Wide,
    uniform: S::Wide,
    omega: Option<&'a [Row<S::Wide, L>]>,
    anchor: &'a [Row<S, L>],
    neurons: usize,
}

impl<S: Scalar, const L: usize> Slope<'_, S, L> {
    /// Gives `with` each of the block's rows, the weights that go with it, and the derivative there.
    ///
    /// Uniform importances are multiplied in the same place as others, so that L2 is EWC bit for bit.
    #[inline(always)]
    fn each<T>(
        &self,
        block: usize,
        rows: &mut [T],
        theta: impl Fn(usize, &T) -> Row<S, L>,
        mut with: impl FnMut(usize, &mut T, &Row<S::Wide, L>),
    ) {
        let anchor = block_rows(self.anchor, self.neurons, block);
        let omega = self.omega.map(|omega| block_rows(omega, self.neurons, block));
        for (neuron, (row, anchor)) in rows.iter_mut().zip(anchor).enumerate() {
            let theta = theta(neuron, row);
            let uniform = lanes::splat(self.uniform);
            let omega = omega.and_then(|omega| omega.get(neuron)).unwrap_or(&uniform);
            let mut slope = lanes::splat(S::Wide::ZERO);
            for l in 0..L {
                slope[l] = self.factor * (omega[l] * (theta[l] - anchor[l]).as_weight());
            }
            with(neuron, row, &slope);
        }
    }
}

/// gradient += derivative. Parts: the gradient.
struct Pull<'a, S: Scalar, const L: usize> {
    slope: Slope<'a, S, L>,
    weights: &'a [Row<S, L>],
    exponents: &'a [Row<S::Exponent, L>],
}

impl<S: Scalar, const L: usize> Kernel<&mut [Row<S, L>]> for Pull<'_, S, L> {
    #[inline(always)]
    fn apply(&self, block: usize, gradient: &mut [Row<S, L>]) {
        let weights = block_rows(self.weights, self.slope.neurons, block);
        let exponents = exponents_of(self.exponents, block);
        self.slope.each(
            block,
            gradient,
            |neuron, _| weights.get(neuron).copied().unwrap_or(lanes::splat(S::ZERO)),
            |_, row, slope| {
                for l in 0..L {
                    row[l] = row[l] + S::of_slope(slope[l], exponents[l]);
                }
            },
        );
    }
}

/// theta <- theta - rate * derivative, clamped. Parts: the weights.
struct Relent<'a, S: Scalar, const L: usize> {
    slope: Slope<'a, S, L>,
    rate: S::Wide,
    classes: usize,
}

impl<S: Scalar, const L: usize> Kernel<&mut [Row<S, L>]> for Relent<'_, S, L> {
    #[inline(always)]
    fn apply(&self, block: usize, weights: &mut [Row<S, L>]) {
        self.slope.each(
            block,
            weights,
            |_, row| *row,
            |neuron, row, slope| {
                let mut moved = *row;
                for l in 0..L {
                    moved[l] = moved[l] - S::of_weight(self.rate * slope[l]);
                }
                *row = if neuron < self.classes { lanes::map(&moved, clamp) } else { moved };
            },
        );
    }
}
