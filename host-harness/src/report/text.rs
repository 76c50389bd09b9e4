//! Tables 1 and 2 and the findings as Markdown: for terminals, and for documents.

use std::fmt::Write as _;

use crate::experiment::row::Row;
use crate::experiment::target::Target;
use crate::methods;
use crate::paper::{self, VERTICES};
use crate::spread::Spread;

use super::finding::{Verdict, findings, name};
use super::results::Results;
use super::table::distance;

/// How far from the paper's mean a cell is still near, in the paper's standard deviations.
const NEAR: f64 = 2.0;

/// Table 2 as far as it is planned, each cell with its distance from the paper, and how many cells are near; empty where
/// nothing of it is planned.
pub fn table_2(results: &Results<'_>) -> String {
    let vertices = results.vertices(Target::Table2);
    if vertices.is_empty() {
        return String::new();
    }
    let mut text = header("Table 2", &vertices);
    let (mut near, mut compared) = (0, 0);
    for row in Row::ALL.into_iter().filter(|&row| vertices.iter().any(|&n| results.cell(row, n).is_some())) {
        let _ = write!(text, "| {} |", name(row));
        for &n in &vertices {
            let Some(cell) = results.cell(row, n) else {
                text += " |";
                continue;
            };
            let (run, planned) = (cell.outcomes.len(), cell.planned.planned);
            let Some(ours) = results.average(row, n) else {
                text += " not run |";
                continue;
            };
            let _ = match run {
                1 => write!(text, " {:.3}", ours.mean),
                _ => write!(text, " {:.3} +- {:.3}", ours.mean, ours.deviation),
            };
            if let Some(published) = published(row, n) {
                let distance = distance(ours, published);
                let _ = write!(text, " ({distance:+.1})");
                compared += 1;
                near += usize::from(distance >= -NEAR);
            }
            text += &if run < planned { format!(", {run} of {planned} |") } else { " |".to_owned() };
        }
        text.push('\n');
    }
    if compared > 0 {
        let _ = write!(
            text,
            "\nIn brackets: how far from the paper's mean, in its standard deviations.\n\
             {near} of {compared} cells are at most {NEAR} of them below, or above.\n"
        );
    }
    text
}

/// Table 1 as far as it is planned: the best trial of each search, its average accuracy, and the paper's lambda; empty where
/// nothing of it is planned.
pub fn table_1(results: &Results<'_>) -> String {
    let vertices = results.vertices(Target::Table1);
    if vertices.is_empty() {
        return String::new();
    }
    let mut text = header("Table 1", &vertices);
    for (method, published) in paper::TABLE_1 {
        let search = |n: u32| {
            results.searches(Target::Table1).find(|search| search.planned.method == method && search.planned.n == n)
        };
        if !vertices.iter().any(|&n| search(n).is_some()) {
            continue;
        }
        let _ = write!(text, "| {} |", methods::title(method));
        for &n in &vertices {
            let Some(search) = search(n) else {
                text += " |";
                continue;
            };
            let (run, planned) = (search.outcomes.len(), search.planned.planned);
            let _ = match results.best(Target::Table1, method, n) {
                Some((lambda, score)) => write!(text, " {lambda:.1e}: {score:.3}"),
                None => write!(text, " not run"),
            };
            if (1..planned).contains(&run) {
                let _ = write!(text, ", {run} of {planned}");
            }
            if let Some(column) = VERTICES.iter().position(|&vertex| vertex == n) {
                let _ = write!(text, " (paper {:.1e})", published[column]);
            }
            text += " |";
        }
        text.push('\n');
    }
    text + "\nThe lambda of the best trial, its average accuracy, and the paper's lambda.\n"
}

fn header(name: &str, vertices: &[u32]) -> String {
    let columns: String = vertices.iter().map(|n| format!(" n = {n} |")).collect();
    format!("| {name} |{columns}\n|{}\n", "---|".repeat(1 + vertices.len()))
}

/// Each case of the paper's findings that our numbers decide; empty where there is none.
pub fn decided(results: &Results<'_>) -> String {
    let mut rows = String::new();
    for finding in findings(results) {
        for case in finding.cases.iter().filter(|case| case.ours.verdict != Verdict::NotRun) {
            let numbers: Vec<String> =
                case.ours.numbers.iter().flatten().map(|&number| finding.kind.text(number)).collect();
            let verdict = if case.ours.verdict == Verdict::Holds { "holds" } else { "does not" };
            let _ = writeln!(rows, "| {} | {} | {} | {verdict} |", finding.claim, case.about, numbers.join(", "));
        }
    }
    if rows.is_empty() {
        rows
    } else {
        format!("| finding of the paper | numbers | here | |\n|---|---|---|---|\n{rows}")
    }
}

/// The paper's cell, if it has one.
fn published(row: Row, n: u32) -> Option<Spread> {
    VERTICES.iter().position(|&vertex| vertex == n).map(|column| paper::table_2(row)[column])
}
