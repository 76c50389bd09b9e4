//! MNIST in three parts: what networks for boards are trained on, what their settings are chosen by, and what is reported.

use dam_nostd::bits;
use host_harness::data::{DataError, Dataset};
use host_harness::export::digits::Digits;

/// Images of MNIST that are its training images; the others are its test images.
const TRAINING: usize = 60_000;

/// Images in two parts.
#[derive(Debug)]
pub struct Splits {
    /// MNIST's 60 000 training images. A trial keeps a share of those that it draws for validation.
    pub training: Dataset,
    /// MNIST's 10 000 test images, of which no training and no choice of settings sees any.
    pub test: Dataset,
}

impl Splits {
    /// Of images whose pixels are on from grey value `threshold`, made smaller to `pixels` across and down.
    ///
    /// # Errors
    /// A threshold that the embedded images do not have; a size that is none.
    pub fn new(threshold: u8, pixels: (usize, usize)) -> Result<Self, DataError> {
        let data = Dataset::embedded(threshold)?.pooled(pixels.0, pixels.1)?;
        Ok(Self { training: part(&data, 0..TRAINING)?, test: part(&data, TRAINING..data.len())? })
    }
}

/// These images of a set, as a set.
///
/// # Errors
/// None are given.
pub fn part(data: &Dataset, images: impl Iterator<Item = usize> + Clone) -> Result<Dataset, DataError> {
    let bits = images.clone().flat_map(|image| data.image(image).iter().copied()).collect();
    let labels = images.map(|image| data.label(image)).collect();
    Dataset::from_parts(data.name(), data.width(), data.height(), data.threshold(), bits, labels)
}

/// Images as states of a network of one task, its neuron on and all class neurons off.
pub fn states(data: &Dataset, images: impl IntoIterator<Item = usize>) -> Digits {
    let words = (data.pixels() + 1 + data.classes()).div_ceil(32);
    let mut digits = Digits { words, states: Vec::new(), labels: Vec::new() };
    for image in images {
        let mut state = vec![0; words];
        for pixel in 0..data.pixels() {
            bits::set(&mut state, pixel, bits::is_on(data.image(image), pixel));
        }
        bits::set(&mut state, data.pixels(), true);
        digits.states.extend(state);
        digits.labels.push(data.label(image));
    }
    digits
}
