//! What class neurons show, which neurons are updated, and with which activation.

use core::ops::Range;

use crate::maths::objective::Activation;
use crate::model::shape::Shape;

/// What the class neurons show while a state is presented.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Context {
    /// All -1, in training and recall alike: the default.
    Off,
    /// All 0: they add nothing to any similarity.
    Zero,
    /// What the item says. At classification, where the label is not to be seen, all -1.
    Labels,
}

/// Which neurons the update rule is applied to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Updated {
    /// The class neurons.
    Classes,
    /// All neurons.
    All,
}

impl Updated {
    /// Their indices.
    #[inline(always)]
    pub fn range(&self, shape: &Shape) -> Range<usize> {
        match self {
            Self::Classes => shape.class_neurons(),
            Self::All => 0..shape.neurons(),
        }
    }
}

/// How fields are taken and what is asked of them: everything about learning that is not about steps.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Rule {
    /// What class neurons show.
    pub context: Context,
    /// Which neurons are updated, and so trained.
    pub updated: Updated,
    /// sigma in training.
    pub activation: Activation,
    /// Whether gradients are means over items (the default) or sums.
    pub mean: bool,
}
