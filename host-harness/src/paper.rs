//! What the paper published: McAlister, Robins and Szymanski, "Sequential Learning in the Dense Associative Memory",
//! 2024, arXiv 2409.15729, Tables 1 and 2, section 4 and appendix A.

use crate::config::MethodName;
use crate::experiment::row::Row;
use crate::experiment::target::Target;
use crate::spread::Spread;

/// The interaction vertices that the tables have as columns, and most figures as curves.
pub const VERTICES: [u32; 4] = [2, 5, 10, 20];

/// Sections 4.1 and 5.2 in a sentence.
pub const SETUP: &str = "5 tasks of 10 000 items in Table 2 and Figure 7b, of 2000 elsewhere, 500 epochs each, 512 memory \
                         vectors, 10 trials a cell";

/// Trials of the search for one lambda, and how many neighbours a moving mean is taken over: Figures 6 to 9.
pub const SEARCH: (usize, usize) = (100, 20);

/// Items of a task: in searches and figures, and for Table 2 and Figure 7b. Section 4.1.
pub const ITEMS: (usize, usize) = (2000, 10_000);

/// Epochs of a task.
pub const EPOCHS: u32 = 500;

/// Memory vectors.
pub const MEMORIES: usize = 512;

/// Learning rate and temperature that appendix A marks in Figures 10 and 11; section 4.2 has 0.08 and 0.95.
pub const CHOSEN: (f64, f64) = (0.1, 0.875);

/// Table 1: the lambda for each of [`VERTICES`].
pub const TABLE_1: [(MethodName, [f64; 4]); 4] = [
    (MethodName::L2, [1.7e-7, 5.4e-7, 7.5e-7, 2.2e-7]),
    (MethodName::Ewc, [1.3e3, 1.1e3, 2.3e3, 1.4e3]),
    (MethodName::Mas, [3.2e1, 1.5e1, 2.2e0, 5.1e-2]),
    (MethodName::Si, [9.5e0, 8.5e0, 1.0e-1, 3.3e-2]),
];

/// The lambda of Table 1 for the interaction vertex that is nearest to `n` on a logarithmic scale; 0 for methods without
/// a penalty.
pub fn lambda(method: MethodName, n: u32) -> f64 {
    TABLE_1.iter().find(|(of, _)| *of == method).map_or(0.0, |(_, lambdas)| lambdas[column(n)])
}

/// The column of the one of [`VERTICES`] that is nearest to `n` on a logarithmic scale.
pub(crate) fn column(n: u32) -> usize {
    match n {
        ..=3 => 0,
        4..=7 => 1,
        8..=14 => 2,
        _ => 3,
    }
}

/// A row of Table 2: average accuracy over five tasks of 10 000 items, from ten trials each, for each of [`VERTICES`].
pub fn table_2(row: Row) -> [Spread; 4] {
    #[rustfmt::skip]
    let cells = match row {
        Row::Vanilla            => [(0.431, 0.027), (0.325, 0.012), (0.325, 0.014), (0.316, 0.004)],
        Row::Rehearsal005       => [(0.834, 0.004), (0.843, 0.005), (0.871, 0.007), (0.869, 0.010)],
        Row::Pseudorehearsal005 => [(0.483, 0.030), (0.436, 0.020), (0.534, 0.021), (0.694, 0.015)],
        Row::Gem005             => [(0.743, 0.019), (0.607, 0.028), (0.614, 0.033), (0.789, 0.025)],
        Row::AGem005            => [(0.746, 0.020), (0.568, 0.029), (0.585, 0.034), (0.802, 0.047)],
        Row::Rehearsal050       => [(0.880, 0.004), (0.895, 0.004), (0.912, 0.011), (0.904, 0.013)],
        Row::Pseudorehearsal050 => [(0.452, 0.035), (0.434, 0.036), (0.589, 0.042), (0.787, 0.026)],
        Row::Gem050             => [(0.768, 0.015), (0.610, 0.029), (0.602, 0.032), (0.854, 0.017)],
        Row::AGem050            => [(0.757, 0.019), (0.585, 0.028), (0.601, 0.024), (0.848, 0.036)],
        Row::L2                 => [(0.685, 0.019), (0.597, 0.015), (0.554, 0.025), (0.599, 0.035)],
        Row::Ewc                => [(0.711, 0.024), (0.553, 0.017), (0.554, 0.051), (0.838, 0.052)],
        Row::Mas                => [(0.775, 0.020), (0.650, 0.020), (0.841, 0.027), (0.833, 0.021)],
        Row::Si                 => [(0.770, 0.010), (0.724, 0.015), (0.642, 0.061), (0.803, 0.032)],
    };
    cells.map(|(mean, deviation)| Spread { mean, deviation })
}

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
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Figure {
    /// As in "Figure 7b".
    pub number: &'static str,
    /// What it shows.
    pub title: &'static str,
    /// The axes.
    pub axes: Axes,
    /// Items of a task.
    pub items: usize,
}

/// The figure that a target is; `None` for tables and pictures.
pub fn figure(target: Target) -> Option<Figure> {
    use Axes::{Average, Lambda, LeastNew, Proportion};
    let (small, large) = ITEMS;
    let (number, title, axes, items) = match target {
        Target::Table1 | Target::Table2 | Target::Pictures | Target::Grid | Target::Comparison => {
            return None;
        }
        Target::Fig1 => ("1", "Rehearsal", Proportion, small),
        Target::Fig2 => ("2", "Pseudorehearsal", Proportion, small),
        Target::Fig3a => ("3a", "Pseudorehearsal, small interaction vertices", Proportion, small),
        Target::Fig3b => ("3b", "Pseudorehearsal, large interaction vertices", Proportion, small),
        Target::Fig4 => ("4", "Gradient episodic memory (GEM)", Proportion, small),
        Target::Fig5 => ("5", "Averaged gradient episodic memory (A-GEM)", Proportion, small),
        Target::Fig6 => ("6", "L2 regularization", Lambda, small),
        Target::Fig7a => ("7a", "Elastic weight consolidation, small tasks", Lambda, small),
        Target::Fig7b => ("7b", "Elastic weight consolidation, large tasks", Lambda, large),
        Target::Fig8 => ("8", "Memory aware synapses", Lambda, small),
        Target::Fig9 => ("9", "Synaptic intelligence", Lambda, small),
        Target::Fig10 => ("10", "Least score of any task at the end of its own training", LeastNew, small),
        Target::Fig11 => ("11", "Average accuracy after the last task", Average, small),
    };
    Some(Figure { number, title, axes, items })
}
