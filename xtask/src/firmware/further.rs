//! Learning that goes on: the networks that it begins with, the items that a board is sent, and what it has to print.

use std::collections::BTreeMap;
use std::convert::Infallible;
use std::fmt::Write;
use std::path::Path;

use dam_demos::further::{self, LARGE_ITEMS, Large, Mapped, SMALL_ITEMS, Small, Start};
use dam_nostd::bits;
use dam_nostd::store::Flash;
use host_harness::config::LossName;
use host_harness::data::Dataset;
use host_harness::export::{self, Further};

use super::Outcome;
use super::expected::Lines;
use super::models::bytes;
use crate::search::{Candidate, THRESHOLD};
use crate::splits::{self, Splits};

/// Classes of the first task: 0 to 4.
const FIRST: u8 = 5;
/// Test digits of each task.
const SHOWN: usize = 200;
/// Images of the training on the desktop, validation included.
const TRAINED: usize = 12_000;

/// A network that goes on learning.
struct Plan {
    name: &'static str,
    pixels: (usize, usize),
    memories: usize,
    candidate: Candidate,
    items: usize,
}

const PLANS: [Plan; 2] = [
    Plan {
        name: "small",
        pixels: (6, 7),
        memories: 8,
        candidate: Candidate { n: 2, temperature: 0.1, loss: LossName::Power, leak: 0.1, epochs: 10 },
        items: SMALL_ITEMS,
    },
    Plan {
        name: "large",
        pixels: (14, 14),
        memories: 16,
        candidate: Candidate { n: 2, temperature: 0.1, loss: LossName::CrossEntropy, leak: 0.03, epochs: 25 },
        items: LARGE_ITEMS,
    },
];

/// Adds the networks, the test digits and the text that is sent to `files`.
///
/// # Errors
/// Those of a trial.
pub fn files(files: &mut BTreeMap<String, Vec<u8>>) -> Outcome<()> {
    for Plan { name, pixels, memories, candidate, items } in PLANS {
        let Splits { training, test } = Splits::new(THRESHOLD, pixels)?;
        let first = splits::part(&training, (0..training.len()).filter(|&image| training.label(image) < FIRST))?;
        let network = candidate.trained_with(memories, TRAINED, &first)?.network;
        let further = Further { task: 1, tasks: Some(2), classes: Some(10), importances: Some(&first) };
        files.insert(format!("further-{name}.bin"), bytes(&export::trainable(&network, &further)?));
        let later = (0..training.len()).filter(|&image| training.label(image) >= FIRST);
        files.insert(format!("further-{name}.txt"), lesson(&training, later.take(items)).into_bytes());
        let known = |of_first: bool| {
            let test = &test;
            (0..test.len()).filter(move |&image| (test.label(image) < FIRST) == of_first).take(SHOWN)
        };
        let known: Vec<usize> = known(true).chain(known(false)).collect();
        files.insert(format!("known-{name}.bin"), bytes(&states(&test, &known)));
        files.insert(format!("known-{name}.labels"), known.iter().map(|&image| test.label(image)).collect());
    }
    Ok(())
}

/// What is sent over the serial line, as `dam_firmware::teacher` reads it.
fn lesson(data: &Dataset, images: impl Iterator<Item = usize>) -> String {
    let mut text = String::new();
    for image in images {
        let _ = write!(text, "{}", data.label(image));
        for word in data.image(image) {
            let _ = write!(text, " {word:08x}");
        }
        text.push('\n');
    }
    text + "learn\n"
}

/// Images as states with the neuron of their task on, and all class neurons off.
fn states(data: &Dataset, images: &[usize]) -> Vec<u32> {
    let words = (data.pixels() + 2 + 10).div_ceil(32);
    let mut states = vec![0; words * images.len()];
    for (state, &image) in states.chunks_exact_mut(words).zip(images) {
        (0..data.pixels()).for_each(|pixel| bits::set(state, pixel, bits::is_on(data.image(image), pixel)));
        bits::set(state, data.pixels() + usize::from(data.label(image) >= FIRST), true);
    }
    states
}

/// The name of the network that boards of this number type learn further with.
pub fn name(fixed: bool) -> &'static str {
    if fixed { "small" } else { "large" }
}

/// A flash memory of pages of `PAGE` words.
struct Memory<const PAGE: usize>(Vec<u32>);

impl<const PAGE: usize> Flash for Memory<PAGE> {
    type Error = Infallible;
    const PAGE: usize = PAGE;
    const UNIT: usize = 1;

    fn pages(&self) -> usize {
        self.0.len() / PAGE
    }

    fn read(&mut self, at: usize, words: &mut [u32]) -> Result<(), Infallible> {
        words.copy_from_slice(&self.0[at..][..words.len()]);
        Ok(())
    }

    fn erase(&mut self, page: usize) -> Result<(), Infallible> {
        self.0[PAGE * page..][..PAGE].fill(u32::MAX);
        Ok(())
    }

    fn write(&mut self, at: usize, words: &[u32]) -> Result<(), Infallible> {
        self.0[at..].iter_mut().zip(words).for_each(|(cell, word)| *cell &= word);
        Ok(())
    }
}

impl<const PAGE: usize> Mapped for Memory<PAGE> {
    fn words(&self, at: usize, count: usize) -> Option<&[u32]> {
        self.0.get(at..at + count)
    }
}

/// The lines of both starts, with what is sent to the board between them.
///
/// # Errors
/// A start that ends otherwise.
pub fn lines(fixed: bool, sent: &[u8]) -> Outcome<Vec<String>> {
    let mut console = Lines::default();
    let (mut small, mut large) = (Memory::<256>(vec![0; 32 * 256]), Memory::<1024>(vec![0; 32 * 1024]));
    for expected in [Start::Learned, Start::Restored] {
        let start = if fixed {
            further::small(&mut console, &mut Small::zeroed(), sent, &mut small)
        } else {
            further::large(&mut console, &mut Large::zeroed(), sent, &mut large)
        };
        if start != expected {
            return Err(format!("learning does not go on here: {start:?}\n{}", console.unmeasured().join("\n")).into());
        }
    }
    Ok(console.unmeasured())
}

/// What is sent to boards of this number type.
///
/// # Errors
/// The file cannot be read.
pub fn sent(models: &Path, fixed: bool) -> Outcome<Vec<u8>> {
    let path = models.join(format!("further-{}.txt", name(fixed)));
    std::fs::read(&path).map_err(|error| format!("cannot read {}: {error}", path.display()).into())
}
