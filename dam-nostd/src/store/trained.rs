//! A trained network as words: what `dam export --trainable` makes, and what a learner is stored as.
//!
//! | word | content |
//! |---|---|
//! | 0 | `44 41 4D 57`: `DAMW` |
//! | 1 | bits 0 to 15: version, 1; bits 16 to 31: number type, 1 `f32`, 2 `f64`, 3 `Fixed32` |
//! | 2 | words of all of it |
//! | 3 | CRC-32 of all other words |
//! | 4 | bits 0 to 15: pixels across; bits 16 to 31: down |
//! | 5 | bits 0 to 15: task-ID neurons; bits 16 to 31: classes |
//! | 6 | K |
//! | 7 | bits 0 to 7: interaction function, 0 falling leak, 1 rising leak, 2 rectified, 3 polynomial; bits 8 to 31: n |
//! | 8, 9 | leak, `f64`, the lower word first |
//! | 10, 11 | temperature at recall, likewise |
//! | 12 | a byte each, the lowest first: coding (0 bipolar, 1 binary), context (0 off, 1 zero, 2 labels), updated (0 classes, 1 all), activation (0 identity, 1 tanh) |
//! | 13 | bits 0 to 7: the grey value from which a pixel is on; bit 8: gradients are means; bit 9: importances follow |
//! | 14 ... | `[memory][neuron]`: weights, in `Fixed32` 1/16 of them |
//! | then | `[memory][neuron]`: importances of the weights to what was learned, `f32`, where bit 9 says so |

use core::fmt;

use super::words::{Sink, Source, Sum};
use crate::error::TooShort;
use crate::maths::interaction::{Interaction, Kind};
use crate::maths::objective::Activation;
use crate::maths::similarity::Coding;
use crate::model::network::{Model, Weights};
use crate::model::rule::{Context, Rule, Updated};
use crate::model::shape::Shape;
use crate::number::lanes::{self, Row};
use crate::number::scalar::Scalar;

/// The first word: `DAMW`.
pub const MAGIC: u32 = u32::from_le_bytes(*b"DAMW");
/// The version of the layout.
pub const VERSION: u32 = 1;
/// Words before the first weight.
pub const HEADER: usize = 14;

/// Why words are no trained network.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TrainedError {
    /// Other first words.
    NotANetwork,
    /// Of another version; carries it.
    Version(u32),
    /// It should have so many words.
    Length(u32),
    /// Sizes, a number type or settings that cannot be.
    Header,
    /// The checksum is not that of the words.
    Checksum,
    /// The weights are to go into a network of other sizes.
    Shape,
}

impl fmt::Display for TrainedError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NotANetwork => write!(f, "it is no trained network; make one with `dam export --trainable`"),
            Self::Version(version) => write!(f, "its layout is version {version}, not {VERSION}; export it again"),
            Self::Length(words) => write!(f, "it should have {words} words of 32 bits; take it from its origin again"),
            Self::Header => write!(f, "its header has values without sense; export it again"),
            Self::Checksum => write!(f, "its checksum is wrong; take it from its origin again"),
            Self::Shape => write!(f, "its neurons or memory vectors are not those of the network it is loaded into"),
        }
    }
}

impl core::error::Error for TrainedError {}

/// Everything about a trained network but its weights.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Description {
    /// Neurons and memory vectors.
    pub shape: Shape,
    /// Pixels of an image across and down; their product is the shape's.
    pub image: (u16, u16),
    /// The grey value from which a pixel is on.
    pub threshold: u8,
    /// What input neurons that are off count.
    pub coding: Coding,
    /// The form of the interaction function.
    pub kind: Kind,
    /// The interaction vertex n.
    pub vertex: u32,
    /// The leak.
    pub leak: f64,
    /// The temperature at recall.
    pub temperature: f64,
    /// How fields are taken.
    pub rule: Rule,
    /// Whether the importance of each weight is stored, too.
    pub importances: bool,
}

impl Description {
    /// The network without its weights, in any number type.
    ///
    /// # Errors
    /// An interaction vertex of 0.
    pub fn model<S: Scalar>(&self) -> Result<Model<S>, TrainedError> {
        let interaction = Interaction::new(self.kind, self.vertex, S::from_f64(self.leak));
        let interaction = interaction.map_err(|_| TrainedError::Header)?;
        let Self { shape, coding, .. } = *self;
        Ok(Model { shape, coding, interaction, temperature: S::from_f64(self.temperature) })
    }

    /// Words of this network with weights of `S`; at most `u32::MAX`.
    pub const fn words<S: Scalar>(&self) -> usize {
        HEADER + self.shape.neurons() * self.shape.memories() * (S::WORDS + self.importances as usize)
    }

    /// Puts the whole network: the header, the weights that `weight` tells, by memory vector and neuron, as they are stored
    /// in [`Weights`], and the importances, where there are any.
    pub fn put<S: Scalar>(
        &self,
        weight: impl Fn(usize, usize) -> S,
        importance: impl Fn(usize, usize) -> f32,
        sink: &mut dyn Sink,
    ) {
        let header = self.header::<S>();
        let mut sum = Sum::NONE;
        header.iter().enumerate().filter(|&(i, _)| i != 3).for_each(|(_, &word)| sum.put(word));
        self.put_weights(&weight, &importance, &mut sum);
        let [magic, version, words, _, rest @ ..] = header;
        for word in [magic, version, words, sum.checksum()] {
            sink.put(word);
        }
        for word in rest {
            sink.put(word);
        }
        self.put_weights(&weight, &importance, sink);
    }

    fn put_weights<S: Scalar>(
        &self,
        weight: &impl Fn(usize, usize) -> S,
        importance: &impl Fn(usize, usize) -> f32,
        sink: &mut dyn Sink,
    ) {
        self.each(|memory, neuron| put(weight(memory, neuron), sink));
        if self.importances {
            self.each(|memory, neuron| put(importance(memory, neuron), sink));
        }
    }

    /// Every weight's memory vector and neuron, in the order in which they are stored.
    fn each(&self, mut visit: impl FnMut(usize, usize)) {
        for memory in 0..self.shape.memories() {
            (0..self.shape.neurons()).for_each(|neuron| visit(memory, neuron));
        }
    }

    /// The header, without the checksum.
    fn header<S: Scalar>(&self) -> [u32; HEADER] {
        let Self { shape, image, threshold, coding, kind, vertex, leak, temperature, rule, importances } = *self;
        let kind = match kind {
            Kind::FallingLeak => 0,
            Kind::RisingLeak => 1,
            Kind::Rectified => 2,
            Kind::Polynomial => 3,
        };
        let context: u32 = match rule.context {
            Context::Off => 0,
            Context::Zero => 1,
            Context::Labels => 2,
        };
        let settings = u32::from(coding == Coding::Binary)
            | context << 8
            | u32::from(rule.updated == Updated::All) << 16
            | u32::from(rule.activation == Activation::Tanh) << 24;
        let ([leak_low, leak_high], [low, high]) = (leak.to_words(), temperature.to_words());
        [
            MAGIC,
            VERSION | S::FORM << 16,
            self.words::<S>() as u32,
            0,
            u32::from(image.0) | u32::from(image.1) << 16,
            shape.tasks() as u32 | (shape.classes() as u32) << 16,
            shape.memories() as u32,
            kind | vertex << 8,
            leak_low,
            leak_high,
            low,
            high,
            settings,
            u32::from(threshold) | u32::from(rule.mean) << 8 | u32::from(importances) << 9,
        ]
    }

    /// Takes a header; returns the number type of the weights that follow, too.
    ///
    /// # Errors
    /// Words that are none.
    pub fn take(source: &mut dyn Source) -> Result<(Self, u32), TrainedError> {
        let mut header = [0; HEADER];
        for place in &mut header {
            *place = source.take().ok_or(TrainedError::NotANetwork)?;
        }
        let [magic, version, words, _, image, groups, memories, function, leak, leak_high, low, high, settings, last] =
            header;
        if magic != MAGIC {
            return Err(TrainedError::NotANetwork);
        }
        if version & 0xffff != VERSION {
            return Err(TrainedError::Version(version & 0xffff));
        }
        let image = (image as u16, (image >> 16) as u16);
        let pixels = usize::from(image.0) * usize::from(image.1);
        let shape = Shape::new(pixels, (groups & 0xffff) as usize, (groups >> 16) as usize, memories as usize);
        let shape = shape.map_err(|_| TrainedError::Header)?;
        let kind = match function & 0xff {
            0 => Kind::FallingLeak,
            1 => Kind::RisingLeak,
            2 => Kind::Rectified,
            3 => Kind::Polynomial,
            _ => return Err(TrainedError::Header),
        };
        let [coding, context, updated, activation] = settings.to_le_bytes();
        let context = match context {
            0 => Context::Off,
            1 => Context::Zero,
            2 => Context::Labels,
            _ => return Err(TrainedError::Header),
        };
        let form = version >> 16;
        let each = match form {
            f32::FORM | FIXED => 1,
            f64::FORM => 2,
            _ => return Err(TrainedError::Header),
        };
        let importances = last >> 9 & 1 == 1;
        let wanted = shape.neurons().checked_mul(shape.memories());
        let wanted = wanted.and_then(|weights| weights.checked_mul(each + usize::from(importances)));
        let wanted = wanted.and_then(|weights| u32::try_from(weights).ok()?.checked_add(HEADER as u32));
        let wanted = wanted.ok_or(TrainedError::Header)?;
        if words != wanted {
            return Err(TrainedError::Length(wanted));
        }
        let description = Self {
            shape,
            image,
            threshold: last as u8,
            coding: if coding == 0 { Coding::Bipolar } else { Coding::Binary },
            kind,
            vertex: function >> 8,
            leak: f64::from_words([leak, leak_high]),
            temperature: f64::from_words([low, high]),
            rule: Rule {
                context,
                updated: if updated == 0 { Updated::Classes } else { Updated::All },
                activation: if activation == 0 { Activation::Identity } else { Activation::Tanh },
                mean: last >> 8 & 1 == 1,
            },
            importances,
        };
        if description.vertex == 0 || !(description.temperature > 0.0 && description.temperature.is_finite()) {
            return Err(TrainedError::Header);
        }
        Ok((description, form))
    }

    /// Takes the weights that follow a header, of the number type `form`, and sets `weights` to the nearest numbers.
    ///
    /// # Errors
    /// `weights` are those of a network of another shape; too few words.
    pub fn take_weights<S: Scalar, const L: usize>(
        &self,
        form: u32,
        source: &mut dyn Source,
        weights: &mut Weights<'_, S, L>,
    ) -> Result<(), TrainedError> {
        if weights.shape() != self.shape {
            return Err(TrainedError::Shape);
        }
        let unit = S::UNIT.to_f64();
        for memory in 0..self.shape.memories() {
            for neuron in 0..self.shape.neurons() {
                let weight = if form == S::FORM {
                    take(source)
                } else {
                    let weight = match form {
                        f32::FORM => take::<f32>(source).map(f64::from),
                        f64::FORM => take::<f64>(source),
                        _ => source.take().map(|word| f64::from(word as i32) * FIXED_STEP),
                    };
                    weight.map(|weight| S::from_f64(weight * unit))
                };
                weights.set(memory, neuron, weight.ok_or(TrainedError::Length(self.words::<S>() as u32))?);
            }
        }
        Ok(())
    }
}

/// The number type of `Fixed32`, and the weight that its least step is, whether it is compiled or not.
const FIXED: u32 = 3;
const FIXED_STEP: f64 = 1.0 / (1 << 20) as f64;

/// Puts all bits of a number.
pub(super) fn put<S: Scalar>(number: S, sink: &mut dyn Sink) {
    let words = number.to_words();
    words.iter().take(S::WORDS).for_each(|&word| sink.put(word));
}

/// Takes a number.
pub(super) fn take<S: Scalar>(source: &mut dyn Source) -> Option<S> {
    let low = source.take()?;
    let high = if S::WORDS > 1 { source.take()? } else { 0 };
    Some(S::from_words([low, high]))
}

/// A trained network in words, most likely a `static` in flash, that is borrowed.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Trained<'a> {
    description: Description,
    form: u32,
    weights: &'a [u32],
}

impl<'a> Trained<'a> {
    /// The network in `words`.
    ///
    /// # Errors
    /// Words that are no network, or not those that were written.
    pub fn open(words: &'a [u32]) -> Result<Self, TrainedError> {
        let mut source = words;
        let (description, form) = Description::take(&mut source)?;
        let length = words.get(2).copied().unwrap_or(0);
        if length as usize != words.len() {
            return Err(TrainedError::Length(length));
        }
        let mut sum = Sum::NONE;
        words.iter().enumerate().filter(|&(i, _)| i != 3).for_each(|(_, &word)| sum.put(word));
        if words.get(3) != Some(&sum.checksum()) {
            return Err(TrainedError::Checksum);
        }
        Ok(Self { description, form, weights: source })
    }

    /// Everything but its weights.
    pub fn description(&self) -> &Description {
        &self.description
    }

    /// Sets `rows`, laid out as [`Weights::rows`] are, to the importances of the weights to what was learned; `false` where
    /// there are none. [`Consolidation::consolidate`](crate::methods::Consolidation::consolidate) takes them.
    ///
    /// # Errors
    /// Fewer rows than the network has.
    pub fn importances<S: Scalar, const L: usize>(&self, rows: &mut [Row<S, L>]) -> Result<bool, TooShort> {
        let shape = self.description.shape;
        TooShort::check("importances", rows.len(), shape.rows(L))?;
        if !self.description.importances {
            return Ok(false);
        }
        lanes::clear(rows);
        let first = self.weights.len().saturating_sub(shape.neurons() * shape.memories());
        let mut source = self.weights.get(first..).unwrap_or(&[]);
        self.description.each(|memory, neuron| {
            let importance = take::<f32>(&mut source).unwrap_or(0.0);
            if let Some(row) = rows.get_mut(memory / L * shape.neurons() + neuron) {
                row[memory % L] = S::from_f64(importance.into());
            }
        });
        Ok(true)
    }

    /// Sets `weights` to those of the network, or the nearest that the number type has.
    ///
    /// # Errors
    /// `weights` are those of a network of another shape.
    pub fn load<S: Scalar, const L: usize>(&self, weights: &mut Weights<'_, S, L>) -> Result<(), TrainedError> {
        let mut source = self.weights;
        self.description.take_weights(self.form, &mut source, weights)
    }
}
