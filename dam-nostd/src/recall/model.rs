//! The words of an exported model.

use core::fmt;
use core::marker::PhantomData;

use crate::maths::interaction::Kind;
use crate::model::crc;
use crate::model::shape::Shape;

use super::precision::{GROUP_WORDS, Precision};
use super::rows::{Rows, number};

/// The first word: `DAMQ` in a file.
pub const MAGIC: u32 = u32::from_le_bytes(*b"DAMQ");
/// The version of the layout.
pub const VERSION: u32 = 4;
/// Words before the first section.
pub const HEADER: usize = 16;

/// The words of the header, as `docs/exported-model.md` has them.
pub mod word {
    /// [`MAGIC`](super::MAGIC).
    pub const MAGIC: usize = 0;
    /// The version of the layout, the bits of a weight, and the [`Content`](super::Content).
    pub const VERSION: usize = 1;
    /// Words of the whole model.
    pub const LENGTH: usize = 2;
    /// The checksum of all other words.
    pub const CHECKSUM: usize = 3;
    /// Pixels across and down.
    pub const IMAGE: usize = 4;
    /// Task-ID and class neurons.
    pub const GROUPS: usize = 5;
    /// Memory vectors, K.
    pub const MEMORIES: usize = 6;
    /// The form of the interaction function, and the interaction vertex n.
    pub const INTERACTION: usize = 7;
    /// The leak.
    pub const LEAK: usize = 8;
    /// a: similarities are kept times 2^a.
    pub const RISE: usize = 9;
    /// E, the places of a base; of floating point beta / N.
    pub const SCALE: usize = 10;
    /// The grey value from which a pixel is on.
    pub const THRESHOLD: usize = 11;
    /// Pixels of a sensor across and down, or 0 where it is not known.
    pub const SENSOR: usize = 12;
    /// The least share of a pixel that has to be on, in tiles; see [`Sensor`](crate::recall::Sensor).
    pub const CUT: usize = 13;
    /// The margin below which an answer is not to be trusted, times 2^16.
    pub const REJECTION: usize = 14;
    /// For n = 2: the slope below 0 in the unit of bases, or [`NO_SLOPE`](super::NO_SLOPE).
    pub const SLOPE: usize = 15;
}

/// In place of a slope: fields are no sums of squares of bases.
pub const NO_SLOPE: i32 = i32::MIN;
/// The largest interaction vertex.
pub const MOST_VERTEX: u32 = 255;
/// The most places that the binary point of a base is away from its lowest bit.
const MOST_PLACES: u32 = 1000;
/// The most memory vectors.
pub const MOST_MEMORIES: usize = 1 << 16;

/// What a model has the numbers for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Content {
    /// Classification and relaxation.
    All,
    /// Classification alone: no peaks, and of the drifts those of class neurons.
    Classes,
}

/// Set in the second word of models that have [`Content::Classes`].
pub const CLASSES_ONLY: u32 = 1 << 24;

/// Why words are no model.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ModelError {
    /// Other first words.
    NotAModel,
    /// Of another version; carries it.
    Version(u32),
    /// The weights have so many bits.
    Precision(u32),
    /// The model has so many words.
    Length(u32),
    /// Sizes or an interaction function that cannot be.
    Header,
    /// This program was built without the feature `vertices`, and the model has another interaction vertex than 2, or a leak
    /// that is larger than similarities.
    Vertex,
    /// The checksum is not that of the words.
    Checksum,
}

impl fmt::Display for ModelError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NotAModel => write!(f, "it is no exported model; make one with `dam export`"),
            Self::Version(version) => write!(f, "its layout is version {version}, not {VERSION}; export it again"),
            Self::Precision(bits) => write!(f, "its weights have {bits} bits; open it with that precision"),
            Self::Length(words) => write!(f, "it should have {words} words of 32 bits; take it from its origin again"),
            Self::Header => write!(f, "its header has values without sense; export it again"),
            Self::Vertex => write!(f, "its interaction vertex is not 2; build with the feature `vertices`"),
            Self::Checksum => write!(f, "its checksum is wrong; take it from its origin again"),
        }
    }
}

impl core::error::Error for ModelError {}

/// An exported model: its words, checked, what the header says, and the sections.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Model<'a, W> {
    words: &'a [u32],
    shape: Shape,
    kind: Kind,
    constants: [&'a [u32]; 4],
    drifts: &'a [[u32; 2]],
    classes: &'a [u32],
    weights: &'a [[u32; GROUP_WORDS]],
    precision: PhantomData<W>,
}

/// Bits of the weights of the model that begins with these words.
pub const fn precision(words: &[u32]) -> Result<u32, ModelError> {
    if words.len() < HEADER || words[word::MAGIC] != MAGIC {
        return Err(ModelError::NotAModel);
    }
    if words[word::VERSION] & 0xffff != VERSION {
        return Err(ModelError::Version(words[word::VERSION] & 0xffff));
    }
    if words[word::VERSION] & !(CLASSES_ONLY | 0xff_ffff) != 0 {
        return Err(ModelError::Header);
    }
    Ok((words[word::VERSION] >> 16) & 0xff)
}

/// What the model that begins with these words has.
const fn content(words: &[u32]) -> Content {
    if words[word::VERSION] & CLASSES_ONLY == 0 { Content::All } else { Content::Classes }
}

/// Lengths of the sections, in words, of a model.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Sections {
    /// Constants of each memory vector.
    pub constants: usize,
    /// The drift of each neuron, or of each class neuron, two words.
    pub drifts: usize,
    /// Weights to class neurons.
    pub classes: usize,
    /// Weights to all other neurons.
    pub weights: usize,
}

impl Sections {
    /// Of a model of this shape for classification and relaxation.
    pub const fn new<W: Precision>(shape: &Shape) -> Self {
        Self::with::<W>(shape, Content::All)
    }

    /// Of a model of this shape. One of floating point always has all.
    pub const fn with<W: Precision>(shape: &Shape, content: Content) -> Self {
        let memories = padded::<W>(shape);
        let (constants, drifts) = match content {
            _ if !W::DRIFTS => (W::CONSTANTS, 0),
            Content::All => (W::CONSTANTS, shape.neurons()),
            Content::Classes => (W::CONSTANTS - 1, shape.classes()),
        };
        Self {
            constants: constants * memories,
            drifts: 2 * drifts,
            classes: memories * shape.classes(),
            weights: shape.blocks(W::LANES) * shape.class_neurons().start * GROUP_WORDS,
        }
    }

    /// All of them and the header.
    pub const fn words(&self) -> usize {
        HEADER + self.constants + self.drifts + self.classes + self.weights
    }
}

/// Memory vectors of whole groups: those beyond K are zero.
pub const fn padded<W: Precision>(shape: &Shape) -> usize {
    shape.blocks(W::LANES) * W::LANES
}

impl<'a, W: Precision> Model<'a, W> {
    /// The model in `words`, which may be checked when a program is compiled.
    ///
    /// # Errors
    /// Words that are no model of this precision. The checksum is left alone.
    #[cfg_attr(not(feature = "powers"), inline(always))]
    pub const fn new(words: &'a [u32]) -> Result<Self, ModelError> {
        match precision(words) {
            Err(error) => return Err(error),
            Ok(bits) if bits != W::BITS => return Err(ModelError::Precision(bits)),
            Ok(_) => {}
        }
        if words[word::LENGTH] as usize != words.len() {
            return Err(ModelError::Length(words[word::LENGTH]));
        }
        let pixels = (words[word::IMAGE] & 0xffff) as usize * (words[word::IMAGE] >> 16) as usize;
        let (tasks, classes) = ((words[word::GROUPS] & 0xffff) as usize, (words[word::GROUPS] >> 16) as usize);
        let shape = match Shape::new(pixels, tasks, classes, words[word::MEMORIES] as usize) {
            Ok(shape) if shape.memories() <= MOST_MEMORIES && shape.class_neurons().start > 0 => shape,
            _ => return Err(ModelError::Header),
        };
        let sections = Sections::with::<W>(&shape, content(words));
        let expected = sections.words();
        if words.len() != expected {
            return Err(ModelError::Length(expected as u32));
        }
        let kind = match words[word::INTERACTION] & 0xff {
            0 => Kind::FallingLeak,
            1 => Kind::RisingLeak,
            2 => Kind::Rectified,
            _ => return Err(ModelError::Header),
        };
        let vertex = words[word::INTERACTION] >> 8;
        let shifts = words[word::RISE] <= 30 && (words[word::SCALE] as i32).unsigned_abs() <= MOST_PLACES;
        if vertex == 0 || vertex > MOST_VERTEX || (W::DRIFTS && !shifts) {
            return Err(ModelError::Header);
        }
        let squares = vertex == 2 && words[word::SLOPE] as i32 != NO_SLOPE;
        if !cfg!(feature = "powers") && W::DRIFTS && !squares {
            return Err(ModelError::Vertex);
        }
        let (mut constants, mut rest): ([&[u32]; 4], &[u32]) = ([&[]; 4], split(words, HEADER).1);
        let (mut i, memories) = (0, padded::<W>(&shape));
        while i * memories < sections.constants && i < 4 {
            (constants[i], rest) = split(rest, memories);
            i += 1;
        }
        let (drifts, rest) = split(rest, sections.drifts);
        let (classes, weights) = split(rest, sections.classes);
        let (drifts, weights) = (drifts.as_chunks().0, weights.as_chunks().0);
        Ok(Self { words, shape, kind, constants, drifts, classes, weights, precision: PhantomData })
    }

    /// The model in `words`, with its checksum verified.
    ///
    /// # Errors
    /// Words that are no model of this precision, or are not those that were written.
    #[cfg_attr(not(feature = "powers"), inline(always))]
    pub const fn open(words: &'a [u32]) -> Result<Self, ModelError> {
        match (Self::new(words), words.first_chunk::<HEADER>()) {
            (Ok(_), Some(header)) if checksum(words) != header[word::CHECKSUM] => Err(ModelError::Checksum),
            (outcome, _) => outcome,
        }
    }

    /// Neurons and memory vectors.
    pub const fn shape(&self) -> Shape {
        self.shape
    }

    /// The form of the interaction function.
    pub const fn kind(&self) -> Kind {
        self.kind
    }

    /// The interaction vertex n.
    pub fn vertex(&self) -> u32 {
        self.header(word::INTERACTION) >> 8
    }

    /// Pixels of an image across and down.
    pub fn image(&self) -> (usize, usize) {
        ((self.header(word::IMAGE) & 0xffff) as usize, (self.header(word::IMAGE) >> 16) as usize)
    }

    /// The grey value from which a pixel is on.
    pub fn threshold(&self) -> u8 {
        self.header(word::THRESHOLD) as u8
    }

    /// Bytes of the model.
    pub const fn bytes(&self) -> usize {
        4 * self.words.len()
    }

    /// What it has the numbers for.
    pub fn content(&self) -> Content {
        if self.header(word::VERSION) & CLASSES_ONLY == 0 { Content::All } else { Content::Classes }
    }

    /// For n = 2 the slope below 0 in the unit of bases, where squares of bases need no other exponent.
    pub(super) fn square(&self) -> Option<i32> {
        let slope = self.header(word::SLOPE) as i32;
        if self.vertex() == 2 && slope != NO_SLOPE { Some(slope) } else { None }
    }

    pub(super) fn header(&self, word: usize) -> u32 {
        self.words.get(word).copied().unwrap_or(0)
    }

    /// Constant `i` of each memory vector, those of whole groups.
    pub(super) fn constants(&self, i: usize) -> &'a [u32] {
        self.constants.get(i).unwrap_or(&&[][..])
    }

    /// The drifts of neurons from `first` on, of a model that has [`Content::All`].
    #[cfg(feature = "powers")]
    pub(super) fn drifts(&self, first: usize) -> impl Iterator<Item = i64> {
        self.drifts.get(first..).unwrap_or(&[]).iter().map(number)
    }

    /// The drifts of class neurons, which are the last.
    pub(super) fn class_drifts(&self) -> impl Iterator<Item = i64> {
        let first = self.drifts.len().saturating_sub(self.shape.classes());
        self.drifts.get(first..).unwrap_or(&[]).iter().map(number)
    }

    /// Weights to class neurons, `[memory][class]`.
    pub(super) fn classes(&self) -> &'a [u32] {
        self.classes
    }

    /// The same, memory vector by memory vector.
    pub(super) fn of_classes(&self) -> Rows<'a, u32> {
        Rows::new(self.classes, self.shape.classes())
    }

    /// Weights to all other neurons, group by group.
    pub(super) fn weights(&self) -> Rows<'a, [u32; GROUP_WORDS]> {
        Rows::new(self.weights, self.shape.class_neurons().start)
    }
}

/// The first words and the rest; all of them and none where there are fewer.
const fn split(words: &[u32], first: usize) -> (&[u32], &[u32]) {
    match words.split_at_checked(first) {
        Some(parts) => parts,
        None => (words, &[]),
    }
}

/// CRC-32 (IEEE 802.3) of all words but the fourth, which is where it is kept; each word's lowest byte comes first.
pub const fn checksum(words: &[u32]) -> u32 {
    let mut sum = crc::START;
    let mut i = 0;
    while i < words.len() {
        if i != word::CHECKSUM {
            sum = crc::with(sum, words[i]);
        }
        i += 1;
    }
    crc::finished(sum)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_checksum_is_crc_32() {
        // The check value of CRC-32 is that of "123456789"; here "12345678", by words, from any CRC-32.
        let words = [u32::from_le_bytes(*b"1234"), u32::from_le_bytes(*b"5678")];
        assert_eq!(checksum(&words), 0x9ae0_daaf);
    }

    #[test]
    fn a_group_fills_its_words() {
        assert_eq!((i8::LANES, i16::LANES, f32::LANES), (16, 8, 4));
    }
}
