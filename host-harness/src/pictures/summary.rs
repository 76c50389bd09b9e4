//! What portraits come to, in a few lines.

use std::fmt::Write;

use super::Portrait;
use super::stability::{FLIPPED, Stability};

/// A name, and what stands there of a portrait.
type Line = (&'static str, fn(&Portrait) -> String);

/// Where 5% of the neurons flipped stand among the shares.
const FIVE: usize = 2;
const _: () = assert!(FLIPPED[FIVE] == 0.05);

const LINES: [Line; 24] = [
    ("", Portrait::name),
    ("tasks learned", |p| format!("{} of {}", p.learned, p.tasks)),
    ("memory vectors", |p| p.memories.count.to_string()),
    ("  committed", |p| p.memories.committed.to_string()),
    ("    by task", |p| list(&p.memories.committed_by_task)),
    ("  drifting", |p| p.memories.drifting.to_string()),
    ("  at their first weights", |p| p.memories.first.to_string()),
    ("  cosine with an item", |p| number(p.memories.median_cosine)),
    ("  right votes", |p| number(p.memories.right_votes)),
    ("  for each item", |p| format!("{:.1}", p.memories.vectors_per_item)),
    ("random states", |p| p.probes.count.to_string()),
    ("  at rest", |p| share(p.probes.stable, p.probes.count)),
    ("  different ones", |p| p.probes.distinct.to_string()),
    ("  one class neuron on", |p| share(p.probes.one_class, p.probes.count)),
    ("  one task-ID neuron on", |p| share(p.probes.one_task, p.probes.count)),
    ("  judge as digits", |p| share(p.probes.digits, p.probes.count)),
    ("    by task", |p| list(&p.probes.digits_by_task)),
    ("    kinds", |p| format!("{} of {}", p.probes.kinds, p.learned * p.classes)),
    ("  the judge's own", |p| format!("{:.1}%", 100.0 * p.recognised())),
    ("items of each task", |p| list(&p.stability.iter().map(|task| task.items).collect::<Vec<_>>())),
    ("  fixed points, %", |p| shares(p, |task| task.fixed)),
    ("  own class kept, %", |p| shares(p, |task| task.class_kept)),
    ("  neurons moved", |p| list(&p.stability.iter().map(|task| task.moved).collect::<Vec<_>>())),
    ("  back from 5% flipped, %", |p| shares(p, |task| task.basin[FIVE])),
];

/// The lines: a name, indented by what it is a part of, and the numbers, one a portrait. The first line is a heading.
pub fn lines(portraits: &[Portrait]) -> Vec<(&'static str, Vec<String>)> {
    LINES.iter().map(|(name, of)| (*name, portraits.iter().map(of).collect())).collect()
}
/// What the lines mean that their names do not say.
pub const NOTES: &str = "A digit: one task-ID and one class neuron on, and the training image of that task that is nearest by \
                         pixels that\ndiffer has that class, and is as near as two images of that class typically are. The \
                         judge's own: validation\nimages of which the judge says that they are digits of their class. A kind \
                         of digits is a task and a class.\n";

/// The lines as text, a column a portrait.
pub fn text(portraits: &[Portrait]) -> String {
    let mut text = String::new();
    for (name, numbers) in lines(portraits) {
        let _ = write!(text, "{name:26}");
        for number in numbers {
            let _ = write!(text, " {number:>24}");
        }
        text.truncate(text.trim_end().len());
        text.push('\n');
    }
    text + "\n" + NOTES
}

fn list<T: ToString>(counts: &[T]) -> String {
    counts.iter().map(ToString::to_string).collect::<Vec<_>>().join(" ")
}

fn share(count: usize, of: usize) -> String {
    format!("{:.1}%", 100.0 * count as f64 / of.max(1) as f64)
}

fn number(value: Option<f64>) -> String {
    value.map_or("-".to_owned(), |value| format!("{value:.3}"))
}

fn shares(portrait: &Portrait, of: fn(&Stability) -> f64) -> String {
    let whole = |task| (100.0 * of(task)).round() as usize;
    list(&portrait.stability.iter().map(whole).collect::<Vec<_>>())
}
