//! The number types that weights of an exported model have.

/// 32-bit words that hold the weights of one group of memory vectors to one neuron.
pub const GROUP_WORDS: usize = 4;

/// A number type of weights: `i8`, `i16` or `f32`.
pub trait Precision: Copy + core::fmt::Debug + 'static {
    /// Bits of a weight.
    const BITS: u32;
    /// Memory vectors of a group.
    const LANES: usize = (32 * GROUP_WORDS as u32 / Self::BITS) as usize;
    /// What the constants of one memory vector take, in words.
    const CONSTANTS: usize;
    /// Whether there is a drift for each neuron.
    const DRIFTS: bool;
}

impl Precision for i8 {
    const BITS: u32 = 8;
    const CONSTANTS: usize = 4;
    const DRIFTS: bool = true;
}

impl Precision for i16 {
    const BITS: u32 = 16;
    const CONSTANTS: usize = 4;
    const DRIFTS: bool = true;
}

impl Precision for f32 {
    const BITS: u32 = 32;
    const CONSTANTS: usize = 1;
    const DRIFTS: bool = false;
}
