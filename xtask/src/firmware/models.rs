//! The models and digits in `firmware/models`, made anew and compared.

use std::collections::BTreeMap;
use std::fs;
use std::num::NonZeroUsize;
use std::ops::ControlFlow;
use std::path::Path;

use dam_demos::learn::{TRAINING, VALIDATION};
use dam_nostd::bits;
use dam_nostd::rng::{self, Purpose, Xoshiro128PlusPlus};
use host_harness::config::{Batch, CodingName, Config, Settings};
use host_harness::data::Dataset;
use host_harness::export::digits::Digits;
use host_harness::export::{self, ExportPrecision};
use host_harness::machine::Machine;
use host_harness::network::{TrainedNetwork, Weights};
use host_harness::trial::{self, Finished};

use super::Outcome;

/// Digits that the store has.
const STORED: usize = 16;
/// Digits for the whole network.
const WHOLE: usize = 200;

/// Makes all files and compares them with those in `folder`, or writes them. Returns of how many validation digits the
/// classifier's network is right, in `f32` on this machine.
pub fn check(folder: &Path, bless: bool) -> Outcome<usize> {
    let mut written = false;
    let (files, right) = files()?;
    for (name, bytes) in files {
        let path = folder.join(name);
        if bless && fs::read(&path).ok().as_ref() != Some(&bytes) {
            fs::write(&path, &bytes)?;
            written = true;
        } else if fs::read(&path).map_err(|error| format!("cannot read {}: {error}", path.display()))? != bytes {
            return Err(format!("{} is not what training gives; store it with --bless", path.display()).into());
        }
    }
    // This program has the old ones in it.
    if written { Err("models were written; run the same command again".into()) } else { Ok(right) }
}

/// Settings of the classifier.
pub fn config() -> Outcome<Config> {
    let settings = Settings {
        n: Some(2),
        tasks: Some(1),
        items: Some(10_000),
        epochs: Some(300),
        memories: Some(64),
        decay: Some(0.985),
        temperature: Some(0.5),
        error_exponent: Some(2),
        batch: NonZeroUsize::new(1000).map(Batch::Items),
        ..states()
    };
    Ok(settings.config()?)
}

/// What states are, of all models here.
fn states() -> Settings {
    Settings { coding: Some(CodingName::Bipolar), threshold: Some(1), ..Settings::default() }
}

fn files() -> Outcome<(BTreeMap<&'static str, Vec<u8>>, usize)> {
    let data = Dataset::embedded(1)?.pooled(14, 14)?;
    let machine = Machine::new(0, None)?;
    let config = config()?;
    let Finished { outcome, network, .. } = trial::run(&config, &data, &machine, &mut |_| ControlFlow::Continue(()))?;
    let accuracy = outcome.measured.average_accuracy.accuracy;
    println!("classifier: accuracy {accuracy:.4} in f32");
    let digits = Digits::of(&network, &data, 0)?;
    let store = store(&config, &data);
    let stored = stored(&store, &data);
    let whole = whole()?;
    let right = (accuracy * digits.labels.len() as f64).round() as usize;
    let model = |network, precision| export::model(network, precision, 1).map(|words| bytes(&words));
    let files = BTreeMap::from([
        ("digits-i8.bin", model(&network, ExportPrecision::I8)?),
        ("digits-i16.bin", model(&network, ExportPrecision::I16)?),
        ("digits-f32.bin", model(&network, ExportPrecision::F32)?),
        ("digits.bin", bytes(&digits.states)),
        ("digits.labels", digits.labels),
        ("stored-i8.bin", model(&store, ExportPrecision::I8)?),
        ("stored.bin", bytes(&stored.states)),
        ("stored.labels", stored.labels),
        ("learned.bin", bytes(&learned()?)),
        ("whole.bin", bytes(&whole.states)),
        ("whole.labels", whole.labels),
    ]);
    Ok((files, right))
}

/// The first validation digits of the whole network. The network itself is made as `docs/boards.md` says: training takes
/// minutes.
fn whole() -> Outcome<Digits> {
    let data = Dataset::embedded(1)?;
    let network = TrainedNetwork {
        config: Settings { n: Some(2), tasks: Some(1), items: Some(10_000), ..states() }.config()?,
        image: (data.width(), data.height()),
        classes: data.classes(),
        data_digest: String::new(),
        permutations: Vec::new(),
        weights: Weights::F32(Vec::new()),
        learned: 1,
    };
    let mut digits = Digits::of(&network, &data, 0)?;
    digits.states.truncate(WHOLE * digits.words);
    digits.labels.truncate(WHOLE);
    Ok(digits)
}

fn bytes(words: &[u32]) -> Vec<u8> {
    words.iter().flat_map(|word| word.to_le_bytes()).collect()
}

/// The images that are stored: of each class in turn the next.
fn chosen(data: &Dataset) -> Vec<usize> {
    let of_class = |class: usize, nth| (0..data.len()).filter(move |&i| usize::from(data.label(i)) == class).nth(nth);
    (0..STORED).filter_map(|i| of_class(i % data.classes(), i / data.classes())).collect()
}

/// A network whose memory vectors are digits themselves, with their labels.
fn store(config: &Config, data: &Dataset) -> TrainedNetwork {
    let config = Config {
        n: 10,
        memories: STORED,
        temperature: 0.95,
        final_temperature: 0.95,
        batch: Batch::Full,
        ..config.clone()
    };
    let sign = |on: bool| if on { 1.0 } else { -1.0 };
    let memory = |image: usize| {
        let pixels = (0..data.pixels()).map(move |pixel| sign(bits::is_on(data.image(image), pixel)));
        let classes = (0..data.classes()).map(move |class| sign(class == usize::from(data.label(image))));
        pixels.chain([1.0]).chain(classes)
    };
    TrainedNetwork {
        config,
        image: (data.width(), data.height()),
        classes: data.classes(),
        data_digest: String::new(),
        permutations: vec![(0..data.pixels() as u16).collect()],
        weights: Weights::F32(chosen(data).into_iter().flat_map(memory).collect()),
        learned: 1,
    }
}

fn stored(network: &TrainedNetwork, data: &Dataset) -> Digits {
    let words = (data.pixels() + 1 + network.classes).div_ceil(32);
    let mut states = vec![0; STORED * words];
    for (state, image) in states.chunks_exact_mut(words).zip(chosen(data)) {
        for pixel in 0..data.pixels() {
            bits::set(state, pixel, bits::is_on(data.image(image), pixel));
        }
        bits::set(state, data.pixels(), true);
    }
    Digits { words, states, labels: chosen(data).into_iter().map(|image| data.label(image)).collect() }
}

/// Items of two tasks of 6 x 6 pixels and the classes 0 to 2: zeros, ones and twos in turn, the second task's pixels
/// permuted.
fn learned() -> Outcome<Vec<u32>> {
    let data = Dataset::embedded(1)?.pooled(6, 6)?;
    let (pixels, classes, words) = (data.pixels(), 3, 2);
    let mut of_class = [0_usize; 3];
    let mut items = Vec::new();
    for task in 0..2 {
        let mut order: Vec<usize> = (0..pixels).collect();
        if task > 0 {
            rng::shuffle(&mut order, &mut Xoshiro128PlusPlus::of(1, Purpose::Permutation, task));
        }
        for i in 0..TRAINING + VALIDATION {
            let class = i % classes;
            let image = (of_class[class]..data.len()).find(|&image| usize::from(data.label(image)) == class);
            let image = image.ok_or("too few images")?;
            of_class[class] = image + 1;
            let mut item = vec![0; words];
            for (pixel, &neuron) in order.iter().enumerate() {
                bits::set(&mut item, neuron, bits::is_on(data.image(image), pixel));
            }
            bits::set(&mut item, pixels + task as usize, true);
            bits::set(&mut item, pixels + 2 + class, true);
            items.extend(item);
        }
    }
    Ok(items)
}
