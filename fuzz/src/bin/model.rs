//! Exported models, and recall with whatever is taken for one.
#![no_main]

use dam_nostd::recall::model::{self, padded};
use dam_nostd::recall::{Buffers, Model, Recall, Relax, Sensor};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    let (words, _) = bytes.as_chunks();
    let mut words: Vec<u32> = words.iter().map(|&word| u32::from_le_bytes(word)).collect();
    open(&words);
    // The same words under their own checksum.
    if words.len() > 3 {
        words[3] = model::checksum(&words);
        open(&words);
    }
});

fn open(words: &[u32]) {
    if let Ok(model) = Model::<i8>::open(words) {
        recall(model);
    }
    if let Ok(model) = Model::<i16>::open(words) {
        recall(model);
    }
    if let Ok(model) = Model::<f32>::open(words) {
        recall(model);
    }
}

/// Classifies and relaxes a state with every other neuron on.
fn recall<W: Relax>(model: Model<'_, W>) {
    let shape = model.shape();
    let mut similarities = vec![W::Similarity::default(); padded::<W>(&shape)];
    let mut fields = vec![W::Field::default(); shape.classes()];
    let (mut previous, mut next) = (vec![0; shape.words()], vec![0; shape.words()]);
    let buffers =
        Buffers { similarities: &mut similarities, fields: &mut fields, previous: &mut previous, next: &mut next };
    let mut state = vec![0x5555_5555; shape.words()];
    if let Some(sensor) = Sensor::of(&model)
        && sensor.size().0 * sensor.size().1 < 1 << 16
    {
        sensor.show(&[200; 1000], &mut state);
    }
    let mut recall = Recall::new(model, buffers);
    let _ = recall.answer(&state);
    let _ = recall.relax(&mut state, 2);
}
