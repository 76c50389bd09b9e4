//! Classification: the class neurons are updated once, with the identity, and the largest field is the answer.

use crate::backend::engine::Engine;
use crate::backend::executor::Executor;
use crate::model::items::Union;
use crate::model::rule::{Context, Rule, Updated};
use crate::number::lanes::Row;
use crate::number::scalar::Scalar;

/// Calls `answer(item, class)` for each of `picks`, in order. The class neurons are held at -1, or at 0 where the rule
/// says so; the item's own class neurons are not looked at.
pub fn classify<S: Scalar, const L: usize, E: Executor>(
    engine: &mut Engine<'_, S, L, E>,
    weights: &[Row<S, L>],
    union: &Union<'_>,
    picks: &[u32],
    mut answer: impl FnMut(u32, usize),
) {
    let context = if engine.rule.context == Context::Zero { Context::Zero } else { Context::Off };
    let rule = Rule { context, updated: Updated::Classes, ..engine.rule };
    let classes = engine.model.shape.classes();
    for chunk in picks.chunks(engine.capacity(Updated::Classes)) {
        let fields = engine.fields_under(rule, weights, union, chunk);
        for (&item, fields) in chunk.iter().zip(fields.chunks_exact(classes.max(1))) {
            answer(item, largest(fields));
        }
    }
}

/// The place of the largest number; of several, the first.
pub fn largest<T: PartialOrd + Copy>(numbers: &[T]) -> usize {
    let mut best = (0, None);
    for (i, &number) in numbers.iter().enumerate() {
        if best.1.is_none_or(|best| number > best) {
            best = (i, Some(number));
        }
    }
    best.0
}
