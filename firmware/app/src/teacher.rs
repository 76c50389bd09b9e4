//! Items over a serial line, as text: a class and its pixels a line, and a line to say that all have come.
//!
//! | line | what it says |
//! |---|---|
//! | `7 00ff12ab 00000001` | an item of class 7; its pixels, bit-packed in words of 32, as hexadecimal digits |
//! | `learn` | all items of the task have come |
//!
//! Other lines are passed over.

use dam_nostd::{Shape, bits};
use embedded_io::Read;

/// The most bytes of a line that are kept: those of 1024 pixels.
const MOST: usize = 300;

/// What a line says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Lesson {
    /// An item, written into the state.
    Item,
    /// All items have come.
    Learn,
}

/// Somebody who sends items.
#[derive(Debug)]
pub struct Teacher<S> {
    serial: S,
}

impl<S: Read> Teacher<S> {
    /// At the other end of `serial`.
    pub fn new(serial: S) -> Self {
        Self { serial }
    }

    /// Waits for the next item or for the end. An item becomes `state`, a state of `task` (from 0) of a network of `shape`.
    /// `None` where the line has come to its end.
    ///
    /// # Errors
    /// That of the line.
    pub fn next(&mut self, shape: &Shape, task: usize, state: &mut [u32]) -> Result<Option<Lesson>, S::Error> {
        let mut line = [0; MOST];
        loop {
            let mut length = 0;
            loop {
                let mut byte = [0];
                if self.serial.read(&mut byte)? == 0 {
                    return Ok(None);
                }
                match byte {
                    [b'\n'] => break,
                    [b'\r'] => {}
                    [byte] => {
                        if let Some(place) = line.get_mut(length) {
                            *place = byte;
                            length += 1;
                        }
                    }
                }
            }
            let line = line.get(..length).unwrap_or(&[]);
            if line == b"learn" {
                return Ok(Some(Lesson::Learn));
            }
            if item(line, shape, task, state).is_some() {
                return Ok(Some(Lesson::Item));
            }
        }
    }

    /// The line.
    pub fn release(self) -> S {
        self.serial
    }
}

/// Reads an item; `None` where the line is none.
fn item(line: &[u8], shape: &Shape, task: usize, state: &mut [u32]) -> Option<()> {
    let mut parts = line.split(|&byte| byte == b' ').filter(|part| !part.is_empty());
    let class = parts.next()?.iter().try_fold(0, |class: usize, &byte| digit(byte, 10)?.checked_add(class * 10))?;
    if class >= shape.classes() {
        return None;
    }
    state.fill(0);
    let mut pixels = 0;
    for word in parts {
        if word.len() != 8 {
            return None;
        }
        let word = word.iter().try_fold(0, |word, &byte| Some(word << 4 | digit(byte, 16)? as u32))?;
        for bit in 0..32 {
            let on = word >> bit & 1 == 1;
            if pixels + bit < shape.pixels() {
                bits::set(state, pixels + bit, on);
            } else if on {
                return None;
            }
        }
        pixels += 32;
    }
    bits::set(state, shape.task_neurons().start + task, true);
    bits::set(state, shape.class_neurons().start + class, true);
    (pixels >= shape.pixels()).then_some(())
}

fn digit(byte: u8, base: u32) -> Option<usize> {
    char::from(byte).to_digit(base).map(|digit| digit as usize)
}
