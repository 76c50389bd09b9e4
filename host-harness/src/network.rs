//! A trained network, with all that is needed to use it.

use dam_nostd::{Fixed32, Scalar, Shape};

use crate::config::{Config, Precision};
use crate::data::{Dataset, Encoding};
use crate::rows::{LANES, Row, Rows};
use crate::tasks;

/// Weights in the number type they were trained in, `[memory][neuron]`.
#[derive(Clone, Debug, PartialEq)]
pub enum Weights {
    /// 32-bit.
    F32(Vec<f32>),
    /// 64-bit.
    F64(Vec<f64>),
}

impl From<Vec<f32>> for Weights {
    fn from(weights: Vec<f32>) -> Self {
        Self::F32(weights)
    }
}

impl From<Vec<f64>> for Weights {
    fn from(weights: Vec<f64>) -> Self {
        Self::F64(weights)
    }
}

/// The weights that fixed-point numbers stand for: `f32` holds them exactly where they are of the size of 16 at most.
impl From<Vec<Fixed32>> for Weights {
    fn from(weights: Vec<Fixed32>) -> Self {
        Self::F32(weights.into_iter().map(Scalar::as_weight).collect())
    }
}

impl Weights {
    /// The number type.
    pub fn precision(&self) -> Precision {
        match self {
            Self::F32(_) => Precision::F32,
            Self::F64(_) => Precision::F64,
        }
    }

    /// How many numbers.
    pub fn len(&self) -> usize {
        match self {
            Self::F32(weights) => weights.len(),
            Self::F64(weights) => weights.len(),
        }
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// As `f64`, which holds all of them exactly.
    pub fn wide(&self) -> Vec<f64> {
        match self {
            Self::F32(weights) => weights.iter().copied().map(f64::from).collect(),
            Self::F64(weights) => weights.clone(),
        }
    }

    /// In rows of [`LANES`] lanes, as the core wants them.
    pub fn rows<S: Scalar>(&self, shape: &Shape) -> Rows<S> {
        let mut rows = Rows::zeroed(shape.rows(LANES));
        let mut fill = |weight: &dyn Fn(usize) -> f64| {
            for memory in 0..shape.memories() {
                for neuron in 0..shape.neurons() {
                    let place = &mut rows[memory / LANES * shape.neurons() + neuron][memory % LANES];
                    *place = S::of_weight(S::Wide::from_f64(weight(memory * shape.neurons() + neuron)));
                }
            }
        };
        match self {
            Self::F32(weights) => fill(&|i| f64::from(weights[i])),
            Self::F64(weights) => fill(&|i| weights[i]),
        }
        rows
    }
}

/// A trained network: its weights, the configuration it was trained with, and the permutation of each task.
#[derive(Clone, Debug, PartialEq)]
pub struct TrainedNetwork {
    /// What it was trained with.
    pub config: Config,
    /// Pixels of an image across and down.
    pub image: (usize, usize),
    /// Classes.
    pub classes: usize,
    /// Digest of the images it was trained with.
    pub data_digest: String,
    /// How the table that it was trained with became neurons; absent for images.
    pub encoding: Option<Encoding>,
    /// `[task][pixel]`: the neuron that shows a pixel of the image, row by row.
    pub permutations: Vec<Vec<u16>>,
    /// `[memory][neuron]`.
    pub weights: Weights,
    /// How many of the tasks it has learned, from the first on.
    pub learned: usize,
}

impl TrainedNetwork {
    /// The network of `config` with the weights `rows`.
    pub fn new<S: Scalar>(config: &Config, data: &Dataset, shape: &Shape, rows: &[Row<S>]) -> Self
    where
        Weights: From<Vec<S>>,
    {
        let memory = |memory: usize| {
            let block = &rows[memory / LANES * shape.neurons()..][..shape.neurons()];
            block.iter().map(move |row| row[memory % LANES])
        };
        Self {
            config: config.clone(),
            image: (data.width(), data.height()),
            classes: data.classes(),
            data_digest: data.digest().to_owned(),
            encoding: data.encoding().cloned(),
            permutations: (0..config.tasks).map(|t| tasks::permutation(config, t, data.pixels())).collect(),
            weights: (0..shape.memories()).flat_map(memory).collect::<Vec<S>>().into(),
            learned: config.tasks,
        }
    }

    /// The same, as it is after its first `learned` tasks.
    pub fn after(self, learned: usize) -> Self {
        Self { learned, ..self }
    }

    /// Neurons and memory vectors.
    pub fn shape(&self) -> Result<Shape, crate::config::ConfigError> {
        self.config.shape(self.image.0 * self.image.1, self.classes)
    }
}
