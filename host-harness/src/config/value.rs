//! A value of a setting or of a table's cell, and of which kind it is.

use std::fmt;

/// What is in a cell.
#[derive(Clone, Debug, PartialEq)]
pub enum Value {
    /// A number that counts.
    Count(u64),
    /// A number that was measured.
    Real(f64),
    /// Yes or no.
    Truth(bool),
    /// A word.
    Text(String),
}

/// What is in the cells of a column.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[allow(missing_docs, reason = "as in Value")]
pub enum Kind {
    Count,
    Real,
    Truth,
    Text,
}

impl Value {
    /// Of which kind it is.
    pub fn kind(&self) -> Kind {
        match self {
            Self::Count(_) => Kind::Count,
            Self::Real(_) => Kind::Real,
            Self::Truth(_) => Kind::Truth,
            Self::Text(_) => Kind::Text,
        }
    }
}

impl fmt::Display for Value {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Count(count) => write!(f, "{count}"),
            // The shortest form that reads back to the same number, with an exponent where it is far from 1.
            Self::Real(real) => write!(f, "{real:?}"),
            Self::Truth(truth) => write!(f, "{truth}"),
            Self::Text(text) => f.write_str(text),
        }
    }
}

impl From<u8> for Value {
    fn from(value: u8) -> Self {
        Self::Count(value.into())
    }
}

impl From<u32> for Value {
    fn from(value: u32) -> Self {
        Self::Count(value.into())
    }
}

impl From<u64> for Value {
    fn from(value: u64) -> Self {
        Self::Count(value)
    }
}

impl From<usize> for Value {
    fn from(value: usize) -> Self {
        Self::Count(value as u64)
    }
}

impl From<f64> for Value {
    fn from(value: f64) -> Self {
        Self::Real(value)
    }
}

impl From<bool> for Value {
    fn from(value: bool) -> Self {
        Self::Truth(value)
    }
}

impl From<&str> for Value {
    fn from(value: &str) -> Self {
        Self::Text(value.to_owned())
    }
}
