//! The configuration of a trial: every choice that can change its result, and nothing else.
//!
//! One list, at the end of the file, makes both [`Settings`] (each value may be absent: command-line flags and TOML files)
//! and [`Config`] (each value is there: what a trial runs with and a result records).

use std::fmt;
use std::num::NonZeroUsize;
use std::path::Path;
use std::str::FromStr;

use clap::ValueEnum;
use dam_nostd::engine::Rule;
use dam_nostd::objective::{Activation, Loss};
use dam_nostd::presentation::{Context, Updated};
use dam_nostd::train::Training;
use dam_nostd::{Interaction, Kind, Model, Scalar, Shape};
use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// A value without sense, or a file that cannot be read as settings.
#[derive(Debug, thiserror::Error)]
pub enum ConfigError {
    /// A value is outside its range.
    #[error("{name} = {value}: {remedy}")]
    Range {
        /// The setting.
        name: &'static str,
        /// What it was set to.
        value: String,
        /// What it can be set to.
        remedy: &'static str,
    },
    /// The file cannot be read.
    #[error("cannot read {0}: {1}")]
    Read(String, std::io::Error),
    /// The file is not a TOML file of settings.
    #[error("{0}: {1}")]
    Toml(String, toml::de::Error),
    /// The network would have too many neurons.
    #[error(transparent)]
    Shape(#[from] dam_nostd::ShapeError),
}

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
    };
}

choice! {
    /// A method of sequential learning, section 3 of the paper.
    MethodName {
        /// No method: the lower bound.
        Vanilla,
        /// A proportion of each task's items is learned again.
        Rehearsal,
    }
}

choice! {
    /// The form of the interaction function.
    InteractionName {
        /// x^n for x > 0, -leak x otherwise: eq. 20.
        LeakyRectified,
        /// x^n for x > 0, +leak x otherwise.
        RisingLeak,
        /// x^n for x > 0, 0 otherwise.
        Rectified,
        /// x^n.
        Polynomial,
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
    /// The number type of training.
    Precision {
        /// 32-bit floating point.
        F32,
        /// 64-bit floating point: no underflow at large interaction vertices, at half the speed.
        F64,
    }
}

/// Items of a minibatch.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Batch {
    /// All items at once.
    Full,
    /// So many, or all where there are fewer.
    Items(NonZeroUsize),
}

impl fmt::Display for Batch {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Full => write!(f, "full"),
            Self::Items(items) => write!(f, "{items}"),
        }
    }
}

impl FromStr for Batch {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        if text == "full" {
            return Ok(Self::Full);
        }
        text.parse()
            .map(Self::Items)
            .map_err(|_| format!("a batch is \"full\" or a number of items from 1, not {text:?}"))
    }
}

impl Serialize for Batch {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Full => serializer.serialize_str("full"),
            Self::Items(items) => serializer.serialize_u64(items.get() as u64),
        }
    }
}

impl<'de> Deserialize<'de> for Batch {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        #[derive(Deserialize)]
        #[serde(untagged)]
        enum Either {
            Number(u64),
            Text(String),
        }
        let text = match Either::deserialize(deserializer)? {
            Either::Number(number) => number.to_string(),
            Either::Text(text) => text,
        };
        text.parse().map_err(serde::de::Error::custom)
    }
}

macro_rules! settings {
    ($($(#[doc = $doc:literal])* $name:ident: $type:ty = $default:expr,)+) => {
        /// Values that may be absent: flags of the command line, or the keys of a TOML file.
        #[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, clap::Args)]
        #[serde(deny_unknown_fields)]
        pub struct Settings {
            $($(#[doc = $doc])* #[arg(long, value_name = "VALUE", allow_negative_numbers = true)] pub $name: Option<$type>,)+
        }

        /// What a trial runs with. Everything that can change its result is here.
        #[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
        #[serde(deny_unknown_fields)]
        pub struct Config {
            $($(#[doc = $doc])* pub $name: $type,)+
        }

        impl Settings {
            /// These values, and those of `under` where these are absent.
            pub fn over(self, under: Self) -> Self {
                Self { $($name: self.$name.or(under.$name),)+ }
            }

            fn or_default(self) -> Config {
                Config { $($name: self.$name.unwrap_or_else(|| $default),)+ }
            }
        }
    };
}

settings! {
    /// Method of sequential learning
    method: MethodName = MethodName::Vanilla,
    /// Interaction vertex
    n: u32 = 20,
    /// Tasks, one after the other
    tasks: usize = 5,
    /// Images of a task, drawn without replacement
    items: usize = 2000,
    /// Share of a task's items that is kept for validation
    validation: f64 = 0.2,
    /// Epochs of each task
    epochs: u32 = 500,
    /// Memory vectors
    memories: usize = 512,
    /// Items of a minibatch, or "full"
    batch: Batch = Batch::Items(const { NonZeroUsize::new(1000).unwrap() }),
    /// Learning rate before its decay
    learning_rate: f64 = 0.08,
    /// Factor of the learning rate at every epoch
    decay: f64 = 0.999,
    /// Whether the learning rate goes on decaying in the next task
    carry_rate: bool = false,
    /// Temperature at a task's start
    temperature: f64 = 0.95,
    /// Temperature at a task's end [default: that at its start]
    final_temperature: f64 = f64::NAN,
    /// Momentum
    momentum: f64 = 0.6,
    /// Whether the velocity goes on into the next task
    carry_momentum: bool = false,
    /// Least size that a memory vector's gradient is normalised by
    floor: f64 = 1e-30,
    /// Error exponent m
    error_exponent: u32 = 1,
    /// Loss of an item
    loss: LossName = LossName::Power,
    /// Activation in training
    activation: ActivationName = ActivationName::Identity,
    /// What class neurons show
    context: ContextName = ContextName::Off,
    /// Which neurons are trained
    trained: TrainedName = TrainedName::Classes,
    /// How gradients of items are put together
    reduction: Reduction = Reduction::Mean,
    /// Form of the interaction function
    interaction: InteractionName = InteractionName::LeakyRectified,
    /// Slope of the interaction function below zero
    leak: f64 = 0.01,
    /// Standard deviation of the first weights
    deviation: f64 = 0.1,
    /// Grey value from which a pixel is on
    threshold: u8 = 1,
    /// Proportion of a task's items that rehearsal keeps
    proportion: f64 = 0.5,
    /// Number type of training
    precision: Precision = Precision::F32,
    /// Seed of everything that is drawn
    seed: u64 = 1,
}

impl Settings {
    /// Reads a TOML file; a key that is no setting is an error.
    pub fn read(path: &Path) -> Result<Self, ConfigError> {
        let name = path.display().to_string();
        let text = std::fs::read_to_string(path).map_err(|error| ConfigError::Read(name.clone(), error))?;
        toml::from_str(&text).map_err(|error| ConfigError::Toml(name, error))
    }

    /// Fills in the defaults and checks the ranges.
    pub fn config(self) -> Result<Config, ConfigError> {
        let mut config = self.or_default();
        if config.final_temperature.is_nan() {
            config.final_temperature = config.temperature;
        }
        config.check()?;
        Ok(config)
    }
}

impl Config {
    /// Checks the range of every value.
    pub fn check(&self) -> Result<(), ConfigError> {
        let range = |name, value: &dyn fmt::Display, good: bool, remedy| {
            if good { Ok(()) } else { Err(ConfigError::Range { name, value: value.to_string(), remedy }) }
        };
        let positive = "give a number above 0";
        let share = "give a number from 0 to 1";
        range("n", &self.n, (1..=100).contains(&self.n), "give an interaction vertex from 1 to 100")?;
        range("tasks", &self.tasks, (1..=200).contains(&self.tasks), "give 1 to 200 tasks")?;
        range("items", &self.items, self.items >= 2, "give at least 2 items, one to train on and one to validate")?;
        let validation = self.validation_items();
        let both = validation >= 1 && validation < self.items && self.validation < 1.0;
        range("validation", &self.validation, both, "give a share that leaves items on both sides")?;
        range("epochs", &self.epochs, self.epochs >= 1, "give at least 1 epoch")?;
        range("memories", &self.memories, (1..=65_536).contains(&self.memories), "give 1 to 65536 memory vectors")?;
        range("learning_rate", &self.learning_rate, above_zero(self.learning_rate), positive)?;
        range("decay", &self.decay, above_zero(self.decay) && self.decay <= 1.0, "give a number above 0, at most 1")?;
        range("temperature", &self.temperature, above_zero(self.temperature), positive)?;
        range("final_temperature", &self.final_temperature, above_zero(self.final_temperature), positive)?;
        range("momentum", &self.momentum, (0.0..1.0).contains(&self.momentum), "give a number from 0, below 1")?;
        range("floor", &self.floor, above_zero(self.floor), positive)?;
        range("error_exponent", &self.error_exponent, (1..=10).contains(&self.error_exponent), "give 1 to 10")?;
        range("leak", &self.leak, self.leak.is_finite() && self.leak >= 0.0, "give a number from 0")?;
        range("deviation", &self.deviation, above_zero(self.deviation), positive)?;
        range("proportion", &self.proportion, (0.0..=1.0).contains(&self.proportion), share)?;
        range("threshold", &self.threshold, self.threshold >= 1, "give a grey value from 1 to 255")
    }

    /// Items of a task that are kept for validation.
    pub fn validation_items(&self) -> usize {
        (self.validation * self.items as f64).round() as usize
    }

    /// Items of a task that are trained on.
    pub fn training_items(&self) -> usize {
        self.items - self.validation_items()
    }

    /// The network's sizes, for images of `pixels` pixels and `classes` classes.
    pub fn shape(&self, pixels: usize, classes: usize) -> Result<Shape, ConfigError> {
        Ok(Shape::new(pixels, self.tasks, classes, self.memories)?)
    }

    /// The network without its weights.
    pub fn model<S: Scalar>(&self, shape: Shape) -> Result<Model<S>, ConfigError> {
        let kind = match self.interaction {
            InteractionName::LeakyRectified => Kind::LeakyRectified,
            InteractionName::RisingLeak => Kind::RisingLeak,
            InteractionName::Rectified => Kind::Rectified,
            InteractionName::Polynomial => Kind::Polynomial,
        };
        let interaction = Interaction::new(kind, self.n, S::from_f64(self.leak)).map_err(|_| ConfigError::Range {
            name: "n",
            value: self.n.to_string(),
            remedy: "give an interaction vertex from 1 to 100",
        })?;
        Ok(Model { shape, interaction, temperature: S::from_f64(self.final_temperature) })
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
            batch: match self.batch {
                Batch::Full => None,
                Batch::Items(items) => Some(items),
            },
            rate: self.learning_rate,
            decay: self.decay,
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

fn above_zero(value: f64) -> bool {
    value.is_finite() && value > 0.0
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn flags_go_over_a_file_and_defaults_under_both() {
        let file: Settings = toml::from_str("n = 2\nbatch = \"full\"\ntemperature = 0.7").unwrap();
        let flags = Settings { n: Some(5), ..Settings::default() };
        let config = flags.over(file).config().unwrap();
        assert_eq!((config.n, config.batch, config.epochs), (5, Batch::Full, 500));
        assert_eq!(config.final_temperature, 0.7);
    }

    #[test]
    fn a_key_that_is_no_setting_is_an_error_that_names_it() {
        let message = toml::from_str::<Settings>("interaction_vertex = 2").unwrap_err().to_string();
        assert!(message.contains("interaction_vertex"), "{message}");
    }

    #[test]
    fn values_without_sense_are_named() {
        for (text, name) in [
            ("n = 0", "n = 0"),
            ("epochs = 0", "epochs = 0"),
            ("momentum = 1.0", "momentum = 1"),
            ("temperature = -1.0", "temperature = -1"),
            ("items = 1", "items = 1"),
            ("validation = 1.0", "validation = 1"),
            ("learning_rate = nan", "learning_rate = NaN"),
        ] {
            let error = toml::from_str::<Settings>(text).unwrap().config().unwrap_err().to_string();
            assert!(error.starts_with(name), "{error}");
        }
        assert!(toml::from_str::<Settings>("batch = 0").is_err());
    }

    #[test]
    fn a_config_survives_json() {
        let config = Settings::default().config().unwrap();
        let text = serde_json::to_string(&config).unwrap();
        assert_eq!(serde_json::from_str::<Config>(&text).unwrap(), config);
    }
}
