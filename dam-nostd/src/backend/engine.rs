//! The passes over all blocks: fields, gradients, importances, energies, in chunks that fit the lent buffers.

use crate::backend::executor::{self, Executor};
use crate::backend::index_lists::{Encoding, Lists, Naming, Presentation};
use crate::backend::sort;
use crate::learn::methods::State;
use crate::learn::methods::importance::{Importance, Measure};
use crate::maths::coding::Coding;
use crate::maths::energy::Energies;
use crate::maths::field::Fields;
use crate::maths::gradient::{Backward, Pulls};
use crate::maths::objective::Objective;
use crate::maths::step::{Lower, Renormalise};
use crate::model::items::{Items, Union, Wirings};
use crate::model::network::Model;
use crate::model::rule::{Context, Rule, Updated};
use crate::model::shape::Shape;
use crate::number::lanes::{self, Row};
use crate::number::scalar::Scalar;

/// The fewest items of one wiring for which a table of partial sums pays.
const NIBBLES_FROM: usize = 100;

/// Lengths of the buffers that an [`Engine`] borrows.
///
/// ```
/// use dam_nostd::{Shape, Sizes};
/// let shape = Shape::new(784, 5, 10, 512).unwrap();
/// let sizes = Sizes::new(&shape, 64, 1024, 2);
/// assert_eq!(sizes.similarities, 8 * 1024);
/// assert!(sizes.bytes(4, 64) < 24_000_000);
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Sizes {
    /// Rows: the sum over neurons, one a block.
    pub totals: usize,
    /// Rows: the sum over items, one a block.
    pub sums: usize,
    /// Rows: the exponents of the memory vectors, one a block. They take no memory for floating point.
    pub exponents: usize,
    /// Rows: tables of partial sums. None where neurons are always named one by one.
    pub tables: usize,
    /// Rows: one a block and item.
    pub similarities: usize,
    /// Numbers: each block's share of each field.
    pub shares: usize,
    /// Numbers: one a field. So many also of states, targets and coefficients.
    pub fields: usize,
    /// Names of +1 neurons, by item and by name.
    pub names: usize,
    /// Ends of the lists by item.
    pub item_ends: usize,
    /// Ends of the lists by name.
    pub name_ends: usize,
    /// Patterns of four neurons.
    pub patterns: usize,
}

impl Sizes {
    /// For chunks of `chunk` items (65 535 at most) with the class neurons updated, and as many items as then fit with
    /// all neurons updated. `tables`: how many threads are to have a table of partial sums, `4 N` rows each, for naming
    /// neurons four at a time where that pays; 0 for none.
    pub const fn new(shape: &Shape, lanes: usize, chunk: usize, tables: usize) -> Self {
        let blocks = shape.blocks(lanes);
        let chunk = if chunk > u16::MAX as usize { u16::MAX as usize } else { chunk };
        // At least one item with all neurons updated.
        let fields = if chunk * shape.classes() > shape.neurons() { chunk * shape.classes() } else { shape.neurons() };
        let names = if tables > 0 { Naming::Nibbles.names(shape) } else { shape.neurons() };
        Self {
            totals: blocks,
            sums: blocks,
            exponents: blocks,
            tables: tables * Naming::Nibbles.names(shape),
            similarities: blocks * chunk,
            shares: blocks * fields,
            fields,
            names: chunk * shape.neurons(),
            item_ends: chunk + 1,
            name_ends: names + 1,
            patterns: if tables > 0 { names } else { 0 },
        }
    }

    /// All buffers together, in bytes, for numbers of `scalar` bytes.
    pub const fn bytes(&self, scalar: usize, lanes: usize) -> usize {
        let rows = self.totals + self.sums + self.tables + self.similarities;
        scalar * (rows * lanes + self.shares + 4 * self.fields)
            + 2 * (2 * self.names + self.patterns)
            + 4 * (self.item_ends + self.name_ends)
    }
}

/// Buffers lent to an [`Engine`], of the lengths that [`Sizes`] tells. Longer is as good; with shorter ones chunks are
/// smaller.
#[derive(Debug)]
#[allow(missing_docs, reason = "the fields are those of Sizes")]
pub struct Buffers<'a, S: Scalar, const L: usize> {
    pub totals: &'a mut [Row<S, L>],
    pub sums: &'a mut [Row<S, L>],
    pub exponents: &'a mut [Row<S::Exponent, L>],
    pub tables: &'a mut [Row<S, L>],
    pub similarities: &'a mut [Row<S, L>],
    pub shares: &'a mut [S],
    pub fields: &'a mut [S],
    pub states: &'a mut [S],
    pub targets: &'a mut [S],
    pub coefficients: &'a mut [S],
    pub on: Lists<'a>,
    pub shown_by: Lists<'a>,
    pub patterns: &'a mut [u16],
    /// Items of one chunk with the class neurons updated.
    pub chunk: usize,
}

/// The passes over a network: borrows the buffers, an [`Executor`] and the wirings of the tasks.
#[derive(Debug)]
pub struct Engine<'a, S: Scalar, const L: usize, E> {
    /// The network without its weights.
    pub model: Model<S>,
    /// How fields are taken.
    pub rule: Rule,
    /// Binary orders by which weights and velocities are rounded coarser after every step, where numbers are fixed: 6 leaves
    /// 16 bits of a [`Fixed32`](crate::Fixed32) weight, steps of 2^-14 up to 2, and of its velocity. The weights to class
    /// neurons, which have no limit, stay as they are. 0, the default: none.
    pub coarse: u32,
    executor: E,
    wirings: Wirings<'a>,
    chunk: usize,
    totals: &'a mut [Row<S, L>],
    sums: &'a mut [Row<S, L>],
    exponents: &'a mut [Row<S::Exponent, L>],
    tables: &'a mut [Row<S, L>],
    similarities: &'a mut [Row<S, L>],
    shares: &'a mut [S],
    fields: &'a mut [S],
    coefficients: &'a mut [S],
    presentation: Presentation<'a, S>,
    /// How many neurons the totals are over, while they are.
    totalled: Option<usize>,
    saturated: u64,
}

impl<'a, S: Scalar, const L: usize, E: Executor> Engine<'a, S, L, E> {
    /// An engine for networks of `model`'s shape.
    pub fn new(model: Model<S>, rule: Rule, executor: E, wirings: Wirings<'a>, buffers: Buffers<'a, S, L>) -> Self {
        let start = S::raised(S::NO_ORDERS, S::gain(model.shape.neurons()));
        buffers.exponents.fill([start; L]);
        Self {
            model,
            rule,
            coarse: 0,
            executor,
            wirings,
            chunk: buffers.chunk.clamp(1, usize::from(u16::MAX)),
            totals: buffers.totals,
            sums: buffers.sums,
            exponents: buffers.exponents,
            tables: buffers.tables,
            similarities: buffers.similarities,
            shares: buffers.shares,
            fields: buffers.fields,
            coefficients: buffers.coefficients,
            presentation: Presentation {
                on: buffers.on,
                shown_by: buffers.shown_by,
                patterns: buffers.patterns,
                states: buffers.states,
                targets: buffers.targets,
                items: 0,
                updated: 0,
                names: 0,
                naming: Naming::Neurons,
                wiring: Items::IDENTITY,
            },
            totalled: None,
            saturated: 0,
        }
    }

    /// The executor.
    pub fn executor(&self) -> &E {
        &self.executor
    }

    /// The wirings of the tasks.
    pub fn wirings(&self) -> &Wirings<'a> {
        &self.wirings
    }

    /// The similarities <zeta, xi> of the last chunk that was presented, as they are stored: of its item `item` and the
    /// memory vectors of block `block`. After a gradient they are used up.
    pub fn similarities(&self, item: usize, block: usize) -> Option<&Row<S, L>> {
        let each = self.similarities.len() / self.blocks().max(1);
        self.similarities.get(block * each..)?.get(..each)?.get(item)
    }

    /// The exponents that the gradients of the memory vectors share, a row a block.
    pub fn exponents(&self) -> &[Row<S::Exponent, L>] {
        self.exponents
    }

    /// Shows what of the engine outlives a task: the exponents of the memory vectors, as long as their velocities are kept.
    /// Floating point has none.
    pub fn state(&mut self, state: &mut dyn State<S, L>) {
        if !S::SATURATES {
            return;
        }
        for exponents in self.exponents.iter_mut() {
            let mut words = exponents.map(|exponent| S::orders(exponent) as u32);
            state.words(&mut words);
            *exponents = words.map(|word| S::raised(S::NO_ORDERS, word as i32));
        }
    }

    /// How many numbers have ended at a rail since the engine was made: fields and weights of a gradient's items, and
    /// memory vectors whose gradient or velocity did, once a step. Floating point has no rails.
    pub fn saturated(&self) -> u64 {
        self.saturated
    }

    /// Prepares velocity and exponents for the next step, and counts what has ended at a rail in the last.
    pub(crate) fn renormalise(&mut self, weights: &[Row<S, L>], velocity: &mut [Row<S, L>], sizes: &mut [Row<S, L>]) {
        if !S::SATURATES {
            return;
        }
        let rails = |rows: &[Row<S, L>]| rows.as_flattened().iter().filter(|number| number.at_rail()).count() as u64;
        self.saturated += rails(sizes);
        let neurons = self.model.shape.neurons();
        for rows in weights.chunks_exact(neurons.max(1)) {
            self.saturated += rails(rows.get(self.model.shape.class_neurons()).unwrap_or(&[]));
        }
        let (blocks, parts) = (self.blocks(), (velocity, &mut *self.exponents, sizes));
        executor::each_block(&self.executor, 0..blocks, parts, (neurons, 1, 1), &Renormalise);
    }

    /// Lowers the exponents of memory vectors whose gradient has gone beyond the range; whether there were any. Then the
    /// gradient is to be taken again. `sizes` is overwritten.
    pub(crate) fn lower(
        &mut self,
        gradient: &mut [Row<S, L>],
        velocity: &mut [Row<S, L>],
        sizes: &mut [Row<S, L>],
    ) -> bool {
        if !S::SATURATES {
            return false;
        }
        let (blocks, neurons) = (self.blocks(), self.model.shape.neurons());
        let parts = (gradient, velocity, &mut *self.exponents, &mut *sizes);
        executor::each_block(&self.executor, 0..blocks, parts, (neurons, neurons, 1, 1), &Lower);
        sizes.as_flattened().iter().any(|&lowered| lowered > S::ZERO)
    }

    /// Blocks of the network.
    pub fn blocks(&self) -> usize {
        self.model.shape.blocks(L)
    }

    /// Tells the engine that weights have changed since its last pass. Every pass of other weights starts with this.
    pub fn weights_changed(&mut self) {
        self.totalled = None;
    }

    /// How many items one chunk holds while `updated` neurons are updated.
    pub fn capacity(&self, updated: Updated) -> usize {
        let each = updated.range(&self.model.shape).len().max(1);
        let blocks = self.blocks().max(1);
        let room = self.fields.len().min(self.shares.len() / blocks) / each;
        self.chunk.min(room).min(self.similarities.len() / blocks).max(1)
    }

    /// The fields of the updated neurons, `[item][updated]`, for the first items of `picks`: as many as
    /// [`capacity`](Self::capacity) tells.
    pub fn fields(&mut self, weights: &[Row<S, L>], union: &Union<'_>, picks: &[u32]) -> &[S] {
        let rule = self.rule;
        self.fields_under(rule, weights, union, picks)
    }

    /// [`fields`](Self::fields) under another rule.
    pub(crate) fn fields_under(&mut self, rule: Rule, weights: &[Row<S, L>], union: &Union<'_>, picks: &[u32]) -> &[S] {
        let count = picks.len().min(self.capacity(rule.updated));
        let updated = rule.updated.range(&self.model.shape).len();
        let mut place = 0;
        let picks = picks.get(..count).unwrap_or(&[]);
        let mut rest = picks;
        while let Some((run, others)) = sort::first_run(rest, |pick| union.wiring(pick as usize)) {
            rest = others;
            let naming = self.naming(run.len());
            self.present(rule, union, run, naming, false);
            self.forward(rule, weights, place);
            place += run.len() * updated;
        }
        self.fields.get(..place).unwrap_or(&[])
    }

    /// The energy of each state: -sum over memory vectors of f_n(s). States as they stand, class neurons included; as
    /// many as [`capacity`](Self::capacity) tells.
    pub fn energies(&mut self, weights: &[Row<S, L>], union: &Union<'_>, picks: &[u32]) -> &[S] {
        let rule = Rule { context: Context::Labels, ..self.rule };
        let (blocks, neurons) = (self.blocks(), self.model.shape.neurons());
        let count = picks.len().min(self.capacity(rule.updated));
        for (item, pick) in picks.iter().take(count).enumerate() {
            self.present(rule, union, core::slice::from_ref(pick), Naming::Neurons, false);
            let kernel = Energies {
                weights,
                presentation: &self.presentation,
                interaction: self.model.interaction,
                swings: self.model.swings(),
                first: rule.updated.range(&self.model.shape).start,
                scale: self.model.scale(),
                neurons,
            };
            executor::each_block(&self.executor, 0..blocks, &mut *self.shares, 1, &kernel);
            if let Some(field) = self.fields.get_mut(item) {
                *field = -self.shares.iter().take(blocks).fold(S::ZERO, |sum, &share| sum + share);
            }
        }
        self.fields.get(..count).unwrap_or(&[])
    }

    /// Writes the gradient of `objective` over the items `picks` of `union` to `gradient`, and returns the objective:
    /// both means over the items, or sums, as the rule says. `picks` is put in order of wirings.
    pub fn gradient(
        &mut self,
        weights: &[Row<S, L>],
        union: &Union<'_>,
        picks: &mut [u32],
        objective: Objective,
        gradient: &mut [Row<S, L>],
    ) -> S::Wide {
        let (rule, blocks, neurons) = (self.rule, self.blocks(), self.model.shape.neurons());
        if picks.is_empty() {
            lanes::clear(gradient);
        }
        let weight = self.weight(picks.len());
        let (mut value, mut done) = (S::Wide::ZERO, 0);
        let count = picks.len();
        let wiring = |pick: u32| union.wiring(pick as usize);
        sort::sort(picks, |pick| u64::from(wiring(pick)) << 32 | u64::from(pick));
        let mut rest = &*picks;
        while let Some((run, others)) = sort::first_run(rest, wiring) {
            rest = others;
            let naming = self.naming(run.len());
            for chunk in run.chunks(self.capacity(rule.updated)) {
                self.present(rule, union, chunk, naming, true);
                self.forward(rule, weights, 0);
                value = value + self.pull(rule, objective, weight, self.gain());
                let kernel = Backward {
                    pulls: pulls(rule, &self.model, weights, self.exponents),
                    presentation: &self.presentation,
                    coefficients: self.coefficients,
                    wirings: self.wirings,
                    first: done == 0,
                    last: done + chunk.len() == count,
                    shown: self.shown(rule),
                };
                done += chunk.len();
                let strides = (self.similarities.len() / blocks.max(1), 1, neurons);
                let parts = (&mut *self.similarities, &mut *self.sums, &mut *gradient);
                executor::each_block(&self.executor, 0..blocks, parts, strides, &kernel);
            }
        }
        value
    }

    /// Adds to `importances`, for each weight, the mean over the items `picks` of the square or the absolute value of
    /// the derivative of `objective` for one item.
    pub fn importances(
        &mut self,
        weights: &[Row<S, L>],
        union: &Union<'_>,
        picks: &[u32],
        objective: Objective,
        measure: Measure,
        importances: &mut [Row<S::Wide, L>],
    ) {
        let (rule, blocks, neurons) = (self.rule, self.blocks(), self.model.shape.neurons());
        let share = S::Wide::ONE / S::Wide::from_f64(picks.len().max(1) as f64);
        let mut rest = picks;
        while let Some((run, others)) = sort::first_run(rest, |pick| union.wiring(pick as usize)) {
            rest = others;
            for chunk in run.chunks(self.capacity(rule.updated)) {
                let listed = self.model.coding == Coding::Binary;
                let naming = if listed { Naming::Neurons } else { self.naming(run.len()) };
                self.present(rule, union, chunk, naming, listed);
                self.forward(rule, weights, 0);
                self.pull(rule, objective, 1.0, self.gain() - S::ITEM_ORDERS);
                let kernel = Importance {
                    pulls: pulls(rule, &self.model, weights, self.exponents),
                    presentation: &self.presentation,
                    coefficients: self.coefficients,
                    measure,
                    share,
                    shown: self.shown(rule),
                };
                let strides = (self.similarities.len() / blocks.max(1), neurons);
                let parts = (&mut *self.similarities, &mut *importances);
                executor::each_block(&self.executor, 0..blocks, parts, strides, &kernel);
            }
        }
    }

    /// 1 / items, or 1 where sums are asked for.
    fn weight(&self, items: usize) -> f64 {
        if self.rule.mean { 1.0 / items.max(1) as f64 } else { 1.0 }
    }

    /// By how many orders coefficients are raised.
    fn gain(&self) -> i32 {
        S::gain(self.model.shape.neurons())
    }

    /// Neurons that take part in similarities: all, or those before the class neurons where these show 0.
    fn shown(&self, rule: Rule) -> usize {
        let shape = &self.model.shape;
        if rule.context == Context::Zero { shape.class_neurons().start } else { shape.neurons() }
    }

    /// Tables where they were lent and pay.
    fn naming(&self, items: usize) -> Naming {
        let names = Naming::Nibbles.names(&self.model.shape);
        let lent = self.tables.len() >= names && self.presentation.patterns.len() >= names;
        if lent && items >= NIBBLES_FROM { Naming::Nibbles } else { Naming::Neurons }
    }

    /// Encodes `picks`, all of one wiring.
    fn present(&mut self, rule: Rule, union: &Union<'_>, picks: &[u32], naming: Naming, both_ways: bool) {
        let shape = self.model.shape;
        let encoding = Encoding { context: rule.context, updated: rule.updated, naming, both_ways };
        self.presentation.encode(&shape, union, picks, &self.wirings, encoding);
    }

    /// Similarities and fields of what is presented; fields from `place` on.
    fn forward(&mut self, rule: Rule, weights: &[Row<S, L>], place: usize) {
        let (shape, blocks, shown) = (self.model.shape, self.blocks(), self.shown(rule));
        let kernel = Fields {
            weights,
            presentation: &self.presentation,
            interaction: self.model.interaction,
            swings: self.model.swings(),
            scale: self.model.scale(),
            neurons: shape.neurons(),
            first: rule.updated.range(&shape).start,
            wirings: self.wirings,
            shown,
            totalled: self.totalled == Some(shown),
        };
        let strides = (self.similarities.len() / blocks.max(1), self.shares.len() / blocks.max(1), 1);
        let parts = (&mut *self.similarities, &mut *self.shares, &mut *self.totals);
        let (tables, rows) = tables(self.tables, self.presentation.naming, &shape);
        executor::each_block_with(&self.executor, 0..blocks, parts, strides, tables, rows, &kernel);
        self.totalled = Some(shown);
        // The blocks' shares are added in the order of the blocks, whoever computed them.
        let count = self.presentation.items * self.presentation.updated;
        let Some(fields) = self.fields.get_mut(place..place + count) else { return };
        fields.fill(S::ZERO);
        for shares in self.shares.chunks_exact(strides.1.max(1)) {
            for (field, &share) in fields.iter_mut().zip(shares) {
                *field = *field + share;
            }
        }
    }

    /// Coefficients c of what is presented, from its fields; returns the objective. Both times `weight`, and coefficients
    /// raised by `orders`.
    fn pull(&mut self, rule: Rule, objective: Objective, weight: f64, orders: i32) -> S::Wide {
        let count = self.presentation.updated.max(1);
        let factor = S::coefficient(self.model.temperature, self.model.shape.neurons(), weight, orders);
        let mut value = S::Wide::ZERO;
        if S::SATURATES {
            let fields = self.fields.iter().take(count * self.presentation.items);
            self.saturated += fields.filter(|field| field.at_rail()).count() as u64;
        }
        let rows = self.fields.chunks_exact(count).zip(self.presentation.targets.chunks_exact(count));
        let rows = rows.zip(self.coefficients.chunks_exact_mut(count)).take(self.presentation.items);
        for ((fields, targets), coefficients) in rows {
            value = value + objective.differentiate(rule.activation, fields, targets, coefficients).widen();
            for c in coefficients {
                *c = *c * factor;
            }
        }
        value * S::Wide::from_f64(weight)
    }
}

/// What turns similarities into pulls, under `rule`.
fn pulls<'b, S: Scalar, const L: usize>(
    rule: Rule,
    model: &Model<S>,
    weights: &'b [Row<S, L>],
    exponents: &'b [Row<S::Exponent, L>],
) -> Pulls<'b, S, L> {
    Pulls {
        weights,
        interaction: model.interaction,
        swings: model.swings(),
        scale: model.scale(),
        neurons: model.shape.neurons(),
        first: rule.updated.range(&model.shape).start,
        exponents,
        gain: S::gain(model.shape.neurons()),
    }
}

/// The tables that kernels are given, and the rows of each: none where neurons are named one by one, and then blocks are
/// divided without regard to tables.
fn tables<'t, S, const L: usize>(
    tables: &'t mut [Row<S, L>],
    naming: Naming,
    shape: &Shape,
) -> (&'t mut [Row<S, L>], usize) {
    match naming {
        Naming::Neurons => (&mut [], 0),
        Naming::Nibbles => (tables, Naming::Nibbles.names(shape)),
    }
}
