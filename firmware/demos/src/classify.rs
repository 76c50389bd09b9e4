//! Classification of validation digits: accuracy, and a fingerprint of all fields.

use core::fmt::Display;

use dam_firmware::Digits;
use dam_nostd::classify::largest;
use dam_nostd::recall::{Evaluate, Recall};

use crate::{Console, Fingerprint, MEASURED};

/// Digits whose fields are printed one by one.
const SHOWN: usize = 2;

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
    console.print(format_args!("weights touched {} a digit", adds / count));
    console.print(format_args!("fingerprint of all fields {:016x}", fingerprint.0));
    console.print(format_args!("{MEASURED}classification {} instructions a digit, at most {most}", total / count));
}
