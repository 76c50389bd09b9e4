//! The tasks of a trial: which images, how they differ from task to task, and how an item is laid out.
//!
//! An item's pixels are kept in tiles of 2 x 2, so that the four bits which the core sums at once are neighbours in the
//! image: of 149 pixels that are on in a mean digit, 49 tiles are not empty, against 55 groups of four in a row. A
//! permutation is not applied to an item, but kept beside it.

mod instances;
pub mod kinds;
mod list;
mod permuted;
pub mod pixels;
mod pool;
pub mod relation;
mod rotated;
mod split;

use dam_nostd::bits;
use dam_nostd::{Items, Permutations, Shape};

use crate::config::Config;
use crate::data::Dataset;
use kinds::Making;
pub use pixels::tiles;
pub use pool::{TaskError, enough, pool};

/// The tasks of a trial.
#[derive(Debug)]
pub struct Tasks {
    shape: Shape,
    maps: Vec<u16>,
    tasks: Vec<Task>,
}

/// One task's items.
#[derive(Debug)]
struct Task {
    training: Packed,
    validation: Packed,
    labels: Vec<u8>,
}

/// Items, bit-packed, one after the other.
#[derive(Clone, Debug, Default)]
pub struct Packed {
    words: Vec<u32>,
    permutations: Vec<u8>,
}

impl Packed {
    /// These images of `data` as items of `task`, their pixels in the order of `tiles`.
    fn of(config: &Config, data: &Dataset, shape: &Shape, tiles: &[u16], task: usize, images: &[usize]) -> Self {
        let Making { angle, .. } = making(config, task);
        let (width, height) = (data.width(), data.height());
        let mut positions = vec![0; tiles.len()];
        for (position, &pixel) in tiles.iter().enumerate() {
            positions[usize::from(pixel)] = position;
        }
        let mut packed = Self::default();
        for &image in images {
            let turned = (angle != 0.0).then(|| pixels::turned(data.image(image), width, height, angle));
            let pixels = turned.as_deref().unwrap_or(data.image(image));
            let start = packed.words.len();
            packed.words.resize(start + shape.words(), 0);
            let item = &mut packed.words[start..];
            bits::each_on(pixels, positions.len(), |pixel| bits::set(item, positions[pixel], true));
            bits::set(item, shape.task_neurons().start + task, config.task_id);
            bits::set(item, shape.class_neurons().start + usize::from(data.label(image)), true);
            packed.permutations.push(task as u8);
        }
        packed
    }

    /// As the core takes them.
    pub fn items(&self, shape: &Shape) -> Items<'_> {
        Items::new(shape.words(), &self.words, &self.permutations)
    }
}

/// What makes `task` of `config`.
pub fn making(config: &Config, task: usize) -> Making {
    kinds::of(&config.kind).making(config, task)
}

/// The permutation of the pixels of `task` of `config`: the neuron that shows each pixel.
pub fn permutation(config: &Config, task: usize, pixels: usize) -> Vec<u16> {
    pixels::permutation(config.seed, task, pixels, making(config, task).permuted)
}

impl Tasks {
    /// Draws the tasks of `config` from `data`. Everything depends on the seed alone.
    ///
    /// # Errors
    /// Too few images, or classes.
    pub fn draw(config: &Config, data: &Dataset, shape: Shape) -> Result<Self, TaskError> {
        enough(config, data)?;
        let tiles = tiles(data.width(), data.height());
        let mut maps = Vec::with_capacity(config.tasks * tiles.len());
        let mut tasks = Vec::with_capacity(config.tasks);
        for task in 0..config.tasks {
            let permutation = permutation(config, task, tiles.len());
            maps.extend(tiles.iter().map(|&pixel| permutation[usize::from(pixel)]));
            let chosen = pool::drawn(config, data, task);
            let (validation, training) = chosen.split_at(config.validation_items());
            let pack = |images: &[usize]| Packed::of(config, data, &shape, &tiles, task, images);
            tasks.push(Task {
                training: pack(training),
                validation: pack(validation),
                labels: validation.iter().map(|&image| data.label(image)).collect(),
            });
        }
        Ok(Self { shape, maps, tasks })
    }

    /// Neurons and memory vectors.
    pub fn shape(&self) -> Shape {
        self.shape
    }

    /// How many tasks.
    pub fn len(&self) -> usize {
        self.tasks.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.tasks.is_empty()
    }

    /// The permutations of the tasks.
    pub fn permutations(&self) -> Permutations<'_> {
        Permutations::new(self.shape.pixels(), &self.maps).expect("a permutation after a permutation is one")
    }

    /// The items that `task` is trained on.
    pub fn training(&self, task: usize) -> Items<'_> {
        self.tasks[task].training.items(&self.shape)
    }

    /// The items that all tasks are trained on.
    pub fn joined(&self) -> Packed {
        let mut joined = Packed::default();
        for Task { training, .. } in &self.tasks {
            joined.words.extend(&training.words);
            joined.permutations.extend(&training.permutations);
        }
        joined
    }

    /// The items that `task` is validated with, and their classes.
    pub fn validation(&self, task: usize) -> (Items<'_>, &[u8]) {
        let Task { validation, labels, .. } = &self.tasks[task];
        (validation.items(&self.shape), labels)
    }
}

/// The test images of `data` as items of `task`, and their classes.
pub fn test_items(config: &Config, data: &Dataset, shape: &Shape, task: usize) -> (Packed, Vec<u8>) {
    let tiles = tiles(data.width(), data.height());
    let images = pool::of_task(config, data, task, data.training_images()..data.len());
    let labels = images.iter().map(|&image| data.label(image)).collect();
    (Packed::of(config, data, shape, &tiles, task, &images), labels)
}
