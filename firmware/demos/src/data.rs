//! Models and digits, made by `cargo xtask firmware --bless`; the whole network as `docs/boards.md` says.

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
    "whole-i8.bin" as WHOLE_MODEL,
    "whole.bin" as WHOLE_STATES,
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

/// Classifies digits of 28 x 28 pixels: 512 memory vectors, n = 2, trained.
///
/// # Errors
/// The stored file is damaged.
pub fn whole() -> Result<Model<'static, i8>, ModelError> {
    Model::open(&WHOLE_MODEL)
}

/// Validation digits for the whole network.
pub static WHOLE_DIGITS: Digits<'static> =
    Digits { words: 25, states: &WHOLE_STATES, labels: include_bytes!("../../models/whole.labels") };

/// Memory for the whole network.
pub type WholeMemory = Memory<i8, 512, 10, 25>;

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
