//! The IDX format of MNIST and the sets modelled on it.
//!
//! An image file is a 16-byte header (the magic number `0x00000803`, the number of images, of
//! rows and of columns, each a big-endian 32-bit integer) and then one byte of grey value per
//! pixel, row by row, image by image. A label file is an 8-byte header (the magic number
//! `0x00000801` and the number of labels) and then one byte per label. Labels may also be signed
//! bytes or integers of 16 or 32 bits (`09`, `0B` or `0C` in the third byte), and stand in the
//! first of several columns (`02` in the fourth byte, and the number of columns after that of
//! labels), as those of QMNIST do; each is to be from 0 to 255.
//!
//! # File names
//!
//! A directory holds one file for each of training images, training labels, test images and test
//! labels, or only the two of the training part. In a name, `-idx3-ubyte` and `.idx3-ubyte` are
//! both accepted, with or without `.gz` behind it, and `idx2-int` for labels; the test part is
//! called `t10k` or `test`. So `train-images-idx3-ubyte`,
//! `train-images.idx3-ubyte`, `t10k-labels-idx1-ubyte.gz` and `test-labels-idx1-ubyte` are all
//! found. If one item is there under several names, a file without `.gz` goes first.
//!
//! All four may have a common prefix, as in `emnist-digits-train-images-idx3-ubyte.gz`. If a
//! directory holds several prefixes, the path has to say which: `DIR/emnist-digits`.

use std::borrow::Cow;

/// Magic number of an image file: unsigned bytes in three dimensions.
pub const IMAGES_MAGIC: u32 = 0x0000_0803;

/// Magic number of a label file: unsigned bytes in one dimension.
pub const LABELS_MAGIC: u32 = 0x0000_0801;

/// Signed bytes in one dimension.
const SIGNED_LABELS_MAGIC: u32 = 0x0000_0901;

/// The images of one IDX file, borrowed from its bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Images<'a> {
    count: usize,
    height: usize,
    width: usize,
    grey: &'a [u8],
}

impl<'a> Images<'a> {
    /// Number of images, at least 1.
    pub fn count(&self) -> usize {
        self.count
    }

    /// Number of rows, at least 1.
    pub fn height(&self) -> usize {
        self.height
    }

    /// Number of columns, at least 1.
    pub fn width(&self) -> usize {
        self.width
    }

    /// Grey values of all images: `count * height * width` bytes, row by row, image by image.
    pub fn grey(&self) -> &'a [u8] {
        self.grey
    }
}

/// Why bytes are not a well-formed IDX file.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum IdxError {
    /// The file starts with another magic number.
    #[error(
        "wrong magic number: expected {expected:#010x}, got {found:#010x}; \
         is it an IDX file of the other kind, or another format?"
    )]
    WrongMagic {
        /// [`IMAGES_MAGIC`] or [`LABELS_MAGIC`].
        expected: u32,
        /// The first four bytes, big-endian.
        found: u32,
    },

    /// A label that no class can have.
    #[error("label {index} (from 0) is {value}: classes are numbered from 0 to 255")]
    Label {
        /// Which label.
        index: usize,
        /// What it is.
        value: i64,
    },

    /// The file ends too early.
    #[error("truncated: {expected} bytes are needed but there are {found}; fetch the file again")]
    Truncated {
        /// The length that the header implies, or the header's own.
        expected: u128,
        /// The length of the file.
        found: usize,
    },

    /// There are bytes behind the last item.
    #[error(
        "{} trailing bytes: the header implies {expected} bytes but there are {found}; \
         fetch the file again",
        *found as u128 - *expected
    )]
    TrailingBytes {
        /// The length that the header implies.
        expected: u128,
        /// The length of the file.
        found: usize,
    },

    /// The header says that there are no items.
    #[error("the header says that the file holds zero {items}: give a file that holds some")]
    Empty {
        /// "images" or "labels".
        items: &'static str,
    },

    /// The header says that an image has no pixels.
    #[error("the header says that an image has {width} x {height} pixels: both must be at least 1")]
    NoPixels {
        /// Number of columns.
        width: u32,
        /// Number of rows.
        height: u32,
    },
}

/// Reads an image file that is not compressed.
///
/// Any bytes are safe to give: the length is checked against the header before anything is used,
/// and nothing is allocated.
///
/// # Errors
///
/// Another magic number, no images, no pixels, and any length but the one the header implies.
///
/// ```
/// use host_harness::data::idx::parse_images;
///
/// let bytes = [0, 0, 8, 3, 0, 0, 0, 1, 0, 0, 0, 2, 0, 0, 0, 1, 255, 7];
/// let images = parse_images(&bytes)?;
/// assert_eq!((images.count(), images.height(), images.width()), (1, 2, 1));
/// assert_eq!(images.grey(), [255, 7]);
/// # Ok::<(), host_harness::data::idx::IdxError>(())
/// ```
pub fn parse_images(bytes: &[u8]) -> Result<Images<'_>, IdxError> {
    let [count, height, width] = header(bytes, IMAGES_MAGIC)?;
    if count == 0 {
        return Err(IdxError::Empty { items: "images" });
    }
    if height == 0 || width == 0 {
        return Err(IdxError::NoPixels { width, height });
    }
    // Three 32-bit numbers: their product fits 128 bits, not 64.
    let size = u128::from(count) * u128::from(height) * u128::from(width);
    let grey = body::<3>(bytes, size)?;
    Ok(Images { count: count as usize, height: height as usize, width: width as usize, grey })
}

/// Reads a label file that is not compressed: bytes, or integers of 16 or 32 bits, alone or in the
/// first of several columns.
///
/// Any bytes are safe to give, as with [`parse_images`].
///
/// # Errors
///
/// Another magic number, no labels, a label that is not from 0 to 255, and any length but the one
/// the header implies.
///
/// ```
/// use host_harness::data::idx::parse_labels;
///
/// assert_eq!(*parse_labels(&[0, 0, 8, 1, 0, 0, 0, 2, 5, 7])?, [5, 7]);
/// // One row of two columns of 32 bits.
/// let row = [0, 0, 12, 2, 0, 0, 0, 1, 0, 0, 0, 2, 0, 0, 0, 3, 0, 0, 1, 1];
/// assert_eq!(*parse_labels(&row)?, [3]);
/// # Ok::<(), host_harness::data::idx::IdxError>(())
/// ```
pub fn parse_labels(bytes: &[u8]) -> Result<Cow<'_, [u8]>, IdxError> {
    let (width, columns) = match bytes {
        [0, 0, kind @ (0x08 | 0x09 | 0x0b | 0x0c), columns @ (1 | 2), ..] => {
            let width = match kind {
                0x08 | 0x09 => 1,
                0x0b => 2,
                _ => 4,
            };
            (width, *columns == 2)
        }
        // The header says what is wrong.
        _ => (1, false),
    };
    let magic = bytes.first_chunk::<4>().map_or(LABELS_MAGIC, |magic| u32::from_be_bytes(*magic));
    let magic = if width > 1 || columns || magic == SIGNED_LABELS_MAGIC { magic } else { LABELS_MAGIC };
    let ([count, columns], whole) = if columns {
        let sizes = header::<2>(bytes, magic)?;
        (sizes, body::<2>(bytes, u128::from(sizes[0]) * u128::from(sizes[1]) * width))
    } else {
        let [count] = header(bytes, magic)?;
        ([count, 1], body::<1>(bytes, u128::from(count) * width))
    };
    if count == 0 || columns == 0 {
        return Err(IdxError::Empty { items: "labels" });
    }
    let whole = whole?;
    if magic == LABELS_MAGIC {
        return Ok(whole.into());
    }
    let row = columns as usize * width as usize;
    let labels = whole.chunks_exact(row).enumerate().map(|(index, row)| {
        let value = match *row {
            [a, b, c, d, ..] if width == 4 => i64::from(i32::from_be_bytes([a, b, c, d])),
            [a, b, ..] if width == 2 => i64::from(i16::from_be_bytes([a, b])),
            [a, ..] if magic >> 8 == SIGNED_LABELS_MAGIC >> 8 => i64::from(a as i8),
            [a, ..] => i64::from(a),
            [] => 0,
        };
        u8::try_from(value).map_err(|_| IdxError::Label { index, value })
    });
    labels.collect()
}

/// The sizes of the `N` dimensions, after the magic number.
fn header<const N: usize>(bytes: &[u8], expected: u32) -> Result<[u32; N], IdxError> {
    let truncated = IdxError::Truncated { expected: header_len::<N>() as u128, found: bytes.len() };
    // The magic number goes first: of a short file of another format, that is what is wrong.
    let Some((magic, rest)) = bytes.split_first_chunk::<4>() else {
        return Err(truncated);
    };
    let found = u32::from_be_bytes(*magic);
    if found != expected {
        return Err(IdxError::WrongMagic { expected, found });
    }
    let mut sizes = [0; N];
    let (words, _) = rest.as_chunks::<4>();
    if words.len() < N {
        return Err(truncated);
    }
    for (size, word) in sizes.iter_mut().zip(words) {
        *size = u32::from_be_bytes(*word);
    }
    Ok(sizes)
}

/// The bytes after the header, if they are as many as `size`.
fn body<const N: usize>(bytes: &[u8], size: u128) -> Result<&[u8], IdxError> {
    let expected = header_len::<N>() as u128 + size;
    let found = bytes.len();
    if (found as u128) < expected {
        return Err(IdxError::Truncated { expected, found });
    }
    if found as u128 > expected {
        return Err(IdxError::TrailingBytes { expected, found });
    }
    Ok(&bytes[header_len::<N>()..])
}

const fn header_len<const N: usize>() -> usize {
    4 + 4 * N
}

#[cfg(test)]
mod tests {
    use super::*;

    fn image_bytes(count: u32, height: u32, width: u32, grey: &[u8]) -> Vec<u8> {
        let mut bytes = IMAGES_MAGIC.to_be_bytes().to_vec();
        for size in [count, height, width] {
            bytes.extend(size.to_be_bytes());
        }
        bytes.extend(grey);
        bytes
    }

    #[test]
    fn every_shorter_length_is_truncated() {
        let whole = image_bytes(2, 2, 1, &[1, 2, 3, 4]);
        assert_eq!(parse_images(&whole).unwrap().grey(), [1, 2, 3, 4]);
        for length in 0..whole.len() {
            let error = parse_images(&whole[..length]).unwrap_err();
            assert!(matches!(error, IdxError::Truncated { found, .. } if found == length), "{length}: {error}");
        }
    }

    #[test]
    fn a_huge_claim_is_only_a_wrong_length() {
        let bytes = image_bytes(u32::MAX, u32::MAX, u32::MAX, &[0; 8]);
        let error = parse_images(&bytes).unwrap_err();
        assert!(error.to_string().contains("79228162458924105385300197391"), "{error}");
    }

    #[test]
    fn a_wrong_magic_number_is_shown_beside_the_right_one() {
        let error = parse_images(&[0, 0, 8, 1, 9]).unwrap_err().to_string();
        assert!(error.contains("expected 0x00000803"), "{error}");
        assert!(error.contains("got 0x00000801"), "{error}");
    }

    #[test]
    fn empty_files_are_refused() {
        assert_eq!(parse_images(&image_bytes(0, 2, 2, &[])), Err(IdxError::Empty { items: "images" }));
        assert_eq!(parse_labels(&[0, 0, 8, 1, 0, 0, 0, 0]), Err(IdxError::Empty { items: "labels" }));
        assert!(matches!(parse_images(&image_bytes(5, 0, 2, &[])), Err(IdxError::NoPixels { width: 2, height: 0 })));
    }

    #[test]
    fn labels_of_other_types_and_in_columns_are_read() {
        let file = |magic: [u8; 2], sizes: &[u32], body: &[u8]| {
            let sizes = sizes.iter().flat_map(|size| size.to_be_bytes());
            [0, 0].into_iter().chain(magic).chain(sizes).chain(body.iter().copied()).collect::<Vec<u8>>()
        };
        for (magic, sizes, body) in [
            ([0x08, 1], &[2][..], &[1, 200][..]),
            ([0x0b, 1], &[2], &[0, 1, 0, 200]),
            ([0x0c, 1], &[2], &[0, 0, 0, 1, 0, 0, 0, 200]),
            ([0x08, 2], &[2, 3], &[1, 9, 9, 200, 9, 9]),
            ([0x0c, 2], &[2, 2], &[0, 0, 0, 1, 9, 9, 9, 9, 0, 0, 0, 200, 9, 9, 9, 9]),
        ] {
            let whole = file(magic, sizes, body);
            assert_eq!(*parse_labels(&whole).unwrap(), [1, 200], "{magic:?}");
            for length in 0..whole.len() {
                assert!(
                    matches!(parse_labels(&whole[..length]), Err(IdxError::Truncated { .. })),
                    "{magic:?} {length}"
                );
            }
        }
        assert_eq!(*parse_labels(&file([0x09, 1], &[1], &[7])).unwrap(), [7]);
        assert_eq!(*parse_labels(&file([0x09, 2], &[1, 2], &[7, 0xff])).unwrap(), [7]);
        let error = |bytes: &[u8]| parse_labels(bytes).unwrap_err();
        assert_eq!(error(&file([0x09, 1], &[1], &[0xff])), IdxError::Label { index: 0, value: -1 });
        assert_eq!(error(&file([0x0c, 1], &[2], &[0, 0, 0, 1, 0, 0, 1, 0])), IdxError::Label { index: 1, value: 256 });
        assert_eq!(error(&file([0x0c, 2], &[2, 0], &[])), IdxError::Empty { items: "labels" });
        let huge = file([0x0c, 2], &[u32::MAX, u32::MAX], &[]);
        assert!(matches!(error(&huge), IdxError::Truncated { .. }));
        assert!(matches!(error(&file([0x0d, 1], &[1], &[0; 4])), IdxError::WrongMagic { .. }));
    }

    #[test]
    fn trailing_bytes_are_counted() {
        let error = parse_labels(&[0, 0, 8, 1, 0, 0, 0, 1, 4, 4, 4]).unwrap_err();
        assert!(error.to_string().starts_with("2 trailing bytes"), "{error}");
    }
}
