//! What a trial is to be run with: a file of settings, or the result of a trial that is to be run again.

use std::path::{Path, PathBuf};

use super::convert::in_file;
use super::error::Error;
use crate::config::{Config, Settings};
use crate::console::warn;
use crate::data::{Dataset, Pixels};
use crate::file;
use crate::outcome::Outcome;

/// The content of `--config`.
#[derive(Debug, Default)]
pub struct Recipe {
    /// The settings in it.
    pub settings: Settings,
    result: Option<(PathBuf, Box<Outcome>)>,
}

impl Recipe {
    /// Reads TOML, or the JSON of a result.
    ///
    /// # Errors
    /// A file that cannot be read, or that is neither; a result with settings that this version does not know.
    pub fn read(path: &Path) -> Result<Self, Error> {
        let bytes = file::read(path).map_err(Error::failure)?;
        if !bytes.trim_ascii_start().starts_with(b"{") {
            return Ok(Self { settings: Settings::read(path)?, result: None });
        }
        let outcome: Outcome = serde_json::from_slice(&bytes).map_err(|error| in_file(path, &error))?;
        if !outcome.unknown.is_empty() {
            let unknown: Vec<&str> = outcome.unknown.keys().map(String::as_str).collect();
            let message = format!(
                "{}: this program does not know the settings {}; run it again with the program that wrote it, version {}",
                path.display(),
                unknown.join(", "),
                outcome.version
            );
            return Err(Error::usage(message));
        }
        let settings = Settings::from(&outcome.config);
        Ok(Self { settings, result: Some((path.to_owned(), Box::new(outcome))) })
    }

    /// What a user has chosen: `flags`, and the settings of a file of settings. A result has all, chosen or not.
    pub fn given(&self, flags: &Settings) -> Settings {
        let method = flags.method.or(self.settings.method);
        let file = if self.result.is_none() { self.settings.clone() } else { Settings::default() };
        Settings { method, ..flags.clone().over(file) }
    }

    /// The result, if `config` is what it was made with and no flag has changed that.
    fn repeated(&self, config: &Config) -> Option<&(PathBuf, Box<Outcome>)> {
        // Versions that did not record the size of pooled images left it to the user.
        let of_any_size = |config: &Config| Config { pixels: Pixels::Own, ..config.clone() };
        self.result.as_ref().filter(|(_, outcome)| of_any_size(config) == of_any_size(&outcome.config))
    }

    /// Whether these are the images that the result was made with.
    ///
    /// # Errors
    /// They are others.
    pub fn check_images(&self, config: &Config, data: &Dataset) -> Result<(), Error> {
        match self.repeated(config) {
            Some((path, outcome)) if outcome.data.digest != data.digest() => {
                let (wanted, found) = (&outcome.data, data);
                Err(Error::usage(format!(
                    "{}: it was made with the {} images of {} of {} pixels, SHA-256 {}, and these are {} of {} of {} pixels, \
                     {}; give its images with --data DIR, and --pixels WxH where they were pooled",
                    path.display(),
                    wanted.images,
                    wanted.name,
                    wanted.pixels,
                    wanted.digest,
                    found.len(),
                    found.name(),
                    found.pixels(),
                    found.digest()
                )))
            }
            _ => Ok(()),
        }
    }

    /// A line on whether the trial found again what it had found; empty where it was another trial.
    pub fn compare(&self, outcome: &Outcome) -> String {
        let Some((path, before)) = self.repeated(&outcome.config) else { return String::new() };
        let path = path.display();
        if (&before.measured, before.item_presentations) == (&outcome.measured, outcome.item_presentations) {
            return format!("again    the same as {path}\n");
        }
        let Outcome { version, commit, .. } = &**before;
        let commit = commit.as_deref().unwrap_or("unknown");
        warn(format_args!("this is not what {path} has, which version {version} wrote (commit {commit})"));
        format!("again    other than {path}\n")
    }
}
