//! Metrics against scikit-learn and against sums by hand.
#![allow(missing_docs, reason = "a test")]

use dam_nostd::metrics::{Accuracies, Average, Confusion};
mod support;

use support::tolerance;

#[test]
fn f1_is_that_of_scikit_learn() {
    // sklearn.metrics.f1_score(labels, answers, average=..., zero_division=0), scikit-learn 1.x. Class 3 is only ever an
    // answer, class 4 does not occur.
    let labels = [0, 0, 0, 1, 1, 2, 2, 2, 2, 2, 0, 1];
    let answers = [0, 1, 0, 1, 3, 2, 2, 0, 2, 1, 0, 1];
    let mut counts = [7; 25];
    let mut confusion = Confusion::new(5, &mut counts).unwrap();
    for (label, answer) in labels.into_iter().zip(answers) {
        confusion.add(label, answer);
    }
    for (average, expected) in [
        (Average::Macro, 0.5178571428571428),
        (Average::Micro, 0.6666666666666666),
        (Average::Weighted, 0.7053571428571429),
    ] {
        assert!(
            (confusion.f1(average) - expected).abs() < tolerance::ONE_ROUNDING,
            "{average:?}: {}",
            confusion.f1(average)
        );
    }
    assert_eq!(confusion.accuracy(), 8.0 / 12.0);
    assert_eq!(
        (confusion.count(2, 0), confusion.count(0, 2), confusion.labelled(2), confusion.answered(1)),
        (1, 0, 5, 4)
    );
    assert_eq!(confusion.f1_of(4), 0.0);
    // Beyond the classes: left out, and not counted elsewhere.
    confusion.add(0, 5);
    confusion.add(5, 0);
    assert_eq!((confusion.items(), confusion.count(0, 5)), (12, 0));
}

#[test]
fn no_items_and_no_room() {
    let mut counts = [0; 4];
    assert!(Confusion::new(3, &mut counts).is_none());
    assert!(Confusion::new(usize::MAX, &mut counts).is_none());
    let confusion = Confusion::new(2, &mut counts).unwrap();
    assert_eq!((confusion.accuracy(), confusion.f1(Average::Macro), confusion.f1(Average::Weighted)), (0.0, 0.0, 0.0));
}

#[test]
fn sequences_by_hand() {
    #[rustfmt::skip]
    let matrix = [
        0.8, 0.2, 0.1,
        0.9, 0.7, 0.3,
        0.5, 0.6, 0.85,
    ];
    let accuracies = Accuracies::new(3, &matrix).unwrap();
    let close = |a: f64, b: f64| (a - b).abs() < tolerance::ONE_ROUNDING;
    assert!(close(accuracies.average(0), 0.8));
    assert!(close(accuracies.average(1), 0.8));
    assert!(close(accuracies.average(2), 1.95 / 3.0));
    assert!(close(accuracies.backward_transfer(), ((0.5 - 0.8) + (0.6 - 0.7)) / 2.0));
    assert!(close(accuracies.forward_transfer(&[9.0, 0.1, 0.15]), ((0.2 - 0.1) + (0.3 - 0.15)) / 2.0));
    assert!(close(accuracies.forgetting(), ((0.9 - 0.5) + (0.7 - 0.6)) / 2.0));
    assert!(accuracies.at(3, 0).is_nan() && accuracies.at(0, 3).is_nan());
    assert!(accuracies.forward_transfer(&[0.0]).is_nan());
    let one = Accuracies::new(1, &[0.9]).unwrap();
    assert_eq!(
        (one.average(0), one.backward_transfer(), one.forgetting(), one.forward_transfer(&[])),
        (0.9, 0.0, 0.0, 0.0)
    );
    assert!(Accuracies::new(0, &matrix).is_none() && Accuracies::new(4, &matrix).is_none());
}
