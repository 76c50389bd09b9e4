//! What learning asks of a network: passes over items, and arithmetic on rows. An [`Engine`](crate::Engine) does both, on
//! whatever threads and instruction sets its executor has; Algorithm 1, relaxation and the methods see only this.

use crate::learn::descent::Descent;
use crate::learn::methods::projection::Changed;
use crate::maths::consolidation::Measure;
use crate::maths::interaction::Interaction;
use crate::maths::objective::Objective;
use crate::maths::step::Step;
use crate::model::items::Union;
use crate::model::network::{Model, Weights};
use crate::model::rule::{Rule, Updated};
use crate::number::lanes::Row;
use crate::number::scalar::Scalar;

/// The exponents that the gradients of each memory vector share: block floating point. Nothing where numbers are floating
/// anyway.
#[derive(Clone, Copy, Debug)]
pub struct Scale<'a, S: Scalar, const L: usize> {
    pub(crate) exponents: &'a [Row<S::Exponent, L>],
}

impl<S: Scalar, const L: usize> Scale<'_, S, L> {
    /// No exponents: gradients as they are.
    pub const ONE: Self = Scale { exponents: &[] };

    /// The exponent of memory vector `memory`: [`Scalar::as_slope`] tells what a number under it stands for.
    pub fn exponent(&self, memory: usize) -> S::Exponent {
        self.exponents.get(memory / L).map_or(S::NO_EXPONENT, |exponents| exponents[memory % L])
    }
}

/// A gradient by the weights: [`Shape::rows`](crate::Shape::rows) rows, laid out as the weights are, and their scale.
#[derive(Debug)]
pub struct Gradient<'a, S: Scalar, const L: usize> {
    pub(crate) rows: &'a mut [Row<S, L>],
    pub(crate) scale: Scale<'a, S, L>,
}

impl<'a, S: Scalar, const L: usize> Gradient<'a, S, L> {
    /// The gradient in `rows`.
    pub fn new(rows: &'a mut [Row<S, L>], scale: Scale<'a, S, L>) -> Self {
        Self { rows, scale }
    }

    /// The rows, as they are stored.
    pub fn rows(&self) -> &[Row<S, L>] {
        self.rows
    }

    /// The rows, to be changed.
    pub fn rows_mut(&mut self) -> &mut [Row<S, L>] {
        self.rows
    }

    /// Its scale, which all gradients of the same weights have.
    pub fn scale(&self) -> Scale<'a, S, L> {
        self.scale
    }
}

/// A quadratic term of a penalty, eq. 9: its derivative is factor * omega (theta - anchor).
#[derive(Clone, Copy, Debug)]
pub struct Term<'a, S: Scalar, const L: usize> {
    /// 2 lambda, or lambda for EWC.
    pub factor: S::Wide,
    /// omega where all weights are of the same importance.
    pub uniform: S::Wide,
    /// omega where they are not.
    pub omega: Option<&'a [Row<S::Wide, L>]>,
    /// The weights that the penalty pulls to.
    pub anchor: &'a [Row<S, L>],
}

/// Passes over the items of a network.
pub trait Passes<S: Scalar, const L: usize>: Arithmetic<S, L> {
    /// The network without its weights.
    fn model(&self) -> &Model<S>;

    /// Changes the temperature T of the model.
    fn set_temperature(&mut self, temperature: S);

    /// Changes the interaction function of the model.
    fn set_interaction(&mut self, interaction: Interaction<S>);

    /// How fields are taken unless said otherwise.
    fn rule(&self) -> Rule;

    /// How many items one chunk holds while `updated` neurons are updated.
    fn capacity(&self, updated: Updated) -> usize;

    /// The fields of the updated neurons, eq. 19, `[item][updated]`, for the first items of `picks`: as many as
    /// [`capacity`](Self::capacity) tells.
    fn fields(&mut self, rule: Rule, weights: &mut Weights<'_, S, L>, union: &Union<'_>, picks: &[u32]) -> &[S];

    /// The energy of each state: -sum over memory vectors of f_n(s). States as they stand, class neurons included; as
    /// many as [`capacity`](Self::capacity) tells.
    fn energies(&mut self, weights: &Weights<'_, S, L>, union: &Union<'_>, picks: &[u32]) -> &[S];

    /// Writes the gradient of `objective` over the items `picks` of `union` to `gradient`, and returns the objective:
    /// both means over the items, or sums, as the rule says. `picks` is put in order of permutations.
    fn gradient(
        &mut self,
        rule: Rule,
        weights: &mut Weights<'_, S, L>,
        union: &Union<'_>,
        picks: &mut [u32],
        objective: Objective,
        gradient: &mut Gradient<'_, S, L>,
    ) -> S::Wide;

    /// Adds to `importances`, for each weight, the mean over the items `picks` of the square or the absolute value of
    /// the derivative of `objective` for one item. `scale` is that of gradients of these weights.
    #[allow(clippy::too_many_arguments, reason = "of what, over what, into what")]
    fn importances(
        &mut self,
        weights: &mut Weights<'_, S, L>,
        union: &Union<'_>,
        picks: &[u32],
        objective: Objective,
        measure: Measure,
        scale: Scale<'_, S, L>,
        importances: &mut [Row<S::Wide, L>],
    );

    /// How many numbers have ended at the end of their range so far: fields and weights of a gradient's items, and memory
    /// vectors whose gradient or velocity did, once a step. Floating point saturates nowhere.
    fn saturated(&self) -> u64;
}

/// Arithmetic on weights, gradients and what else is laid out as they are.
pub trait Arithmetic<S: Scalar, const L: usize> {
    /// Fills `products` with the inner products of `left` and each of `rights`, gradients of [`Shape::rows`] rows each.
    /// `partials` lends a number for each block and product.
    ///
    /// [`Shape::rows`]: crate::Shape::rows
    fn products(
        &self,
        scale: Scale<'_, S, L>,
        left: &[Row<S, L>],
        rights: &[Row<S, L>],
        partials: &mut [f64],
        products: &mut [f64],
    );

    /// gradient += sum over `rights` of factor * right, each number rounded once.
    fn add_scaled(&self, gradient: &mut Gradient<'_, S, L>, rights: &[Row<S, L>], factors: &[f64]);

    /// Brings the gradient of each memory vector that points against that of a past task to the nearest that points against
    /// none: GEM, a memory vector at a time. `rights` are the past tasks' gradients, `partials` lends
    /// [`Projected::partials`](crate::methods::projection::Projected::partials) numbers a block.
    fn project_each(
        &self,
        gradient: &mut Gradient<'_, S, L>,
        rights: &[Row<S, L>],
        margin: f64,
        partials: &mut [f64],
    ) -> Changed;

    /// gradient += the derivative of `term` at the weights.
    fn add_slope(&self, term: Term<'_, S, L>, weights: &Weights<'_, S, L>, gradient: &mut Gradient<'_, S, L>);

    /// weights -= rate * the derivative of `term` there; those but to class neurons are clamped to [-1, 1].
    fn step_down_slope(&self, term: Term<'_, S, L>, weights: &mut Weights<'_, S, L>, rate: S);

    /// path -= gradient * (weights - before), eq. 15.
    fn add_to_path(
        &self,
        path: &mut [Row<S::Wide, L>],
        gradient: &Gradient<'_, S, L>,
        before: &[Row<S, L>],
        weights: &Weights<'_, S, L>,
    );

    /// importances += share * the measure of the gradient.
    fn add_measure(
        &self,
        gradient: &Gradient<'_, S, L>,
        measure: Measure,
        share: S::Wide,
        importances: &mut [Row<S::Wide, L>],
    );

    /// Takes a step along the gradient of `descent`.
    fn step(&mut self, step: &Step<S>, weights: &mut Weights<'_, S, L>, descent: &mut Descent<'_, S, L>);

    /// Prepares velocity and scale for the next step, and counts what has saturated in the last.
    fn renormalise(&mut self, weights: &Weights<'_, S, L>, descent: &mut Descent<'_, S, L>);

    /// Lowers the exponents of memory vectors whose gradient has gone beyond the range; whether there were any. Then the
    /// gradient is to be taken again.
    fn lower_exponents(&mut self, descent: &mut Descent<'_, S, L>) -> bool;
}
