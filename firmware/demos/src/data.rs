//! Models and digits, made by `cargo xtask firmware --bless`.

use dam_firmware::model::words;
use dam_firmware::{Digits, Memory};
use dam_nostd::quantised::{Model, ModelError};

macro_rules! stored {
    ($($file:literal as $name:ident),+ $(,)?) => {$(
        static $name: [u32; { include_bytes!(concat!("../../models/", $file)).len() / 4 }] =
            words(include_bytes!(concat!("../../models/", $file)));
    )+};
}

stored! {
    "digits-i8.bin" as DIGITS_MODEL,
    "stored-i8.bin" as STORED_MODEL,
    "digits.bin" as DIGITS_STATES,
    "stored.bin" as STORED_STATES,
    "learned.bin" as LEARNED_ITEMS,
}

/// Classifies digits of 14 x 14 pixels: 64 memory vectors, n = 2, trained.
///
/// # Errors
/// The stored file is damaged.
pub const fn classifier() -> Result<Model<'static, i8>, ModelError> {
    Model::open(&DIGITS_MODEL)
}

/// Has sixteen digits for memory vectors, n = 10: relaxes to the nearest of them.
///
/// # Errors
/// The stored file is damaged.
pub const fn store() -> Result<Model<'static, i8>, ModelError> {
    Model::open(&STORED_MODEL)
}

/// Validation digits for the classifier.
pub static DIGITS: Digits<'static> =
    Digits { words: 7, states: &DIGITS_STATES, labels: include_bytes!("../../models/digits.labels") };

/// The digits that the store has.
pub static STORED: Digits<'static> =
    Digits { words: 7, states: &STORED_STATES, labels: include_bytes!("../../models/stored.labels") };

/// Memory for either model.
pub type SmallMemory = Memory<i8, 64, 10, 7>;

/// Items of two small tasks, to be learned.
pub static LEARNED: &[u32] = &LEARNED_ITEMS;
