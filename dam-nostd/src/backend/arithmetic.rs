//! Arithmetic on rows, block by block.

use crate::backend::engine::Engine;
use crate::backend::executor::{self, Executor};
use crate::backend::kernels::{
    AddMeasure, AddScaled, AddSlope, AddToPath, LowerExponents, Move, Products, ProjectEach, Renormalise, StepDownSlope,
};
use crate::learn::descent::Descent;
use crate::learn::methods::projection::{Changed, Projected};
use crate::learn::passes::{Arithmetic, Gradient, Scale, Term};
use crate::maths::consolidation::Measure;
use crate::maths::step::Step;
use crate::model::network::Weights;
use crate::number::lanes::Row;
use crate::number::scalar::Scalar;

impl<S: Scalar, const L: usize, E: Executor> Arithmetic<S, L> for Engine<'_, S, L, E> {
    fn products(
        &self,
        scale: Scale<'_, S, L>,
        left: &[Row<S, L>],
        rights: &[Row<S, L>],
        partials: &mut [f64],
        products: &mut [f64],
    ) {
        let count = products.len();
        products.fill(0.0);
        let Some(partials) = partials.get_mut(..count * self.blocks()) else { return };
        if count == 0 {
            return;
        }
        let kernel = Products { shape: self.model.shape, exponents: scale.exponents, left, rights };
        executor::each_block(&self.executor, 0..self.blocks(), &mut *partials, count, &kernel);
        for partials in partials.chunks_exact(count) {
            for (product, partial) in products.iter_mut().zip(partials) {
                *product += partial;
            }
        }
    }

    fn add_scaled(&self, gradient: &mut Gradient<'_, S, L>, rights: &[Row<S, L>], factors: &[f64]) {
        let shape = self.model.shape;
        let kernel = AddScaled { shape, rights, factors };
        executor::each_block(&self.executor, 0..self.blocks(), &mut *gradient.rows, shape.neurons(), &kernel);
    }

    fn project_each(
        &self,
        gradient: &mut Gradient<'_, S, L>,
        rights: &[Row<S, L>],
        margin: f64,
        partials: &mut [f64],
    ) -> Changed {
        let shape = self.model.shape;
        let tasks = rights.len() / shape.rows(L).max(1);
        let each = Projected::Memory.partials(tasks, L);
        let mut changed = Changed::default();
        let Some(partials) = partials.get_mut(..each * self.blocks()) else { return changed };
        let kernel = ProjectEach { shape, rights, margin };
        let parts = (&mut *gradient.rows, &mut *partials);
        executor::each_block(&self.executor, 0..self.blocks(), parts, (shape.neurons(), each), &kernel);
        for block in partials.chunks_exact(each.max(1)) {
            if let [memories, cosines, unsolved, ..] = block {
                changed.memories += memories;
                changed.cosines += cosines;
                changed.unsolved += unsolved;
            }
        }
        changed
    }

    fn add_slope(&self, term: Term<'_, S, L>, weights: &Weights<'_, S, L>, gradient: &mut Gradient<'_, S, L>) {
        let neurons = self.model.shape.neurons();
        let kernel = AddSlope { term, weights: weights.rows, exponents: gradient.scale.exponents, neurons };
        executor::each_block(&self.executor, 0..self.blocks(), &mut *gradient.rows, neurons, &kernel);
    }

    fn step_down_slope(&self, term: Term<'_, S, L>, weights: &mut Weights<'_, S, L>, rate: S) {
        let (neurons, classes) = (self.model.shape.neurons(), self.model.shape.class_neurons().start);
        let kernel = StepDownSlope { term, rate: rate.widen(), classes, neurons };
        executor::each_block(&self.executor, 0..self.blocks(), weights.rows_mut(), neurons, &kernel);
    }

    fn add_to_path(
        &self,
        path: &mut [Row<S::Wide, L>],
        gradient: &Gradient<'_, S, L>,
        before: &[Row<S, L>],
        weights: &Weights<'_, S, L>,
    ) {
        let neurons = self.model.shape.neurons();
        let exponents = gradient.scale.exponents;
        let kernel = AddToPath { gradient: gradient.rows, exponents, before, weights: weights.rows, neurons };
        executor::each_block(&self.executor, 0..self.blocks(), path, neurons, &kernel);
    }

    fn add_measure(
        &self,
        gradient: &Gradient<'_, S, L>,
        measure: Measure,
        share: S::Wide,
        importances: &mut [Row<S::Wide, L>],
    ) {
        let neurons = self.model.shape.neurons();
        let exponents = gradient.scale.exponents;
        let kernel = AddMeasure { gradient: gradient.rows, exponents, measure, share, neurons };
        executor::each_block(&self.executor, 0..self.blocks(), importances, neurons, &kernel);
    }

    fn step(&mut self, step: &Step<S>, weights: &mut Weights<'_, S, L>, descent: &mut Descent<'_, S, L>) {
        let shape = self.model.shape;
        let Descent { velocity, gradient, sizes, .. } = descent;
        let parts = (weights.rows_mut(), &mut **velocity, &mut **gradient, &mut **sizes);
        let strides = (shape.neurons(), shape.neurons(), shape.neurons(), 1);
        let kernel = Move { shape, step: *step, rounding: self.rounding };
        executor::each_block(&self.executor, 0..self.blocks(), parts, strides, &kernel);
    }

    fn renormalise(&mut self, weights: &Weights<'_, S, L>, descent: &mut Descent<'_, S, L>) {
        if !S::SATURATES {
            return;
        }
        let shape = self.model.shape;
        let Descent { velocity, sizes, exponents, .. } = descent;
        let ends =
            |rows: &[Row<S, L>]| rows.as_flattened().iter().filter(|number| number.is_saturated()).count() as u64;
        self.saturated += ends(sizes);
        for rows in weights.rows.chunks_exact(shape.neurons().max(1)) {
            self.saturated += ends(rows.get(shape.class_neurons()).unwrap_or(&[]));
        }
        let parts = (&mut **velocity, &mut **exponents, &mut **sizes);
        executor::each_block(&self.executor, 0..self.blocks(), parts, (shape.neurons(), 1, 1), &Renormalise);
    }

    fn lower_exponents(&mut self, descent: &mut Descent<'_, S, L>) -> bool {
        if !S::SATURATES {
            return false;
        }
        let neurons = self.model.shape.neurons();
        let Descent { velocity, gradient, sizes, exponents } = descent;
        let parts = (&mut **gradient, &mut **velocity, &mut **exponents, &mut **sizes);
        executor::each_block(&self.executor, 0..self.blocks(), parts, (neurons, neurons, 1, 1), &LowerExponents);
        sizes.as_flattened().iter().any(|&lowered| lowered > S::ZERO)
    }
}
