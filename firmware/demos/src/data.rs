//! Models and digits, made by `cargo xtask firmware --bless`; the whole network by `cargo xtask search --whole`.

use dam_firmware::model::words;
use dam_firmware::{Digits, Memory};
use dam_nostd::recall::{Model, ModelError};

macro_rules! stored {
    ($($file:literal as $name:ident),+ $(,)?) => {$(
        static $name: [u32; { include_bytes!(concat!("../../models/", $file)).len() / 4 }] =
            words(include_bytes!(concat!("../../models/", $file)));
    )+};
}

stored! {
    "digits-i8.bin" as DIGITS_MODEL,
    "digits-i16.bin" as DIGITS_I16_MODEL,
    "digits-f32.bin" as DIGITS_F32_MODEL,
    "few-i8.bin" as FEW_MODEL,
    "stored-i8.bin" as STORED_MODEL,
    "digits.bin" as DIGITS_STATES,
    "sensor.bin" as SENSOR_IMAGES,
    "stored.bin" as STORED_STATES,
    "learned.bin" as LEARNED_ITEMS,
    "whole-i8.bin" as WHOLE_MODEL,
    "whole.bin" as WHOLE_STATES,
    "further-small.bin" as FURTHER_SMALL,
    "further-large.bin" as FURTHER_LARGE,
    "known-small.bin" as KNOWN_SMALL,
    "known-large.bin" as KNOWN_LARGE,
}

/// Classifies digits of 14 x 14 pixels: 64 memory vectors, n = 2, trained.
///
/// # Errors
/// The stored file is damaged.
pub const fn classifier() -> Result<Model<'static, i8>, ModelError> {
    Model::open(&DIGITS_MODEL)
}

/// The same with weights of 16 bits.
///
/// # Errors
/// The stored file is damaged.
pub fn classifier_i16() -> Result<Model<'static, i16>, ModelError> {
    Model::open(&DIGITS_I16_MODEL)
}

/// The same in floating point.
///
/// # Errors
/// The stored file is damaged.
pub fn classifier_f32() -> Result<Model<'static, f32>, ModelError> {
    Model::open(&DIGITS_F32_MODEL)
}

/// Classifies the same digits with 16 memory vectors of 8 bits.
///
/// # Errors
/// The stored file is damaged.
pub fn classifier_few() -> Result<Model<'static, i8>, ModelError> {
    Model::open(&FEW_MODEL)
}

/// Has sixteen digits for memory vectors, n = 10: relaxes to the nearest of them.
///
/// # Errors
/// The stored file is damaged.
pub const fn store() -> Result<Model<'static, i8>, ModelError> {
    Model::open(&STORED_MODEL)
}

/// Classifies digits of 28 x 28 pixels: 512 memory vectors, n = 2, trained.
///
/// # Errors
/// The stored file is damaged.
pub fn whole() -> Result<Model<'static, i8>, ModelError> {
    Model::open(&WHOLE_MODEL)
}

/// The first of the classifiers' test digits as they are before they are made smaller: 28 x 28 bits each.
pub static IMAGES: Digits<'static> =
    Digits { words: 25, states: &SENSOR_IMAGES, labels: include_bytes!("../../models/whole.labels") };

/// Test digits for the whole network.
pub static WHOLE_DIGITS: Digits<'static> =
    Digits { words: 25, states: &WHOLE_STATES, labels: include_bytes!("../../models/whole.labels") };

/// Memory for the whole network.
pub type WholeMemory = Memory<i8, 512, 10, 25>;

/// Test digits for the classifiers.
pub static DIGITS: Digits<'static> =
    Digits { words: 7, states: &DIGITS_STATES, labels: include_bytes!("../../models/digits.labels") };

/// The digits that the store has.
pub static STORED: Digits<'static> =
    Digits { words: 7, states: &STORED_STATES, labels: include_bytes!("../../models/stored.labels") };

/// Memory for the classifier with weights of `W`.
pub type ClassifierMemory<W> = Memory<W, 64, 10, 7>;

/// Memory for the classifier and the store.
pub type SmallMemory = ClassifierMemory<i8>;

/// Items of two small tasks, to be learned.
pub static LEARNED: &[u32] = &LEARNED_ITEMS;

/// A network trained on digits 0 to 4, of 6 x 7 pixels, that goes on learning, and test digits of all classes.
pub fn further_small() -> (&'static [u32], Digits<'static>) {
    let labels = include_bytes!("../../models/known-small.labels");
    (&FURTHER_SMALL, Digits { words: 2, states: &KNOWN_SMALL, labels })
}

/// The same of 14 x 14 pixels.
pub fn further_large() -> (&'static [u32], Digits<'static>) {
    let labels = include_bytes!("../../models/known-large.labels");
    (&FURTHER_LARGE, Digits { words: 7, states: &KNOWN_LARGE, labels })
}
