//! A digit on light-emitting diodes.

use embedded_hal::digital::OutputPin;

/// What shows a digit.
pub trait Display {
    /// Why it could not.
    type Error;

    /// Shows `digit`, 0 to 9.
    ///
    /// # Errors
    /// Those of the pins.
    fn show(&mut self, digit: u8) -> Result<(), Self::Error>;
}

/// Seven segments a to g, lit by a high level.
#[derive(Debug)]
pub struct SevenSegments<P>(pub [P; 7]);

/// The segments of each digit: bit 0 is a, at the top, then clockwise to f, and bit 6 is g, in the middle.
const SEGMENTS: [u8; 10] = [
    0b011_1111, 0b000_0110, 0b101_1011, 0b100_1111, 0b110_0110, 0b110_1101, 0b111_1101, 0b000_0111, 0b111_1111,
    0b110_1111,
];

impl<P: OutputPin> Display for SevenSegments<P> {
    type Error = P::Error;

    fn show(&mut self, digit: u8) -> Result<(), P::Error> {
        let lit = SEGMENTS.get(usize::from(digit)).copied().unwrap_or(0);
        show_bits(&mut self.0, lit)
    }
}

/// Some diodes that show the digit in binary, the lowest bit first; lit by a high level.
#[derive(Debug)]
pub struct Binary<P, const N: usize>(pub [P; N]);

impl<P: OutputPin, const N: usize> Display for Binary<P, N> {
    type Error = P::Error;

    fn show(&mut self, digit: u8) -> Result<(), P::Error> {
        show_bits(&mut self.0, digit)
    }
}

fn show_bits<P: OutputPin>(pins: &mut [P], lit: u8) -> Result<(), P::Error> {
    for (bit, pin) in (0..8).zip(pins) {
        pin.set_state(((lit >> bit) & 1 == 1).into())?;
    }
    Ok(())
}
