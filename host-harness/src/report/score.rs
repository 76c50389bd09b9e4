//! Which score the page is about, and what several trials make of it.

use clap::ValueEnum;

use crate::outcome::Outcome;
use crate::spread::Spread;

/// A score of a trial.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub enum Score {
    /// Share of correct answers, which is the micro F1
    #[default]
    Accuracy,
    /// F1, the mean over classes
    MacroF1,
    /// F1, the mean over classes weighted by their items
    WeightedF1,
}

impl Score {
    /// What it is called.
    pub fn name(self) -> &'static str {
        match self {
            Self::Accuracy => "share of correct answers (micro F1)",
            Self::MacroF1 => "macro F1",
            Self::WeightedF1 => "weighted F1",
        }
    }

    /// Its mean over all tasks after the last one: the paper's average accuracy.
    pub fn average(self, outcome: &Outcome) -> f64 {
        let average = outcome.measured.average_accuracy;
        match self {
            Self::Accuracy => average.accuracy,
            Self::MacroF1 => average.macro_f1,
            Self::WeightedF1 => average.weighted_f1,
        }
    }

    /// `[after][task]`.
    pub fn matrix(self, outcome: &Outcome) -> &[Vec<f64>] {
        let measured = &outcome.measured;
        match self {
            Self::Accuracy => &measured.accuracy_matrix,
            Self::MacroF1 => &measured.macro_f1_matrix,
            Self::WeightedF1 => &measured.weighted_f1_matrix,
        }
    }

    /// The least of any task just after it was learned.
    pub fn least_new(self, outcome: &Outcome) -> f64 {
        let new = self.matrix(outcome).iter().enumerate().map(|(task, row)| row[task]);
        new.fold(f64::INFINITY, f64::min)
    }
}

/// Mean and standard deviation over each `window` neighbours of points in order of x: the logarithmic middle of their x, and
/// the spread of their y.
pub fn moving(points: &[(f64, f64)], window: usize) -> Vec<(f64, Spread)> {
    let mut points = points.to_vec();
    points.sort_by(|a, b| a.0.total_cmp(&b.0));
    let each = |part: &[(f64, f64)]| {
        let middle = (part.iter().map(|(x, _)| x.ln()).sum::<f64>() / part.len() as f64).exp();
        let heights: Vec<f64> = part.iter().map(|&(_, y)| y).collect();
        Spread::of(&heights).map(|spread| (middle, spread))
    };
    points.windows(window.max(1)).filter_map(each).collect()
}

#[cfg(test)]
mod tests {
    use dam_tests::tolerance::MANY_TERMS;

    use super::*;

    #[test]
    fn a_window_moves_over_points_in_order() {
        let points = [(100.0, 3.0), (1.0, 1.0), (10.0, 2.0)];
        let moved = moving(&points, 2);
        assert_eq!(moved.len(), 2);
        assert!((moved[0].0 - 10f64.sqrt()).abs() < MANY_TERMS && (moved[0].1.mean - 1.5).abs() < MANY_TERMS);
        assert!((moved[1].0 - 1000f64.sqrt()).abs() < MANY_TERMS && (moved[1].1.mean - 2.5).abs() < MANY_TERMS);
        assert!(moving(&points, 4).is_empty());
    }
}
