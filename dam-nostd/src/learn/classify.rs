//! Classification: the class neurons are updated once, with the identity, and the largest field is the answer.

use super::passes::Passes;
use crate::model::items::Union;
use crate::model::network::Weights;
use crate::model::rule::{Context, Rule, Updated};
pub use crate::number::lanes::largest;
use crate::number::scalar::Scalar;

/// Calls `answer(item, class)` for each of `picks`, in order. The class neurons are held at -1, or at 0 where the rule
/// says so; the item's own class neurons are not looked at.
pub fn classify<S: Scalar, const L: usize>(
    passes: &mut dyn Passes<S, L>,
    weights: &mut Weights<'_, S, L>,
    union: &Union<'_>,
    picks: &[u32],
    mut answer: impl FnMut(u32, usize),
) {
    let rule = passes.rule();
    let context = if rule.context == Context::Zero { Context::Zero } else { Context::Off };
    let rule = Rule { context, updated: Updated::Classes, ..rule };
    let classes = passes.model().shape.classes();
    for chunk in picks.chunks(passes.capacity(Updated::Classes)) {
        let fields = passes.fields(rule, weights, union, chunk);
        for (&item, fields) in chunk.iter().zip(fields.chunks_exact(classes.max(1))) {
            answer(item, largest(fields));
        }
    }
}
