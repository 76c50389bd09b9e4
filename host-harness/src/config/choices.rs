//! The choices among names.

use std::fmt;

use clap::ValueEnum;
use dam_nostd::train;
use serde::{Deserialize, Serialize};

use super::value::Value;
use crate::data::Pixels;

/// Names that a setting can have: those of the variants, in lower case with hyphens.
macro_rules! choice {
    ($(#[$meta:meta])* $name:ident { $($(#[$doc:meta])* $variant:ident),+ $(,)? }) => {
        $(#[$meta])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ValueEnum)]
        #[serde(rename_all = "kebab-case")]
        pub enum $name { $($(#[$doc])* $variant),+ }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(self.to_possible_value().as_ref().map_or("", |value| value.get_name()))
            }
        }

        impl From<$name> for Value {
            fn from(value: $name) -> Self {
                Self::Text(value.to_string())
            }
        }
    };
}

choice! {
    /// A method of sequential learning, section 3 of the paper.
    MethodName {
        /// No method: the lower bound.
        Vanilla,
        /// All tasks at once: the upper bound.
        Joint,
        /// A proportion of each task's items is learned again.
        Rehearsal,
        /// A new sample of such items at each epoch.
        SweepRehearsal,
        /// States that random probes relax to are learned again.
        Pseudorehearsal,
        /// Such probes are learned again with the classes that they relax to.
        HeterogeneousPseudorehearsal,
        /// Gradient episodic memory: no step against the gradient of any past task.
        Gem,
        /// Averaged gradient episodic memory: no step against that of all past tasks together.
        #[serde(rename = "agem")]
        #[value(name = "agem")]
        AGem,
        /// Old weights are held, all alike.
        L2,
        /// Elastic weight consolidation: held by the square of the loss's gradient.
        Ewc,
        /// Memory aware synapses: held by the gradient of the output's norm.
        Mas,
        /// Synaptic intelligence: held by what each weight's way brought.
        Si,
    }
}

choice! {
    /// The form of the interaction function.
    InteractionName {
        /// x^n for x > 0, +leak x otherwise: the authors' library.
        RisingLeak,
        /// x^n for x > 0, -leak x otherwise: eq. 20 as printed. Files from before it had this name call it leaky-rectified.
        #[serde(alias = "leaky-rectified")]
        #[value(alias = "leaky-rectified")]
        FallingLeak,
        /// x^n for x > 0, 0 otherwise.
        Rectified,
        /// x^n.
        Polynomial,
    }
}

choice! {
    /// Which images tasks are drawn from.
    #[derive(Default)]
    PoolName {
        /// Training and test images of the set together.
        #[default]
        All,
        /// Its training images; the test images are kept for a last test, which no search sees.
        Train,
    }
}

impl From<Pixels> for Value {
    fn from(pixels: Pixels) -> Self {
        Self::Text(pixels.to_string())
    }
}

choice! {
    /// What a pixel or task-ID neuron that is off counts.
    CodingName {
        /// -1.
        Bipolar,
        /// 0.
        Binary,
    }
}

choice! {
    /// What class neurons show while a state is presented.
    ContextName {
        /// All -1.
        Off,
        /// All 0.
        Zero,
        /// The item's label in training, all -1 at recall.
        Labels,
    }
}

choice! {
    /// Which neurons are trained.
    TrainedName {
        /// The class neurons.
        Classes,
        /// All neurons.
        All,
    }
}

choice! {
    /// The activation in training.
    ActivationName {
        /// The field itself.
        Identity,
        /// Its hyperbolic tangent.
        Tanh,
    }
}

choice! {
    /// The loss of an item.
    LossName {
        /// The sum of (xi - y)^(2m).
        Power,
        /// Cross-entropy over the class neurons.
        CrossEntropy,
    }
}

choice! {
    /// How the gradients of a batch's items are put together.
    Reduction {
        /// Their mean.
        Mean,
        /// Their sum.
        Sum,
    }
}

choice! {
    /// Whose gradients EWC and MAS measure importances by.
    ImportanceName {
        /// Those of single items.
        Item,
        /// Those of minibatches.
        Batch,
    }
}

choice! {
    /// Where a penalty enters.
    PenaltyEntry {
        /// Into the gradient, before momentum and normalisation.
        Gradient,
        /// Into the step, after normalisation.
        Step,
    }
}

choice! {
    /// What GEM and A-GEM project.
    ProjectedName {
        /// The gradient of the whole network.
        Network,
        /// That of each memory vector by itself.
        Memory,
    }
}

choice! {
    /// What becomes of the pseudo-items of earlier tasks.
    PseudoGrowth {
        /// They stay, and new ones are added.
        Add,
        /// All are drawn anew.
        Regenerate,
    }
}

choice! {
    /// The task-ID neurons of probes.
    PseudoTaskNeurons {
        /// Drawn and relaxed as all others.
        Free,
        /// Set to the task just learned.
        Held,
    }
}

choice! {
    /// What the learning rate decays after.
    DecaysName {
        /// Each epoch.
        Epoch,
        /// Each minibatch.
        Batch,
    }
}

impl From<train::Decays> for DecaysName {
    fn from(decays: train::Decays) -> Self {
        match decays {
            train::Decays::EachEpoch => Self::Epoch,
            train::Decays::EachBatch => Self::Batch,
        }
    }
}

choice! {
    /// The number type of training.
    Precision {
        /// 32-bit floating point.
        F32,
        /// 64-bit floating point: no underflow at large interaction vertices, at half the speed.
        F64,
        /// 32-bit fixed point, 24 bits after the point: integers, for machines without a floating-point unit.
        Fixed32,
        /// As fixed32, with velocities and weights rounded to 16 bits at every step, but for the weights to class neurons.
        Fixed16,
    }
}

/// By how many binary orders 16-bit weights are coarser than those of fixed32.
pub const COARSE: u32 = 6;

impl Precision {
    /// Whether it is made of integers.
    pub fn is_fixed(self) -> bool {
        matches!(self, Self::Fixed32 | Self::Fixed16)
    }

    /// What [`dam_nostd::Engine::rounding`] is to be.
    pub fn rounding(self) -> u32 {
        if self == Self::Fixed16 { COARSE } else { 0 }
    }
}
