//! How sure an exported model is of its answers, and from where on they are rejected.

use dam_nostd::recall::model::padded;
use dam_nostd::recall::{Buffers, Evaluate, Model, ModelError, Recall};

use super::ExportPrecision;
use super::digits::Digits;

/// What rejecting does on some digits.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Rejection {
    /// The margin below which an answer is rejected, times 2^16.
    pub margin: u32,
    /// Digits whose answers are kept.
    pub kept: usize,
    /// Of them, those whose answer is right.
    pub right: usize,
    /// All digits.
    pub all: usize,
}

/// The margin below which the answers to a `share` of `digits` are, of the model in `words`.
///
/// # Errors
/// Words that are no model of this precision.
pub fn rejection(
    words: &[u32],
    precision: ExportPrecision,
    digits: &Digits,
    share: f64,
) -> Result<Rejection, ModelError> {
    let mut answers = match precision {
        ExportPrecision::I8 => answers::<i8>(words, digits)?,
        ExportPrecision::I16 => answers::<i16>(words, digits)?,
        ExportPrecision::F32 => answers::<f32>(words, digits)?,
    };
    answers.sort_unstable();
    let least = ((share * answers.len() as f64) as usize).min(answers.len().saturating_sub(1));
    let margin = answers.get(least).map_or(0, |&(margin, _)| margin);
    let kept = answers.iter().filter(|&&(found, _)| found >= margin);
    let (kept, right) = (kept.clone().count(), kept.filter(|&&(_, right)| right).count());
    Ok(Rejection { margin, kept, right, all: answers.len() })
}

/// Of how many digits the model in `words` is right.
///
/// # Errors
/// Words that are no model of this precision.
pub fn right<W: Evaluate>(words: &[u32], digits: &Digits) -> Result<usize, ModelError> {
    Ok(answers::<W>(words, digits)?.into_iter().filter(|&(_, right)| right).count())
}

/// Of each digit the margin, and whether the answer is right.
fn answers<W: Evaluate>(words: &[u32], digits: &Digits) -> Result<Vec<(u32, bool)>, ModelError> {
    let model = Model::<W>::open(words)?;
    let shape = model.shape();
    let mut similarities = vec![W::Similarity::default(); padded::<W>(&shape)];
    let mut fields = vec![W::Field::default(); shape.classes()];
    let buffers = Buffers { similarities: &mut similarities, fields: &mut fields, previous: &mut [], next: &mut [] };
    let mut recall = Recall::new(model, buffers);
    let answer = |(state, label): (&[u32], u8)| {
        let answer = recall.answer(state);
        (answer.margin, answer.class == usize::from(label))
    };
    Ok(digits.each().map(answer).collect())
}
