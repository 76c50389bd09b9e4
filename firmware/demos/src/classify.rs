//! Classification of validation digits: accuracy, and a fingerprint of all fields.

use core::fmt::Display;

use dam_firmware::Digits;
use dam_nostd::bits;
use dam_nostd::classify::largest;
use dam_nostd::recall::{Evaluate, Recall, Sensor};

use crate::{Console, Fingerprint, MEASURED};

/// Digits whose fields are printed one by one.
const SHOWN: usize = 2;

/// Grey values of the largest image.
const GREY: usize = 28 * 28;
/// Words of the largest state of a sensor.
const WORDS: usize = 7;

/// A field, as its fingerprint takes it in.
pub trait Field: Display {
    /// All its bits.
    fn bits(&self) -> i64;
}

impl Field for i64 {
    fn bits(&self) -> i64 {
        *self
    }
}

impl Field for f32 {
    fn bits(&self) -> i64 {
        self.to_bits().into()
    }
}

/// Classifies all `digits`.
pub fn run<C: Console, W: Evaluate<Field: Field>>(console: &mut C, recall: &mut Recall<'_, W>, digits: &Digits<'_>) {
    let shape = recall.model().shape();
    console.print(format_args!(
        "classify: {} digits, {} neurons, {} memory vectors, n = {}, weights of {} bits",
        digits.len(),
        shape.neurons(),
        shape.memories(),
        recall.model().vertex(),
        W::BITS
    ));
    let mut fingerprint = Fingerprint::default();
    let (mut right, mut most, mut total, mut adds) = (0_u32, 0, 0_u64, 0_u64);
    for i in 0..digits.len() {
        let Some((state, label)) = digits.get(i) else { continue };
        let start = console.now();
        let fields = recall.fields(state);
        let used = console.since(start);
        let answer = largest(fields.values);
        fields.values.iter().for_each(|field| fingerprint.add(field.bits()));
        fingerprint.add(fields.places.into());
        if i < SHOWN {
            console.print(format_args!("digit {i} is {label}, answer {answer}, fields 2^{} times", -fields.places));
            for (class, field) in fields.values.iter().enumerate() {
                console.print(format_args!("  {class} {field}"));
            }
        }
        right += u32::from(answer == usize::from(label));
        most = most.max(used);
        total += u64::from(used);
        let on: u32 = state.iter().map(|word| word.count_ones()).sum();
        // One addition for each weight to a +1 neuron, and one for each weight to a class neuron.
        adds += (u64::from(on) + shape.classes() as u64) * shape.memories() as u64;
    }
    let count = digits.len().max(1) as u64;
    console.print(format_args!("right {right} of {}", digits.len()));
    surely(console, recall, digits);
    console.print(format_args!("weights touched {} a digit", adds / count));
    console.print(format_args!("fingerprint of all fields {:016x}", fingerprint.0));
    console.print(format_args!("{MEASURED}classification {} {} a digit, at most {most}", total / count, C::UNIT));
}

/// Tells what becomes of answers where the unsure ones are rejected.
fn surely<C: Console, W: Evaluate<Field: Field>>(console: &mut C, recall: &mut Recall<'_, W>, digits: &Digits<'_>) {
    let (mut kept, mut right) = (0, 0);
    for (state, label) in (0..digits.len()).filter_map(|i| digits.get(i)) {
        let answer = recall.answer(state);
        kept += u32::from(!answer.rejected);
        right += u32::from(!answer.rejected && answer.class == usize::from(label));
    }
    if kept < digits.len() as u32 {
        console.print(format_args!("with the unsure ones rejected {right} of {kept}"));
    }
}

/// Grey values to an answer: images as a sensor gives them are made into states, which are those of `digits`.
// Its image is on the stack, where the other demonstrations are not to have it.
#[inline(never)]
pub fn sensed<C: Console, W: Evaluate>(
    console: &mut C,
    recall: &mut Recall<'_, W>,
    images: &Digits<'_>,
    digits: &Digits<'_>,
) {
    let Some(sensor) = Sensor::of(recall.model()) else { return console.line("the model tells of no sensor") };
    let (width, height) = sensor.size();
    console.print(format_args!("sensor: {} images of {width} x {height} grey values", images.len()));
    let (mut same, mut right) = (0, 0);
    for i in 0..images.len() {
        let (Some((image, label)), Some((state, _))) = (images.get(i), digits.get(i)) else { continue };
        let mut grey = [0; GREY];
        for (pixel, grey) in grey.iter_mut().enumerate().take(width * height) {
            *grey = if bits::is_on(image, pixel) { 200 } else { 20 };
        }
        // The neuron of the only task is on; all others are made here.
        let mut made = [0; WORDS];
        bits::set(&mut made, recall.model().shape().task_neurons().start, true);
        sensor.show(&grey, &mut made);
        same += u32::from(made.iter().zip(state).all(|(made, state)| made == state));
        right += u32::from(recall.classify(&made) == usize::from(label));
    }
    console.print(format_args!("as where the network was trained {same}, right {right}"));
}
