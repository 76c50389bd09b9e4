//! What a network is and what it is shown: sizes, states, items, weights, and the randomness they are drawn with.

pub mod bits;
pub(crate) mod crc;
#[cfg(feature = "train")]
pub mod items;
#[cfg(feature = "train")]
pub mod network;
pub(crate) mod relaxed;
#[cfg(feature = "train")]
pub mod rng;
#[cfg(feature = "train")]
pub mod rule;
pub mod shape;
