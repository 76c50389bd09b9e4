//! Settings that have no sense.

/// A value without sense, or a file that cannot be read as settings.
#[derive(Debug, thiserror::Error)]
pub enum ConfigError {
    /// A value is outside its range.
    #[error("{name} = {value}: {remedy}")]
    Range {
        /// The setting.
        name: &'static str,
        /// What it was set to.
        value: String,
        /// What it can be set to.
        remedy: &'static str,
    },
    /// The file cannot be read.
    #[error("cannot read {0}: {1}")]
    Read(String, std::io::Error),
    /// The file is not a TOML file of settings.
    #[error("{0}: {1}")]
    Toml(String, toml::de::Error),
    /// The network would have too many neurons.
    #[error(transparent)]
    Shape(#[from] dam_nostd::ShapeError),
}
