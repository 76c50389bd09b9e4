//! What the paper published: McAlister, Robins and Szymanski, "Sequential Learning in the Dense Associative Memory",
//! 2024, arXiv 2409.15729, Tables 1 and 2, section 4 and appendix A.

use crate::config::MethodName;

/// The interaction vertices that the tables have as columns, and most figures as curves.
pub const VERTICES: [u32; 4] = [2, 5, 10, 20];

/// Trials of a cell of Table 2.
pub const TRIALS: usize = 10;

/// Trials of the search for one lambda, and how many neighbours a moving mean is taken over: Figures 6 to 9.
pub const SEARCH: (usize, usize) = (100, 20);

/// Items of a task: in searches and figures, and for Table 2 and Figure 7b. Section 4.1.
pub const ITEMS: (usize, usize) = (2000, 10_000);

/// Learning rate and temperature that appendix A marks in Figures 10 and 11; section 4.2 has 0.08 and 0.95.
pub const CHOSEN: (f64, f64) = (0.1, 0.875);

/// Table 1: the strength of the penalty for each of [`VERTICES`].
pub const TABLE_1: [(MethodName, [f64; 4]); 4] = [
    (MethodName::L2, [1.7e-7, 5.4e-7, 7.5e-7, 2.2e-7]),
    (MethodName::Ewc, [1.3e3, 1.1e3, 2.3e3, 1.4e3]),
    (MethodName::Mas, [3.2e1, 1.5e1, 2.2e0, 5.1e-2]),
    (MethodName::Si, [9.5e0, 8.5e0, 1.0e-1, 3.3e-2]),
];

/// A mean and a standard deviation over trials.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Spread {
    /// The mean.
    pub mean: f64,
    /// The standard deviation.
    pub deviation: f64,
}

/// What a row of Table 2 is about: a method, with how much of each past task it keeps.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Row {
    /// The method.
    pub method: MethodName,
    /// The proportion of a task's items, for methods that have one.
    pub proportion: Option<f64>,
    /// Average accuracy for each of [`VERTICES`].
    pub published: [Spread; 4],
}

const fn row(method: MethodName, proportion: Option<f64>, cells: [(f64, f64); 4]) -> Row {
    let [a, b, c, d] = cells;
    const fn spread((mean, deviation): (f64, f64)) -> Spread {
        Spread { mean, deviation }
    }
    Row { method, proportion, published: [spread(a), spread(b), spread(c), spread(d)] }
}

/// Table 2: average accuracy over five tasks of 10 000 items, from ten trials each.
#[rustfmt::skip]
pub const TABLE_2: [Row; 13] = {
    use MethodName::{AGem, Ewc, Gem, L2, Mas, Pseudorehearsal, Rehearsal, Si, Vanilla};
    let (few, half) = (Some(0.05), Some(0.5));
    [
        row(Vanilla,         None, [(0.431, 0.027), (0.325, 0.012), (0.325, 0.014), (0.316, 0.004)]),
        row(Rehearsal,       few,  [(0.834, 0.004), (0.843, 0.005), (0.871, 0.007), (0.869, 0.010)]),
        row(Pseudorehearsal, few,  [(0.483, 0.030), (0.436, 0.020), (0.534, 0.021), (0.694, 0.015)]),
        row(Gem,             few,  [(0.743, 0.019), (0.607, 0.028), (0.614, 0.033), (0.789, 0.025)]),
        row(AGem,            few,  [(0.746, 0.020), (0.568, 0.029), (0.585, 0.034), (0.802, 0.047)]),
        row(Rehearsal,       half, [(0.880, 0.004), (0.895, 0.004), (0.912, 0.011), (0.904, 0.013)]),
        row(Pseudorehearsal, half, [(0.452, 0.035), (0.434, 0.036), (0.589, 0.042), (0.787, 0.026)]),
        row(Gem,             half, [(0.768, 0.015), (0.610, 0.029), (0.602, 0.032), (0.854, 0.017)]),
        row(AGem,            half, [(0.757, 0.019), (0.585, 0.028), (0.601, 0.024), (0.848, 0.036)]),
        row(L2,              None, [(0.685, 0.019), (0.597, 0.015), (0.554, 0.025), (0.599, 0.035)]),
        row(Ewc,             None, [(0.711, 0.024), (0.553, 0.017), (0.554, 0.051), (0.838, 0.052)]),
        row(Mas,             None, [(0.775, 0.020), (0.650, 0.020), (0.841, 0.027), (0.833, 0.021)]),
        row(Si,              None, [(0.770, 0.010), (0.724, 0.015), (0.642, 0.061), (0.803, 0.032)]),
    ]
};

/// What a figure has along its axes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Axes {
    /// Average accuracy over the proportion of a task's items that is kept, 0 to 1.
    Proportion,
    /// Average accuracy over lambda, logarithmic, a point a trial.
    Lambda,
    /// Over learning rate and temperature: the least F1 of any task at the end of its own training.
    LeastNew,
    /// Over learning rate and temperature: average accuracy after the last task.
    Average,
}

/// A figure of the paper.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Figure {
    /// As in "Figure 7b".
    pub number: &'static str,
    /// The method.
    pub method: MethodName,
    /// The axes.
    pub axes: Axes,
    /// A curve each, or a field each.
    pub vertices: &'static [u32],
    /// Items of a task.
    pub items: usize,
}

impl Figure {
    /// What it shows.
    pub fn title(&self) -> String {
        let method = name(self.method);
        match self.axes {
            Axes::Proportion => format!("{method}: average accuracy over the proportion of items kept"),
            Axes::Lambda => format!("{method}: average accuracy over the strength λ of the penalty"),
            Axes::LeastNew => "Least F1 of any task at the end of its own training".to_owned(),
            Axes::Average => "Average accuracy after the last task".to_owned(),
        }
    }
}

const fn figure(
    number: &'static str,
    method: MethodName,
    axes: Axes,
    vertices: &'static [u32],
    items: usize,
) -> Figure {
    Figure { number, method, axes, vertices, items }
}

/// All figures with results.
pub const FIGURES: [Figure; 13] = {
    use Axes::{Average, Lambda, LeastNew, Proportion};
    use MethodName::{AGem, Ewc, Gem, L2, Mas, Pseudorehearsal, Rehearsal, Si, Vanilla};
    let (small, large) = ITEMS;
    [
        figure("1", Rehearsal, Proportion, &VERTICES, small),
        figure("2", Pseudorehearsal, Proportion, &VERTICES, small),
        figure("3a", Pseudorehearsal, Proportion, &[2, 3, 4, 5], small),
        figure("3b", Pseudorehearsal, Proportion, &[10, 20, 30, 40], small),
        figure("4", Gem, Proportion, &VERTICES, small),
        figure("5", AGem, Proportion, &VERTICES, small),
        figure("6", L2, Lambda, &VERTICES, small),
        figure("7a", Ewc, Lambda, &VERTICES, small),
        figure("7b", Ewc, Lambda, &VERTICES, large),
        figure("8", Mas, Lambda, &VERTICES, small),
        figure("9", Si, Lambda, &VERTICES, small),
        figure("10", Vanilla, LeastNew, &VERTICES, small),
        figure("11", Vanilla, Average, &VERTICES, small),
    ]
};

/// A method as the paper writes it.
pub fn name(method: MethodName) -> &'static str {
    match method {
        MethodName::Vanilla => "Vanilla",
        MethodName::Joint => "All tasks at once",
        MethodName::Rehearsal => "Rehearsal",
        MethodName::Pseudorehearsal => "Pseudorehearsal",
        MethodName::Gem => "GEM",
        MethodName::AGem => "A-GEM",
        MethodName::L2 => "L2 regularization",
        MethodName::Ewc => "Elastic weight consolidation",
        MethodName::Mas => "Memory aware synapses",
        MethodName::Si => "Synaptic intelligence",
    }
}
