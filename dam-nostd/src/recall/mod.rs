//! Recall from exported models: weights of 8 or 16 bits with a scale for each memory vector, or of 32-bit floating point.
//!
//! A model is a slice of 32-bit words, most likely a `static` in flash, that is borrowed and never copied
//! ([`Model`], laid out as `docs/exported-model.md` says). [`Recall`] classifies and relaxes.
//!
//! # Integers
//! With 8 and 16 bits nothing but integers is added and multiplied, so every machine comes to the same bits, one without
//! a floating-point unit, too.
//!
//! - Weight of memory vector k to neuron j: q_kj times the scale of k. Class neurons, whose weights training does not
//!   clamp, have q of 32 bits in the same scale.
//! - Similarity, in units of the scale: H_k = 2 (sum of q over +1 neurons) - (sum of q over all neurons). Only rows of
//!   +1 neurons are added ([`packed`]).
//! - s = (beta / N) <zeta_k, xi> is x_k 2^-E with the *base* x_k = (H_k 2^a m_k) / 2^32, rounded down: m_k holds the scale
//!   and beta / N. E and a belong to the model. Twice the weights to class neurons are kept as bases.
//! - x^n for x > 0 by `powers`, which share one exponent for each item; for n = 2 by squares of bases, whose higher 32
//!   bits add up to fields.
//! - The leak apart from that: f_n(x) = max(x, 0)^n + slope min(x, 0), with a slope of either sign, and min(x, 0) is x less
//!   max(x, 0). So the parts below 0 of all memory vectors change by the sum of all their weights to the neuron, which is a
//!   constant, its *drift*, less what the parts above 0 change by. Memory vectors that stay at or below 0 are passed over,
//!   and where all stay above, nothing is left of the leak, to the last bit.
//! - Relaxation needs x^n at as many places as there are neurons. Weights of few distinct values make few of them: of each
//!   memory vector the last are kept, and so is the sum over memory vectors of one word where neighbours are alike.
//!
//! A field is then a number of 64 bits and an exponent, the same for all neurons of a group: [`Fields`].
//!
//! # Why nothing overflows
//! | what | bound |
//! |---|---|
//! | a lane's sum of 8-bit weights, offset by 128 | at most 256 rows of at most 255, or else in 32 bits |
//! | of 16-bit weights, offset by 32 768 | [`Shape::MOST_NEURONS`](crate::Shape::MOST_NEURONS) 65 535 < 2^32 |
//! | H_k 2^a of any state, and twice any weight, times 2^a | below 2^30 and 2^31: a is chosen for that by what makes the model |
//! | x of any state | below 2^B, since m_k < 2^(B + 2); B = (61 - ceil(log2 K)) / 2, at most 28 |
//! | a field for n = 2 | K terms below 2^(2 B + 1 - 32), since the leak is used so where it is below 2^B: 2^30 |
//! | a field for other n, and leaks | see `powers` |
//!
//! [`Model::new`] checks what it can at the price of a constant; a model that passes and is not sound gives wrong answers,
//! and neither panics nor reads elsewhere. [`Model::open`] checks the checksum, too.

#[cfg(feature = "powers")]
mod flips;
pub mod float;
pub mod integer;
#[cfg(any(feature = "powers", feature = "train"))]
mod leak;
pub mod model;
pub mod packed;
#[cfg(feature = "powers")]
pub mod powers;
pub mod precision;
#[cfg(feature = "train")]
mod quantise;
mod rows;
mod sensor;
mod session;
mod squares;
#[cfg(feature = "powers")]
mod terms;

pub use model::{Content, Model, ModelError};
pub use precision::Precision;
#[cfg(feature = "train")]
pub use quantise::{QuantiseError, quantise};
pub use sensor::Sensor;
pub use session::{Answer, Buffers, Evaluate, Fields, Recall, Relax};
