//! A number or a word where either may stand, so that what is wrong with it is said by whoever knows what it should be.

use std::fmt;

use serde::de::{Deserialize, Deserializer, Error, Visitor};

/// What a file has in the place of a number or a word.
pub(crate) struct NumberOrText(String);

impl fmt::Display for NumberOrText {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl<'de> Deserialize<'de> for NumberOrText {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(Scalar)
    }
}

struct Scalar;

impl Visitor<'_> for Scalar {
    type Value = NumberOrText;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a number or a word")
    }

    fn visit_u64<E: Error>(self, number: u64) -> Result<NumberOrText, E> {
        Ok(NumberOrText(number.to_string()))
    }

    fn visit_i64<E: Error>(self, number: i64) -> Result<NumberOrText, E> {
        Ok(NumberOrText(number.to_string()))
    }

    fn visit_f64<E: Error>(self, number: f64) -> Result<NumberOrText, E> {
        Ok(NumberOrText(number.to_string()))
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<NumberOrText, E> {
        Ok(NumberOrText(text.to_owned()))
    }
}
