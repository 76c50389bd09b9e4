//! A station: a network, digits to be shown, and the board's parts.

use dam_nostd::bits;
use dam_nostd::recall::{Evaluate, Recall};
use embedded_hal::delay::DelayNs;
use embedded_hal::digital::InputPin;
use embedded_io::Write;

use crate::button::Button;
use crate::display::Display;

/// Digits in flash: states, one after the other, and their classes.
#[derive(Clone, Copy, Debug)]
pub struct Digits<'a> {
    /// Words of a state.
    pub words: usize,
    /// States.
    pub states: &'a [u32],
    /// Their classes.
    pub labels: &'a [u8],
}

impl<'a> Digits<'a> {
    /// How many.
    pub fn len(&self) -> usize {
        self.labels.len().min(self.states.len().checked_div(self.words).unwrap_or(0))
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Digit `i` and its class.
    pub fn get(&self, i: usize) -> Option<(&'a [u32], u8)> {
        let from = i.checked_mul(self.words)?;
        Some((self.states.get(from..from.checked_add(self.words)?)?, *self.labels.get(i)?))
    }
}

/// What went wrong: a part of the board.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fault {
    /// The button.
    Button,
    /// The display.
    Display,
    /// The serial line.
    Serial,
}

/// A network and the parts of a board.
#[derive(Debug)]
pub struct Station<'a, W: Evaluate, D, B, S> {
    recall: Recall<'a, W>,
    digits: Digits<'a>,
    display: D,
    button: Button<B>,
    serial: S,
    next: usize,
}

impl<'a, W: Evaluate, D: Display, B: InputPin, S: Write> Station<'a, W, D, B, S> {
    /// Of these parts.
    pub fn new(recall: Recall<'a, W>, digits: Digits<'a>, display: D, button: Button<B>, serial: S) -> Self {
        Self { recall, digits, display, button, serial, next: 0 }
    }

    /// Waits for the button, shows the next digit to the network, displays the answer and sends the digit, as letters,
    /// and the answer over the serial line. After the last digit comes the first. Returns the answer.
    ///
    /// # Errors
    /// A part that failed.
    pub fn step(&mut self, delay: &mut impl DelayNs) -> Result<u8, Fault> {
        self.button.wait_for_press(delay).map_err(|_| Fault::Button)?;
        let Some((state, _)) = self.digits.get(self.next) else { return Ok(0) };
        self.next = if self.next + 1 < self.digits.len() { self.next + 1 } else { 0 };
        let answer = self.recall.classify(state) as u8;
        self.display.show(answer).map_err(|_| Fault::Display)?;
        self.send(state, answer).map_err(|_| Fault::Serial)?;
        Ok(answer)
    }

    fn send(&mut self, state: &[u32], answer: u8) -> Result<(), S::Error> {
        let (width, height) = self.recall.model().image();
        for row in 0..height {
            for column in 0..width {
                let on = bits::is_on(state, row * width + column);
                send(&mut self.serial, if on { b"#" } else { b"." })?;
            }
            send(&mut self.serial, b"\r\n")?;
        }
        send(&mut self.serial, &[b'0'.wrapping_add(answer), b'\r', b'\n'])?;
        self.serial.flush()
    }

    /// The parts.
    pub fn release(self) -> (D, B, S) {
        (self.display, self.button.release(), self.serial)
    }
}

/// Writes all bytes. `Write::write_all` panics where a line takes no byte; here the byte is lost.
fn send<S: Write>(serial: &mut S, mut bytes: &[u8]) -> Result<(), S::Error> {
    while !bytes.is_empty() {
        let written = serial.write(bytes)?.max(1);
        bytes = bytes.get(written..).unwrap_or(&[]);
    }
    Ok(())
}
