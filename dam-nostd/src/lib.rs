//! The Dense Associative Memory.
#![no_std]
