//! Labelled black-and-white images: where they come from and how they are held.
//!
//! A [`Dataset`] holds one bit per pixel. It comes from one of three places:
//!
//! * MNIST, compiled into the program ([`Dataset::embedded`]);
//! * grey-value files in the IDX format ([`Dataset::from_idx_dir`]), which covers MNIST,
//!   Fashion-MNIST, KMNIST and EMNIST;
//! * bits that the caller already has ([`Dataset::from_parts`]).
//!
//! Two sets with the same content have the same [`Dataset::digest`], wherever they came from.

mod embedded;
mod error;
mod files;
pub mod idx;
pub mod mnist;
pub mod pack;
mod pool;
pub mod rows;
pub mod sets;
mod size;
pub mod sketch;

use std::fmt;
use std::path::{Path, PathBuf};

use sets::Part;
use sha2::{Digest, Sha256};

pub use embedded::EMBEDDED_THRESHOLDS;
pub use error::DataError;
pub use mnist::pack_mnist;
pub use rows::Encoding;
pub use size::{PixelSize, Pixels};

/// A labelled set of black-and-white images, bit-packed.
///
/// All images have the same width and height. An image is `ceil(width * height / 32)` words:
/// the pixel at row `y` and column `x` has the number `p = y * width + x` and is bit `p % 32`
/// (least significant first) of word `p / 32`. Bits past the last pixel are zero.
///
/// ```
/// use host_harness::data::Dataset;
///
/// // Two images of 3 x 2 pixels: the top row on, and a single pixel at the bottom right.
/// let set = Dataset::from_parts("bars", 3, 2, 1, vec![0b000_111, 0b100_000], vec![0, 1])?;
/// assert_eq!((set.len(), set.pixels(), set.classes()), (2, 6, 2));
/// assert_eq!(set.image(0), [0b000_111]);
/// assert_eq!(set.label(1), 1);
/// assert_eq!(set.density(), 4.0 / 12.0);
/// # Ok::<(), host_harness::data::DataError>(())
/// ```
#[derive(Clone, PartialEq)]
pub struct Dataset {
    name: String,
    width: usize,
    height: usize,
    threshold: u8,
    words_per_image: usize,
    bits: Vec<u32>,
    labels: Vec<u8>,
    training: usize,
    first_label: u8,
    digest: String,
    encoding: Option<Encoding>,
    /// Where it is of several sets.
    parts: Vec<Part>,
}

impl Dataset {
    /// The images of a directory, as [`from_idx_dir`](Self::from_idx_dir) reads them, or the embedded ones, at a size; or the
    /// rows of a file ([`rows`]), or several sets of images ([`sets`]).
    ///
    /// # Errors
    ///
    /// Those of these, and of [`pooled`](Self::pooled).
    pub fn load(path: Option<&Path>, threshold: u8, pixels: Pixels) -> Result<Dataset, DataError> {
        Self::load_encoded(path, threshold, pixels, None)
    }

    /// The same, a table encoded as `encoding` says.
    ///
    /// # Errors
    ///
    /// Those of [`load`](Self::load).
    pub fn load_encoded(
        path: Option<&Path>,
        threshold: u8,
        pixels: Pixels,
        encoding: Option<&Encoding>,
    ) -> Result<Dataset, DataError> {
        let several = path.map_or(Ok(vec![]), rows::sets)?;
        if let Some(path) = path.filter(|path| several.is_empty() && rows::is_rows(path)) {
            return match (threshold, pixels) {
                (1, Pixels::Own) => rows::load(path, encoding),
                (1, _) => {
                    Err(DataError::NotImages { path: path.to_owned(), name: "pixels", value: pixels.to_string() })
                }
                _ => {
                    Err(DataError::NotImages { path: path.to_owned(), name: "threshold", value: threshold.to_string() })
                }
            };
        }
        let set = match path {
            Some(file) if !several.is_empty() => sets::load(file, &several, threshold)?,
            Some(dir) => Dataset::from_idx_dir(dir, threshold)?,
            None => Dataset::embedded(threshold)?,
        };
        match pixels {
            Pixels::Own => Ok(set),
            Pixels::Pooled(PixelSize { width, height }) => {
                let pooled = set.pooled(width, height)?;
                let on = pooled.density();
                if on > 0.0 && on < 1.0 { Ok(pooled) } else { Err(DataError::PooledFlat { to: (width, height), on }) }
            }
        }
    }

    /// The grey value that is `share` of the largest one of a directory, at least 1; of 255 without a directory.
    ///
    /// # Errors
    ///
    /// Images that cannot be read.
    pub fn grey_value(dir: Option<&Path>, share: Share) -> Result<u8, DataError> {
        let largest = dir.map_or(Ok(u8::MAX), files::largest)?;
        Ok((share.0 * f64::from(largest)).ceil().max(1.0) as u8)
    }

    /// MNIST as compiled into the program: 70 000 images of 28 × 28 pixels, the 60 000 training
    /// images first, then the 10 000 test images.
    ///
    /// A pixel is on if its grey value (0 to 255) is at least `threshold`. Only the thresholds in
    /// [`EMBEDDED_THRESHOLDS`] are stored: 1 ("any non-zero pixel") and 128.
    ///
    /// # Errors
    ///
    /// [`DataError::EmbeddedThreshold`] for any other threshold.
    ///
    /// ```
    /// use host_harness::data::Dataset;
    ///
    /// let mnist = Dataset::embedded(128)?;
    /// assert_eq!((mnist.len(), mnist.pixels(), mnist.classes()), (70_000, 784, 10));
    /// # Ok::<(), host_harness::data::DataError>(())
    /// ```
    pub fn embedded(threshold: u8) -> Result<Dataset, DataError> {
        embedded::load(threshold)
    }

    /// Reads a set in the IDX format: training images, then test images.
    ///
    /// `dir` is a directory with four files (images and labels of both parts; the test part may be
    /// missing), or, if the files
    /// have a common prefix, `DIR/PREFIX`; see [the file names](idx#file-names). A file may be
    /// gzipped, whatever its name says. A pixel is on if its grey value is at least `threshold`.
    ///
    /// Images are taken as they are stored. EMNIST stores its images with rows and columns
    /// exchanged, so they appear transposed; for a fully connected network that is one fixed
    /// permutation of the pixels.
    ///
    /// # Errors
    ///
    /// A threshold of 0 (it would switch every pixel on), one that no pixel or every pixel reaches,
    /// a missing or unreadable file, a malformed one, parts that do not fit together, and a directory with files of several
    /// prefixes. Each message names the file and the value.
    pub fn from_idx_dir(dir: &Path, threshold: u8) -> Result<Dataset, DataError> {
        files::load(dir, threshold)
    }

    /// A set from packed bits, laid out as described at [`Dataset`].
    ///
    /// `bits` holds the words of all images one after the other and `labels` one class number
    /// per image. `threshold` is the grey value from which a pixel counts as on; for bits that
    /// never were grey values, give 1.
    ///
    /// # Errors
    ///
    /// Zero width or height, more than `u32::MAX` pixels, threshold 0, no images, a number of
    /// words that does not fit the number of labels, and bits set past the last pixel.
    pub fn from_parts(
        name: impl Into<String>,
        width: usize,
        height: usize,
        threshold: u8,
        bits: Vec<u32>,
        labels: Vec<u8>,
    ) -> Result<Dataset, DataError> {
        let pixels = width
            .checked_mul(height)
            .filter(|&pixels| pixels > 0 && u32::try_from(pixels).is_ok())
            .ok_or(DataError::ImageSize { width, height })?;
        if threshold == 0 {
            return Err(DataError::ThresholdZero);
        }
        if labels.is_empty() {
            return Err(DataError::NoImages);
        }
        let words_per_image = words_for(pixels);
        if labels.len().checked_mul(words_per_image) != Some(bits.len()) {
            return Err(DataError::WordCount { images: labels.len(), words_per_image, words: bits.len() });
        }
        if pixels % 32 != 0 {
            let stray = u32::MAX << (pixels % 32);
            let bad = bits.chunks_exact(words_per_image).position(|image| image[words_per_image - 1] & stray != 0);
            if let Some(image) = bad {
                return Err(DataError::StrayBits { image, pixels });
            }
        }
        let digest = digest(width, height, threshold, &bits, &labels);
        let training = labels.len();
        Ok(Dataset {
            name: name.into(),
            width,
            height,
            threshold,
            words_per_image,
            bits,
            labels,
            training,
            first_label: 0,
            digest,
            encoding: None,
            parts: vec![],
        })
    }

    /// The same rows, which `encoding` made of a table.
    fn encoded(mut self, encoding: Encoding) -> Dataset {
        self.encoding = Some(encoding);
        self
    }

    /// What made these rows of a table.
    pub fn encoding(&self) -> Option<&Encoding> {
        self.encoding.as_ref()
    }

    /// The same images, which are several sets.
    fn of_parts(mut self, parts: Vec<Part>) -> Dataset {
        self.parts = parts;
        self
    }

    /// The names of its sets, where it is several.
    pub fn sets(&self) -> impl Iterator<Item = &str> {
        self.parts.iter().map(|part| part.name.as_str())
    }

    /// Whether image `i` is of the set called `name`.
    pub fn is_of(&self, name: &str, i: usize) -> bool {
        let part = self.parts.iter().find(|part| part.name == name);
        part.is_some_and(|part| part.images.iter().any(|images| images.contains(&i)))
    }

    /// Whether pixels are beside each other in two directions: not in rows.
    pub fn are_images(&self) -> bool {
        self.height > 1
    }

    /// The same images, of which the first `training` are for training and the others for tests.
    #[must_use]
    pub fn divided(mut self, training: usize) -> Dataset {
        self.training = training.min(self.len());
        self
    }

    /// The same images at a smaller size, by area pooling.
    ///
    /// A pixel of the result covers a rectangle of the original (of fractional size where the
    /// sizes do not divide) and is on if the on-pixels fill at least a certain part of it. That
    /// part is one number for the whole set, chosen so that the [density](Dataset::density) of
    /// the result comes closest to that of the original; of two equally close, the smaller part.
    ///
    /// The density, not a fixed part, decides because it governs how far apart two images are, and
    /// because strokes thinner than the rectangle would get lost or swell. Measured on MNIST:
    ///
    /// | threshold | density at 28 × 28 | at 20 × 20 | at 14 × 14      | at 7 × 7         |
    /// |-----------|--------------------|------------|-----------------|------------------|
    /// | 1         | 0.1914             | 0.1919     | 0.2216 (2 of 4) | 0.2036 (8 of 16) |
    /// | 128       | 0.1325             | 0.1336     | 0.1592 (2 of 4) | 0.1344 (8 of 16) |
    ///
    /// In brackets: how many pixels of a rectangle have to be on. At 20 × 20, where the rectangle
    /// is 1.4 × 1.4 pixels, it is 47 % of the area.
    ///
    /// # Errors
    ///
    /// [`DataError::PooledSize`] unless `1 <= width <= self.width()`, and the same for the height.
    pub fn pooled(&self, width: usize, height: usize) -> Result<Dataset, DataError> {
        pool::pooled(self, width, height)
    }

    /// The part of its area from which a pixel of the set [`pooled`](Self::pooled) to this size is on, where a pixel of this
    /// set has `width * height` tiles and one of the result `self.width() * self.height()`.
    ///
    /// # Errors
    ///
    /// As [`pooled`](Self::pooled).
    pub fn cut(&self, width: usize, height: usize) -> Result<u32, DataError> {
        pool::cut(self, width, height)
    }

    /// What the set is called: `MNIST` for the embedded one, the prefix or directory for files.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Pixels in a row.
    pub fn width(&self) -> usize {
        self.width
    }

    /// Pixels in a column.
    pub fn height(&self) -> usize {
        self.height
    }

    /// Pixels in an image: `width * height`.
    pub fn pixels(&self) -> usize {
        self.width * self.height
    }

    /// Number of classes: the largest label plus one.
    ///
    /// Files whose labels start at another number, such as EMNIST Letters at 1, are read as if they
    /// started at 0; see [`first_label`](Dataset::first_label).
    pub fn classes(&self) -> usize {
        self.labels.iter().max().map_or(0, |&label| usize::from(label) + 1)
    }

    /// Number of images.
    pub fn len(&self) -> usize {
        self.labels.len()
    }

    /// Whether there are no images. Never true: every constructor refuses an empty set.
    pub fn is_empty(&self) -> bool {
        self.labels.is_empty()
    }

    /// The same images, whose classes were numbered from `first` on in the files.
    fn labelled_from(mut self, first: u8) -> Dataset {
        self.first_label = first;
        self
    }

    /// The label of class 0 in the files that the set was read from: 0, or 1 for EMNIST Letters.
    pub fn first_label(&self) -> u8 {
        self.first_label
    }

    /// Number of images that are for training: the first ones. The others are the set's own test images.
    pub fn training_images(&self) -> usize {
        self.training
    }

    /// What a user should know of these images before learning them, a sentence each: blank ones, classes without any.
    ///
    /// ```
    /// use host_harness::data::Dataset;
    ///
    /// let set = Dataset::from_parts("bars", 2, 1, 1, vec![0b01, 0b00], vec![0, 2])?;
    /// assert_eq!(set.warnings().len(), 2);
    /// assert!(set.warnings()[1].starts_with("bars has no image of class 1"));
    /// # Ok::<(), host_harness::data::DataError>(())
    /// ```
    pub fn warnings(&self) -> Vec<String> {
        let mut warnings = vec![];
        let blank = self.bits.chunks_exact(self.words_per_image).filter(|image| image.iter().all(|&word| word == 0));
        let (name, threshold, images) = (&self.name, self.threshold, self.len());
        match blank.count() {
            0 => {}
            blank => warnings.push(format!(
                "{blank} of the {images} images of {name} have no pixel on at threshold {threshold}; look at them with dam data, or give a lower --threshold"
            )),
        }
        if self.first_label > 0 {
            let first = self.first_label;
            warnings.push(format!("the labels of {name} start at {first}: class 0 is label {first}, and so on"));
        }
        let counts = self.class_counts();
        let absent: Vec<String> =
            counts.iter().enumerate().filter(|&(_, &count)| count == 0).map(|(class, _)| class.to_string()).collect();
        if !absent.is_empty() {
            let absent = absent.join(", ");
            warnings.push(format!(
                "{name} has no image of class {absent}: its class neuron is never on; number the labels from 0 without gaps"
            ));
        }
        warnings
    }

    /// The bits of image `i`: `ceil(pixels / 32)` words, laid out as described at [`Dataset`].
    ///
    /// # Panics
    ///
    /// If `i >= self.len()`.
    pub fn image(&self, i: usize) -> &[u32] {
        &self.bits[i * self.words_per_image..][..self.words_per_image]
    }

    /// The class of image `i`.
    ///
    /// # Panics
    ///
    /// If `i >= self.len()`.
    pub fn label(&self, i: usize) -> u8 {
        self.labels[i]
    }

    /// The grey value from which a pixel counts as on.
    pub fn threshold(&self) -> u8 {
        self.threshold
    }

    /// A fingerprint of the content: SHA-256 as 64 lower-case hexadecimal digits.
    ///
    /// The bytes hashed are, in this order: the width and the height as 32-bit integers, the
    /// threshold as one byte, the words of all images, and the labels as one byte each. Integers
    /// and words are little-endian. The name is not part of it.
    pub fn digest(&self) -> &str {
        &self.digest
    }

    /// How many images each class has: [`classes`](Dataset::classes) entries.
    pub fn class_counts(&self) -> Vec<usize> {
        let mut counts = vec![0; self.classes()];
        for &label in &self.labels {
            counts[usize::from(label)] += 1;
        }
        counts
    }

    /// The share of pixels that are on, over all images: between 0 and 1.
    pub fn density(&self) -> f64 {
        self.on_pixels() as f64 / (self.len() as f64 * self.pixels() as f64)
    }

    fn on_pixels(&self) -> u64 {
        self.bits.iter().map(|word| u64::from(word.count_ones())).sum()
    }
}

/// A share of the largest grey value: above 0, at most 1.
///
/// ```
/// use host_harness::data::Share;
///
/// assert!("0.5".parse::<Share>().is_ok());
/// assert!("0".parse::<Share>().is_err() && "50%".parse::<Share>().is_err());
/// ```
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Share(f64);

impl std::str::FromStr for Share {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        match text.parse() {
            Ok(share) if share > 0.0 && share <= 1.0 => Ok(Self(share)),
            _ => Err(format!("give a number above 0, at most 1, such as 0.5; not {text:?}")),
        }
    }
}

// A derived form would print megabytes of bits when a test fails.
impl fmt::Debug for Dataset {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Dataset")
            .field("name", &self.name)
            .field("width", &self.width)
            .field("height", &self.height)
            .field("threshold", &self.threshold)
            .field("len", &self.len())
            .field("digest", &self.digest)
            .finish_non_exhaustive()
    }
}

/// The files that [`Dataset::load`] reads of `path`, as far as they are there.
pub fn sources(path: &Path) -> Vec<PathBuf> {
    match rows::sets(path) {
        Ok(sets) if !sets.is_empty() => {
            let own = sets.iter().filter_map(|set| set.path(path));
            [path.to_owned()].into_iter().chain(own.flat_map(|path| files::sources(&path))).collect()
        }
        _ if rows::is_rows(path) => rows::sources(path),
        _ => files::sources(path),
    }
}

/// Words that hold `pixels` bits.
fn words_for(pixels: usize) -> usize {
    pixels.div_ceil(32)
}

fn digest(width: usize, height: usize, threshold: u8, bits: &[u32], labels: &[u8]) -> String {
    let mut hash = Sha256::new();
    // The caller has checked that both sizes fit.
    hash.update((width as u32).to_le_bytes());
    hash.update((height as u32).to_le_bytes());
    hash.update([threshold]);
    let mut bytes = [0; 4 * 4096];
    for words in bits.chunks(bytes.len() / 4) {
        for (bytes, word) in bytes.as_chunks_mut().0.iter_mut().zip(words) {
            *bytes = word.to_le_bytes();
        }
        hash.update(&bytes[..4 * words.len()]);
    }
    hash.update(labels);
    hex(&hash.finalize())
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_digest_hashes_the_documented_bytes() {
        let set = Dataset::from_parts("x", 3, 12, 7, vec![1, 8, 0x0403_0201, 0], vec![5, 0]).expect("valid parts");
        let mut bytes = vec![3, 0, 0, 0, 12, 0, 0, 0, 7];
        bytes.extend([1, 0, 0, 0, 8, 0, 0, 0, 1, 2, 3, 4, 0, 0, 0, 0]);
        bytes.extend([5, 0]);
        assert_eq!(set.digest(), hex(&Sha256::digest(&bytes)));
    }

    #[test]
    fn the_name_does_not_change_the_digest() {
        let named = |name: &str| Dataset::from_parts(name, 2, 2, 1, vec![5], vec![0]).unwrap();
        assert_eq!(named("a").digest(), named("b").digest());
    }

    #[test]
    fn every_other_part_changes_the_digest() {
        let digest = |w, h, t, bits: u32, label| {
            let set = Dataset::from_parts("x", w, h, t, vec![bits], vec![label]).unwrap();
            set.digest().to_owned()
        };
        let all = [
            digest(2, 3, 1, 5, 0),
            digest(3, 2, 1, 5, 0),
            digest(2, 3, 2, 5, 0),
            digest(2, 3, 1, 4, 0),
            digest(2, 3, 1, 5, 1),
        ];
        for (i, a) in all.iter().enumerate() {
            assert!(!all[..i].contains(a), "{i}");
        }
    }

    #[test]
    fn classes_are_the_largest_label_plus_one() {
        let set = Dataset::from_parts("x", 1, 1, 1, vec![0, 1, 1], vec![3, 1, 3]).unwrap();
        assert_eq!(set.classes(), 4);
        assert_eq!(set.class_counts(), [0, 1, 0, 2]);
    }

    fn refusal(width: usize, height: usize, threshold: u8, bits: Vec<u32>, n: usize) -> String {
        Dataset::from_parts("x", width, height, threshold, bits, vec![0; n]).expect_err("invalid parts").to_string()
    }

    #[test]
    fn invalid_parts_are_refused_with_their_values() {
        assert!(refusal(0, 4, 1, vec![], 1).contains("0 x 4"));
        assert!(refusal(usize::MAX, 2, 1, vec![], 1).contains("pixels"));
        assert!(refusal(2, 2, 0, vec![0], 1).contains("threshold 0"));
        assert!(refusal(2, 2, 1, vec![], 0).contains("no images"));
        assert!(refusal(7, 5, 1, vec![0; 3], 2).contains("3 words"));
        let stray = refusal(7, 5, 1, vec![0, 7, 0, 8], 2);
        assert!(stray.contains("image 1") && stray.contains("35"), "{stray}");
    }
}
