//! Tables 1 and 2, the paper's numbers and ours side by side.

use maud::{Markup, html};

use crate::experiment::row::Row;
use crate::experiment::target::Target;
use crate::methods;
use crate::paper;
use crate::paper::VERTICES;
use crate::spread::Spread;

use super::finding::name;
use super::results::Results;

/// A difference from the paper, so that it can be seen with and without colour.
fn difference(size: f64, bounds: (f64, f64), text: &str) -> Markup {
    let (class, sign) = match size {
        _ if !size.is_finite() => ("none", ""),
        _ if size.abs() <= bounds.0 => ("near", "≈"),
        _ if size > bounds.1 => ("above far", "▲▲"),
        _ if size > 0.0 => ("above", "▲"),
        _ if size < -bounds.1 => ("below far", "▼▼"),
        _ => ("below", "▼"),
    };
    html! { td class={ "difference " (class) } { (text) " " span class="sign" { (sign) } } }
}

/// How far `ours` is from `paper`, in the paper's standard deviations.
pub fn distance(ours: Spread, paper: Spread) -> f64 {
    (ours.mean - paper.mean) / paper.deviation
}

fn header(columns: [&str; 3]) -> Markup {
    html! {
        thead {
            tr {
                td {}
                @for n in VERTICES { th colspan="3" scope="colgroup" { "n = " (n) } }
            }
            tr {
                td {}
                @for _ in VERTICES { @for column in columns { th scope="col" { (column) } } }
            }
        }
    }
}

/// Table 2.
pub fn table_2(results: &Results<'_>) -> Markup {
    let heading = |row: Row| match row {
        Row::Rehearsal005 => Some("Memory proportion 0.05"),
        Row::Rehearsal050 => Some("Memory proportion 0.5"),
        Row::L2 => Some("Regularization"),
        _ => None,
    };
    html! {
        div class="scroll" tabindex="0" role="region" aria-label="Table 2" {
            table id="table2" {
                (header(["paper", "ours", "Δ / σ"]))
                tbody {
                    @for row in Row::ALL {
                        @if let Some(heading) = heading(row) {
                            tr class="group" { th colspan="13" scope="colgroup" { span { (heading) } } }
                        }
                        tr {
                            th scope="row" { (name(row)) }
                            @for (n, published) in VERTICES.into_iter().zip(paper::table_2(row)) {
                                td class="paper" { (mean(published.mean)) (deviation(published.deviation)) }
                                (ours(results, row, n, published))
                            }
                        }
                    }
                }
            }
        }
    }
}

fn mean(mean: f64) -> Markup {
    html! { span class="mean" { (format!("{mean:.3}")) } }
}

fn deviation(deviation: f64) -> Markup {
    html! { span class="deviation" { " ± " (format!("{deviation:.3}")) } }
}

/// Our cell, and how far it is from the paper's.
fn ours(results: &Results<'_>, row: Row, n: u32, published: Spread) -> Markup {
    let cell = results.cell(row, n);
    let (run, planned) = cell.map_or((0, 0), |cell| (cell.outcomes.len(), cell.planned.planned));
    html! {
        @if let Some(found) = results.average(row, n) {
            td class="ours" {
                (mean(found.mean))
                @if run > 1 { (deviation(found.deviation)) }
                @if run == 1 || run < planned { " " span class="trials" { (run) " of " (planned) } }
            }
            @let distance = distance(found, published);
            (difference(distance, (2.0, 5.0), &signed(distance)))
        } @else {
            td class="ours none" colspan="2" { @if planned == 0 { "not planned" } @else { "not run" } }
        }
    }
}

/// With one digit after the point, and no sign for nothing.
fn signed(number: f64) -> String {
    let text = format!("{number:+.1}");
    if text.trim_start_matches(['+', '-']) == "0.0" { "0.0".to_owned() } else { text.replace('-', "−") }
}

/// Table 1.
pub fn table_1(results: &Results<'_>) -> Markup {
    html! {
        div class="scroll" tabindex="0" role="region" aria-label="Table 1" {
            table id="table1" {
                (header(["paper", "ours", "ratio"]))
                tbody {
                    @for (method, lambdas) in paper::TABLE_1 {
                        tr {
                            th scope="row" { (methods::title(method)) }
                            @for (n, published) in VERTICES.into_iter().zip(lambdas) {
                                td class="paper" { (lambda(published)) }
                                @let search = results.searches(Target::Table1)
                                    .find(|found| found.planned.method == method && found.planned.n == n);
                                @match (search, results.best(Target::Table1, method, n)) {
                                    (Some(search), Some((best, score))) => {
                                        @let (run, planned) = (search.outcomes.len(), search.planned.planned);
                                        td class="ours" {
                                            (lambda(best)) " "
                                            span class="trials" {
                                                (format!("{score:.3}"))
                                                @if run < planned { ", " (run) " of " (planned) }
                                            }
                                        }
                                        @let ratio = best / published;
                                        (difference(ratio.log10(), (0.5, 1.5), &format!("× {}", short(ratio))))
                                    }
                                    (None, _) => { td class="ours none" colspan="2" { "not planned" } }
                                    _ => { td class="ours none" colspan="2" { "not run" } }
                                }
                            }
                        }
                    }
                }
            }
        }
    }
}

/// A lambda as the paper writes it.
fn lambda(lambda: f64) -> Markup {
    let text = format!("{lambda:.1e}");
    let (digits, power) = text.split_once('e').unwrap_or((&text, "0"));
    html! { span class="mean" { (digits) " × 10" sup { (power.replace('-', "−")) } } }
}

/// Two digits.
pub fn short(number: f64) -> String {
    let text = format!("{number:.1e}");
    let rounded: f64 = text.parse().unwrap_or(number);
    if (1e-3..1e4).contains(&rounded) { format!("{rounded}") } else { text }
}
