//! Portraits as tables, a line a memory vector, a state or a task, separated by tabulators.

use std::fmt::Write;

use super::Portrait;
use super::memory::Stage;
use super::probe;
use super::stability::FLIPPED;

/// A table of `portraits`, each with the name of its network.
pub type Table = fn(&[(String, Portrait)]) -> String;

/// Memory vectors: how far each has come, and what it is most similar to. Tasks are counted from 1.
pub fn memory_vectors(portraits: &[(String, Portrait)]) -> String {
    let mut text = "network\tlearned\tmemory\tstage\tsimilarity\tcosine\ttask\tclass\tvote\n".to_owned();
    for (name, portrait) in portraits {
        for (number, memory) in portrait.memories.each.iter().enumerate() {
            let stage = match memory.stage {
                Stage::First => "first",
                Stage::Drifting => "drifting",
                Stage::Committed => "committed",
            };
            let (learned, task) = (portrait.learned, memory.task + 1);
            let _ = writeln!(
                text,
                "{name}\t{learned}\t{number}\t{stage}\t{:.6}\t{:.6}\t{task}\t{}\t{}",
                memory.similarity, memory.cosine, memory.class, memory.vote
            );
        }
    }
    text
}

/// Different states that random ones end in. A state with no one task or class on has none; without a task that was
/// learned there is no nearest image.
pub fn states(portraits: &[(String, Portrait)]) -> String {
    let mut text = "network\tlearned\tstate\tprobes\tend\tsweeps\ttask\tclass\tnearest\tdistance\tdigit\n".to_owned();
    let shown = |value: Option<usize>| value.map_or(String::new(), |value| value.to_string());
    for (name, portrait) in portraits {
        for (number, rest) in portrait.probes.each.iter().enumerate() {
            let (task, class) = (shown(rest.task.map(|task| task + 1)), shown(rest.class));
            let nearest = rest.nearest.map_or("\t".to_owned(), |image| format!("{}\t{}", image.class, image.distance));
            let (learned, probes, end) = (portrait.learned, rest.probes, probe::name(rest.end));
            let (sweeps, digit) = (rest.sweeps, if rest.digit { "yes" } else { "no" });
            let _ = writeln!(
                text,
                "{name}\t{learned}\t{number}\t{probes}\t{end}\t{sweeps:.2}\t{task}\t{class}\t{nearest}\t{digit}"
            );
        }
    }
    text
}

/// How stable the items of each task learned are.
pub fn stability(portraits: &[(String, Portrait)]) -> String {
    let mut text = "network\tlearned\ttask\titems\tfixed\tclass kept\tneurons moved".to_owned();
    for share in FLIPPED {
        let _ = write!(text, "\tback from {:.0}%", 100.0 * share);
    }
    text.push('\n');
    for (name, portrait) in portraits {
        for (task, found) in portrait.stability.iter().enumerate() {
            let (learned, task) = (portrait.learned, task + 1);
            let (items, fixed, kept, moved) = (found.items, found.fixed, found.class_kept, found.moved);
            let _ = write!(text, "{name}\t{learned}\t{task}\t{items}\t{fixed:.4}\t{kept:.4}\t{moved}");
            for share in &found.basin {
                let _ = write!(text, "\t{share:.4}");
            }
            text.push('\n');
        }
    }
    text
}
