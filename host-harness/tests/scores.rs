//! Scores against scikit-learn's of the same confusion matrices, and measures of sequences against their definitions in
//! docs/result-file.md, computed by NumPy. `data/scores.py` made the numbers.

use dam_nostd::metrics::Accuracies;
use host_harness::scores::Confusion;
use serde::Deserialize;

#[derive(Deserialize)]
struct Stored {
    scores: Vec<Scores>,
    sequences: Vec<Sequence>,
}

#[derive(Deserialize)]
struct Scores {
    confusion: Vec<Vec<u32>>,
    accuracy: f64,
    #[serde(rename = "macro")]
    by_class: f64,
    micro: f64,
    weighted: f64,
}

#[derive(Deserialize)]
struct Sequence {
    accuracy_matrix: Vec<Vec<f64>>,
    untrained_accuracy: Vec<f64>,
    average_accuracy_after: Vec<f64>,
    forgetting: f64,
    backward_transfer: f64,
    forward_transfer: f64,
}

fn stored() -> Stored {
    serde_json::from_str(include_str!("data/scores.json")).unwrap()
}

#[track_caller]
fn close(what: &str, found: f64, expected: f64) {
    assert!(
        (found - expected).abs() < dam_tests::tolerance::FEW_TERMS,
        "{what}: {found}, and {expected} by the definition"
    );
}

#[test]
fn scores_are_those_of_scikit_learn() {
    let scores = stored().scores;
    // Three results of five tasks, and eight that were drawn.
    assert_eq!(scores.len(), 23);
    for Scores { confusion, accuracy, by_class, micro, weighted } in scores {
        let ours = Confusion::of(confusion.len(), &confusion).unwrap();
        close("accuracy", ours.accuracy(), accuracy);
        close("macro F1", ours.macro_f1(), by_class);
        close("micro F1", ours.micro_f1(), micro);
        close("weighted F1", ours.weighted_f1(), weighted);
    }
}

#[test]
fn measures_of_sequences_are_as_defined() {
    let sequences = stored().sequences;
    assert_eq!(sequences.len(), 3);
    for sequence in sequences {
        let tasks = sequence.accuracy_matrix.len();
        let flat = sequence.accuracy_matrix.concat();
        let ours = Accuracies::new(tasks, &flat).unwrap();
        for (after, &average) in sequence.average_accuracy_after.iter().enumerate() {
            close("average accuracy", ours.average(after), average);
        }
        close("forgetting", ours.forgetting(), sequence.forgetting);
        close("backward transfer", ours.backward_transfer(), sequence.backward_transfer);
        close("forward transfer", ours.forward_transfer(&sequence.untrained_accuracy), sequence.forward_transfer);
    }
}

#[test]
fn a_task_is_forgotten_from_its_best_since_it_was_learned() {
    // Better by chance before it was learned than ever after: that does not count.
    let matrix = [0.9, 0.7, 0.1, 0.8, 0.5, 0.1, 0.6, 0.4, 0.9];
    let ours = Accuracies::new(3, &matrix).unwrap();
    close("forgetting", ours.forgetting(), ((0.9 - 0.6) + (0.5 - 0.4)) / 2.0);
}
