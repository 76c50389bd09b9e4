//! Who says what is a digit: the nearest training image, and how far away it is.

use dam_nostd::bits;
use serde::Serialize;

use super::NeuronMaps;
use crate::tasks::Tasks;

/// Images of a class that are compared with each other, at most.
const COMPARED: usize = 1000;

/// The judge of one task, and how it judges that task's own validation images.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Standard {
    /// Training images.
    pub images: usize,
    /// `[class]`: pixels in which a state may differ from the nearest training image and still be a digit of that class:
    /// the median over pairs of the class's training images, of the first 1000, of the pixels in which two differ.
    pub reach: Vec<u32>,
    /// Share of the validation images that are digits of their class by this.
    pub recognised: f64,
}

/// What the training image nearest to a state is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Nearest {
    /// Pixels that differ.
    pub distance: u32,
    /// Its class.
    pub class: usize,
}

/// The training images of the tasks that a network has learned.
#[derive(Debug)]
pub(crate) struct Judge {
    tasks: Vec<Bench>,
}

#[derive(Debug)]
struct Bench {
    /// Words of an image.
    words: usize,
    /// One image after the other, in the order of positions.
    images: Vec<u32>,
    classes: Vec<usize>,
    standard: Standard,
}

impl Judge {
    pub fn new(tasks: &Tasks, maps: &NeuronMaps) -> Self {
        let shape = &maps.shape;
        let words = shape.pixels().div_ceil(32);
        let bench = |task: usize| {
            let items = tasks.training(task);
            let class = |item: &[u32]| shape.class_neurons().position(|neuron| bits::is_on(item, neuron)).unwrap_or(0);
            let images = (0..items.len()).flat_map(|i| pixels(items.bits(i), shape.pixels())).collect();
            let classes = (0..items.len()).map(|i| class(items.bits(i))).collect();
            let standard = Standard { images: items.len(), reach: vec![], recognised: 0.0 };
            let mut bench = Bench { words, images, classes, standard };
            bench.standard.reach = (0..shape.classes()).map(|class| bench.typical(class)).collect();
            let (validation, labels) = tasks.validation(task);
            let digit = |&(i, &label): &(usize, &u8)| {
                let nearest = bench.nearest(&pixels(validation.bits(i), shape.pixels()));
                bench.is_digit(nearest, usize::from(label))
            };
            let right = labels.iter().enumerate().filter(digit).count();
            bench.standard.recognised = right as f64 / labels.len() as f64;
            bench
        };
        Self { tasks: (0..maps.learned).map(bench).collect() }
    }

    /// Each task's.
    pub fn standards(&self) -> Vec<Standard> {
        self.tasks.iter().map(|bench| bench.standard.clone()).collect()
    }

    /// The training image of `task` that is nearest to a state in neuron order.
    pub fn nearest(&self, task: usize, state: &[u32], maps: &NeuronMaps) -> Nearest {
        let bench = &self.tasks[task];
        let mut image = vec![0; bench.words];
        for (position, &neuron) in maps.of(task).iter().enumerate() {
            bits::set(&mut image, position, bits::is_on(state, usize::from(neuron)));
        }
        bench.nearest(&image)
    }

    /// Whether what is nearest says that a state of `task` is a digit of `class`.
    pub fn is_digit(&self, task: usize, nearest: Nearest, class: usize) -> bool {
        self.tasks[task].is_digit(nearest, class)
    }
}

impl Bench {
    fn nearest(&self, image: &[u32]) -> Nearest {
        let each = self.images.chunks_exact(self.words).zip(&self.classes);
        let each = each.map(|(other, &class)| Nearest { distance: differ(other, image), class });
        // Tasks have at least one training item.
        each.min_by_key(|nearest| nearest.distance).unwrap_or(Nearest { distance: u32::MAX, class: 0 })
    }

    fn is_digit(&self, nearest: Nearest, class: usize) -> bool {
        nearest.class == class && nearest.distance <= self.standard.reach[class]
    }

    /// Pixels in which two images of a class typically differ; 0 where there are no two.
    fn typical(&self, class: usize) -> u32 {
        let each = self.images.chunks_exact(self.words).zip(&self.classes);
        let own: Vec<&[u32]> = each.filter(|(_, own)| **own == class).map(|(image, _)| image).take(COMPARED).collect();
        let pairs = own.iter().enumerate().flat_map(|(i, one)| own[..i].iter().map(|other| differ(one, other)));
        let mut distances: Vec<u32> = pairs.collect();
        distances.sort_unstable();
        distances.get(distances.len().saturating_sub(1) / 2).copied().unwrap_or(0)
    }
}

/// Pixels in which two images differ.
fn differ(one: &[u32], other: &[u32]) -> u32 {
    one.iter().zip(other).map(|(a, b)| (a ^ b).count_ones()).sum()
}

/// The pixels of an item, without its other neurons.
fn pixels(item: &[u32], pixels: usize) -> Vec<u32> {
    let mut words = item[..pixels.div_ceil(32)].to_vec();
    if let (Some(last), 1..) = (words.last_mut(), pixels % 32) {
        *last &= (1 << (pixels % 32)) - 1;
    }
    words
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_nearest_image_judges_and_the_first_of_two_equally_near() {
        let standard = Standard { images: 3, reach: vec![1; 8], recognised: 1.0 };
        let bench = Bench { words: 1, images: vec![0b1111, 0b0000, 0b0011], classes: vec![7, 1, 2], standard };
        assert_eq!(bench.nearest(&[0b0111]), Nearest { distance: 1, class: 7 });
        assert_eq!(bench.nearest(&[0b0010]), Nearest { distance: 1, class: 1 });
        assert!(bench.is_digit(Nearest { distance: 1, class: 7 }, 7));
        assert!(!bench.is_digit(Nearest { distance: 2, class: 7 }, 7));
        assert!(!bench.is_digit(Nearest { distance: 0, class: 7 }, 1));
    }

    #[test]
    fn two_images_of_a_class_typically_differ_by_the_median() {
        let standard = Standard { images: 4, reach: vec![], recognised: 1.0 };
        let images = vec![0b0000, 0b0001, 0b0111, 0b1111_0000];
        let bench = Bench { words: 1, images, classes: vec![1, 1, 1, 0], standard };
        // 1, 2 and 3.
        assert_eq!((bench.typical(1), bench.typical(0), bench.typical(7)), (2, 0, 0));
    }

    #[test]
    fn other_neurons_are_no_pixels() {
        assert_eq!(pixels(&[u32::MAX, u32::MAX], 36), [u32::MAX, 0b1111]);
        assert_eq!(pixels(&[u32::MAX, u32::MAX], 32), [u32::MAX]);
    }
}
