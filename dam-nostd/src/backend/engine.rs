//! The passes over all blocks: fields, gradients, importances, energies, in chunks that fit the workspace.

use crate::backend::executor::{self, Executor};
use crate::backend::index_lists::{Encoding, Grouping};
use crate::backend::kernels::{Backward, Differentiate, Energies, Fields, Importance, Pulls};
use crate::backend::partial_sums;
use crate::backend::sort;
use crate::backend::workspace::Workspace;
use crate::learn::passes::{Gradient, Passes, Scale};
use crate::maths::consolidation::Measure;
use crate::maths::interaction::Interaction;
use crate::maths::objective::Objective;
use crate::maths::similarity::Coding;
use crate::model::items::{Permutations, Union};
use crate::model::network::{Model, Weights};
use crate::model::rule::{Context, Rule, Updated};
use crate::number::lanes::{self, Row};
use crate::number::scalar::Scalar;

/// The fewest items of one permutation for which a table of partial sums pays.
const GROUPED_FROM: usize = 100;

/// The passes over a network: a workspace, an [`Executor`] and the permutations of the tasks.
#[derive(Debug)]
pub struct Engine<'a, S: Scalar, const L: usize, E> {
    /// The network without its weights.
    pub model: Model<S>,
    /// How fields are taken.
    pub rule: Rule,
    /// How many of their lowest bits weights and velocities lose after every step, where numbers are fixed: 6 leaves
    /// 16 bits of a [`Fixed32`](crate::Fixed32) weight, steps of 2^-14 up to 2, and of its velocity. The weights to class
    /// neurons, which have no limit, stay as they are. 0, the default: none.
    pub rounding: u32,
    pub(super) executor: E,
    pub(super) workspace: Workspace<'a, S, L>,
    pub(super) saturated: u64,
    permutations: Permutations<'a>,
}

impl<'a, S: Scalar, const L: usize, E: Executor> Engine<'a, S, L, E> {
    /// An engine for networks of `model`'s shape, for which `workspace` was carved.
    pub fn new(
        model: Model<S>,
        rule: Rule,
        executor: E,
        permutations: Permutations<'a>,
        workspace: Workspace<'a, S, L>,
    ) -> Self {
        Self { model, rule, rounding: 0, executor, workspace, saturated: 0, permutations }
    }

    /// The permutations of the tasks.
    pub fn permutations(&self) -> &Permutations<'a> {
        &self.permutations
    }

    /// Blocks of the network.
    pub(super) fn blocks(&self) -> usize {
        self.model.shape.blocks(L)
    }

    /// Similarities h of the last pass of fields, a row of `L` memory vectors: those of its item `item` and the
    /// memory vectors of block `block`. After a gradient they are used up.
    pub fn similarities(&self, item: usize, block: usize) -> Option<&Row<S, L>> {
        let each = self.workspace.similarities.len() / self.blocks().max(1);
        self.workspace.similarities.get(block * each..)?.get(..each)?.get(item)
    }

    /// 1 / items, or 1 where sums are asked for.
    fn weight(rule: Rule, items: usize) -> f64 {
        if rule.mean { 1.0 / items.max(1) as f64 } else { 1.0 }
    }

    /// The exponent of coefficients.
    fn coefficients_exponent(&self) -> i32 {
        S::coefficient_exponent(self.model.shape.neurons())
    }

    /// Neurons that take part in similarities: all, or those before the class neurons where these show 0.
    fn shown(&self, rule: Rule) -> usize {
        let shape = &self.model.shape;
        if rule.context == Context::Zero { shape.class_neurons().start } else { shape.neurons() }
    }

    /// Whether neurons are listed in groups: where there are tables and they pay.
    fn grouped(&self, items: usize) -> bool {
        let neurons = self.model.shape.neurons();
        let Workspace { tables, lists, .. } = &self.workspace;
        let lent =
            tables.len() >= partial_sums::rows(neurons) && lists.patterns.len() >= partial_sums::patterns(neurons);
        lent && items >= GROUPED_FROM
    }

    /// Lists `picks`, all of one permutation; with `keep`, for the next time, too.
    fn list(&mut self, encoding: Encoding, union: &Union<'_>, picks: &[u32], keep: bool) {
        let Workspace { lists, kept, .. } = &mut self.workspace;
        lists.encode(&self.model.shape, union, picks, &self.permutations, encoding, keep.then_some(kept));
    }

    /// Similarities and fields of what is listed; fields from `place` on.
    fn forward(&mut self, rule: Rule, weights: &mut Weights<'_, S, L>, place: usize) {
        let (shape, blocks, shown) = (self.model.shape, self.blocks(), self.shown(rule));
        let totalled = weights.totalled == Some(shown);
        weights.totalled = Some(shown);
        let Workspace { lists, similarities, shares, fields, tables, .. } = &mut self.workspace;
        let kernel = Fields {
            weights: weights.rows,
            lists,
            interaction: self.model.interaction,
            levels: self.model.levels(),
            scale: self.model.scale(),
            neurons: shape.neurons(),
            first: rule.updated.range(&shape).start,
            permutations: self.permutations,
            shown,
            totalled,
        };
        let strides = (similarities.len() / blocks.max(1), shares.len() / blocks.max(1), 1);
        let parts = (&mut **similarities, &mut **shares, &mut *weights.totals);
        let (tables, rows) = tables_of(tables, lists.grouping, shape.neurons());
        executor::each_block_with(&self.executor, 0..blocks, parts, strides, tables, rows, &kernel);
        // The blocks' shares are added in the order of the blocks, whoever computed them.
        let count = lists.items * lists.updated;
        let Some(fields) = fields.get_mut(place..place + count) else { return };
        fields.fill(S::ZERO);
        for shares in shares.chunks_exact(strides.1.max(1)) {
            for (field, &share) in fields.iter_mut().zip(shares) {
                *field = *field + share;
            }
        }
    }

    /// Coefficients c of what is listed, from its fields; returns the objective. Both times `weight`, and coefficients
    /// times two to the power of `exponent`.
    fn differentiate(&mut self, rule: Rule, objective: Objective, weight: f64, exponent: i32) -> S::Wide {
        let blocks = self.blocks();
        let Workspace { lists, fields, coefficients, shares: values, .. } = &mut self.workspace;
        let (items, count) = (lists.items, lists.updated.max(1));
        if S::SATURATES {
            let fields = fields.iter().take(count * items);
            self.saturated += fields.filter(|field| field.is_saturated()).count() as u64;
        }
        let each = items.div_ceil(blocks.max(1));
        let kernel = Differentiate {
            lists,
            fields,
            objective,
            activation: rule.activation,
            factor: S::coefficient(self.model.temperature, self.model.shape.neurons(), weight, exponent),
            each,
        };
        // The blocks' shares of the fields have been added: there is room for a value an item.
        let (Some(coefficients), Some(values)) = (coefficients.get_mut(..items * count), values.get_mut(..items))
        else {
            return S::Wide::ZERO;
        };
        executor::each_block(&self.executor, 0..blocks, (coefficients, &mut *values), (each * count, each), &kernel);
        let value = values.iter().fold(S::Wide::ZERO, |sum, value| sum + value.widen());
        value * S::Wide::from_f64(weight)
    }

    /// What turns similarities into pulls, under `rule`.
    fn pulls<'b>(&self, rule: Rule, weights: &'b Weights<'_, S, L>, scale: Scale<'b, S, L>) -> Pulls<'b, S, L> {
        Pulls {
            weights: weights.rows,
            interaction: self.model.interaction,
            levels: self.model.levels(),
            scale: self.model.scale(),
            first: rule.updated.range(&self.model.shape).start,
            neurons: self.model.shape.neurons(),
            exponents: scale.exponents,
            coefficients_exponent: self.coefficients_exponent(),
        }
    }
}

impl<S: Scalar, const L: usize, E: Executor> Passes<S, L> for Engine<'_, S, L, E> {
    fn model(&self) -> &Model<S> {
        &self.model
    }

    fn set_temperature(&mut self, temperature: S) {
        self.model.temperature = temperature;
    }

    fn set_interaction(&mut self, interaction: Interaction<S>) {
        self.model.interaction = interaction;
    }

    fn rule(&self) -> Rule {
        self.rule
    }

    fn capacity(&self, updated: Updated) -> usize {
        let Workspace { fields, shares, similarities, chunk, .. } = &self.workspace;
        let each = updated.range(&self.model.shape).len().max(1);
        let blocks = self.blocks().max(1);
        let room = fields.len().min(shares.len() / blocks) / each;
        room.min(*chunk).min(similarities.len() / blocks).max(1)
    }

    fn fields(&mut self, rule: Rule, weights: &mut Weights<'_, S, L>, union: &Union<'_>, picks: &[u32]) -> &[S] {
        let count = picks.len().min(self.capacity(rule.updated));
        let updated = rule.updated.range(&self.model.shape).len();
        let mut place = 0;
        let mut rest = picks.get(..count).unwrap_or(&[]);
        while let Some((run, others)) = sort::first_run(rest, |pick| union.permutation(pick as usize)) {
            rest = others;
            let grouped = self.grouped(run.len());
            self.list(Encoding { grouped, ..Encoding::new(rule) }, union, run, false);
            self.forward(rule, weights, place);
            place += run.len() * updated;
        }
        self.workspace.fields.get(..place).unwrap_or(&[])
    }

    fn energies(&mut self, weights: &Weights<'_, S, L>, union: &Union<'_>, picks: &[u32]) -> &[S] {
        let rule = Rule { context: Context::Labels, ..self.rule };
        let (blocks, neurons) = (self.blocks(), self.model.shape.neurons());
        let count = picks.len().min(self.capacity(rule.updated));
        for (item, pick) in picks.iter().take(count).enumerate() {
            self.list(Encoding::new(rule), union, core::slice::from_ref(pick), false);
            let Workspace { lists, shares, fields, .. } = &mut self.workspace;
            let kernel = Energies {
                weights: weights.rows,
                lists,
                interaction: self.model.interaction,
                levels: self.model.levels(),
                first: rule.updated.range(&self.model.shape).start,
                scale: self.model.scale(),
                neurons,
            };
            executor::each_block(&self.executor, 0..blocks, &mut **shares, 1, &kernel);
            if let Some(field) = fields.get_mut(item) {
                *field = -shares.iter().take(blocks).fold(S::ZERO, |sum, &share| sum + share);
            }
        }
        self.workspace.fields.get(..count).unwrap_or(&[])
    }

    fn gradient(
        &mut self,
        rule: Rule,
        weights: &mut Weights<'_, S, L>,
        union: &Union<'_>,
        picks: &mut [u32],
        objective: Objective,
        gradient: &mut Gradient<'_, S, L>,
    ) -> S::Wide {
        let (blocks, neurons, exponent) = (self.blocks(), self.model.shape.neurons(), self.coefficients_exponent());
        if picks.is_empty() {
            lanes::clear(gradient.rows);
        }
        let (count, weight) = (picks.len(), Self::weight(rule, picks.len()));
        let (mut value, mut done) = (S::Wide::ZERO, 0);
        let permutation = |pick: u32| union.permutation(pick as usize);
        // Items that come in order come again: a full batch, or those of a method. Shuffled ones do not.
        let keep = sort::sort(picks, |pick| u64::from(permutation(pick)) << 32 | u64::from(pick));
        let mut rest = &*picks;
        while let Some((run, others)) = sort::first_run(rest, permutation) {
            rest = others;
            let encoding = Encoding { grouped: self.grouped(run.len()), transposed: true, ..Encoding::new(rule) };
            for chunk in run.chunks(self.capacity(rule.updated)) {
                self.list(encoding, union, chunk, keep);
                self.forward(rule, weights, 0);
                value = value + self.differentiate(rule, objective, weight, exponent);
                let (pulls, shown) = (self.pulls(rule, weights, gradient.scale), self.shown(rule));
                let Workspace { lists, coefficients, similarities, sums, tables, .. } = &mut self.workspace;
                let kernel = Backward {
                    pulls,
                    lists,
                    coefficients,
                    permutations: self.permutations,
                    first: done == 0,
                    last: done + chunk.len() == count,
                    shown,
                };
                done += chunk.len();
                let strides = (similarities.len() / blocks.max(1), 1, neurons);
                let parts = (&mut **similarities, &mut **sums, &mut *gradient.rows);
                let (tables, rows) = tables_of(tables, lists.grouping, neurons);
                executor::each_block_with(&self.executor, 0..blocks, parts, strides, tables, rows, &kernel);
            }
        }
        value
    }

    fn importances(
        &mut self,
        weights: &mut Weights<'_, S, L>,
        union: &Union<'_>,
        picks: &[u32],
        objective: Objective,
        measure: Measure,
        scale: Scale<'_, S, L>,
        importances: &mut [Row<S::Wide, L>],
    ) {
        let (rule, blocks, neurons) = (self.rule, self.blocks(), self.model.shape.neurons());
        let exponent = self.coefficients_exponent() - S::ITEM_EXPONENT;
        let share = S::Wide::ONE / S::Wide::from_f64(picks.len().max(1) as f64);
        let mut rest = picks;
        while let Some((run, others)) = sort::first_run(rest, |pick| union.permutation(pick as usize)) {
            rest = others;
            let binary = self.model.coding == Coding::Binary;
            let grouped = !binary && self.grouped(run.len());
            let encoding = Encoding { grouped, transposed: binary, ..Encoding::new(rule) };
            for chunk in run.chunks(self.capacity(rule.updated)) {
                self.list(encoding, union, chunk, false);
                self.forward(rule, weights, 0);
                self.differentiate(rule, objective, 1.0, exponent);
                let (pulls, shown) = (self.pulls(rule, weights, scale), self.shown(rule));
                let Workspace { lists, coefficients, similarities, .. } = &mut self.workspace;
                let kernel = Importance { pulls, lists, coefficients, measure, share, shown };
                let strides = (similarities.len() / blocks.max(1), neurons);
                let parts = (&mut **similarities, &mut *importances);
                executor::each_block(&self.executor, 0..blocks, parts, strides, &kernel);
            }
        }
    }

    fn saturated(&self) -> u64 {
        self.saturated
    }
}

/// The tables that kernels are given, and the rows of each: none where neurons are listed one by one, and then blocks are
/// divided without regard to tables.
fn tables_of<S, const L: usize>(
    tables: &mut [Row<S, L>],
    grouping: Grouping,
    neurons: usize,
) -> (&mut [Row<S, L>], usize) {
    match grouping {
        Grouping::Single => (&mut [], 0),
        Grouping::Four | Grouping::Eight => (tables, partial_sums::rows(neurons)),
    }
}
