//! What crosses the interface: the values of `include/dam.h`, as wide as there.

use core::mem::{MaybeUninit, offset_of, size_of};

#[cfg(feature = "relax")]
use dam_nostd::End;
use dam_nostd::recall::model::ModelError;

/// `dam_error`.
#[repr(u32)]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[allow(missing_docs, reason = "as in include/dam.h")]
pub enum DamError {
    Ok = 0,
    NotAModel = 1,
    Version = 2,
    Precision = 3,
    Length = 4,
    Header = 5,
    Checksum = 6,
    Scratch = 7,
    State = 8,
    Null = 9,
    Alignment = 10,
    Vertex = 11,
    ClassesOnly = 12,
    Sensor = 13,
}

/// `dam_end`.
#[cfg(feature = "relax")]
#[repr(u32)]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[allow(missing_docs, reason = "as in include/dam.h")]
pub enum DamEnd {
    Stable = 0,
    Cycle = 1,
    Limit = 2,
}

#[cfg(feature = "relax")]
impl From<End> for DamEnd {
    fn from(end: End) -> Self {
        match end {
            End::Stable => Self::Stable,
            End::Cycle => Self::Cycle,
            End::Limit => Self::Limit,
        }
    }
}

impl From<ModelError> for DamError {
    fn from(error: ModelError) -> Self {
        match error {
            ModelError::NotAModel => Self::NotAModel,
            ModelError::Version(_) => Self::Version,
            ModelError::Precision(_) => Self::Precision,
            ModelError::Length(_) => Self::Length,
            ModelError::Header => Self::Header,
            ModelError::Checksum => Self::Checksum,
            ModelError::Vertex => Self::Vertex,
        }
    }
}

/// `dam_sizes`.
#[repr(C)]
#[derive(Clone, Copy, Debug, Default)]
#[allow(missing_docs, reason = "as in include/dam.h")]
pub struct DamSizes {
    pub scratch_bytes: u32,
    pub state_words: u32,
    pub pixels: u32,
    pub tasks: u32,
    pub classes: u32,
    pub memories: u32,
    pub threshold: u32,
}

/// `dam_answer`.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
#[allow(missing_docs, reason = "as in include/dam.h")]
pub struct DamAnswer {
    pub field: i64,
    pub places: i32,
    pub class: u32,
    pub margin: u32,
    pub rejected: u32,
}

/// `dam_recall`: room for what [`dam_init`](crate::dam_init) makes, aligned as pointers are.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
#[allow(missing_docs, reason = "as in include/dam.h")]
pub struct DamRecall {
    pub precision: u32,
    pub words: u32,
    pub held: [MaybeUninit<*const ()>; HELD],
}

/// Pointers that a recall takes at most.
pub const HELD: usize = 44;

// What the header asserts of the same types.
const _: () = {
    let pointer = size_of::<*const u32>();
    assert!(size_of::<DamError>() == 4 && size_of::<DamSizes>() == 28);
    assert!(offset_of!(DamSizes, scratch_bytes) == 0 && offset_of!(DamSizes, state_words) == 4);
    assert!(offset_of!(DamSizes, pixels) == 8 && offset_of!(DamSizes, tasks) == 12);
    assert!(offset_of!(DamSizes, classes) == 16 && offset_of!(DamSizes, memories) == 20);
    assert!(offset_of!(DamSizes, threshold) == 24);
    assert!(size_of::<DamAnswer>() == 24 && offset_of!(DamAnswer, field) == 0 && offset_of!(DamAnswer, places) == 8);
    assert!(offset_of!(DamAnswer, class) == 12 && offset_of!(DamAnswer, margin) == 16);
    assert!(offset_of!(DamAnswer, rejected) == 20);
    assert!(size_of::<DamRecall>() == HELD * pointer + 8 && offset_of!(DamRecall, precision) == 0);
    assert!(offset_of!(DamRecall, words) == 4 && offset_of!(DamRecall, held) == 8);
};
