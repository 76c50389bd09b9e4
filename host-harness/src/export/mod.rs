//! Models for boards, made from trained networks.
//!
//! The layout is that of `docs/exported-model.md`, which [`dam_nostd::recall`] reads.

pub mod digits;
pub mod report;
pub mod text;

use std::ops::Range;

use dam_nostd::Shape;
use dam_nostd::recall::model::{HEADER, MAGIC, MOST_MEMORIES, MOST_VERTEX, Sections, VERSION, checksum, padded, word};
use dam_nostd::recall::packed::Packed;
use dam_nostd::recall::powers::bits;
use dam_nostd::recall::{Model, ModelError, Precision};

use crate::config::{CodingName, ConfigError, ContextName, InteractionName};
use crate::network::{TrainedNetwork, Weights};

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
    /// The configuration has no sense.
    #[error(transparent)]
    Config(#[from] ConfigError),
    /// It cannot be read again.
    #[error(transparent)]
    Model(#[from] ModelError),
}

/// The words of `network` as a model of `precision`, for states in the pixel order of `task` (from 1).
///
/// # Errors
/// A network of a kind that exported models are not.
pub fn model(network: &TrainedNetwork, precision: ExportPrecision, task: usize) -> Result<Vec<u32>, ExportError> {
    let source = Source::new(network, task)?;
    let words = match precision {
        ExportPrecision::I8 => source.quantised::<i8>()?,
        ExportPrecision::I16 => source.quantised::<i16>()?,
        ExportPrecision::F32 => source.float(),
    };
    match precision {
        ExportPrecision::I8 => Model::<i8>::open(&words).map(drop)?,
        ExportPrecision::I16 => Model::<i16>::open(&words).map(drop)?,
        ExportPrecision::F32 => Model::<f32>::open(&words).map(drop)?,
    }
    Ok(words)
}

/// A network whose pixel neurons are in the order of an image, in bipolar form.
///
/// Models are bipolar: a similarity is twice the weights of +1 neurons less the weights that are *counted*, all of them.
/// Where off input neurons count nothing, twice the similarity has that form, too: the weights to class neurons are
/// doubled and only they are counted; beta / N is halved.
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
        let i = k * self.shape.neurons() + self.order[place];
        if k >= self.shape.memories() {
            return 0.0;
        }
        let weight = match &self.network.weights {
            Weights::F32(weights) => f64::from(weights[i]),
            Weights::F64(weights) => weights[i],
        };
        if place < self.shape.class_neurons().start { weight } else { self.stretch * weight }
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

    fn finished(mut words: Vec<u32>) -> Vec<u32> {
        words[word::CHECKSUM] = checksum(&words);
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
        Self::finished(words)
    }

    fn quantised<W: Packed>(&self) -> Result<Vec<u32>, ExportError> {
        let shape = &self.shape;
        let (memories, shown, classes) = (padded::<W>(shape), shape.class_neurons().start, shape.classes());
        let config = &self.network.config;
        let scales: Vec<f64> = (0..memories).map(|k| self.scale(k, f64::from(W::MOST))).collect();
        let weight = |k: usize, place| (self.weight(k, place) / scales[k]).round() as i64;
        let size = |k, places: Range<usize>| places.map(|place| weight(k, place).unsigned_abs()).sum::<u64>();
        // An input neuron adds one weight of either sign, or two or none of one.
        let largest_sum = |k| self.stretch as u64 * size(k, 0..shown) + size(k, shown..shape.neurons());
        let sums: Vec<u64> = (0..memories).map(largest_sum).collect();
        if let Some(k) = sums.iter().position(|&sum| sum >= 1 << 30) {
            return Err(ExportError::ClassWeights(k));
        }
        // H 2^a below 2^30 in every state, so that twice any weight times 2^a is below 2^31.
        let widest = sums.iter().copied().max().unwrap_or(0).max(1);
        let rise = 30 - (u64::BITS - widest.leading_zeros());
        // Bases below 2^B, and factors of at most 31 bits.
        let beta = self.beta();
        let largest = (0..shape.memories()).map(|k| scales[k] * beta).fold(0.0, f64::max);
        let shift = bits(memories) as i32 + 1 - largest.log2().floor() as i32;
        let factor = |k: usize| ((scales[k] * beta * f64::from(shift).exp2()).round() as i64).min(i64::from(i32::MAX));
        // Twice a weight as a base, before it is rounded.
        let twice = |k, place| i128::from(weight(k, place) << (rise + 1)) * i128::from(factor(k));
        let base = |k, place| (twice(k, place) >> 32) as i32;
        // Of the rounded bases: where all memory vectors stay above 0 nothing of the leak is left.
        let drift = |place: usize| (0..memories).map(|k| i64::from(base(k, place))).sum::<i64>();

        let mut words = self.header::<W>();
        words[word::LEAK] = (config.leak * 32_f64.exp2()).round().min(f64::from(u32::MAX)) as u32;
        words[word::RISE] = rise;
        words[word::SCALE] = (shift - 32 + rise as i32) as u32;
        words.extend((0..memories).map(|k| factor(k) as u32));
        let total = |k| (self.counted..shape.neurons()).map(|place| weight(k, place)).sum::<i64>() << rise;
        words.extend((0..memories).map(|k| total(k) as u32));
        let top = |k| (shown..shape.neurons()).map(|place| base(k, place)).fold(0, i32::max);
        words.extend((0..memories).map(|k| top(k) as u32));
        let peak = |k| (0..shown).map(|place| base(k, place).abs()).max().unwrap_or(0) + 1;
        words.extend((0..memories).map(|k| peak(k) as u32));
        words.extend((0..shape.neurons()).map(drift).flat_map(|drift| [drift as u32, (drift >> 32) as u32]));
        words.extend((0..memories * classes).map(|i| base(i / classes, shown + i % classes) as u32));
        for group in 0..memories / W::LANES {
            for place in 0..shown {
                let lanes: Vec<u32> = (0..W::LANES)
                    .map(|lane| (weight(group * W::LANES + lane, place) + i64::from(W::OFFSET)) as u32)
                    .collect();
                let pack = |lanes: &[u32]| lanes.iter().rev().fold(0, |word, lane| word << (W::BITS % 32) | lane);
                words.extend(lanes.chunks(32 / W::BITS as usize).map(pack));
            }
        }
        Ok(Self::finished(words))
    }

    /// What one unit of a weight of memory vector k is worth: its largest weight, class neurons apart, is `most` units.
    fn scale(&self, k: usize, most: f64) -> f64 {
        let shown = self.shape.class_neurons().start;
        let largest = |places: Range<usize>| places.map(|place| self.weight(k, place).abs()).fold(0.0, f64::max);
        let largest =
            [largest(0..shown), largest(shown..self.shape.neurons())].into_iter().find(|&largest| largest > 0.0);
        largest.unwrap_or(1.0) / most
    }
}
