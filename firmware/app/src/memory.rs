//! Memory for recall, sized when the program is compiled.

use dam_nostd::Shape;
use dam_nostd::recall::model::padded;
use dam_nostd::recall::{Buffers, Evaluate, Model, Recall};

/// Buffers for a network of at most `MEMORIES` memory vectors of whole groups and `CLASSES` classes, whose states have at
/// most `WORDS` words.
#[derive(Debug)]
pub struct Memory<W: Evaluate, const MEMORIES: usize, const CLASSES: usize, const WORDS: usize> {
    similarities: [W::Similarity; MEMORIES],
    fields: [W::Field; CLASSES],
    previous: [u32; WORDS],
    next: [u32; WORDS],
}

impl<W: Evaluate, const MEMORIES: usize, const CLASSES: usize, const WORDS: usize> Memory<W, MEMORIES, CLASSES, WORDS> {
    /// Empty.
    pub fn new() -> Self {
        Self {
            similarities: [W::Similarity::default(); MEMORIES],
            fields: [W::Field::default(); CLASSES],
            previous: [0; WORDS],
            next: [0; WORDS],
        }
    }

    /// Whether the buffers are long enough for a network of this shape; best asked in a constant.
    pub const fn fits(shape: &Shape) -> bool {
        MEMORIES >= padded::<W>(shape) && CLASSES >= shape.classes() && WORDS >= shape.words()
    }

    /// Recall with `model` in these buffers.
    pub fn recall<'a>(&'a mut self, model: Model<'a, W>) -> Recall<'a, W> {
        let Self { similarities, fields, previous, next } = self;
        Recall::new(model, Buffers { similarities, fields, previous, next })
    }
}

impl<W: Evaluate, const MEMORIES: usize, const CLASSES: usize, const WORDS: usize> Default
    for Memory<W, MEMORIES, CLASSES, WORDS>
{
    fn default() -> Self {
        Self::new()
    }
}
