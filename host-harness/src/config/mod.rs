//! The configuration of a trial: every choice that can change its result, and nothing else.
//!
//! One list makes both [`Settings`] (each value may be absent: command-line flags and TOML files)
//! and [`Config`] (each value is there: what a trial runs with and a result records). Settings that were
//! added later are at the end of it: they are left out of files where they have their default, as in files from before them.

mod batch;
mod check;
mod choices;
mod core;
mod error;
mod kind;
mod number_or_text;
pub mod value;

use std::path::Path;

use dam_nostd::train::Training;
use serde::{Deserialize, Serialize};

use crate::data::Pixels;
use value::Value;

pub use batch::{Batch, Sample};
pub use choices::*;
pub use error::ConfigError;
pub use kind::{Kind, OwnTask};

macro_rules! settings {
    (
        $($(#[doc = $doc:literal])* $name:ident: $type:ty = $default:expr,)+;
        $($(#[doc = $later_doc:literal])* $later:ident: $later_type:ty = $later_default:expr,)+
    ) => {
        /// Values that may be absent: flags of the command line, or the keys of a TOML file.
        #[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, clap::Args)]
        #[serde(deny_unknown_fields)]
        pub struct Settings {
            $(
                $(#[doc = $doc])*
                #[arg(long, value_name = "VALUE", allow_negative_numbers = true)]
                pub $name: Option<$type>,
            )+
            $(
                $(#[doc = $later_doc])*
                #[arg(long, value_name = "VALUE", allow_negative_numbers = true)]
                #[serde(skip_serializing_if = "Option::is_none")]
                pub $later: Option<$later_type>,
            )+
        }

        /// What a trial runs with. Everything that can change its result is here.
        #[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
        #[serde(into = "Settings", try_from = "Settings")]
        pub struct Config {
            $($(#[doc = $doc])* pub $name: $type,)+
            $($(#[doc = $later_doc])* pub $later: $later_type,)+
        }

        impl From<&Config> for Settings {
            fn from(config: &Config) -> Self {
                Self {
                    $($name: Some(config.$name.clone()),)+
                    $($later: (config.$later != $later_default).then(|| config.$later.clone()),)+
                }
            }
        }

        impl TryFrom<Settings> for Config {
            type Error = String;

            fn try_from(settings: Settings) -> Result<Self, String> {
                Ok(Self {
                    $($name: settings.$name.ok_or(concat!("missing field `", stringify!($name), "`"))?,)+
                    $($later: settings.$later.unwrap_or_else(|| $later_default),)+
                })
            }
        }

        impl Settings {
            /// The names of all settings.
            pub const NAMES: &[&str] = &[$(stringify!($name),)+ $(stringify!($later)),+];

            /// These values, and those of `under` where these are absent.
            #[must_use]
            pub fn over(self, under: Self) -> Self {
                Self { $($name: self.$name.or(under.$name),)+ $($later: self.$later.or(under.$later),)+ }
            }

            /// These values but for those of which `keep` does not want the name.
            #[must_use]
            pub fn only(self, keep: impl Fn(&str) -> bool) -> Self {
                Self {
                    $($name: self.$name.filter(|_| keep(stringify!($name))),)+
                    $($later: self.$later.filter(|_| keep(stringify!($later))),)+
                }
            }

            /// These values, and the defaults where they are absent. Where a default depends on other settings, it is not a
            /// number yet.
            pub(crate) fn or_default(self) -> Config {
                Config {
                    $($name: self.$name.unwrap_or_else(|| $default),)+
                    $($later: self.$later.unwrap_or_else(|| $later_default),)+
                }
            }
        }

        impl Config {
            /// Every setting by its name.
            pub fn values(&self) -> Vec<(&'static str, Value)> {
                vec![
                    $((stringify!($name), Value::from(self.$name.clone())),)+
                    $((stringify!($later), Value::from(self.$later.clone())),)+
                ]
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
    /// Lambda of the penalty of L2, EWC, MAS and SI [default: by method and interaction vertex]
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
;
    /// Size that images are pooled to, such as 14x14, or "own"
    pixels: Pixels = Pixels::Own,
    /// Images that tasks are drawn from
    pool: PoolName = PoolName::All,
    /// Kind of tasks: permuted, rotated, split, instances, or a TOML file of tasks
    kind: Kind = Kind::Permuted,
    /// Share of the pixels that each task permutes
    permuted_share: f64 = 1.0,
    /// Degrees by which each rotated task is turned further than the one before
    angle: f64 = 30.0,
    /// Classes of each split task
    classes_per_task: usize = 2,
    /// Whether items show which task they are of
    task_id: bool = true,
    /// Interaction vertex that pseudorehearsal relaxes probes with; 0 for n
    probe_vertex: u32 = 0,
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
    #[must_use]
    pub fn recorded(self) -> Self {
        self.over(Self { decays: Some(DecaysName::Epoch), ..Self::default() })
    }
}

impl From<Config> for Settings {
    fn from(config: Config) -> Self {
        Self::from(&config)
    }
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
