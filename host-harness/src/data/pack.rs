//! The compact form in which a set is stored in the program.
//!
//! A packed set is a gzip stream of these bytes, integers little-endian:
//!
//! | offset | size            | content                                              |
//! |--------|-----------------|------------------------------------------------------|
//! | 0      | 8               | the ASCII letters `DAMBITS1`                         |
//! | 8      | 4               | width                                                |
//! | 12     | 4               | height                                               |
//! | 16     | 4               | number of images, *n*                                |
//! | 20     | 4               | threshold, 1 to 255                                  |
//! | 24     | *n* · 4 · words | the words of each image, as in [`Dataset`]           |
//! | …      | *n*             | the labels                                           |
//!
//! where words = ceil(width · height / 32).
//!
//! It is read at each start of the program, and gzip takes a quarter of the time of xz, whose files are a quarter smaller.

use std::io::{self, Read, Write};

use flate2::Compression;
use flate2::bufread::GzDecoder;
use flate2::write::GzEncoder;

use super::{DataError, Dataset};

const MAGIC: [u8; 8] = *b"DAMBITS1";

const HEADER_LEN: usize = 24;

/// Why packed bytes do not decode.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum PackError {
    /// The compressed stream is damaged.
    #[error("damaged gzip stream ({0})")]
    Stream(io::Error),

    /// The unpacked bytes start with something else.
    #[error("expected the signature \"DAMBITS1\", got {:?}", String::from_utf8_lossy(.0))]
    Signature([u8; 8]),

    /// The unpacked bytes are shorter or longer than the header says.
    #[error("the header says {expected} bytes, the stream holds {}", if found > expected {
        "more".to_owned()
    } else {
        found.to_string()
    })]
    Length {
        /// The length that the header implies.
        expected: u128,
        /// The length of the stream, as far as it was read.
        found: u128,
    },

    /// The threshold does not fit one byte.
    #[error("the threshold {0} is above 255")]
    Threshold(u32),
}

/// Packs a set. The name is not stored.
///
/// The same set gives the same bytes on every machine, as long as the version of the compressor
/// is the same.
pub fn encode(set: &Dataset) -> Vec<u8> {
    let mut plain = Vec::with_capacity(HEADER_LEN + 4 * set.bits.len() + set.labels.len());
    plain.extend(MAGIC);
    for size in [set.width, set.height, set.len(), set.threshold.into()] {
        plain.extend((size as u32).to_le_bytes());
    }
    plain.extend(set.bits.iter().flat_map(|word| word.to_le_bytes()));
    plain.extend(&set.labels);
    compressed(&plain).expect("writing to memory does not fail")
}

fn compressed(plain: &[u8]) -> io::Result<Vec<u8>> {
    let mut writer = GzEncoder::new(Vec::new(), Compression::best());
    writer.write_all(plain)?;
    writer.finish()
}

/// Unpacks a set and calls it `name`.
///
/// Any bytes are safe to give. Memory grows with what the stream really holds, up to what its
/// header claims.
///
/// # Errors
///
/// [`DataError::Packed`] for a damaged stream or a length that does not fit the header, and the
/// errors of [`Dataset::from_parts`].
///
/// ```
/// use host_harness::data::{Dataset, pack};
///
/// let set = Dataset::from_parts("corner", 2, 2, 1, vec![0b0001], vec![0])?;
/// assert_eq!(pack::decode("corner", &pack::encode(&set))?, set);
/// # Ok::<(), host_harness::data::DataError>(())
/// ```
pub fn decode(name: &str, packed: &[u8]) -> Result<Dataset, DataError> {
    let mut stream = GzDecoder::new(packed);
    let mut header = [0; HEADER_LEN];
    stream.read_exact(&mut header).map_err(PackError::Stream)?;
    let (signature, sizes) = header.split_first_chunk::<8>().expect("24 bytes");
    if *signature != MAGIC {
        return Err(PackError::Signature(*signature).into());
    }
    let (sizes, _) = sizes.as_chunks::<4>();
    let [width, height, count, threshold] = [0, 1, 2, 3].map(|i: usize| u32::from_le_bytes(sizes[i]));
    let threshold = u8::try_from(threshold).map_err(|_| PackError::Threshold(threshold))?;

    let pixels = u128::from(width) * u128::from(height);
    let bits_len = u128::from(count) * pixels.div_ceil(32) * 4;
    let body_len = bits_len + u128::from(count);
    let mut body = Vec::new();
    // One byte more than claimed shows that there is more; a claim that no memory could hold is
    // answered by the end of the stream.
    let most = u64::try_from(body_len).unwrap_or(u64::MAX - 1) + 1;
    stream.take(most).read_to_end(&mut body).map_err(PackError::Stream)?;
    if body.len() as u128 != body_len {
        return Err(PackError::Length {
            expected: HEADER_LEN as u128 + body_len,
            found: HEADER_LEN as u128 + body.len() as u128,
        }
        .into());
    }
    // From here on every size is bounded by the length of `body`, except that of an empty set,
    // which `from_parts` refuses.
    let (width, height) = (width as usize, height as usize);
    let (bits, labels) = body.split_at(bits_len as usize);
    let (words, _) = bits.as_chunks::<4>();
    let bits = words.iter().map(|word| u32::from_le_bytes(*word)).collect();
    Dataset::from_parts(name, width, height, threshold, bits, labels.to_vec())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn checks() -> Dataset {
        let bits = (0..40).map(|i| 0x5555_5555 << (i % 2) & if i % 2 == 1 { 7 } else { !0 });
        let labels = (0..20).map(|i| i % 3).collect();
        Dataset::from_parts("checks", 7, 5, 9, bits.collect(), labels).expect("valid parts")
    }

    #[test]
    fn packing_is_lossless() {
        let set = checks();
        assert_eq!(decode("checks", &encode(&set)).unwrap(), set);
    }

    #[test]
    fn every_truncation_is_an_error() {
        let packed = encode(&checks());
        for length in 0..packed.len() {
            assert!(decode("x", &packed[..length]).is_err(), "{length}");
        }
    }

    #[test]
    fn every_flipped_byte_is_an_error_or_harmless() {
        let set = checks();
        let packed = encode(&set);
        for at in 0..packed.len() {
            let mut damaged = packed.clone();
            damaged[at] ^= 0x10;
            if let Ok(decoded) = decode("checks", &damaged) {
                assert_eq!(decoded, set, "byte {at}");
            }
        }
    }

    fn refusal(plain: &[u8]) -> String {
        let packed = compressed(plain).unwrap();
        decode("x", &packed).expect_err("malformed").to_string()
    }

    fn plain(sizes: [u32; 4], body: &[u8]) -> Vec<u8> {
        let mut plain = MAGIC.to_vec();
        plain.extend(sizes.iter().flat_map(|size| size.to_le_bytes()));
        plain.extend(body);
        plain
    }

    #[test]
    fn malformed_content_is_refused_with_its_values() {
        let mut other = plain([1, 1, 1, 1], &[1, 0, 0, 0, 0]);
        assert!(decode("x", &compressed(&other).unwrap()).is_ok());
        other[0] = b'X';
        assert!(refusal(&other).contains("XAMBITS1"));
        assert!(refusal(&plain([1, 1, 1, 300], &[0; 5])).contains("300"));
        assert!(refusal(&plain([1, 1, 1, 1], &[0; 4])).contains("29 bytes"));
        assert!(refusal(&plain([1, 1, 1, 1], &[0; 6])).contains("holds more"));
        assert!(refusal(&plain([u32::MAX, u32::MAX, u32::MAX, 1], &[0; 9])).contains("holds 33"));
        assert!(refusal(&plain([u32::MAX, u32::MAX, 0, 1], &[])).contains("pixels"));
        assert!(refusal(&plain([4, 4, 0, 1], &[])).contains("no images"));
        assert!(refusal(&plain([0, 4, 1, 1], &[0])).contains("0 x 4"));
    }
}
