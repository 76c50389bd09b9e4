//! Trained networks for boards, as they are and under their own checksum: weights and importances are loaded from them.
#![no_main]

use dam_nostd::network::Weights;
use dam_nostd::recall::model::checksum;
use dam_nostd::store::trained::Trained;
use dam_nostd::{Fixed32, Scalar};
use libfuzzer_sys::fuzz_target;

/// Lanes of a row.
const LANES: usize = 8;

fuzz_target!(|bytes: &[u8]| {
    let (words, _) = bytes.as_chunks();
    let mut words: Vec<u32> = words.iter().map(|&word| u32::from_le_bytes(word)).collect();
    open(&words);
    if words.len() > 3 {
        words[3] = checksum(&words);
        open(&words);
    }
});

fn open(words: &[u32]) {
    if let Ok(trained) = Trained::open(words) {
        load::<f32>(&trained);
        load::<f64>(&trained);
        load::<Fixed32>(&trained);
    }
}

fn load<S: Scalar>(trained: &Trained<'_>) {
    let shape = trained.description().shape;
    let rows = || vec![[S::ZERO; LANES]; shape.rows(LANES)];
    let (mut weights, mut importances, mut totals) = (rows(), rows(), vec![[S::ZERO; LANES]; shape.blocks(LANES)]);
    let mut weights = Weights::new(&shape, &mut weights, &mut totals).expect("rows of its own shape");
    trained.load(&mut weights).expect("what was opened is whole");
    let _ = trained.description().model::<S>();
    trained.importances(&mut importances).expect("rows of its own shape");
}
