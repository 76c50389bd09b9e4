//! Recall on any board: each press of a button shows the next digit to the network and displays its answer.
//!
//! Nothing here knows a board. What is needed of one are [`embedded_hal`]'s pins and delay and [`embedded_io`]'s serial
//! line; nothing allocates and nothing panics.
#![no_std]
#![forbid(unsafe_code)]

pub mod button;
pub mod display;
pub mod flash;
pub mod memory;
pub mod model;
pub mod rtt;
#[cfg(feature = "io-06")]
pub mod serial;
pub mod station;
pub mod teacher;

pub use flash::Nor;
pub use memory::Memory;
pub use station::{Digits, Station};
pub use teacher::{Lesson, Teacher};
