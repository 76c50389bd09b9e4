//! Demonstrations. Each prints lines to a [`Console`]: on a board through defmt, on a desktop into a list. Both print the
//! same, but for lines that begin with [`MEASURED`].
#![no_std]
#![forbid(unsafe_code)]

pub mod classify;
pub mod data;
pub mod further;
pub mod learn;
pub mod recall;

use core::fmt::{Arguments, Write};

/// What lines begin with that depend on the board and the compiler.
pub const MEASURED: &str = "measured: ";

/// Where a demonstration prints, and by which clock it measures.
pub trait Console {
    /// Prints a line.
    fn line(&mut self, text: &str);

    /// Ticks of the clock; wraps after [`ticks`](Self::TICKS).
    fn now(&self) -> u32;

    /// Ticks after which the clock begins again, a power of two.
    const TICKS: u32;

    /// What is counted.
    const UNIT: &'static str = "instructions";

    /// So many ticks in [`UNIT`](Self::UNIT), or 0 where there is no clock.
    fn counted(&self, ticks: u32) -> u32;

    /// Begins to watch the stack.
    fn watch(&mut self) {}

    /// The most bytes of stack that were in use since it was watched, or 0 where nothing watches it.
    fn stack(&self) -> usize {
        0
    }

    /// Prints a line of what is formatted, at most 120 bytes of it.
    fn print(&mut self, text: Arguments<'_>) {
        let mut line = heapless::String::<120>::new();
        // What is too long is cut off.
        let _ = line.write_fmt(text);
        self.line(&line);
    }

    /// What was counted since `start`.
    fn since(&self, start: u32) -> u32 {
        self.counted(self.now().wrapping_sub(start) & (Self::TICKS - 1))
    }
}

/// A fingerprint of numbers: FNV-1a, 64 bits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Fingerprint(pub u64);

impl Default for Fingerprint {
    fn default() -> Self {
        Self(0xcbf2_9ce4_8422_2325)
    }
}

impl Fingerprint {
    /// Takes a number in.
    pub fn add(&mut self, number: i64) {
        for byte in number.to_le_bytes() {
            self.0 = (self.0 ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01b3);
        }
    }
}

/// All demonstrations; the last is [`learn::float`] or [`learn::fixed`].
pub fn all(console: &mut impl Console, learn: impl FnOnce(learn::Print<'_>)) {
    let (Ok(store), Ok(classifier)) = (data::store(), data::classifier()) else {
        return console.line("a model is damaged");
    };
    let mut small = data::SmallMemory::new();
    watched(console, "recall", |console| recall::run(console, &mut small.recall(store), &data::STORED));
    watched(console, "classification", |console| {
        classify::run(console, &mut small.recall(classifier), &data::DIGITS);
    });
    classify::sensed(console, &mut small.recall(classifier), &data::IMAGES, &data::DIGITS);
    watched(console, "learning", |console| learn(&mut |text| console.print(text)));
}

/// Does one thing and prints how much of the stack was used.
fn watched<C: Console>(console: &mut C, name: &str, run: impl FnOnce(&mut C)) {
    console.watch();
    run(console);
    console.print(format_args!("{MEASURED}stack of {name} {} bytes", console.stack()));
}

/// The classifier with weights of 16 bits and in floating point, and one of few memory vectors.
pub fn precisions(console: &mut impl Console) {
    let (Ok(i16), Ok(f32), Ok(few)) = (data::classifier_i16(), data::classifier_f32(), data::classifier_few()) else {
        return console.line("a model is damaged");
    };
    classify::run(console, &mut data::ClassifierMemory::new().recall(i16), &data::DIGITS);
    classify::run(console, &mut data::ClassifierMemory::new().recall(f32), &data::DIGITS);
    classify::run(console, &mut data::SmallMemory::new().recall(few), &data::DIGITS);
}

/// The whole network of the benchmark, from flash: classification of digits of 28 x 28 pixels.
pub fn whole(console: &mut impl Console) {
    let mut memory = data::WholeMemory::new();
    match data::whole() {
        Ok(model) => watched(console, "classification", |console| {
            classify::run(console, &mut memory.recall(model), &data::WHOLE_DIGITS);
        }),
        Err(_) => console.line("the model is damaged"),
    }
}
