//! A quadratic penalty as it stands, eq. 9: what L2, EWC, MAS and SI have in common. The equations are in
//! [`consolidation`](crate::consolidation).

use super::State;
use crate::error::TooShort;
use crate::learn::passes::{Gradient, Passes, Term};
use crate::maths::consolidation::running_mean;
use crate::model::network::Weights;
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
    /// those to class neurons are clamped to [-1, 1] again. Neither momentum nor normalisation touches it, so that
    /// rate * factor * omega above 1 overshoots theta*, and above 2 does not settle.
    Step,
}

/// lambda of a penalty, and where it enters.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Penalty {
    /// lambda, 0 and more.
    pub lambda: f64,
    /// Where it enters.
    pub entry: Entry,
}

impl Penalty {
    /// Of `lambda`, on the gradient.
    pub const fn new(lambda: f64) -> Self {
        Self { lambda, entry: Entry::Gradient }
    }
}

/// The one quadratic term of all tasks so far: Omega and the anchor, of [`Shape::rows`] rows each.
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

    /// The term, if it is to enter at `entry`. With lambda 0 there is none, and every bit stays as it is.
    fn at(&self, entry: Entry) -> Option<Term<'_, S, L>> {
        let Self { factor, uniform, .. } = *self;
        let works = self.tasks > 0 && factor != S::Wide::ZERO && self.entry == entry;
        works.then_some(Term { factor, uniform, omega: self.omega.as_deref(), anchor: self.anchor })
    }

    /// Adds the derivative to the gradient, if that is where the penalty enters.
    pub fn pull(&self, passes: &mut dyn Passes<S, L>, weights: &Weights<'_, S, L>, gradient: &mut Gradient<'_, S, L>) {
        if let Some(term) = self.at(Entry::Gradient) {
            passes.add_slope(term, weights, gradient);
        }
    }

    /// Moves the weights against the derivative, if that is where the penalty enters.
    pub fn step(&self, passes: &mut dyn Passes<S, L>, weights: &mut Weights<'_, S, L>, rate: S) {
        if let Some(term) = self.at(Entry::Step) {
            passes.step_down_slope(term, weights, rate);
        }
    }

    /// One term, around `weights`, of the importances that `fill` writes; of 1, where they are uniform.
    pub fn begin_with<E>(
        &mut self,
        weights: &[Row<S, L>],
        fill: impl FnOnce(&mut [Row<S::Wide, L>]) -> Result<(), E>,
    ) -> Result<(), E> {
        if let Some(omega) = self.omega.as_deref_mut() {
            fill(omega)?;
        }
        (self.tasks, self.uniform) = (1, S::Wide::ONE);
        for (anchor, weights) in self.anchor.iter_mut().zip(weights) {
            *anchor = *weights;
        }
        Ok(())
    }

    /// Adds a term of importances `fresh` (of 1, where importances are uniform) around `weights`.
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
