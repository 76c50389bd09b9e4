//! Making a model of 8 or 16 bits from weights, wherever they were trained: `dam export` and a device come to the same words.

use core::fmt;
use core::ops::Range;

use super::leak::{Leak, bits};
use super::model::{
    CLASSES_ONLY, Content, HEADER, MAGIC, MOST_MEMORIES, MOST_VERTEX, NO_SLOPE, Sections, VERSION, padded, word,
};
use super::packed::Packed;
use crate::maths::interaction::Kind;
use crate::maths::similarity::Coding;
use crate::model::rule::Context;
use crate::model::shape::Shape;
use crate::store::trained::Description;
use crate::store::words::{Sink, Sum};

/// Why there is no model of a network.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum QuantiseError {
    /// A setting that models do not have: class neurons that are 0, a polynomial, a leak that is not in [0, 1), an interaction
    /// vertex above 255, more than 65 536 memory vectors, weights or a temperature that are no finite numbers.
    Setting,
    /// Weights to class neurons of this memory vector that are so large beside the others that their units do not fit.
    ClassWeights(usize),
    /// So many scales have to be lent.
    TooFewScales(usize),
}

impl fmt::Display for QuantiseError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Setting => write!(f, "a setting that exported models do not have"),
            Self::ClassWeights(k) => {
                write!(
                    f,
                    "memory vector {k}: its weights to class neurons are too large beside the others; export as f32"
                )
            }
            Self::TooFewScales(wanted) => write!(f, "lend {wanted} scales, one for each memory vector of whole groups"),
        }
    }
}

impl core::error::Error for QuantiseError {}

/// Puts the words of the model of precision `W` whose weights are `weight(memory vector, neuron)`, pixel neurons in the order
/// of the image, with numbers for `content`. `scales` lends a number for each memory vector of whole groups ([`padded`]).
///
/// Weights are asked for several times, and always have to be the same.
///
/// # Errors
/// A network of a kind that models are not; too few scales. Then nothing is put.
pub fn quantise<W: Packed>(
    network: &Description,
    content: Content,
    weight: &dyn Fn(usize, usize) -> f64,
    scales: &mut [f64],
    sink: &mut dyn Sink,
) -> Result<(), QuantiseError> {
    let quantised = Quantised::<W>::new(network, content, weight, scales)?;
    let mut sum = Sum::NONE;
    let mut place = 0;
    quantised.each(0, &mut |word| {
        if place != word::CHECKSUM {
            sum.put(word);
        }
        place += 1;
    });
    quantised.each(sum.checksum(), &mut |word| sink.put(word));
    Ok(())
}

/// A network in units.
///
/// Models are bipolar: a similarity is twice the weights of +1 neurons less the weights that are *counted*, all of them.
/// Where off input neurons count nothing, twice the similarity has that form, too: the weights to class neurons are
/// doubled and only they are counted; beta / N is halved.
struct Quantised<'a, W> {
    network: &'a Description,
    content: Content,
    weight: &'a dyn Fn(usize, usize) -> f64,
    /// What one unit of a weight of each memory vector is worth.
    scales: &'a [f64],
    /// What similarities are multiplied with, 1 or 2: weights to class neurons are, beta / N is divided by it.
    stretch: f64,
    rise: u32,
    shift: i32,
    precision: core::marker::PhantomData<W>,
}

impl<'a, W: Packed> Quantised<'a, W> {
    fn new(
        network: &'a Description,
        content: Content,
        weight: &'a dyn Fn(usize, usize) -> f64,
        scales: &'a mut [f64],
    ) -> Result<Self, QuantiseError> {
        let shape = &network.shape;
        let known = network.rule.context != Context::Zero
            && network.kind != Kind::Polynomial
            && (0.0..1.0).contains(&network.leak)
            && (1..=MOST_VERTEX).contains(&network.vertex)
            && shape.memories() <= MOST_MEMORIES;
        if !known {
            return Err(QuantiseError::Setting);
        }
        let memories = padded::<W>(shape);
        let scales = scales.get_mut(..memories).ok_or(QuantiseError::TooFewScales(memories))?;
        let stretch = if network.coding == Coding::Bipolar { 1.0 } else { 2.0 };
        let mut this = Self {
            network,
            content,
            weight,
            scales: &[],
            stretch,
            rise: 0,
            shift: 0,
            precision: core::marker::PhantomData,
        };
        for (k, scale) in scales.iter_mut().enumerate() {
            *scale = this.scale(k);
        }
        this.scales = scales;
        let (shown, all) = (shape.class_neurons().start, shape.neurons());
        let mut widest = 1;
        for k in 0..memories {
            // An input neuron adds one weight of either sign, or two or none of one.
            let size = |places: Range<usize>| {
                places.fold(0_u64, |sum, place| sum.saturating_add(this.units(k, place).unsigned_abs()))
            };
            let sum = (stretch as u64).saturating_mul(size(0..shown)).saturating_add(size(shown..all));
            if sum >= 1 << 30 {
                return Err(QuantiseError::ClassWeights(k));
            }
            widest = sum.max(widest);
        }
        // H 2^a below 2^30 in every state, so that twice any weight times 2^a is below 2^31.
        this.rise = 30 - (u64::BITS - widest.leading_zeros());
        // Bases below 2^B, and factors of at most 31 bits.
        let beta = this.beta();
        let largest = this.scales.iter().take(shape.memories()).map(|scale| scale * beta).fold(0.0, f64::max);
        if !largest.is_normal() {
            return Err(QuantiseError::Setting);
        }
        this.shift = bits(memories) as i32 + 1 - libm::ilogb(largest);
        Ok(this)
    }

    /// Weight of memory vector k to the neuron at `place`; 0 beyond the network.
    fn weight(&self, k: usize, place: usize) -> f64 {
        if k >= self.network.shape.memories() {
            return 0.0;
        }
        let weight = (self.weight)(k, place);
        if place < self.network.shape.class_neurons().start { weight } else { self.stretch * weight }
    }

    /// What one unit is worth: the largest weight of memory vector k, class neurons apart, is as many units as fit.
    fn scale(&self, k: usize) -> f64 {
        let shape = &self.network.shape;
        let largest = |places: Range<usize>| places.map(|place| self.weight(k, place).abs()).fold(0.0, f64::max);
        let largest = [largest(0..shape.class_neurons().start), largest(shape.class_neurons())];
        largest.into_iter().find(|&largest| largest > 0.0).unwrap_or(1.0) / f64::from(W::MOST)
    }

    /// A weight in units.
    fn units(&self, k: usize, place: usize) -> i64 {
        let scale = self.scales.get(k).copied().unwrap_or(1.0);
        libm::round(self.weight(k, place) / scale) as i64
    }

    /// beta / N, by the stretch.
    fn beta(&self) -> f64 {
        1.0 / (self.network.temperature * self.network.shape.neurons() as f64 * self.stretch)
    }

    fn factor(&self, k: usize) -> i64 {
        let scale = self.scales.get(k).copied().unwrap_or(1.0);
        (libm::round(scale * self.beta() * libm::ldexp(1.0, self.shift)) as i64).min(i64::from(i32::MAX))
    }

    /// Twice a weight as a base: the product is below 2^62.
    fn base(&self, k: usize, place: usize) -> i32 {
        ((self.units(k, place) << (self.rise + 1)).wrapping_mul(self.factor(k)) >> 32) as i32
    }

    fn header(&self) -> [u32; HEADER] {
        let network = self.network;
        let shape: &Shape = &network.shape;
        let kind = match network.kind {
            Kind::FallingLeak => 0,
            Kind::RisingLeak => 1,
            Kind::Rectified | Kind::Polynomial => 2,
        };
        let mut words = [0; HEADER];
        words[word::MAGIC] = MAGIC;
        let classes_only = if self.content == Content::Classes { CLASSES_ONLY } else { 0 };
        words[word::VERSION] = VERSION | W::BITS << 16 | classes_only;
        words[word::LENGTH] = Sections::with::<W>(shape, self.content).words() as u32;
        words[word::IMAGE] = u32::from(network.image.0) | u32::from(network.image.1) << 16;
        words[word::GROUPS] = shape.tasks() as u32 | (shape.classes() as u32) << 16;
        words[word::MEMORIES] = shape.memories() as u32;
        words[word::INTERACTION] = kind | network.vertex << 8;
        // Without one, recall is that of a leak of 0.
        words[word::LEAK] = libm::round(libm::ldexp(network.leak, 32)) as u32;
        words[word::RISE] = self.rise;
        words[word::SCALE] = (self.shift - 32 + self.rise as i32) as u32;
        words[word::THRESHOLD] = u32::from(network.threshold);
        let places = words[word::SCALE] as i32;
        let leak = Leak::of_kind(network.kind, words[word::LEAK], places);
        let slope = leak.in_bases(places, bits(padded::<W>(shape))).filter(|_| network.vertex == 2);
        words[word::SLOPE] = slope.unwrap_or(NO_SLOPE) as u32;
        words
    }

    fn each(&self, checksum: u32, put: &mut dyn FnMut(u32)) {
        let shape = &self.network.shape;
        let (memories, shown, all) = (padded::<W>(shape), shape.class_neurons().start, shape.neurons());
        let counted = if self.network.coding == Coding::Bipolar { 0 } else { shown };
        let mut header = self.header();
        header[word::CHECKSUM] = checksum;
        header.into_iter().for_each(&mut *put);
        (0..memories).for_each(|k| put(self.factor(k) as u32));
        let total = |k| (counted..all).map(|place| self.units(k, place)).sum::<i64>() << self.rise;
        (0..memories).for_each(|k| put(total(k) as u32));
        let top = |k| (shown..all).map(|place| self.base(k, place)).fold(0, i32::max);
        (0..memories).for_each(|k| put(top(k) as u32));
        let peak = |k| (0..shown).map(|place| self.base(k, place).saturating_abs()).max().unwrap_or(0).wrapping_add(1);
        let (peaks, drifting) = match self.content {
            Content::All => (memories, 0),
            Content::Classes => (0, shown),
        };
        (0..peaks).for_each(|k| put(peak(k) as u32));
        for place in drifting..all {
            // Of the rounded bases: where all memory vectors stay above 0 nothing of the leak is left.
            let drift = (0..memories).map(|k| i64::from(self.base(k, place))).sum::<i64>();
            put(drift as u32);
            put((drift >> 32) as u32);
        }
        for k in 0..memories {
            (shown..all).for_each(|place| put(self.base(k, place) as u32));
        }
        for first in (0..memories).step_by(W::LANES) {
            for place in 0..shown {
                for lane in (first..first + W::LANES).step_by(W::PER_WORD) {
                    let mut packed = 0;
                    for k in (lane..lane + W::PER_WORD).rev() {
                        packed = packed << (W::BITS % 32) | (self.units(k, place) + i64::from(W::OFFSET)) as u32;
                    }
                    put(packed);
                }
            }
        }
    }
}
