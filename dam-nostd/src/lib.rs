//! The Dense Associative Memory and its sequential learning, without `std`, without allocation, without a panic.
//!
//! The crate holds the mathematics of the permuted-MNIST benchmark of "Sequential Learning in the Dense Associative
//! Memory" (McAlister, Robins and Szymanski, 2024) once: the same loops run on a microcontroller, through `Sequential`,
//! and on a desktop, through an `Executor` that compiles them for its instruction sets and divides them over threads.
//!
//! # Example
//! A network of three memory vectors that are patterns; a state with one wrong pixel relaxes to the pattern.
//!
#![cfg_attr(feature = "train", doc = "```")]
#![cfg_attr(not(feature = "train"), doc = "```ignore")]
//! use dam_nostd::{Coding, End, Interaction, Kind, Model, Network, Shape, bits, relax};
//!
//! // 8 pixels, no task-ID neurons, 1 class neuron, 3 memory vectors.
//! const SHAPE: Shape = match Shape::new(8, 0, 1, 3) {
//!     Ok(shape) => shape,
//!     Err(_) => panic!("a network of this shape cannot be"),
//! };
//! // A block of 4 lanes, of which each is a memory vector.
//! let mut network = Network::<f32, { SHAPE.neurons() }, 1, 4>::zeroed();
//! let mut weights = network.weights(&SHAPE)?;
//! for (memory, pattern) in [0b1_0000_1111, 0b1_0011_0011, 0b1_0101_0101_u32].iter().enumerate() {
//!     for neuron in 0..SHAPE.neurons() {
//!         weights.set(memory, neuron, if bits::is_on(&[*pattern], neuron) { 1.0 } else { -1.0 });
//!     }
//! }
//! let interaction = Interaction::new(Kind::FallingLeak, 3, 0.01)?;
//! let model = Model { shape: SHAPE, coding: Coding::Bipolar, interaction, temperature: 1.0 };
//!
//! let (mut state, order) = ([0b1_0000_1110], [0, 1, 2, 3, 4, 5, 6, 7, 8]);
//! let relaxed = relax::asynchronous(&model, weights.rows(), &mut state, &order, &mut [[0.0; 4]], 10);
//! assert_eq!((relaxed.end, state), (End::Stable, [0b1_0000_1111]));
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! [`Learner`](crate::Learner) is the same with all memory of learning in one static; `examples/` has more.
//!
//! # Where to find an equation
//! Equations are functions on a row of lanes, in `src/maths`; what is made of them is in `src/learn`.
//!
//! | equation | function |
//! |---|---|
//! | 1 to 3, GEM's problem | [`methods::gem`]: its dual is solved instead |
//! | 4, the dual | `learn::methods::qp::solve` |
//! | 5, g + G'v | `maths::projection::combined` |
//! | 6 and 7, A-GEM's problem | [`methods::agem`]: solved by eq. 8 |
//! | 8 | `maths::projection::averaged` |
//! | 9, 11, 13, 18, the penalty by its derivative | `maths::consolidation::slope` |
//! | 10, EWC's importance | [`consolidation::Measure::Square`](crate::consolidation::Measure), mean by [`methods::estimate`] |
//! | 12, MAS's importance | [`consolidation::Measure::Absolute`](crate::consolidation::Measure), likewise |
//! | 14 and 15, SI's path sum | `maths::consolidation::path` |
//! | 16 and 17, SI's importance | `maths::consolidation::path_importance` |
//! | 19, the field of a neuron | `maths::field::field`, on `maths::similarity::similarity` |
//! | 19 repeated: relaxation; once: classification | [`relax`], [`classify`] |
//! | 20, f_n and its slope | [`Interaction::values`], [`Interaction::slopes`] |
//! | energy | `maths::energy::sum` |
//! | Algorithm 1 | [`train::Trainer::learn`](crate::train::Trainer::learn) |
//! | its loss and activation, lines 12 and 13 | [`objective`] |
//! | its gradient | `maths::gradient::Pull::item` |
//! | its step: momentum, normalisation, clamping | [`step`] |
//!
//! # Layout
//! | folder of `src` | what is in it |
//! |---|---|
//! | `maths` | the equations |
//! | `learn` | Algorithm 1, relaxation, classification, a file for each method of sequential learning |
//! | `measure` | F1, transfer and forgetting; how importances are distributed |
//! | `model` | sizes, states, items and their permutations, weights, the random generator |
//! | `number` | number types, one by one and in rows of lanes |
//! | `backend` | speed, and no mathematics: loops over blocks, index lists, partial sums, executors |
//! | `recall` | recall from exported models, in integers |
//! | `store` | what outlives a loss of power: two slots of a flash memory, trained networks as words |
//!
//! # Features
//! `recall`, `powers`, `train` and `fixed`, all on by default: recall from exported models, of 8 and 16 bits classification with
//! n = 2; other n and relaxation with these; networks that learn; the number type `Fixed32`. A board that only recalls takes
//! `default-features = false, features = ["powers"]`, or `["recall"]` where it only classifies with n = 2.
//!
//! # Storage
//! Nothing here allocates. Memory vectors lie as `[block][neuron][lane]`: a *block* is `L` memory vectors side by side, `L` a
//! power of two, a *row* `[S; L]` their weights to one neuron. Memory is lent by the caller, and what is too short is an
//! error that says so; or it is one static of the type [`Learner`](crate::Learner).
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
pub mod store;

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
    learner::{Capacity, ItemError, Learner, Session},
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
