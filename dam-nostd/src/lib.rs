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
//! | recall in integers, from exported models | [`recall`] |
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

mod backend;
mod learn;
mod maths;
mod model;
mod number;
pub mod recall;

pub use backend::{engine, executor, index_lists, partial_sums};
pub use learn::{classify, methods, relax, train};
pub use maths::{coding, energy, field, gradient, interaction, metrics, objective, step};
pub use model::{bits, items, network, rng, rule, shape};
pub use number::{fixed, lanes, scalar};

pub use coding::Coding;
pub use engine::{Engine, Sizes};
pub use executor::{Executor, Sequential};
pub use fixed::Fixed32;
pub use interaction::{Interaction, Kind};
pub use items::{Items, Wirings};
pub use network::{Model, Network};
pub use rule::Rule;
pub use scalar::Scalar;
pub use shape::{Shape, ShapeError};
