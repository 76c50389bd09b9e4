//! The Dense Associative Memory and its sequential learning, without `std` and without allocation.
//!
//! The crate holds the mathematics of the permuted-MNIST benchmark of "Sequential Learning in the Dense Associative
//! Memory" (McAlister, Robins and Szymanski, 2024) once: the same loops run on a microcontroller, through [`Sequential`],
//! and on a desktop, through an [`Executor`] that compiles them for its instruction sets and divides them over threads.
//!
//! # Where to find an equation
//! | what | where |
//! |---|---|
//! | interaction function f_n and its slope, eq. 20 | [`interaction`] |
//! | what off neurons count | [`coding`] |
//! | similarity h = <zeta, xi>, field of a neuron, eq. 19 | [`field`] |
//! | energy | [`energy`] |
//! | relaxation: synchronous, asynchronous | [`relax`] |
//! | classification | [`classify`] |
//! | loss, its derivative, the activation | [`objective`] |
//! | gradient of the loss | [`gradient`] |
//! | momentum, per-memory normalisation, clamping | [`step`] |
//! | fixed point | [`fixed`] |
//! | Algorithm 1 | [`train`] |
//! | recall in integers, from exported models | [`quantised`] |
//! | methods of sequential learning, section 3 of the paper | [`methods`] |
//! | F1, average accuracy, transfer and forgetting | [`metrics`] |
//!
//! # Storage
//! Nothing here allocates. Memory vectors lie as `[block][neuron][lane]`: a *block* is `L` memory vectors side by side, a
//! *row* `[S; L]` their weights to one neuron. All buffers are lent by the caller; [`engine::Sizes`] tells their lengths.
//!
//! # Panics
//! No function panics on any input once its constructor has returned `Ok`: no panic is linked.
#![no_std]
#![forbid(unsafe_code)]

pub mod bits;
pub mod classify;
pub mod coding;
pub mod energy;
pub mod engine;
pub mod executor;
pub mod field;
pub mod fixed;
pub mod gradient;
pub mod interaction;
pub mod items;
pub mod lanes;
pub mod methods;
pub mod metrics;
pub mod network;
pub mod objective;
mod order;
pub mod presentation;
pub mod quantised;
pub mod relax;
pub mod rng;
pub mod scalar;
pub mod shape;
pub mod step;
pub mod table;
pub mod train;

pub use coding::Coding;
pub use engine::{Engine, Sizes};
pub use executor::{Executor, Sequential};
pub use fixed::Fixed32;
pub use interaction::{Interaction, Kind};
pub use items::{Items, Wirings};
pub use network::{Model, Network};
pub use scalar::Scalar;
pub use shape::{Shape, ShapeError};
