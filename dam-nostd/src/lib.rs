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

#[cfg(test)]
extern crate std;
#[cfg(test)]
#[path = "../tests/support/tolerance.rs"]
#[allow(dead_code, reason = "other tests use the rest")]
mod tolerance;

#[cfg(feature = "train")]
mod backend;
#[cfg(feature = "train")]
pub mod error;
#[cfg(feature = "train")]
mod learn;
#[cfg(feature = "train")]
mod learner;
#[cfg_attr(
    not(feature = "train"),
    allow(dead_code, unused_imports, unused_macros, reason = "recall shares some of it")
)]
mod maths;
#[cfg(feature = "train")]
mod measure;
mod model;
mod number;
#[cfg(feature = "recall")]
pub mod recall;

#[cfg(feature = "train")]
pub use {
    backend::{engine, executor, workspace},
    learn::{classify, descent, methods, passes, relax, train},
    maths::{consolidation, objective, step},
    measure::{distribution, metrics},
    model::{items, network, rng, rule},
};
pub use {
    maths::{interaction, similarity},
    model::{bits, shape},
    number::{lanes, scalar},
};

#[cfg(feature = "fixed")]
pub use number::fixed::{self, Fixed32};
#[cfg(feature = "train")]
pub use {
    descent::Descent,
    engine::Engine,
    error::{BufferFull, TooShort},
    executor::{Executor, Sequential},
    items::{Items, Permutations},
    learner::{Capacity, Learner, Session},
    network::{Model, Network, Weights},
    passes::{Arithmetic, Gradient, Passes},
    rule::Rule,
    workspace::{Arena, Chunk, Sizes, Workspace},
};
pub use {
    interaction::{Interaction, Kind},
    model::relaxed::{End, Relaxed},
    scalar::Scalar,
    shape::{Shape, ShapeError},
    similarity::Coding,
};
