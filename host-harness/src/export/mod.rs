//! Models for boards, made from trained networks.
//!
//! The layout is that of `docs/exported-model.md`, which [`dam_nostd::recall`] reads.

pub mod board;
pub mod digits;
pub mod margins;
pub mod report;
pub mod text;
mod trainable;

pub use trainable::{Further, trainable};

use dam_nostd::recall::model::{HEADER, MAGIC, MOST_MEMORIES, MOST_VERTEX, Sections, VERSION, checksum, padded, word};
use dam_nostd::recall::packed::Packed;
use dam_nostd::recall::{Content, Model, ModelError, Precision, QuantiseError, quantise};
use dam_nostd::store::{Description, Sink};
use dam_nostd::{Model as Network, Shape};

use crate::config::{CodingName, ConfigError, ContextName, InteractionName};
use crate::data::{DataError, Dataset};
use crate::machine::MachineError;
use crate::network::{TrainedNetwork, Weights};
use crate::tasks::TaskError;

/// The number type of an exported model's weights.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
pub enum ExportPrecision {
    /// 8 bits, with a scale for each memory vector
    I8,
    /// 16 bits, with a scale for each memory vector
    I16,
    /// 32-bit floating point
    F32,
}

impl ExportPrecision {
    /// Its name in Rust.
    pub fn name(self) -> &'static str {
        match self {
            Self::I8 => "i8",
            Self::I16 => "i16",
            Self::F32 => "f32",
        }
    }
}

/// Why a network cannot be exported.
#[derive(Debug, thiserror::Error)]
pub enum ExportError {
    /// A setting that exported models do not have.
    #[error("{name} = {value}: exported models have {remedy}; train with that")]
    Setting {
        /// The setting.
        name: &'static str,
        /// Its value.
        value: String,
        /// What they have.
        remedy: &'static str,
    },
    /// No such task.
    #[error("task {task}: the network has {tasks}; give one from 1 to {tasks}")]
    NoSuchTask {
        /// The one that was asked for.
        task: usize,
        /// How many there are.
        tasks: usize,
    },
    /// Class weights so large beside the others that their units do not fit.
    #[error("memory vector {0}: its weights to class neurons are too large beside the others; export as f32")]
    ClassWeights(usize),
    /// Fewer neurons for further training than the network has.
    #[error("the network has {tasks} tasks and {classes} classes: give as many or more")]
    Smaller {
        /// Its task-ID neurons.
        tasks: usize,
        /// Its class neurons.
        classes: usize,
    },
    /// The images are too few for its tasks.
    #[error(transparent)]
    Tasks(#[from] TaskError),
    /// This machine is not as it should be.
    #[error(transparent)]
    Machine(#[from] MachineError),
    /// The configuration has no sense.
    #[error(transparent)]
    Config(#[from] ConfigError),
    /// There is no model of it for another reason.
    #[error(transparent)]
    Quantise(#[from] QuantiseError),
    /// It cannot be read again.
    #[error(transparent)]
    Model(#[from] ModelError),
}

/// What a model is to be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Options {
    /// The number type of its weights.
    pub precision: ExportPrecision,
    /// The task, from 1, in whose order of pixels states are to be given.
    pub task: usize,
    /// What it has the numbers for; a model of floating point always has all.
    pub content: Content,
    /// The images that a device gets, where that is known.
    pub sensor: Option<Sensor>,
    /// The margin below which an answer is rejected, times 2^16.
    pub rejection: u32,
}

/// The images of a sensor, which the network's are made of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Sensor {
    /// Pixels across and down.
    pub size: (usize, usize),
    /// The least share of a pixel of the network's that has to be on, in tiles.
    pub cut: u32,
}

impl Sensor {
    /// That of `network`, which was trained with `images`, here in their own size.
    ///
    /// # Errors
    /// Images that are smaller than the network's.
    pub fn of(network: &TrainedNetwork, images: &Dataset) -> Result<Self, DataError> {
        let size = (images.width(), images.height());
        // A pixel alone has all tiles or none.
        let cut = if size == network.image { 1 } else { images.cut(network.image.0, network.image.1)? };
        Ok(Self { size, cut })
    }
}

/// The words of `network` as a model of `precision`, for states in the pixel order of `task` (from 1), with all that a model
/// can have but a sensor.
///
/// # Errors
/// A network of a kind that exported models are not.
pub fn model(network: &TrainedNetwork, precision: ExportPrecision, task: usize) -> Result<Vec<u32>, ExportError> {
    model_with(network, &Options { precision, task, content: Content::All, sensor: None, rejection: 0 })
}

/// The words of `network` as a model.
///
/// # Errors
/// A network of a kind that exported models are not.
pub fn model_with(network: &TrainedNetwork, options: &Options) -> Result<Vec<u32>, ExportError> {
    let source = Source::new(network, options.task)?;
    let mut words = match options.precision {
        ExportPrecision::I8 => source.quantised::<i8>(options.content)?,
        ExportPrecision::I16 => source.quantised::<i16>(options.content)?,
        ExportPrecision::F32 => source.float(),
    };
    if let Some(Sensor { size, cut }) = options.sensor {
        words[word::SENSOR] = size.0 as u32 | (size.1 as u32) << 16;
        words[word::CUT] = cut;
    }
    words[word::REJECTION] = options.rejection;
    words[word::CHECKSUM] = checksum(&words);
    match options.precision {
        ExportPrecision::I8 => Model::<i8>::open(&words).map(drop)?,
        ExportPrecision::I16 => Model::<i16>::open(&words).map(drop)?,
        ExportPrecision::F32 => Model::<f32>::open(&words).map(drop)?,
    }
    Ok(words)
}

/// Words as they come.
struct Words(Vec<u32>);

impl Sink for Words {
    fn put(&mut self, word: u32) {
        self.0.push(word);
    }
}

/// A network whose pixel neurons are in the order of an image, in bipolar form: [`quantise`] tells of it.
struct Source<'a> {
    network: &'a TrainedNetwork,
    shape: Shape,
    /// The neuron that stands at each place.
    order: Vec<usize>,
    /// The first place whose weight is counted while it is off.
    counted: usize,
    /// What similarities are multiplied with, 1 or 2: weights to class neurons are, beta / N is divided by it.
    stretch: f64,
}

impl<'a> Source<'a> {
    fn new(network: &'a TrainedNetwork, task: usize) -> Result<Self, ExportError> {
        let config = &network.config;
        let refuse =
            |name, value: &dyn ToString, remedy| Err(ExportError::Setting { name, value: value.to_string(), remedy });
        if config.context == ContextName::Zero {
            return refuse("context", &config.context, "class neurons that are off");
        }
        if config.interaction == InteractionName::Polynomial {
            return refuse("interaction", &config.interaction, "one that rectifies");
        }
        if config.leak >= 1.0 {
            return refuse("leak", &config.leak, "one below 1");
        }
        if config.n > MOST_VERTEX {
            return refuse("n", &config.n, "an interaction vertex of at most 255");
        }
        if config.memories > MOST_MEMORIES {
            return refuse("memories", &config.memories, "at most 65536 memory vectors");
        }
        Self::ordered(network, task)
    }

    /// Of any kind, in the pixel order of `task`.
    fn ordered(network: &'a TrainedNetwork, task: usize) -> Result<Self, ExportError> {
        let config = &network.config;
        let shape = network.shape()?;
        let permutation = task.checked_sub(1).and_then(|task| network.permutations.get(task));
        let permutation = permutation.ok_or(ExportError::NoSuchTask { task, tasks: shape.tasks() })?;
        let order = permutation.iter().map(|&neuron| usize::from(neuron)).chain(shape.pixels()..shape.neurons());
        let (counted, stretch) = match config.coding {
            CodingName::Bipolar => (0, 1.0),
            CodingName::Binary => (shape.class_neurons().start, 2.0),
        };
        Ok(Self { network, shape, order: order.collect(), counted, stretch })
    }

    /// Weight of memory vector k to the neuron at `place`; 0 beyond the network.
    fn weight(&self, k: usize, place: usize) -> f64 {
        if k >= self.shape.memories() {
            return 0.0;
        }
        let weight = self.own_weight(k, place);
        if place < self.shape.class_neurons().start { weight } else { self.stretch * weight }
    }

    /// As it was trained.
    fn own_weight(&self, k: usize, place: usize) -> f64 {
        let i = k * self.shape.neurons() + self.order[place];
        match &self.network.weights {
            Weights::F32(weights) => f64::from(weights[i]),
            Weights::F64(weights) => weights[i],
        }
    }

    /// Everything but the weights.
    fn description(&self) -> Result<Description, ExportError> {
        let config = &self.network.config;
        let Network { shape, coding, interaction, .. } = config.model::<f64>(self.shape)?;
        Ok(Description {
            shape,
            image: (self.network.image.0 as u16, self.network.image.1 as u16),
            threshold: config.threshold,
            coding,
            kind: interaction.kind(),
            vertex: interaction.vertex(),
            leak: config.leak,
            temperature: config.final_temperature,
            rule: config.rule(),
            importances: false,
        })
    }

    /// beta / N, by the stretch.
    fn beta(&self) -> f64 {
        1.0 / (self.network.config.final_temperature * self.shape.neurons() as f64 * self.stretch)
    }

    fn header<W: Precision>(&self) -> Vec<u32> {
        let (config, shape) = (&self.network.config, &self.shape);
        let kind = match config.interaction {
            InteractionName::FallingLeak => 0,
            InteractionName::RisingLeak => 1,
            InteractionName::Rectified | InteractionName::Polynomial => 2,
        };
        let mut words = vec![0; HEADER];
        words[word::MAGIC] = MAGIC;
        words[word::VERSION] = VERSION | W::BITS << 16;
        words[word::LENGTH] = Sections::new::<W>(shape).words() as u32;
        words[word::IMAGE] = self.network.image.0 as u32 | (self.network.image.1 as u32) << 16;
        words[word::GROUPS] = shape.tasks() as u32 | (shape.classes() as u32) << 16;
        words[word::MEMORIES] = shape.memories() as u32;
        words[word::INTERACTION] = kind | config.n << 8;
        words[word::THRESHOLD] = u32::from(config.threshold);
        words
    }

    fn float(&self) -> Vec<u32> {
        let shape = &self.shape;
        let (memories, shown, classes) = (padded::<f32>(shape), shape.class_neurons().start, shape.classes());
        let weight = |k, place| (self.weight(k, place) as f32).to_bits();
        let config = &self.network.config;
        let mut words = self.header::<f32>();
        words[word::LEAK] = (config.leak as f32).to_bits();
        words[word::SCALE] = (self.beta() as f32).to_bits();
        words.extend((0..memories).map(|k| {
            let total = (self.counted..shape.neurons()).fold(0.0, |sum, place| sum + self.weight(k, place) as f32);
            f32::to_bits(total)
        }));
        words.extend((0..memories * classes).map(|i| weight(i / classes, shown + i % classes)));
        for group in 0..memories / f32::LANES {
            for place in 0..shown {
                words.extend((0..f32::LANES).map(|lane| weight(group * f32::LANES + lane, place)));
            }
        }
        words
    }

    fn quantised<W: Packed>(&self, content: Content) -> Result<Vec<u32>, ExportError> {
        let mut words = Words(Vec::new());
        let mut scales = vec![0.0; padded::<W>(&self.shape)];
        let weight = |k: usize, place: usize| self.own_weight(k, place);
        quantise::<W>(&self.description()?, content, &weight, &mut scales, &mut words).map_err(
            |error| match error {
                QuantiseError::ClassWeights(k) => ExportError::ClassWeights(k),
                error => ExportError::Quantise(error),
            },
        )?;
        Ok(words.0)
    }
}
