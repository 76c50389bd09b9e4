//! Recall for C: what `include/dam.h` declares.
//!
//! Whatever crosses the interface has a fixed width: a C compiler may choose how wide an `enum` is, and those for Arm take
//! one byte. Pointers are checked before anything is read or written through them: one that is null gives
//! [`DamError::Null`], and one that is not aligned [`DamError::Alignment`], which on a Cortex-M0 would be a HardFault.
#![no_std]

mod values;

use core::mem::{align_of, size_of};
use core::slice;

use dam_nostd::Shape;
use dam_nostd::recall::model::{ModelError, padded, precision};
use dam_nostd::recall::{Buffers, Evaluate, Model, Recall, Sensor};

#[cfg(feature = "relax")]
pub use values::DamEnd;
use values::HELD;
pub use values::{DamAnswer, DamError, DamRecall, DamSizes};

/// Whether something can be read or written through `pointer`, as far as it tells by itself.
fn usable<T>(pointer: *const T) -> Result<(), DamError> {
    match pointer {
        _ if pointer.is_null() => Err(DamError::Null),
        _ if !pointer.is_aligned() => Err(DamError::Alignment),
        _ => Ok(()),
    }
}

/// What every function that is lent a state checks, `others` being the pointers that it has beside: returns the precision of
/// the recall and the words of a state.
///
/// # Safety
/// `recall` was opened by [`dam_init`], or is null.
unsafe fn ready(
    recall: *const DamRecall,
    state: *const u32,
    words: u32,
    others: Result<(), DamError>,
) -> Result<(u32, usize), DamError> {
    usable(recall).and(usable(state)).and(others)?;
    // SAFETY: said above.
    let (precision, least) = unsafe { ((*recall).precision, (*recall).words) };
    if words < least { Err(DamError::State) } else { Ok((precision, least as usize)) }
}

/// Does what is generic over precisions with the one of so many bits; this library may have been built with one alone.
macro_rules! by_precision {
    ($bits:expr, $weight:ident => $then:expr) => {
        match $bits {
            #[cfg(feature = "i8")]
            8 => {
                type $weight = i8;
                $then
            }
            #[cfg(feature = "i16")]
            16 => {
                type $weight = i16;
                $then
            }
            #[cfg(feature = "f32")]
            32 => {
                type $weight = f32;
                $then
            }
            _ => DamError::Precision,
        }
    };
}

/// Bytes that hold all buffers of a network.
const fn scratch<W: Evaluate>(shape: &Shape) -> usize {
    let Parts([fields, similarities, state]) = parts::<W>(shape);
    size_of::<u64>() * (fields + similarities + 2 * state)
}

/// Lengths of the buffers, in words of 8 bytes: fields, similarities, and each of the two states of relaxation.
struct Parts([usize; 3]);

const fn parts<W: Evaluate>(shape: &Shape) -> Parts {
    Parts([
        (size_of::<W::Field>() * shape.classes()).div_ceil(8),
        (size_of::<W::Similarity>() * padded::<W>(shape)).div_ceil(8),
        if cfg!(feature = "relax") { (4 * shape.words()).div_ceil(8) } else { 0 },
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
    by_precision!(bits(words), W => match sizes::<W>(words) {
        Ok(sizes) => {
            // SAFETY: said above.
            unsafe { out.write(sizes) };
            DamError::Ok
        }
        Err(error) => error.into(),
    })
}

/// Bits of the weights of the model in `words`, or of none: what then opens it says what is wrong.
fn bits(words: &[u32]) -> u32 {
    precision(words).unwrap_or(if cfg!(feature = "i8") {
        8
    } else if cfg!(feature = "i16") {
        16
    } else {
        32
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
    by_precision!(bits(slice), W => match Model::<W>::open(slice) {
        Ok(model) => {
            let shape = model.shape();
            if (scratch_bytes as usize) < self::scratch::<W>(&shape) {
                return DamError::Scratch;
            }
            // SAFETY: said above; the scratch is as long as asked.
            unsafe { open::<W>(recall, model, scratch) };
            DamError::Ok
        }
        Err(error) => error.into(),
    })
}

/// Puts a recall into the room for it.
///
/// # Safety
/// `recall` and `scratch` are as in [`dam_init`], the scratch as long as [`scratch`] says.
unsafe fn open<W: Evaluate>(recall: *mut DamRecall, model: Model<'static, W>, scratch: *mut u64) {
    const { assert!(size_of::<Recall<'static, W>>() <= size_of::<[*const (); HELD]>()) };
    const { assert!(align_of::<Recall<'static, W>>() <= align_of::<*const ()>()) };
    let shape = model.shape();
    let Parts([fields, similarities, state]) = parts::<W>(&shape);
    let words = if cfg!(feature = "relax") { shape.words() } else { 0 };
    // SAFETY: the scratch is as long as all parts together, and each begins at a multiple of 8 bytes. All bit patterns
    // are numbers of these types.
    let buffers = unsafe {
        Buffers {
            fields: slice::from_raw_parts_mut(scratch.cast(), shape.classes()),
            similarities: slice::from_raw_parts_mut(scratch.add(fields).cast(), padded::<W>(&shape)),
            previous: slice::from_raw_parts_mut(scratch.add(fields + similarities).cast(), words),
            next: slice::from_raw_parts_mut(scratch.add(fields + similarities + state).cast(), words),
        }
    };
    // SAFETY: it is as large and as aligned as it has to be, by the assertions above.
    unsafe {
        (&raw mut (*recall).held).cast::<Recall<'static, W>>().write(Recall::new(model, buffers));
        (&raw mut (*recall).precision).write(W::BITS);
        (&raw mut (*recall).words).write(shape.words() as u32);
    }
}

/// What [`open`] put there.
///
/// # Safety
/// It was put there with this precision.
#[inline(always)]
unsafe fn opened<'a, W: Evaluate>(recall: *mut DamRecall) -> &'a mut Recall<'static, W> {
    // SAFETY: said above.
    unsafe { &mut *(&raw mut (*recall).held).cast() }
}

/// Classifies.
///
/// # Safety
/// `recall` was opened by [`dam_init`], `state` points to `words` words and `answer` to where it goes, or they are null.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn dam_classify(
    recall: *mut DamRecall,
    state: *const u32,
    words: u32,
    answer: *mut u32,
) -> DamError {
    // SAFETY: said above.
    let (precision, least) = match unsafe { ready(recall, state, words, usable(answer)) } {
        Ok(ready) => ready,
        Err(error) => return error,
    };
    by_precision!(precision, W => {
        // SAFETY: said above; it was opened with this precision.
        unsafe {
            let state = slice::from_raw_parts(state, least);
            answer.write(opened::<W>(recall).classify(state) as u32);
        }
        DamError::Ok
    })
}

/// Classifies, and tells how sure that is.
///
/// # Safety
/// As [`dam_classify`].
#[unsafe(no_mangle)]
pub unsafe extern "C" fn dam_classify_surely(
    recall: *mut DamRecall,
    state: *const u32,
    words: u32,
    answer: *mut DamAnswer,
) -> DamError {
    // SAFETY: said above.
    let (precision, least) = match unsafe { ready(recall, state, words, usable(answer)) } {
        Ok(ready) => ready,
        Err(error) => return error,
    };
    by_precision!(precision, W => {
        // SAFETY: said above; it was opened with this precision.
        unsafe {
            let found = opened::<W>(recall).answer(slice::from_raw_parts(state, least));
            let (field, places) = found.field.number(found.places);
            let rejected = found.rejected.into();
            answer.write(DamAnswer { field, places, class: found.class as u32, margin: found.margin, rejected });
        }
        DamError::Ok
    })
}

/// A field as an integer and its places.
trait Number {
    fn number(self, places: i32) -> (i64, i32);
}

impl Number for i64 {
    fn number(self, places: i32) -> (i64, i32) {
        (self, places)
    }
}

#[cfg(feature = "f32")]
impl Number for f32 {
    fn number(self, _: i32) -> (i64, i32) {
        ((self * 65_536.0) as i64, 16)
    }
}

/// Makes the pixel neurons of a state from grey values.
///
/// # Safety
/// `recall` was opened by [`dam_init`], `grey` points to `bytes` bytes and `state` to `words` words, or they are null.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn dam_show(
    recall: *const DamRecall,
    grey: *const u8,
    bytes: u32,
    state: *mut u32,
    words: u32,
) -> DamError {
    // SAFETY: said above.
    let (precision, least) = match unsafe { ready(recall, state, words, usable(grey)) } {
        Ok(ready) => ready,
        Err(error) => return error,
    };
    by_precision!(precision, W => {
        // SAFETY: said above; it was opened with this precision.
        let sensor = unsafe { Sensor::of((&*(&raw const (*recall).held).cast::<Recall<'static, W>>()).model()) };
        let Some(sensor) = sensor else { return DamError::Sensor };
        let (width, height) = sensor.size();
        if (bytes as usize) < width * height {
            return DamError::Sensor;
        }
        // SAFETY: said above.
        unsafe { sensor.show(slice::from_raw_parts(grey, bytes as usize), slice::from_raw_parts_mut(state, least)) };
        DamError::Ok
    })
}

/// Relaxes.
///
/// # Safety
/// As [`dam_classify`]; `end` and `sweeps` point to where they go, or are null.
#[cfg(feature = "relax")]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn dam_relax(
    recall: *mut DamRecall,
    state: *mut u32,
    words: u32,
    most_sweeps: u32,
    end: *mut DamEnd,
    sweeps: *mut u32,
) -> DamError {
    // SAFETY: said above.
    let (precision, least) = match unsafe { ready(recall, state, words, usable(end).and(usable(sweeps))) } {
        Ok(ready) => ready,
        Err(error) => return error,
    };
    by_precision!(precision, W => {
        // SAFETY: said above; it was opened with this precision.
        let (recall, state) =
            unsafe { (opened::<W>(recall), slice::from_raw_parts_mut(state, least)) };
        if recall.model().content() == dam_nostd::recall::Content::Classes {
            return DamError::ClassesOnly;
        }
        let relaxed = recall.relax(state, most_sweeps);
        // SAFETY: said above.
        unsafe {
            end.write(relaxed.end.into());
            sweeps.write(relaxed.sweeps);
        }
        DamError::Ok
    })
}

/// Nothing here panics; the compiler asks for it all the same.
#[panic_handler]
fn panic(_: &core::panic::PanicInfo<'_>) -> ! {
    loop {
        core::hint::spin_loop();
    }
}
