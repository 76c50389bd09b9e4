//! Decisions by class and answer, counted on the heap; the scores are the core's.

use dam_nostd::metrics::{self, Average};
use serde::{Deserialize, Serialize};

/// How often items of one class were taken for another.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Confusion {
    classes: usize,
    counts: Vec<u32>,
}

impl Confusion {
    /// Of `classes` classes, without a decision.
    pub fn new(classes: usize) -> Self {
        Self { classes, counts: vec![0; classes * classes] }
    }

    /// Of these decisions, `[label][answer]`; `None` unless they are `classes` rows of as many numbers.
    pub fn of(classes: usize, rows: &[Vec<u32>]) -> Option<Self> {
        let whole = rows.len() == classes && rows.iter().all(|row| row.len() == classes);
        whole.then(|| Self { classes, counts: rows.concat() })
    }

    /// All decisions.
    pub fn items(&self) -> u64 {
        self.counts.iter().map(|&count| u64::from(count)).sum()
    }

    /// Counts one decision.
    pub fn count(&mut self, label: usize, answer: usize) {
        self.counts[label * self.classes + answer] += 1;
    }

    /// Correct decisions among all.
    pub fn accuracy(&self) -> f64 {
        self.score(|confusion| confusion.accuracy())
    }

    /// F1, the mean over classes that occur.
    pub fn macro_f1(&self) -> f64 {
        self.score(|confusion| confusion.f1(Average::Macro))
    }

    /// F1 of all decisions together.
    pub fn micro_f1(&self) -> f64 {
        self.score(|confusion| confusion.f1(Average::Micro))
    }

    /// F1, the mean over classes weighted by their items.
    pub fn weighted_f1(&self) -> f64 {
        self.score(|confusion| confusion.f1(Average::Weighted))
    }

    /// `[label][answer]`.
    pub fn rows(&self) -> Vec<Vec<u32>> {
        self.counts.chunks(self.classes).map(<[u32]>::to_vec).collect()
    }

    fn score(&self, of: impl Fn(&metrics::Confusion<'_>) -> f64) -> f64 {
        let mut copy = vec![0; self.counts.len()];
        let Some(mut confusion) = metrics::Confusion::new(self.classes, &mut copy) else { return 0.0 };
        for (place, &count) in self.counts.iter().enumerate() {
            confusion.add_many(place / self.classes, place % self.classes, count);
        }
        of(&confusion)
    }
}
