//! What a model takes on a board, told before anything is flashed.

use std::fmt::Write;

use dam_nostd::Shape;
use dam_nostd::recall::Buffers;
use dam_nostd::recall::model::Sections;

use super::ExportPrecision;

/// A board and what it has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Board {
    /// As `firmware/boards` names it.
    pub name: &'static str,
    /// Its processor.
    pub core: &'static str,
    /// Bytes of flash.
    pub flash: usize,
    /// Bytes of RAM.
    pub ram: usize,
}

const KIB: usize = 1024;

/// The boards that firmware is built for.
pub const BOARDS: [Board; 9] = [
    Board { name: "microbit", core: "Cortex-M0", flash: 256 * KIB, ram: 16 * KIB },
    Board { name: "lm3s6965evb", core: "Cortex-M3", flash: 256 * KIB, ram: 64 * KIB },
    Board { name: "mps2-an386", core: "Cortex-M4F", flash: 4096 * KIB, ram: 4096 * KIB },
    Board { name: "mps2-an500", core: "Cortex-M7", flash: 4096 * KIB, ram: 4096 * KIB },
    Board { name: "mps2-an505", core: "Cortex-M33", flash: 4096 * KIB, ram: 4096 * KIB },
    Board { name: "stm32f4-discovery", core: "Cortex-M4F", flash: 1024 * KIB, ram: 112 * KIB },
    Board { name: "nrf52840-dk", core: "Cortex-M4F", flash: 1024 * KIB, ram: 256 * KIB },
    Board { name: "rpi-pico", core: "Cortex-M0+", flash: 2048 * KIB, ram: 256 * KIB },
    Board { name: "rpi-pico2", core: "Cortex-M33", flash: 4096 * KIB, ram: 512 * KIB },
];

/// Bytes of flash that recall's code takes at most, of any precision and on any of the boards.
pub const CODE: usize = 12 * KIB;

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
pub fn footprint(shape: &Shape, precision: ExportPrecision) -> Footprint {
    let (words, scratch) = match precision {
        ExportPrecision::I8 => (Sections::new::<i8>(shape).words(), Buffers::<i8>::bytes(shape)),
        ExportPrecision::I16 => (Sections::new::<i16>(shape).words(), Buffers::<i16>::bytes(shape)),
        ExportPrecision::F32 => (Sections::new::<f32>(shape).words(), Buffers::<f32>::bytes(shape)),
    };
    Footprint { model: 4 * words, scratch, state: 4 * shape.words() }
}

/// A table: for each board what is left.
pub fn table(shape: &Shape, precision: ExportPrecision) -> String {
    let Footprint { model, scratch, state } = footprint(shape, precision);
    let mut text = format!(
        "flash    {model} bytes of model, and at most {CODE} of recall's code\n\
         RAM      {scratch} bytes of scratch, {state} a state; no heap\n\n\
         board               processor     flash used         RAM used\n"
    );
    for board in BOARDS {
        let share = |used: usize, of: usize| {
            let verdict = if used > of { "  does not fit" } else { "" };
            format!("{:>5.1}% of {:>4} KiB{verdict}", 100.0 * used as f64 / of as f64, of / KIB)
        };
        let (flash, ram) = (share(model + CODE, board.flash), share(scratch + state, board.ram));
        let _ = writeln!(text, "{:<19} {:<11} {flash}  {ram}", board.name, board.core);
    }
    text
}
