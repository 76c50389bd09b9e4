//! The IDX format of MNIST and the sets modelled on it.
//!
//! An image file is a 16-byte header (the magic number `0x00000803`, the number of images, of
//! rows and of columns, each a big-endian 32-bit integer) and then one byte of grey value per
//! pixel, row by row, image by image. A label file is an 8-byte header (the magic number
//! `0x00000801` and the number of labels) and then one byte per label.
//!
//! # File names
//!
//! A directory holds one file for each of training images, training labels, test images and test
//! labels. In a name, `-idx3-ubyte` and `.idx3-ubyte` are both accepted, with or without `.gz`
//! behind it; the test part is called `t10k` or `test`. So `train-images-idx3-ubyte`,
//! `train-images.idx3-ubyte`, `t10k-labels-idx1-ubyte.gz` and `test-labels-idx1-ubyte` are all
//! found. If one item is there under several names, a file without `.gz` goes first.
//!
//! All four may have a common prefix, as in `emnist-digits-train-images-idx3-ubyte.gz`. If a
//! directory holds several prefixes, the path has to say which: `DIR/emnist-digits`.

/// Magic number of an image file: unsigned bytes in three dimensions.
pub const IMAGES_MAGIC: u32 = 0x0000_0803;

/// Magic number of a label file: unsigned bytes in one dimension.
pub const LABELS_MAGIC: u32 = 0x0000_0801;

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

/// Reads a label file that is not compressed: one byte per label.
///
/// Any bytes are safe to give, as with [`parse_images`].
///
/// # Errors
///
/// Another magic number, no labels, and any length but the one the header implies.
pub fn parse_labels(bytes: &[u8]) -> Result<&[u8], IdxError> {
    let [count] = header(bytes, LABELS_MAGIC)?;
    if count == 0 {
        return Err(IdxError::Empty { items: "labels" });
    }
    body::<1>(bytes, u128::from(count))
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
    fn trailing_bytes_are_counted() {
        let error = parse_labels(&[0, 0, 8, 1, 0, 0, 0, 1, 4, 4, 4]).unwrap_err();
        assert!(error.to_string().starts_with("2 trailing bytes"), "{error}");
    }
}
