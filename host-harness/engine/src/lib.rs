//! The loops of the core, compiled for each number type and instruction set of a desktop, and the memory that they borrow.
//!
//! A crate of its own so that they, and nothing else, are optimised as far as the compiler can: what is built on them
//! sees [`Passes`](dam_nostd::Passes) and cannot compile them anew, since no executor is public. Who needs more than one
//! instruction set or thread asks a [`Machine`](machine::Machine).
//!
//! ```
//! use dam_engine::machine::Machine;
//! use dam_engine::workspace::{Memory, Workspace};
//! use dam_nostd::items::Union;
//! use dam_nostd::objective::Activation;
//! use dam_nostd::rule::{Context, Updated};
//! use dam_nostd::{Coding, Interaction, Items, Kind, Model, Permutations, Rule, Shape};
//!
//! // 8 pixels, 1 task-ID and 2 class neurons, 4 memory vectors.
//! let shape = Shape::new(8, 1, 2, 4)?;
//! let interaction = Interaction::new(Kind::RisingLeak, 3, 0.01)?;
//! let model = Model { shape, coding: Coding::Bipolar, interaction, temperature: 0.5 };
//! let rule = Rule { context: Context::Off, updated: Updated::Classes, activation: Activation::Tanh, mean: true };
//! let mut memory = Memory::<f32>::new(&shape);
//! // The first memory vector is of the first class.
//! memory.weights().set(0, 9, 1.0);
//!
//! let mut workspace = Workspace::new(&shape, 1);
//! let machine = Machine::new(1, None)?;
//! let mut engine = workspace.engine(model, rule, &machine, Permutations::IDENTITY);
//! let states = [0b001_0000_1111];
//! let union = Union::only(Items::in_neuron_order(shape.words(), &states));
//! let fields = engine.passes().fields(rule, &mut memory.weights(), &union, &[0]);
//! assert!(fields[0] > 0.0 && fields[1] == 0.0);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

pub mod ceiling;
pub mod engine;
pub mod machine;
pub mod rows;
pub mod workspace;
