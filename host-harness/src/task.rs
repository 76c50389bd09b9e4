//! Permuted tasks: which images, which permutation, and how an item is laid out.
//!
//! An item's pixels are kept in tiles of 2 x 2, so that the four bits which the core sums at once are neighbours in the
//! image: of 149 pixels that are on in a mean digit, 49 tiles are not empty, against 55 groups of four in a row.

use dam_nostd::bits;
use dam_nostd::rng::{self, Purpose, Xoshiro128PlusPlus};
use dam_nostd::{Items, Permutations, Shape};

use crate::config::{Config, PoolName};
use crate::data::Dataset;

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
    fn of(data: &Dataset, shape: &Shape, tiles: &[u16], task: usize, images: impl Iterator<Item = usize>) -> Self {
        let mut packed = Self::default();
        for image in images {
            let mut item = vec![0; shape.words()];
            for (position, &pixel) in tiles.iter().enumerate() {
                bits::set(&mut item, position, bits::is_on(data.image(image), usize::from(pixel)));
            }
            bits::set(&mut item, shape.task_neurons().start + task, true);
            bits::set(&mut item, shape.class_neurons().start + usize::from(data.label(image)), true);
            packed.words.extend(item);
            packed.permutations.push(task as u8);
        }
        packed
    }

    /// As the core takes them.
    pub fn items(&self, shape: &Shape) -> Items<'_> {
        Items::new(shape.words(), &self.words, &self.permutations)
    }
}

/// More images were asked for than the set has.
#[derive(Debug, thiserror::Error)]
#[error("items = {items}: {name} has {images} images; give at most so many")]
pub struct TooManyItems {
    items: usize,
    name: String,
    images: usize,
}

/// How many images tasks are drawn from: the first ones of the set.
pub fn pool(config: &Config, data: &Dataset) -> usize {
    match config.pool {
        PoolName::All => data.len(),
        PoolName::Train => data.training_images(),
    }
}

/// Whether `data` has the images of a task of `config`.
///
/// # Errors
/// It has too few.
pub fn enough(config: &Config, data: &Dataset) -> Result<(), TooManyItems> {
    let (items, images) = (config.items, pool(config, data));
    let name = match config.pool {
        PoolName::All => data.name().to_owned(),
        PoolName::Train => format!("the training part of {}", data.name()),
    };
    if items <= images { Ok(()) } else { Err(TooManyItems { items, name, images }) }
}

impl Tasks {
    /// Draws the tasks of `config` from `data`. Everything depends on the seed alone.
    pub fn draw(config: &Config, data: &Dataset, shape: Shape) -> Result<Self, TooManyItems> {
        enough(config, data)?;
        let tiles = tiles(data.width(), data.height());
        let mut maps = Vec::with_capacity(config.tasks * tiles.len());
        let mut tasks = Vec::with_capacity(config.tasks);
        for task in 0..config.tasks {
            let permutation = permutation(config.seed, task, tiles.len());
            maps.extend(tiles.iter().map(|&pixel| permutation[usize::from(pixel)]));
            let mut images = Xoshiro128PlusPlus::of(config.seed, Purpose::Images, task as u32);
            let mut chosen = Vec::with_capacity(config.items);
            rng::choose(pool(config, data), config.items, &mut images, |i| chosen.push(i));
            rng::shuffle(&mut chosen, &mut images);
            let (validation, training) = chosen.split_at(config.validation_items());
            let pack = |images: &[usize]| Packed::of(data, &shape, &tiles, task, images.iter().copied());
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

/// The test images of `data` as items of `task`.
pub fn test_items(data: &Dataset, shape: &Shape, task: usize) -> Packed {
    let tiles = tiles(data.width(), data.height());
    Packed::of(data, shape, &tiles, task, data.training_images()..data.len())
}

/// The permutation of the pixels of `task`: the neuron that shows each pixel.
pub fn permutation(seed: u64, task: usize, pixels: usize) -> Vec<u16> {
    let mut permutation: Vec<u16> = (0..pixels as u16).collect();
    rng::shuffle(&mut permutation, &mut Xoshiro128PlusPlus::of(seed, Purpose::Permutation, task as u32));
    permutation
}

/// The pixels of an image in tiles of 2 x 2, row by row of tiles; what is left at the edges comes last.
pub fn tiles(width: usize, height: usize) -> Vec<u16> {
    let mut order = Vec::with_capacity(width * height);
    let mut edges = vec![];
    for top in (0..height).step_by(2) {
        for left in (0..width).step_by(2) {
            let whole = top + 1 < height && left + 1 < width;
            let tile = [(0, 0), (0, 1), (1, 0), (1, 1)].map(|(down, right)| (top + down, left + right));
            let inside = tile.into_iter().filter(|&(y, x)| y < height && x < width);
            let pixels = inside.map(|(y, x)| (y * width + x) as u16);
            if whole { order.extend(pixels) } else { edges.extend(pixels) }
        }
    }
    order.extend(edges);
    order
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tiles_are_a_permutation_of_neighbours() {
        assert_eq!(tiles(4, 2), [0, 1, 4, 5, 2, 3, 6, 7]);
        for (width, height) in [(28, 28), (5, 3), (1, 1), (14, 14)] {
            let mut order = tiles(width, height);
            order.sort_unstable();
            assert!(order.into_iter().eq(0..(width * height) as u16));
        }
    }

    #[test]
    fn permutations_of_tasks_differ_and_repeat() {
        assert_eq!(permutation(7, 0, 100), permutation(7, 0, 100));
        assert_ne!(permutation(7, 0, 100), permutation(7, 1, 100));
        assert_ne!(permutation(7, 0, 100), permutation(8, 0, 100));
    }
}
