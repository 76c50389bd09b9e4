//! Sizes of images as settings.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

/// Pixels of an image across and down, written `14x14`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PixelSize {
    /// Across.
    pub width: usize,
    /// Down.
    pub height: usize,
}

impl FromStr for PixelSize {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let sides = text.split_once('x').and_then(|(width, height)| Some((width.parse().ok()?, height.parse().ok()?)));
        let (width, height) =
            sides.ok_or_else(|| format!("give pixels across and down, such as 14x14, not {text:?}"))?;
        Ok(Self { width, height })
    }
}

/// The size that images are learned at.
///
/// ```
/// use host_harness::data::Pixels;
///
/// for text in ["own", "14x14"] {
///     assert_eq!(text.parse::<Pixels>().unwrap().to_string(), text);
/// }
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub enum Pixels {
    /// Their own.
    #[default]
    Own,
    /// A smaller one, by [pooling](super::Dataset::pooled).
    Pooled(PixelSize),
}

impl Pixels {
    /// Whether it is their own.
    pub fn is_own(&self) -> bool {
        *self == Self::Own
    }
}

impl fmt::Display for Pixels {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Own => f.write_str("own"),
            Self::Pooled(PixelSize { width, height }) => write!(f, "{width}x{height}"),
        }
    }
}

impl FromStr for Pixels {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        if text == "own" { Ok(Self::Own) } else { text.parse().map(Self::Pooled) }
    }
}

impl TryFrom<String> for Pixels {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        text.parse()
    }
}

impl From<Pixels> for String {
    fn from(pixels: Pixels) -> Self {
        pixels.to_string()
    }
}
