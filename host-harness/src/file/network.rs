//! `net.dam`: a trained network in a file. Every byte is described in docs/network-file.md.

use std::fs::File;
use std::io::Read;
use std::path::{Path, PathBuf};

use dam_nostd::Shape;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use super::ReadError;
use super::atomic::{self, WriteError};
use crate::config::{Config, Precision, Settings};
use crate::data::Encoding;
use crate::network::{TrainedNetwork, Weights};

/// The first bytes of the file. As in a PNG file, the first is no text and the line ends show a transfer that changed
/// them.
pub const MAGIC: [u8; 8] = *b"\x89DAM\r\n\x1a\n";

/// The version that this program writes, and the newest that it reads.
pub const VERSION: u32 = 1;

/// Bytes before the header: magic, version, length of the header.
const START: usize = 16;

/// Bytes of the checksum.
const CHECKSUM: usize = 32;

/// Why bytes are no network.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
pub enum FormatError {
    /// Other first bytes.
    #[error("it is no network file; give a .dam file, or make one from a .safetensors file with `dam convert`")]
    NotANetwork,
    /// Written by a newer program.
    #[error("its format is version {0}, and this program reads up to version {VERSION}; use a newer program")]
    Newer(u32),
    /// A version that never was.
    #[error("its format is version {0}, which never was; the file is damaged, take it from where it came from again")]
    NoSuchVersion(u32),
    /// Bytes are missing.
    #[error("it ends after {found} of {expected} bytes; take it from where it came from again")]
    Truncated {
        /// Bytes there are.
        found: u64,
        /// Bytes there should be; at least so many where the header is not complete either.
        expected: u64,
    },
    /// Bytes after the last.
    #[error("it has {found} bytes instead of {expected}; take it from where it came from again")]
    Trailing {
        /// Bytes there are.
        found: u64,
        /// Bytes there should be.
        expected: u64,
    },
    /// The bytes are not those that were written.
    #[error("its checksum is not that of its content; the file is damaged, take it from where it came from again")]
    Checksum,
    /// The header has another form, or values without sense.
    #[error("its header cannot be used: {0}")]
    Header(String),
    /// Sizes that do not fit together.
    #[error("{what}: {found} instead of {expected}")]
    Size {
        /// Of what.
        what: String,
        /// How many there are.
        found: usize,
        /// How many there should be.
        expected: usize,
    },
    /// Not each neuron shows a pixel.
    #[error(
        "the permutation of task {task} is none: pixel {pixel} (from 0) is shown by neuron {neuron}, {}",
        "which there is not or which shows another pixel; give each pixel a pixel neuron of its own"
    )]
    Permutation {
        /// The task, from 1.
        task: usize,
        /// The pixel.
        pixel: usize,
        /// Its neuron.
        neuron: u16,
    },
    /// A weight is infinite or no number.
    #[error(
        "the weight of memory vector {memory} to neuron {neuron} (both from 0) is {weight}; {}",
        "train again, with a lower learning rate or in f64"
    )]
    NotFinite {
        /// The memory vector.
        memory: usize,
        /// The neuron.
        neuron: usize,
        /// The weight.
        weight: f64,
    },
}

/// A network file cannot be used. The message names it.
#[derive(Debug, thiserror::Error)]
pub enum LoadError {
    /// It cannot be read.
    #[error(transparent)]
    Read(#[from] ReadError),
    /// It is no network.
    #[error("{}: {source}", path.display())]
    Format {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        source: FormatError,
    },
}

/// A network cannot be kept.
#[derive(Debug, thiserror::Error)]
pub enum SaveError {
    /// It could not be read again.
    #[error("{} would hold no usable network: {source}", path.display())]
    Format {
        /// The file.
        path: PathBuf,
        /// What is wrong with the network.
        source: FormatError,
    },
    /// The file cannot be written.
    #[error(transparent)]
    Write(#[from] WriteError),
}

/// The header: JSON. `C` is [`Config`] where it is written and [`Settings`] where it is read, so that a setting that a
/// file does not know yet has its default.
#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Header<C> {
    pub program: String,
    pub precision: Precision,
    pub image: Image,
    pub classes: usize,
    pub data_digest: String,
    /// Tasks that have been learned; absent where it is all of them.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub learned: Option<usize>,
    /// How a table became neurons; absent for images.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub encoding: Option<Encoding>,
    pub config: C,
}

#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Image {
    pub width: usize,
    pub height: usize,
}

impl Header<&Config> {
    pub(crate) fn json(network: &TrainedNetwork) -> String {
        let header = Header {
            program: env!("CARGO_PKG_VERSION").to_owned(),
            precision: network.weights.precision(),
            image: Image { width: network.image.0, height: network.image.1 },
            classes: network.classes,
            data_digest: network.data_digest.clone(),
            learned: Some(network.learned).filter(|&learned| learned != network.config.tasks),
            encoding: network.encoding.clone(),
            config: &network.config,
        };
        serde_json::to_string(&header).expect("numbers and strings under names")
    }
}

impl Header<Config> {
    pub(crate) fn parse(json: &[u8]) -> Result<Self, FormatError> {
        let unusable = |error: &dyn std::fmt::Display| FormatError::Header(error.to_string());
        let Header { program, precision, image, classes, data_digest, learned, encoding, config } =
            serde_json::from_slice::<Header<Settings>>(json)
                .map_err(|error| unusable(&format_args!("{error}; if a newer program wrote it, use that program")))?;
        let config = config.recorded().config().map_err(|error| unusable(&error))?;
        let header = Header { program, precision, image, classes, data_digest, learned, encoding, config };
        check_learned(header.learned(), header.config.tasks)?;
        if header.precision.is_fixed() {
            return Err(unusable(
                &"weights lie in a file as numbers of precision \"f32\" or \"f64\"; give one of them",
            ));
        }
        header.shape()?;
        Ok(header)
    }

    /// Tasks that have been learned.
    pub(crate) fn learned(&self) -> usize {
        self.learned.unwrap_or(self.config.tasks)
    }

    fn shape(&self) -> Result<Shape, FormatError> {
        shape((self.image.width, self.image.height), self.classes, &self.data_digest, &self.config)
    }

    /// Bytes of the whole file. `None`: more than can be counted.
    fn file_length(&self, shape: &Shape, header: u64) -> Option<u64> {
        let number = match self.precision {
            Precision::F32 | Precision::Fixed32 | Precision::Fixed16 => 4,
            Precision::F64 => 8,
        };
        let permutations = (shape.tasks() as u64).checked_mul(2 * shape.pixels() as u64)?;
        let weights = (shape.memories() as u64).checked_mul(number * shape.neurons() as u64)?;
        (START as u64 + header + CHECKSUM as u64).checked_add(permutations)?.checked_add(weights)
    }
}

fn check_learned(learned: usize, tasks: usize) -> Result<(), FormatError> {
    if (1..=tasks).contains(&learned) {
        return Ok(());
    }
    Err(FormatError::Header(format!("learned = {learned} of {tasks} tasks; give a number from 1 to {tasks}, or none")))
}

fn shape(image: (usize, usize), classes: usize, digest: &str, config: &Config) -> Result<Shape, FormatError> {
    let unusable = |error: String| FormatError::Header(error);
    let (width, height) = image;
    let pixels = width.checked_mul(height).filter(|&pixels| pixels > 0);
    let pixels =
        pixels.ok_or_else(|| unusable(format!("an image of {width} x {height} pixels; give at least 1 x 1")))?;
    let hexadecimal = |byte: u8| byte.is_ascii_digit() || (b'a'..=b'f').contains(&byte);
    if !digest.is_empty() && (digest.len() != 64 || !digest.bytes().all(hexadecimal)) {
        return Err(unusable("data_digest is no SHA-256; give 64 hexadecimal digits, or none".to_owned()));
    }
    config.shape(pixels, classes).map_err(|error| unusable(error.to_string()))
}

/// Whether `network` can be written and read again.
///
/// # Errors
/// A configuration out of range, sizes that do not fit together, permutations that are none, weights that are not finite.
pub fn check(network: &TrainedNetwork) -> Result<(), FormatError> {
    let TrainedNetwork { config, image, classes, data_digest, encoding, permutations, weights, learned } = network;
    config.check().map_err(|error| FormatError::Header(error.to_string()))?;
    check_learned(*learned, config.tasks)?;
    let shape = shape(*image, *classes, data_digest, config)?;
    let size = |what: String, found: usize, expected: usize| {
        if found == expected { Ok(()) } else { Err(FormatError::Size { what, found, expected }) }
    };
    if let Some(encoding) = encoding {
        size("neurons of the columns".to_owned(), encoding.neurons(), shape.pixels())?;
        size("labels".to_owned(), encoding.classes.len(), shape.classes())?;
    }
    size("permutations".to_owned(), permutations.len(), shape.tasks())?;
    for (task, permutation) in (1..).zip(permutations) {
        size(format!("pixels in the permutation of task {task}"), permutation.len(), shape.pixels())?;
        let mut taken = vec![false; shape.pixels()];
        for (pixel, &neuron) in permutation.iter().enumerate() {
            match taken.get_mut(usize::from(neuron)) {
                Some(taken) if !*taken => *taken = true,
                _ => return Err(FormatError::Permutation { task, pixel, neuron }),
            }
        }
    }
    // At most 65 536 memory vectors of 16 384 neurons: no overflow, even in 32 bits of address.
    let expected = shape.memories() * shape.neurons();
    size("weights".to_owned(), weights.len(), expected)?;
    let bad = match weights {
        Weights::F32(weights) => weights.iter().position(|w| !w.is_finite()).map(|i| (i, f64::from(weights[i]))),
        Weights::F64(weights) => weights.iter().position(|w| !w.is_finite()).map(|i| (i, weights[i])),
    };
    bad.map_or(Ok(()), |(i, weight)| {
        Err(FormatError::NotFinite { memory: i / shape.neurons(), neuron: i % shape.neurons(), weight })
    })
}

/// The bytes of a network file. [`decode`] gives the same network again, bit for bit, if [`check`] is content with it.
pub fn encode(network: &TrainedNetwork) -> Vec<u8> {
    let header = Header::json(network);
    let mut bytes = Vec::with_capacity(START + header.len() + 8 * network.weights.len());
    bytes.extend(MAGIC);
    bytes.extend(VERSION.to_le_bytes());
    bytes.extend((header.len() as u32).to_le_bytes());
    bytes.extend(header.as_bytes());
    bytes.extend(network.permutations.iter().flatten().flat_map(|neuron| neuron.to_le_bytes()));
    match &network.weights {
        Weights::F32(weights) => bytes.extend(weights.iter().flat_map(|weight| weight.to_le_bytes())),
        Weights::F64(weights) => bytes.extend(weights.iter().flat_map(|weight| weight.to_le_bytes())),
    }
    let checksum = Sha256::digest(&bytes);
    bytes.extend(checksum);
    bytes
}

/// The network in the bytes of a network file.
///
/// # Errors
/// Any bytes but those that [`encode`] gives for a network that [`check`] is content with, or that another program writes
/// as docs/network-file.md says.
pub fn decode(bytes: &[u8]) -> Result<TrainedNetwork, FormatError> {
    let found = bytes.len() as u64;
    check_start(bytes)?;
    let truncated = |expected: u64| FormatError::Truncated { found, expected };
    let length = bytes.get(12..START).and_then(|length| length.try_into().ok());
    let length = u64::from(u32::from_le_bytes(length.ok_or(truncated((START + CHECKSUM) as u64))?));
    let least = START as u64 + length + CHECKSUM as u64;
    if found < least {
        return Err(truncated(least));
    }
    let (content, checksum) = bytes.split_at(bytes.len() - CHECKSUM);
    let (header, rest) = content[START..].split_at(length as usize);
    let header = Header::<Config>::parse(header);
    // A wrong length is told before a wrong checksum, which it always entails, and that before a wrong header.
    if let Ok(header) = &header {
        let expected = header.file_length(&header.shape()?, length).unwrap_or(u64::MAX);
        if found < expected {
            return Err(truncated(expected));
        }
        if found > expected {
            return Err(FormatError::Trailing { found, expected });
        }
    }
    if Sha256::digest(content)[..] != *checksum {
        return Err(FormatError::Checksum);
    }
    let header = header?;
    let shape = header.shape()?;
    let learned = header.learned();
    let (permutations, weights) = rest.split_at(2 * shape.tasks() * shape.pixels());
    let neurons = |permutation: &[u8]| permutation.as_chunks().0.iter().map(|&n| u16::from_le_bytes(n)).collect();
    let network = TrainedNetwork {
        image: (header.image.width, header.image.height),
        classes: header.classes,
        data_digest: header.data_digest,
        encoding: header.encoding,
        permutations: permutations.chunks_exact(2 * shape.pixels()).map(neurons).collect(),
        weights: weights_of(header.precision, weights),
        learned,
        config: header.config,
    };
    check(&network)?;
    Ok(network)
}

/// Little-endian numbers of a type.
pub(crate) fn weights_of(precision: Precision, bytes: &[u8]) -> Weights {
    match precision {
        Precision::F32 | Precision::Fixed32 | Precision::Fixed16 => {
            Weights::F32(bytes.as_chunks().0.iter().map(|&w| f32::from_le_bytes(w)).collect())
        }
        Precision::F64 => Weights::F64(bytes.as_chunks().0.iter().map(|&w| f64::from_le_bytes(w)).collect()),
    }
}

/// Checks magic and version, as far as they are there.
fn check_start(bytes: &[u8]) -> Result<(), FormatError> {
    let magic = bytes.len().min(MAGIC.len());
    if bytes[..magic] != MAGIC[..magic] {
        return Err(FormatError::NotANetwork);
    }
    match bytes.get(MAGIC.len()..12).and_then(|version| version.try_into().ok()).map(u32::from_le_bytes) {
        Some(0) => Err(FormatError::NoSuchVersion(0)),
        Some(version) if version > VERSION => Err(FormatError::Newer(version)),
        _ => Ok(()),
    }
}

/// Reads a network file.
///
/// # Errors
/// A file that cannot be read, or that [`decode`] refuses.
pub fn load(path: &Path) -> Result<TrainedNetwork, LoadError> {
    let unreadable = |source| ReadError { path: path.to_owned(), source };
    let wrong = |source| LoadError::Format { path: path.to_owned(), source };
    let mut file = File::open(path).map_err(unreadable)?;
    let mut bytes = vec![];
    // The rest of a file that is no network, or of a device without end, is not read.
    file.by_ref().take(12).read_to_end(&mut bytes).map_err(unreadable)?;
    check_start(&bytes).map_err(wrong)?;
    file.read_to_end(&mut bytes).map_err(unreadable)?;
    decode(&bytes).map_err(wrong)
}

/// Writes a network file, whole or not at all.
///
/// # Errors
/// A network that could not be read again, or a file that cannot be written.
pub fn save(path: &Path, network: &TrainedNetwork) -> Result<(), SaveError> {
    check(network).map_err(|source| SaveError::Format { path: path.to_owned(), source })?;
    Ok(atomic::write(path, &encode(network))?)
}
