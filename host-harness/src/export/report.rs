//! What a model takes on a board, told before anything is flashed.

use std::fmt::Write;

use dam_nostd::Shape;
use dam_nostd::recall::model::Sections;
use dam_nostd::recall::{Buffers, Content};

use super::{ExportPrecision, board};

const KIB: usize = 1024;

/// Bytes of flash that recall's code takes at most, of any precision and on any of the boards, relaxation included.
pub const CODE: usize = 13 * KIB;

/// Bytes that all code of a C program takes at most that classifies with a model of 8 bits for classification alone, with the
/// library of the profile `small` and one number type.
pub const SMALL_CODE: usize = 4 * KIB;

/// The same where the library is `firmware/c-api/plain/dam.c`: with 16 memory vectors of 14 x 14 pixels 6 kB together.
pub const PLAIN_CODE: usize = 2 * KIB - 32;

/// What a model takes, in bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Footprint {
    /// The model in flash.
    pub model: usize,
    /// Buffers that recall borrows.
    pub scratch: usize,
    /// One state.
    pub state: usize,
}

/// Of a model of this shape.
pub fn footprint(shape: &Shape, precision: ExportPrecision, content: Content) -> Footprint {
    let (words, scratch) = match precision {
        ExportPrecision::I8 => (Sections::with::<i8>(shape, content).words(), Buffers::<i8>::bytes(shape)),
        ExportPrecision::I16 => (Sections::with::<i16>(shape, content).words(), Buffers::<i16>::bytes(shape)),
        ExportPrecision::F32 => (Sections::with::<f32>(shape, content).words(), Buffers::<f32>::bytes(shape)),
    };
    let state = 4 * shape.words();
    // Relaxation keeps two states.
    let scratch = if content == Content::All { scratch } else { scratch - 2 * state };
    Footprint { model: 4 * words, scratch, state }
}

/// A table: for each board what is left.
pub fn table(shape: &Shape, precision: ExportPrecision, content: Content) -> String {
    let Footprint { model, scratch, state } = footprint(shape, precision, content);
    let small = precision == ExportPrecision::I8 && content == Content::Classes;
    let code = if small { SMALL_CODE } else { CODE };
    let mut text = format!(
        "flash    {model} bytes of model, and at most {code} of recall's code\n\
         RAM      {scratch} bytes of scratch, {state} a state; no heap\n\n\
         board               processor     flash used         RAM used\n"
    );
    for board in board::all() {
        let share = |used: usize, of: usize| {
            let verdict = if used > of * KIB { "  does not fit" } else { "" };
            format!("{:>5.1}% of {of:>4} KiB{verdict}", 100.0 * used as f64 / (of * KIB) as f64)
        };
        let (flash, ram) = (share(model + code, board.flash), share(scratch + state, board.ram));
        let _ = writeln!(text, "{:<19} {:<11} {flash}  {ram}", board.name, board.core);
    }
    text
}
