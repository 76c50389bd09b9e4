//! What the core makes of a configuration.

use dam_nostd::objective::{Activation, Loss};
use dam_nostd::rule::{Context, Rule, Updated};
use dam_nostd::train::{self, Training};
use dam_nostd::{Coding, Interaction, Kind, Model, Scalar, Shape};

use super::choices::*;
use super::{Config, ConfigError};

impl Config {
    /// The network's sizes, for images of `pixels` pixels and `classes` classes.
    pub fn shape(&self, pixels: usize, classes: usize) -> Result<Shape, ConfigError> {
        Ok(Shape::new(pixels, self.tasks, classes, self.memories)?)
    }

    /// The network without its weights.
    pub fn model<S: Scalar>(&self, shape: Shape) -> Result<Model<S>, ConfigError> {
        let kind = match self.interaction {
            InteractionName::FallingLeak => Kind::FallingLeak,
            InteractionName::RisingLeak => Kind::RisingLeak,
            InteractionName::Rectified => Kind::Rectified,
            InteractionName::Polynomial => Kind::Polynomial,
        };
        let interaction = Interaction::new(kind, self.n, S::from_f64(self.leak)).map_err(|_| ConfigError::Range {
            name: "n",
            value: self.n.to_string(),
            remedy: "give an interaction vertex from 1 to 100",
        })?;
        let coding = match self.coding {
            CodingName::Bipolar => Coding::Bipolar,
            CodingName::Binary => Coding::Binary,
        };
        Ok(Model { shape, coding, interaction, temperature: S::from_f64(self.final_temperature) })
    }

    /// How fields are taken.
    pub fn rule(&self) -> Rule {
        Rule {
            context: match self.context {
                ContextName::Off => Context::Off,
                ContextName::Zero => Context::Zero,
                ContextName::Labels => Context::Labels,
            },
            updated: match self.trained {
                TrainedName::Classes => Updated::Classes,
                TrainedName::All => Updated::All,
            },
            activation: match self.activation {
                ActivationName::Identity => Activation::Identity,
                ActivationName::Tanh => Activation::Tanh,
            },
            mean: self.reduction == Reduction::Mean,
        }
    }

    /// How a task is learned.
    pub fn training(&self) -> Training {
        Training {
            epochs: self.epochs,
            batch: self.batch.of_training(),
            rate: self.learning_rate,
            decay: self.decay,
            decays: match self.decays {
                DecaysName::Epoch => train::Decays::EachEpoch,
                DecaysName::Batch => train::Decays::EachBatch,
            },
            first_temperature: self.temperature,
            last_temperature: self.final_temperature,
            momentum: self.momentum,
            floor: self.floor,
            loss: match self.loss {
                LossName::Power => Loss::Power { exponent: self.error_exponent },
                LossName::CrossEntropy => Loss::CrossEntropy,
            },
            carry_momentum: self.carry_momentum,
            carry_rate: self.carry_rate,
        }
    }
}
