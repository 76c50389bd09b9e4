//! Recall for C: what `include/dam.h` declares.
//!
//! Whatever crosses the interface has a fixed width: a C compiler may choose how wide an `enum` is, and those for Arm take
//! one byte. Pointers are checked before anything is read or written through them: one that is null gives
//! [`DamError::Null`], and one that is not aligned [`DamError::Alignment`], which on a Cortex-M0 would be a HardFault.
#![no_std]

use core::mem::{offset_of, size_of};
use core::slice;

use dam_nostd::Shape;
use dam_nostd::recall::model::{ModelError, padded, precision};
use dam_nostd::recall::{Buffers, Evaluate, Model, Recall};
use dam_nostd::relax::End;

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
}

/// `dam_end`.
#[repr(u32)]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[allow(missing_docs, reason = "as in include/dam.h")]
pub enum DamEnd {
    Stable = 0,
    Cycle = 1,
    Limit = 2,
}

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

/// `dam_recall`.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
#[allow(missing_docs, reason = "as in include/dam.h")]
pub struct DamRecall {
    pub words: *const u32,
    pub scratch: *mut u64,
    pub length: u32,
    pub scratch_bytes: u32,
}

// What the header asserts of the same types.
const _: () = {
    let pointer = size_of::<*const u32>();
    assert!(size_of::<DamError>() == 4 && size_of::<DamEnd>() == 4 && size_of::<DamSizes>() == 28);
    assert!(offset_of!(DamSizes, scratch_bytes) == 0 && offset_of!(DamSizes, state_words) == 4);
    assert!(offset_of!(DamSizes, pixels) == 8 && offset_of!(DamSizes, tasks) == 12);
    assert!(offset_of!(DamSizes, classes) == 16 && offset_of!(DamSizes, memories) == 20);
    assert!(offset_of!(DamSizes, threshold) == 24);
    assert!(size_of::<DamRecall>() == 2 * pointer + 8 && offset_of!(DamRecall, words) == 0);
    assert!(offset_of!(DamRecall, scratch) == pointer && offset_of!(DamRecall, length) == 2 * pointer);
    assert!(offset_of!(DamRecall, scratch_bytes) == 2 * pointer + 4);
};

/// Whether something can be read or written through `pointer`, as far as it tells by itself.
fn usable<T>(pointer: *const T) -> Result<(), DamError> {
    match pointer {
        _ if pointer.is_null() => Err(DamError::Null),
        _ if !pointer.is_aligned() => Err(DamError::Alignment),
        _ => Ok(()),
    }
}

/// Lends what is generic over precisions to what is chosen by the words.
macro_rules! by_precision {
    ($words:expr, $weight:ident => $then:expr) => {
        match precision($words) {
            Ok(8) => {
                type $weight = i8;
                $then
            }
            Ok(16) => {
                type $weight = i16;
                $then
            }
            Ok(32) => {
                type $weight = f32;
                $then
            }
            Ok(_) => DamError::Precision,
            Err(error) => error.into(),
        }
    };
}

/// Bytes that hold all buffers of a network.
const fn scratch<W: Evaluate>(shape: &Shape) -> usize {
    let Parts([fields, similarities, previous, next]) = parts::<W>(shape);
    size_of::<u64>() * (fields + similarities + previous + next)
}

/// Lengths of the buffers, in words of 8 bytes: fields, similarities, previous and next state.
struct Parts([usize; 4]);

const fn parts<W: Evaluate>(shape: &Shape) -> Parts {
    Parts([
        (size_of::<W::Field>() * shape.classes()).div_ceil(8),
        (size_of::<W::Similarity>() * padded::<W>(shape)).div_ceil(8),
        (4 * shape.words()).div_ceil(8),
        (4 * shape.words()).div_ceil(8),
    ])
}

fn sizes<W: Evaluate>(words: &[u32]) -> Result<DamSizes, ModelError> {
    let model = Model::<W>::new(words)?;
    let shape = model.shape();
    Ok(DamSizes {
        scratch_bytes: scratch::<W>(&shape) as u32,
        state_words: shape.words() as u32,
        pixels: shape.pixels() as u32,
        tasks: shape.tasks() as u32,
        classes: shape.classes() as u32,
        memories: shape.memories() as u32,
        threshold: model.threshold().into(),
    })
}

/// Tells what a model needs.
///
/// # Safety
/// `words` points to `length` words and `out` to where the sizes go, or they are null.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn dam_sizes_of(words: *const u32, length: u32, out: *mut DamSizes) -> DamError {
    if let Err(error) = usable(words).and(usable(out)) {
        return error;
    }
    // SAFETY: said above.
    let words = unsafe { slice::from_raw_parts(words, length as usize) };
    by_precision!(words, W => match sizes::<W>(words) {
        Ok(sizes) => {
            // SAFETY: said above.
            unsafe { out.write(sizes) };
            DamError::Ok
        }
        Err(error) => error.into(),
    })
}

/// Opens a model.
///
/// # Safety
/// `words` points to `length` words, `scratch` to `scratch_bytes` bytes, both as long as `recall` is used, or they are null.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn dam_init(
    recall: *mut DamRecall,
    words: *const u32,
    length: u32,
    scratch: *mut u64,
    scratch_bytes: u32,
) -> DamError {
    if let Err(error) = usable(recall).and(usable(words)).and(usable(scratch)) {
        return error;
    }
    // SAFETY: said above.
    let slice = unsafe { slice::from_raw_parts(words, length as usize) };
    by_precision!(slice, W => match Model::<W>::open(slice).and_then(|_| sizes::<W>(slice)) {
        Ok(sizes) if scratch_bytes < sizes.scratch_bytes => DamError::Scratch,
        Ok(_) => {
            // SAFETY: said above.
            unsafe { recall.write(DamRecall { words, scratch, length, scratch_bytes }) };
            DamError::Ok
        }
        Err(error) => error.into(),
    })
}

/// Lends a recall to `then`.
///
/// # Safety
/// `recall` was opened by [`dam_init`].
unsafe fn with<W: Evaluate>(recall: &DamRecall, then: impl FnOnce(Recall<'_, W>) -> DamError) -> DamError {
    // SAFETY: words and length are those of `dam_init`.
    let words = unsafe { slice::from_raw_parts(recall.words, recall.length as usize) };
    let model = match Model::<W>::new(words) {
        Ok(model) => model,
        Err(error) => return error.into(),
    };
    let shape = model.shape();
    if (recall.scratch_bytes as usize) < scratch::<W>(&shape) {
        return DamError::Scratch;
    }
    let Parts([fields, similarities, previous, _]) = parts::<W>(&shape);
    // SAFETY: the scratch is as long as all parts together, and each begins at a multiple of 8 bytes. All bit patterns
    // are numbers of these types.
    let buffers = unsafe {
        let base = recall.scratch;
        Buffers {
            fields: slice::from_raw_parts_mut(base.cast(), shape.classes()),
            similarities: slice::from_raw_parts_mut(base.add(fields).cast(), padded::<W>(&shape)),
            previous: slice::from_raw_parts_mut(base.add(fields + similarities).cast(), shape.words()),
            next: slice::from_raw_parts_mut(base.add(fields + similarities + previous).cast(), shape.words()),
        }
    };
    then(Recall::new(model, buffers))
}

/// Classifies.
///
/// # Safety
/// `recall` was opened by [`dam_init`], `state` points to `words` words and `answer` to where it goes, or they are null.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn dam_classify(
    recall: *const DamRecall,
    state: *const u32,
    words: u32,
    answer: *mut u32,
) -> DamError {
    if let Err(error) = usable(recall).and(usable(state)).and(usable(answer)) {
        return error;
    }
    // SAFETY: said above.
    let (recall, state) = unsafe { (&*recall, slice::from_raw_parts(state, words as usize)) };
    // SAFETY: as `dam_init` left it.
    let model = unsafe { slice::from_raw_parts(recall.words, recall.length as usize) };
    // SAFETY: said above.
    by_precision!(model, W => unsafe {
        with::<W>(recall, |mut recall| {
            if state.len() < recall.model().shape().words() {
                return DamError::State;
            }
            answer.write(recall.classify(state) as u32);
            DamError::Ok
        })
    })
}

/// Relaxes.
///
/// # Safety
/// As [`dam_classify`]; `end` and `sweeps` point to where they go, or are null.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn dam_relax(
    recall: *const DamRecall,
    state: *mut u32,
    words: u32,
    most_sweeps: u32,
    end: *mut DamEnd,
    sweeps: *mut u32,
) -> DamError {
    if let Err(error) = usable(recall).and(usable(state)).and(usable(end)).and(usable(sweeps)) {
        return error;
    }
    // SAFETY: said above.
    let (recall, state) = unsafe { (&*recall, slice::from_raw_parts_mut(state, words as usize)) };
    // SAFETY: as `dam_init` left it.
    let model = unsafe { slice::from_raw_parts(recall.words, recall.length as usize) };
    // SAFETY: said above.
    by_precision!(model, W => unsafe {
        with::<W>(recall, |mut recall| {
            let Some(state) = state.get_mut(..recall.model().shape().words()) else { return DamError::State };
            let relaxed = recall.relax(state, most_sweeps);
            end.write(relaxed.end.into());
            sweeps.write(relaxed.sweeps);
            DamError::Ok
        })
    })
}

/// Nothing here panics; the compiler asks for it all the same.
#[panic_handler]
fn panic(_: &core::panic::PanicInfo<'_>) -> ! {
    loop {
        core::hint::spin_loop();
    }
}
