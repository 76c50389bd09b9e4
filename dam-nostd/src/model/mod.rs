//! What a network is and what it is shown: sizes, states, items, weights, and the randomness they are drawn with.

pub mod bits;
pub mod items;
pub mod network;
pub mod rng;
pub mod rule;
pub mod shape;
