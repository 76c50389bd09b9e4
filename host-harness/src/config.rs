//! The configuration of a trial: every choice that can change its result, and nothing else.
//!
//! One list, at the end of the file, makes both [`Settings`] (each value may be absent: command-line flags and TOML files)
//! and [`Config`] (each value is there: what a trial runs with and a result records).

use std::fmt;
use std::num::NonZeroUsize;
use std::path::Path;
use std::str::FromStr;

use crate::data::Pixels;
use crate::number_or_text::NumberOrText;
use crate::preset;
use crate::table::Value;
use clap::ValueEnum;
use dam_nostd::objective::{Activation, Loss};
use dam_nostd::rule::{Context, Rule, Updated};
use dam_nostd::train::{self, Training};
use dam_nostd::{Coding, Interaction, Kind, Model, Scalar, Shape};
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
        /// States that random probes relax to are learned again.
        Pseudorehearsal,
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

impl PoolName {
    /// Whether it is all: left out of files, which from before it have no such key.
    fn is_all(&self) -> bool {
        *self == Self::All
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

/// By how many binary orders 16-bit weights are coarser than those of fixed32.
pub const COARSE: u32 = 6;

impl Precision {
    /// Whether it is made of integers.
    pub fn is_fixed(self) -> bool {
        matches!(self, Self::Fixed32 | Self::Fixed16)
    }

    /// What [`dam_nostd::Engine::coarse`] is to be.
    pub fn coarse(self) -> u32 {
        if self == Self::Fixed16 { COARSE } else { 0 }
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

macro_rules! items {
    ($(#[$meta:meta])* $name:ident, $all:ident, $word:literal) => {
        $(#[$meta])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub enum $name {
            /// All of them.
            $all,
            /// So many, or all where there are fewer.
            Items(NonZeroUsize),
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                match self {
                    Self::$all => f.write_str($word),
                    Self::Items(items) => write!(f, "{items}"),
                }
            }
        }

        impl From<$name> for Value {
            fn from(value: $name) -> Self {
                Self::Text(value.to_string())
            }
        }

        impl FromStr for $name {
            type Err = String;

            fn from_str(text: &str) -> Result<Self, String> {
                if text == $word {
                    return Ok(Self::$all);
                }
                let number = text.parse().map(Self::Items);
                number.map_err(|_| format!("give \"{}\" or a number of items from 1, not {text:?}", $word))
            }
        }

        impl Serialize for $name {
            fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                match self {
                    Self::$all => serializer.serialize_str($word),
                    Self::Items(items) => serializer.serialize_u64(items.get() as u64),
                }
            }
        }

        impl<'de> Deserialize<'de> for $name {
            fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                NumberOrText::deserialize(deserializer)?.to_string().parse().map_err(serde::de::Error::custom)
            }
        }
    };
}

/// How an epoch is cut into minibatches: `full`, a number of items, or a share of the epoch such as `1/2`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Batch {
    /// All items at once.
    Full,
    /// So many items, or all where there are fewer.
    Items(NonZeroUsize),
    /// The epoch in so many parts, whether or not rehearsed items have joined.
    Parts(NonZeroUsize),
}

impl Batch {
    /// As the core has it.
    pub fn of_training(self) -> train::Batch {
        match self {
            Self::Full => train::Batch::Full,
            Self::Items(items) => train::Batch::Items(items),
            Self::Parts(parts) => train::Batch::Parts(parts),
        }
    }
}

impl From<train::Batch> for Batch {
    fn from(batch: train::Batch) -> Self {
        match batch {
            train::Batch::Full => Self::Full,
            train::Batch::Items(items) => Self::Items(items),
            train::Batch::Parts(parts) => Self::Parts(parts),
        }
    }
}

impl fmt::Display for Batch {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Full => f.write_str("full"),
            Self::Items(items) => write!(f, "{items}"),
            Self::Parts(parts) => write!(f, "1/{parts}"),
        }
    }
}

impl From<Batch> for Value {
    fn from(value: Batch) -> Self {
        Self::Text(value.to_string())
    }
}

impl FromStr for Batch {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let number = |text: &str| text.parse::<NonZeroUsize>().ok();
        match text.strip_prefix("1/") {
            _ if text == "full" => Some(Self::Full),
            Some(parts) => number(parts).map(Self::Parts),
            None => number(text).map(Self::Items),
        }
        .ok_or_else(|| {
            format!("give \"full\", a number of items from 1, or a share of the epoch such as 1/2, not {text:?}")
        })
    }
}

impl Serialize for Batch {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Items(items) => serializer.serialize_u64(items.get() as u64),
            _ => serializer.collect_str(self),
        }
    }
}

impl<'de> Deserialize<'de> for Batch {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        NumberOrText::deserialize(deserializer)?.to_string().parse().map_err(serde::de::Error::custom)
    }
}

items! {
    /// Items of a buffer or a task that a method looks at.
    Sample, All, "all"
}

macro_rules! settings {
    ($($(#[doc = $doc:literal])* $(@unless $absent:literal)? $name:ident: $type:ty = $default:expr,)+) => {
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
            $($(#[doc = $doc])* $(#[serde(skip_serializing_if = $absent, default)])? pub $name: $type,)+
        }

        impl From<Config> for Settings {
            fn from(config: Config) -> Self {
                Self { $($name: Some(config.$name),)+ }
            }
        }

        impl Settings {
            /// The names of all settings.
            pub const NAMES: &[&str] = &[$(stringify!($name)),+];

            /// These values, and those of `under` where these are absent.
            pub fn over(self, under: Self) -> Self {
                Self { $($name: self.$name.or(under.$name),)+ }
            }

            fn or_default(self) -> Config {
                Config { $($name: self.$name.unwrap_or_else(|| $default),)+ }
            }
        }

        impl From<&Config> for Settings {
            fn from(config: &Config) -> Self {
                Self { $($name: Some(config.$name),)+ }
            }
        }

        impl Config {
            /// Every setting by its name.
            pub fn values(&self) -> Vec<(&'static str, Value)> {
                vec![$((stringify!($name), Value::from(self.$name)),)+]
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
    epochs: u32 = Training::PAPER.epochs,
    /// Memory vectors
    memories: usize = 512,
    /// Items of a minibatch, "full", or a share of the epoch such as 1/2
    batch: Batch = Batch::from(Training::PAPER.batch),
    /// Learning rate before its decay
    learning_rate: f64 = Training::PAPER.rate,
    /// Factor of the learning rate
    decay: f64 = Training::PAPER.decay,
    /// What the learning rate decays after
    decays: DecaysName = DecaysName::from(Training::PAPER.decays),
    /// Whether the learning rate goes on decaying in the next task
    carry_rate: bool = false,
    /// Temperature at a task's start
    temperature: f64 = Training::PAPER.first_temperature,
    /// Temperature at a task's end [default: that at its start]
    final_temperature: f64 = f64::NAN,
    /// Momentum
    momentum: f64 = Training::PAPER.momentum,
    /// Whether the velocity goes on into the next task
    carry_momentum: bool = false,
    /// Least size that a memory vector's gradient is normalised by
    floor: f64 = Training::PAPER.floor,
    /// Error exponent m
    error_exponent: u32 = 1,
    /// Loss of an item
    loss: LossName = LossName::Power,
    /// Activation in training
    activation: ActivationName = ActivationName::Tanh,
    /// What pixel and task-ID neurons that are off count
    coding: CodingName = CodingName::Bipolar,
    /// What class neurons show
    context: ContextName = ContextName::Off,
    /// Which neurons are trained
    trained: TrainedName = TrainedName::Classes,
    /// How gradients of items are put together
    reduction: Reduction = Reduction::Mean,
    /// Form of the interaction function
    interaction: InteractionName = InteractionName::RisingLeak,
    /// Slope of the interaction function below zero
    leak: f64 = 0.01,
    /// Standard deviation of the first weights
    deviation: f64 = 0.1,
    /// Grey value from which a pixel is on
    threshold: u8 = 1,
    /// Proportion of a task's items that rehearsal, GEM and A-GEM keep and pseudorehearsal draws
    proportion: f64 = 0.5,
    /// Items of the buffer that GEM and A-GEM look at for each batch, or "all"
    memory_batch: Sample = Sample::All,
    /// Least weight of a past task's gradient in GEM's projection
    margin: f64 = 0.0,
    /// What GEM and A-GEM project
    projected: ProjectedName = ProjectedName::Memory,
    /// Most sweeps of a probe's relaxation
    max_sweeps: u32 = 100,
    /// What becomes of earlier pseudo-items
    pseudo_growth: PseudoGrowth = PseudoGrowth::Add,
    /// Whether pseudo-items that are there already are drawn again
    pseudo_unique: bool = false,
    /// The task-ID neurons of probes
    pseudo_task_neurons: PseudoTaskNeurons = PseudoTaskNeurons::Free,
    /// Strength of the penalty of L2, EWC, MAS and SI [default: by method and interaction vertex]
    lambda: f64 = f64::NAN,
    /// Where the penalty enters
    penalty_entry: PenaltyEntry = PenaltyEntry::Gradient,
    /// Whose gradients EWC and MAS measure importances by
    importance: ImportanceName = ImportanceName::Item,
    /// Items of a task that importances are measured with, or "all"
    importance_items: Sample = Sample::All,
    /// Whether importances are divided by the largest
    importance_normalised: bool = false,
    /// Whether MAS takes the square of the output's norm
    norm_squared: bool = true,
    /// Least squared way of a weight in SI's importances
    xi: f64 = 1e-3,
    /// Number type of training
    precision: Precision = Precision::F32,
    /// Seed of everything that is drawn
    seed: u64 = 1,
    /// Size that images are pooled to, such as 14x14, or "own"
    @unless "Pixels::is_own" pixels: Pixels = Pixels::Own,
    /// Images that tasks are drawn from
    @unless "PoolName::is_all" pool: PoolName = PoolName::All,
}

impl Settings {
    /// Reads a TOML file; a key that is no setting is an error.
    pub fn read(path: &Path) -> Result<Self, ConfigError> {
        let name = path.display().to_string();
        let text = std::fs::read_to_string(path).map_err(|error| ConfigError::Read(name.clone(), error))?;
        toml::from_str(&text).map_err(|error| ConfigError::Toml(name, error))
    }

    /// These values as a file has them that may be older than a setting: what is absent is what it was before it could be
    /// set, which need not be today's default.
    pub fn recorded(self) -> Self {
        self.over(Self { decays: Some(DecaysName::Epoch), ..Self::default() })
    }

    /// The values that are given and do not concern the method: they change nothing.
    pub fn unconcerned(&self) -> Vec<String> {
        let object = |settings: &Self| match serde_json::to_value(settings) {
            Ok(serde_json::Value::Object(object)) => object,
            _ => serde_json::Map::new(),
        };
        let (given, kept) = (object(self), object(&self.clone().of_method()));
        given.into_iter().filter(|(name, value)| kept.get(name) != Some(value)).map(|(name, _)| name).collect()
    }

    /// These values, but for those that do not concern the method: trials that they cannot change are the same trial.
    pub fn of_method(mut self) -> Self {
        use MethodName::{AGem, Ewc, Gem, L2, Mas, Pseudorehearsal, Rehearsal, Si};
        let method = self.method.unwrap_or(MethodName::Vanilla);
        let concerns = |methods: &[MethodName]| methods.contains(&method);
        self.proportion = self.proportion.filter(|_| concerns(&[Rehearsal, Pseudorehearsal, Gem, AGem]));
        self.memory_batch = self.memory_batch.filter(|_| concerns(&[Gem, AGem]));
        self.margin = self.margin.filter(|_| concerns(&[Gem]));
        self.projected = self.projected.filter(|_| concerns(&[Gem, AGem]));
        let probes = concerns(&[Pseudorehearsal]);
        self.max_sweeps = self.max_sweeps.filter(|_| probes);
        self.pseudo_growth = self.pseudo_growth.filter(|_| probes);
        self.pseudo_unique = self.pseudo_unique.filter(|_| probes);
        self.pseudo_task_neurons = self.pseudo_task_neurons.filter(|_| probes);
        let penalty = concerns(&[L2, Ewc, Mas, Si]);
        self.lambda = self.lambda.filter(|_| penalty);
        self.penalty_entry = self.penalty_entry.filter(|_| penalty);
        self.importance = self.importance.filter(|_| concerns(&[Ewc, Mas]));
        self.importance_items = self.importance_items.filter(|_| concerns(&[Ewc, Mas]));
        self.importance_normalised = self.importance_normalised.filter(|_| concerns(&[Ewc, Mas, Si]));
        self.norm_squared = self.norm_squared.filter(|_| concerns(&[Mas]));
        self.xi = self.xi.filter(|_| concerns(&[Si]));
        self
    }

    /// Fills in the defaults and checks the ranges.
    pub fn config(self) -> Result<Config, ConfigError> {
        // Where nothing is given they depend on others; until then, NaN stands for that, and must not be given.
        for (name, value) in [("lambda", self.lambda), ("final_temperature", self.final_temperature)] {
            if value.is_some_and(f64::is_nan) {
                return Err(ConfigError::Range {
                    name,
                    value: "NaN".to_owned(),
                    remedy: "give a number, or leave it out",
                });
            }
        }
        let mut config = self.or_default();
        if config.final_temperature.is_nan() {
            config.final_temperature = config.temperature;
        }
        if config.lambda.is_nan() {
            config.lambda = preset::lambda(config.method, config.n);
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
        range("margin", &self.margin, self.margin.is_finite() && self.margin >= 0.0, "give a number from 0")?;
        range("max_sweeps", &self.max_sweeps, self.max_sweeps >= 1, "give at least 1 sweep")?;
        range("lambda", &self.lambda, self.lambda.is_finite() && self.lambda >= 0.0, "give a number from 0")?;
        range("xi", &self.xi, above_zero(self.xi), positive)?;
        let past = self.method != MethodName::Gem || self.tasks <= 17;
        range("tasks", &self.tasks, past, "GEM looks back on 16 tasks at most: give up to 17")?;
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
            ("lambda = nan", "lambda = NaN"),
            ("final_temperature = nan", "final_temperature = NaN"),
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
