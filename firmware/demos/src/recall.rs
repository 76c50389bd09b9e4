//! Recall: digits with noise, and digits of which half is gone, relax to stored ones.

use dam_firmware::Digits;
use dam_nostd::bits;
use dam_nostd::recall::{Recall, Relax};
use dam_nostd::rng::{Purpose, Xoshiro128PlusPlus, below};

use crate::{Console, Fingerprint, MEASURED};

/// Words of the largest state.
const WORDS: usize = 8;

/// Digits that are printed as pictures.
const SHOWN: usize = 2;

/// Relaxes two probes of each of `digits`.
pub fn run<C: Console, W: Relax>(console: &mut C, recall: &mut Recall<'_, W>, digits: &Digits<'_>) {
    let shape = recall.model().shape();
    let (width, height) = recall.model().image();
    console.print(format_args!("recall: {} stored digits, n = {}", digits.len(), recall.model().vertex()));
    let mut rng = Xoshiro128PlusPlus::of(1, Purpose::Probes, 0);
    let mut fingerprint = Fingerprint::default();
    let (mut most, mut restored) = (0, 0);
    for i in 0..digits.len() {
        let Some((stored, label)) = digits.get(i) else { continue };
        for erased in [false, true] {
            let mut state = [0; WORDS];
            for neuron in 0..shape.class_neurons().start {
                let on = bits::is_on(stored, neuron);
                let pixel = neuron < shape.pixels();
                let on = match erased {
                    // The lower half is gone.
                    true => on && (!pixel || neuron < width * (height / 2)),
                    false => on ^ (pixel && below(&mut rng, 6) == 0),
                };
                bits::set(&mut state, neuron, on);
            }
            let probe = state;
            let Some(state) = state.get_mut(..shape.words()) else { return };
            let start = console.now();
            let relaxed = recall.relax(state, 20);
            most = most.max(console.since(start));
            let answer = (0..shape.classes()).find(|&class| bits::is_on(state, shape.class_neurons().start + class));
            let same = (0..shape.pixels()).all(|pixel| bits::is_on(state, pixel) == bits::is_on(stored, pixel));
            restored += u32::from(same && answer == Some(usize::from(label)));
            state.iter().for_each(|&word| fingerprint.add(word.into()));
            if i < SHOWN {
                let kind = if erased { "half erased" } else { "noisy" };
                let answer = answer.map_or(-1, |answer| answer as i32);
                console.print(format_args!(
                    "a {label}, {kind}: {:?} after {} sweeps, label {answer}",
                    relaxed.end, relaxed.sweeps
                ));
                for row in 0..height {
                    let mut line = heapless::String::<80>::new();
                    let pixels = |line: &mut heapless::String<80>, state: &[u32]| {
                        for column in 0..width {
                            // What does not fit is left out.
                            let _ = line.push(if bits::is_on(state, row * width + column) { '#' } else { '.' });
                        }
                    };
                    pixels(&mut line, &probe);
                    let _ = line.push_str("   ");
                    pixels(&mut line, state);
                    console.line(&line);
                }
            }
        }
    }
    console.print(format_args!("restored {restored} of {}", 2 * digits.len()));
    console.print(format_args!("fingerprint of all states {:016x}", fingerprint.0));
    console.print(format_args!("{MEASURED}recall at most {most} {}", C::UNIT));
}
