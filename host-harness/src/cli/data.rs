//! `dam data`: what the images are and what they look like.

use std::fmt::Write;
use std::path::{Path, PathBuf};

use crate::config::Settings;
use crate::console::warn;
use crate::data::rows::encoding::Column;
use crate::data::{DataError, Dataset, Encoding, Pixels, Share, sketch};
use crate::network::TrainedNetwork;

/// Width of the text, in characters.
const COLUMNS: usize = 80;

/// Width of the bar of the largest class, in characters.
const BAR: usize = 30;

/// Where the images come from. Meant to be flattened into the arguments of every subcommand that
/// needs images.
#[derive(Clone, Debug, clap::Args)]
pub struct SourceArgs {
    /// Directory with IDX files (DIR, or DIR/PREFIX if their names have a prefix), or a file of rows (CSV, safetensors, or
    /// TOML that describes them), instead of the embedded MNIST
    #[arg(long, value_name = "PATH")]
    pub data: Option<PathBuf>,

    /// Grey value, 1 to 255, from which a pixel is on, as in trials; the embedded MNIST has 1 and 128
    #[arg(long, value_name = "T", default_value_t = default_threshold())]
    pub threshold: u8,

    /// Size that images are pooled to, such as 14x14
    #[arg(long, value_name = "WxH", default_value_t = Pixels::Own)]
    pub pixels: Pixels,
}

/// That of trials.
fn default_threshold() -> u8 {
    Settings::default().config().map_or(1, |config| config.threshold)
}

impl SourceArgs {
    /// Loads the set that the arguments name, and warns of what is odd about it.
    ///
    /// # Errors
    ///
    /// Those of [`Dataset::load`].
    pub fn load(&self) -> Result<Dataset, DataError> {
        self.load_encoded(None)
    }

    /// The same for `network`: a table is encoded as that which it was trained with.
    ///
    /// # Errors
    ///
    /// As [`load`](Self::load).
    pub fn load_for(data: Option<&Path>, network: &TrainedNetwork) -> Result<Dataset, DataError> {
        let source = Self { data: data.map(Path::to_owned), threshold: network.config.threshold, pixels: Pixels::Own };
        source.load_encoded(network.encoding.as_ref())
    }

    fn load_encoded(&self, encoding: Option<&Encoding>) -> Result<Dataset, DataError> {
        let set = Dataset::load_encoded(self.data.as_deref(), self.threshold, self.pixels, encoding)?;
        set.warnings().into_iter().for_each(warn);
        Ok(set)
    }
}

/// Arguments of `dam data`.
#[derive(Clone, Debug, clap::Args)]
pub struct DataArgs {
    /// Which images.
    #[command(flatten)]
    pub source: SourceArgs,

    /// The threshold as a share of the largest grey value, such as 0.5
    #[arg(long, value_name = "SHARE", conflicts_with = "threshold")]
    pub threshold_share: Option<Share>,

    /// How many images to draw, of each class in turn
    #[arg(long, value_name = "N", default_value_t = 10)]
    pub digits: usize,
}

/// Loads the set and describes it: name, counts, size, threshold, density, digest, class balance
/// and a few drawings. The text is plain, ends in a newline and is meant for standard output.
///
/// # Errors
///
/// Those of [`SourceArgs::load`].
pub fn run(args: &DataArgs) -> Result<String, DataError> {
    let mut source = args.source.clone();
    if let Some(share) = args.threshold_share {
        source.threshold = Dataset::grey_value(source.data.as_deref(), share)?;
    }
    Ok(description(&source.load()?, args.digits))
}

/// What a table's columns and labels have become.
fn encoded(text: &mut String, encoding: &Encoding) {
    for column in &encoding.columns {
        let (name, neurons) = match column {
            Column::Number { name, cuts } => (name, format!("{} cut points {}", cuts.len(), list(cuts))),
            Column::Word { name, words } => (name, format!("{} words {}", words.len(), list(words))),
        };
        line(text, format_args!("{name:<24} {neurons}"));
    }
    for (class, label) in encoding.classes.iter().enumerate() {
        line(text, format_args!("class {class:<18} {label}"));
    }
}

/// The first of them.
fn list<T: std::fmt::Display>(each: &[T]) -> String {
    const SHOWN: usize = 4;
    let shown: Vec<String> = each.iter().take(SHOWN).map(ToString::to_string).collect();
    shown.join(", ") + if each.len() > SHOWN { ", ..." } else { "" }
}

fn description(set: &Dataset, digits: usize) -> String {
    let pixels = set.pixels();
    let density = set.density();
    let size = format!("{} x {} = {pixels} pixels", set.width(), set.height());
    let threshold = format!("{} (a pixel is on from this grey value)", set.threshold());
    let on = density * pixels as f64;
    let density = format!("{density:.4} ({on:.1} on-pixels per image)");
    let training = set.training_images();
    let images = format!("{} ({training} for training, {} for tests)", set.len(), set.len() - training);
    let mut text = String::new();
    for (key, value) in [
        ("set", set.name()),
        ("images", &images),
        ("classes", &set.classes().to_string()),
        ("size", &size),
        ("threshold", &threshold),
        ("density", &density),
        ("sha256", set.digest()),
    ] {
        line(&mut text, format_args!("{key:<10} {value}"));
    }
    text.push('\n');
    balance(&mut text, set);
    if let Some(encoding) = set.encoding() {
        text.push('\n');
        encoded(&mut text, encoding);
    }
    let images = sketch::one_of_each_class(set, digits);
    if set.are_images() && !images.is_empty() {
        text.push('\n');
        text.push_str(&sketch::side_by_side(set, &images, COLUMNS));
    }
    text
}

/// A line per class: its number, its images, their share of the set and a bar.
fn balance(text: &mut String, set: &Dataset) {
    let counts = set.class_counts();
    let largest = counts.iter().copied().max().unwrap_or(0).max(1);
    line(text, format_args!("class   images   share"));
    for (class, &count) in counts.iter().enumerate() {
        let share = 100.0 * count as f64 / set.len() as f64;
        // Rounded to the nearest character.
        let bar = "█".repeat((2 * BAR * count + largest) / (2 * largest));
        line(text, format_args!("{class:>5}  {count:>7}  {share:>5.1}%  {bar}"));
    }
}

fn line(text: &mut String, content: std::fmt::Arguments<'_>) {
    let start = text.len();
    text.write_fmt(content).expect("writing to a string does not fail");
    text.truncate(start + text[start..].trim_end().len());
    text.push('\n');
}

#[cfg(test)]
mod tests {
    use clap::{Args, Command, FromArgMatches};

    use super::*;

    fn parsed(line: &str) -> DataArgs {
        let command = DataArgs::augment_args(Command::new("data"));
        command.clone().debug_assert();
        let matches = command.get_matches_from(line.split(' '));
        DataArgs::from_arg_matches(&matches).unwrap()
    }

    #[test]
    fn arguments_have_defaults_and_names() {
        let args = parsed("data");
        assert_eq!((args.source.threshold, args.digits), (Settings::default().config().unwrap().threshold, 10));
        assert_eq!(args.source.data, None);
        let args = parsed("data --data some/dir --threshold 128 --digits 3");
        assert_eq!((args.source.threshold, args.digits), (128, 3));
        assert_eq!(args.source.data, Some("some/dir".into()));
    }

    #[test]
    fn the_source_is_the_embedded_set_unless_a_directory_is_given() {
        assert!(run(&parsed("data --threshold 128 --digits 0")).unwrap().contains("70000"));
        let error = run(&parsed("data --threshold 5")).unwrap_err().to_string();
        assert!(error.contains("--data DIR"), "{error}");
        assert!(run(&parsed("data --threshold-share 0.5 --digits 0")).unwrap().contains("threshold  128"));
        let error = run(&parsed("data --data no/such/dir")).unwrap_err().to_string();
        assert!(error.contains("no/such/dir"), "{error}");
    }

    #[test]
    fn the_description_holds_every_number() {
        let set = Dataset::from_parts("bars", 2, 4, 7, vec![0xff, 0x0f, 0, 1], vec![0, 2, 0, 0]).unwrap();
        let text = description(&set, 2);
        let expected = format!(
            "set        bars
images     4 (4 for training, 0 for tests)
classes    3
size       2 x 4 = 8 pixels
threshold  7 (a pixel is on from this grey value)
density    0.4062 (3.2 on-pixels per image)
sha256     {}

class   images   share
    0        3   75.0%  ██████████████████████████████
    1        0    0.0%
    2        1   25.0%  ██████████

0  2
⣿  ⠛
",
            set.digest()
        );
        assert_eq!(text, expected);
        assert!(!description(&set, 0).contains('⣿'));
    }
}
