//! The models and digits in `firmware/models`, made anew and compared.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use dam_demos::learn::{TRAINING, VALIDATION};
use dam_nostd::bits;
use dam_nostd::recall::Content;
use dam_nostd::rng::{self, Purpose, Xoshiro128PlusPlus};
use host_harness::config::{ActivationName, CodingName, ContextName, InteractionName, LossName, Settings};
use host_harness::data::Dataset;
use host_harness::export::digits::Digits;
use host_harness::export::{self, ExportPrecision, Options, Sensor, margins};
use host_harness::network::{TrainedNetwork, Weights};

use super::{Outcome, further};
use crate::search::{Candidate, PIXELS, THRESHOLD};
use crate::splits::{self, Splits};

/// Digits that the store has.
const STORED: usize = 16;
/// Test digits for the classifiers, and for the whole network.
const SHOWN: usize = 2000;
const WHOLE: usize = 200;
/// Images that the classifier's sensor is shown.
const SENSED: usize = 8;
/// The share of validation images that the classifier rejects.
const REJECTED: f64 = 0.05;

/// Memory vectors of the classifier.
const MEMORIES: usize = 64;
/// Its settings, as `cargo xtask search` found them.
pub const CLASSIFIER: Candidate =
    Candidate { n: 2, temperature: 0.05, loss: LossName::CrossEntropy, leak: 0.1, epochs: 25 };
/// Of the classifier of few memory vectors.
const FEW_MEMORIES: usize = 16;
const FEW: Candidate = Candidate { n: 2, temperature: 0.02, loss: LossName::CrossEntropy, leak: 0.03, epochs: 25 };

/// Makes all files and compares them with those in `folder`, or writes them. Returns of how many test digits the
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

fn files() -> Outcome<(BTreeMap<String, Vec<u8>>, usize)> {
    let splits = Splits::new(THRESHOLD, PIXELS)?;
    let network = CLASSIFIER.trained(MEMORIES, &splits)?.network;
    let few = FEW.trained(FEW_MEMORIES, &splits)?.network;
    let digits = splits::states(&splits.test, 0..SHOWN);
    let right = margins::right::<f32>(&export::model(&network, ExportPrecision::F32, 1)?, &digits)?;
    println!("classifier: right {right} of {SHOWN} in f32");
    let data = Dataset::embedded(1)?.pooled(PIXELS.0, PIXELS.1)?;
    let store = store(&data)?;
    let stored = splits::states(&data, chosen(&data));
    let whole = splits::states(&Splits::new(THRESHOLD, (28, 28))?.test, 0..WHOLE);
    let model = |network, precision| export::model(network, precision, 1).map(|words| bytes(&words));
    let images = splits::states(&Splits::new(THRESHOLD, (28, 28))?.test, 0..SENSED);
    // The classifier with all that a model can have.
    let sensor = Some(Sensor::of(&network, &Dataset::embedded(THRESHOLD)?)?);
    let all = Options { precision: ExportPrecision::I8, task: 1, content: Content::All, sensor, rejection: 0 };
    let validation = Digits::of(&network, &splits.training, 0)?;
    let margin = margins::rejection(&export::model_with(&network, &all)?, all.precision, &validation, REJECTED)?.margin;
    let classifier = export::model_with(&network, &Options { rejection: margin, ..all })?;
    let least = export::model_with(&few, &Options { content: Content::Classes, sensor: None, ..all })?;
    let mut files = BTreeMap::from(
        [
            ("digits-i8.bin", bytes(&classifier)),
            ("least-i8.bin", bytes(&least)),
            ("sensor.bin", bytes(&images.states)),
            ("digits-i16.bin", model(&network, ExportPrecision::I16)?),
            ("digits-f32.bin", model(&network, ExportPrecision::F32)?),
            ("few-i8.bin", model(&few, ExportPrecision::I8)?),
            ("digits.bin", bytes(&digits.states)),
            ("digits.labels", digits.labels),
            ("stored-i8.bin", model(&store, ExportPrecision::I8)?),
            ("stored.bin", bytes(&stored.states)),
            ("stored.labels", stored.labels),
            ("learned.bin", bytes(&learned()?)),
            ("whole.bin", bytes(&whole.states)),
            ("whole.labels", whole.labels),
        ]
        .map(|(name, bytes)| (name.to_owned(), bytes)),
    );
    further::files(&mut files)?;
    Ok((files, right))
}

/// The words of a file in `firmware/models`.
///
/// # Errors
/// It cannot be read.
pub fn words(firmware: &Path, name: &str) -> Outcome<Vec<u32>> {
    let bytes = fs::read(firmware.join("models").join(name))?;
    Ok(bytes.as_chunks().0.iter().map(|&word| u32::from_le_bytes(word)).collect())
}

/// As the bytes of a file.
pub fn bytes(words: &[u32]) -> Vec<u8> {
    words.iter().flat_map(|word| word.to_le_bytes()).collect()
}

/// The images that are stored: of each class in turn the next.
fn chosen(data: &Dataset) -> Vec<usize> {
    let of_class = |class: usize, nth| (0..data.len()).filter(move |&i| usize::from(data.label(i)) == class).nth(nth);
    (0..STORED).filter_map(|i| of_class(i % data.classes(), i / data.classes())).collect()
}

/// A network whose memory vectors are digits themselves, with their labels.
fn store(data: &Dataset) -> Outcome<TrainedNetwork> {
    let settings = Settings {
        n: Some(10),
        tasks: Some(1),
        memories: Some(STORED),
        temperature: Some(0.95),
        activation: Some(ActivationName::Identity),
        coding: Some(CodingName::Bipolar),
        context: Some(ContextName::Off),
        interaction: Some(InteractionName::FallingLeak),
        leak: Some(0.01),
        threshold: Some(1),
        ..Settings::default()
    };
    let sign = |on: bool| if on { 1.0 } else { -1.0 };
    let memory = |image: usize| {
        let pixels = (0..data.pixels()).map(move |pixel| sign(bits::is_on(data.image(image), pixel)));
        let classes = (0..data.classes()).map(move |class| sign(class == usize::from(data.label(image))));
        pixels.chain([1.0]).chain(classes)
    };
    Ok(TrainedNetwork {
        config: settings.config()?,
        image: (data.width(), data.height()),
        classes: data.classes(),
        data_digest: String::new(),
        encoding: None,
        permutations: vec![(0..data.pixels() as u16).collect()],
        weights: Weights::F32(chosen(data).into_iter().flat_map(memory).collect()),
        learned: 1,
    })
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
