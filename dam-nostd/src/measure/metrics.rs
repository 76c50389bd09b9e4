//! What a classifier and a sequence of tasks are judged by.

/// Which mean over classes an F1 score is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Average {
    /// The plain mean over the classes that occur, as label or as answer.
    #[default]
    Macro,
    /// Over all decisions at once. With one label and one answer each that is the accuracy.
    Micro,
    /// The mean over classes, each weighted with the number of its items.
    Weighted,
}

/// How often items of one class were taken for another.
///
/// ```
/// use dam_nostd::metrics::{Average, Confusion};
/// let mut counts = [0; 4];
/// let mut confusion = Confusion::new(2, &mut counts).unwrap();
/// for (label, answer) in [(0, 0), (0, 1), (1, 1), (1, 1)] {
///     confusion.add(label, answer);
/// }
/// assert_eq!(confusion.accuracy(), 0.75);
/// assert_eq!(confusion.f1(Average::Macro), (2.0 / 3.0 + 4.0 / 5.0) / 2.0);
/// ```
#[derive(Debug)]
pub struct Confusion<'a> {
    classes: usize,
    /// `[label][answer]`.
    counts: &'a mut [u32],
}

impl<'a> Confusion<'a> {
    /// Of `classes` classes, in `counts`, which has `classes * classes` entries and is cleared. `None` if it is shorter.
    pub fn new(classes: usize, counts: &'a mut [u32]) -> Option<Self> {
        let counts = counts.get_mut(..classes.checked_mul(classes)?)?;
        counts.fill(0);
        Some(Self { classes, counts })
    }

    /// Counts an item. Classes beyond those there are are left out.
    pub fn add(&mut self, label: usize, answer: usize) {
        self.add_many(label, answer, 1);
    }

    /// Counts `items` items of the same class and answer.
    pub fn add_many(&mut self, label: usize, answer: usize, items: u32) {
        if label < self.classes
            && answer < self.classes
            && let Some(count) = self.counts.get_mut(label * self.classes + answer)
        {
            *count = count.saturating_add(items);
        }
    }

    /// Items of class `label` that were taken for `answer`.
    pub fn count(&self, label: usize, answer: usize) -> u32 {
        if label >= self.classes || answer >= self.classes {
            return 0;
        }
        self.counts.get(label * self.classes + answer).copied().unwrap_or(0)
    }

    /// All items.
    pub fn items(&self) -> u64 {
        self.counts.iter().map(|&count| u64::from(count)).sum()
    }

    /// Items of class `class`.
    pub fn labelled(&self, class: usize) -> u64 {
        (0..self.classes).map(|answer| u64::from(self.count(class, answer))).sum()
    }

    /// Items that were taken for `class`.
    pub fn answered(&self, class: usize) -> u64 {
        (0..self.classes).map(|label| u64::from(self.count(label, class))).sum()
    }

    /// The share of right answers, 0 to 1; 0 without items.
    pub fn accuracy(&self) -> f64 {
        let right: u64 = (0..self.classes).map(|class| u64::from(self.count(class, class))).sum();
        ratio(right as f64, self.items() as f64)
    }

    /// The F1 score of one class, 2 * right / (labelled + answered): the harmonic mean of precision and recall. 0 for a
    /// class that does not occur.
    pub fn f1_of(&self, class: usize) -> f64 {
        ratio(2.0 * f64::from(self.count(class, class)), (self.labelled(class) + self.answered(class)) as f64)
    }

    /// The F1 score, 0 to 1, as scikit-learn's `f1_score` has it with `zero_division=0` and labels not given.
    pub fn f1(&self, average: Average) -> f64 {
        let (mut sum, mut weights) = (0.0, 0.0);
        for class in 0..self.classes {
            let weight = match average {
                Average::Micro => return self.accuracy(),
                Average::Macro => f64::from(u8::from(self.labelled(class) + self.answered(class) > 0)),
                Average::Weighted => self.labelled(class) as f64,
            };
            sum += weight * self.f1_of(class);
            weights += weight;
        }
        ratio(sum, weights)
    }
}

fn ratio(part: f64, whole: f64) -> f64 {
    if whole == 0.0 { 0.0 } else { part / whole }
}

/// The accuracies of a sequence of T tasks: `R[after][task]` is that of `task` measured after learning task `after`.
///
/// Any score of 0 to 1 serves as accuracy; the paper's is F1. What is not needed may be anything, also NaN: only forward
/// transfer looks at tasks that have not been learned yet.
#[derive(Clone, Copy, Debug)]
pub struct Accuracies<'a> {
    tasks: usize,
    matrix: &'a [f64],
}

impl<'a> Accuracies<'a> {
    /// Of `tasks` tasks; `matrix` holds the rows of R one after the other. `None` if there are no tasks, or too few
    /// entries.
    pub fn new(tasks: usize, matrix: &'a [f64]) -> Option<Self> {
        if tasks == 0 {
            return None;
        }
        Some(Self { tasks, matrix: matrix.get(..tasks.checked_mul(tasks)?)? })
    }

    /// `R[after][task]`, both from 0; NaN beyond the tasks.
    pub fn at(&self, after: usize, task: usize) -> f64 {
        if task >= self.tasks {
            return f64::NAN;
        }
        self.matrix.get(after * self.tasks + task).copied().unwrap_or(f64::NAN)
    }

    /// The mean accuracy of all tasks so far, after learning task `after` (from 0): the paper's average accuracy
    /// (section 4.1); after the last task also the ACC of Lopez-Paz and Ranzato (2017).
    pub fn average(&self, after: usize) -> f64 {
        mean(after + 1, (0..=after).map(|task| self.at(after, task)))
    }

    /// Backward transfer (Lopez-Paz and Ranzato, 2017): the mean over all tasks but the last of
    /// `R[T-1][task] - R[task][task]`, divided by T - 1. Negative where tasks are forgotten; 0 for one task.
    pub fn backward_transfer(&self) -> f64 {
        let last = self.tasks - 1;
        mean(last, (0..last).map(|task| self.at(last, task) - self.at(task, task)))
    }

    /// Forward transfer (Lopez-Paz and Ranzato, 2017): the mean over all tasks but the first of
    /// `R[task-1][task] - baseline[task]`, divided by T - 1. The baseline is the accuracy of the network with its first,
    /// random weights, before any task; entry 0 is not used. 0 for one task; NaN where the baseline is too short.
    pub fn forward_transfer(&self, baseline: &[f64]) -> f64 {
        let untrained = |task: usize| baseline.get(task).copied().unwrap_or(f64::NAN);
        mean(self.tasks - 1, (1..self.tasks).map(|task| self.at(task - 1, task) - untrained(task)))
    }

    /// Forgetting: the mean over all tasks but the last of `max(R[task][task], ..., R[T-2][task]) - R[T-1][task]`, divided
    /// by T - 1. Negative where all tasks gained. Chaudhry et al. (2018) take the maximum over all rows before the last, so
    /// also over those from before the task was learned.
    pub fn forgetting(&self) -> f64 {
        let last = self.tasks - 1;
        let best = |task: usize| (task..last).map(|after| self.at(after, task)).fold(f64::NEG_INFINITY, f64::max);
        mean(last, (0..last).map(|task| best(task) - self.at(last, task)))
    }
}

fn mean(count: usize, numbers: impl Iterator<Item = f64>) -> f64 {
    ratio(numbers.sum(), count as f64)
}
