//! The page of a grid: any methods, interaction vertices and seeds, under any settings.

use maud::{Markup, html};

use crate::chart::{self, Panel};
use crate::experiment::grid::{Cell, SCORES};
use crate::page;
use crate::plot::{self, Axis, Frame};
use crate::spread::{self, Spread};

/// The page of these cells.
pub fn page(cells: &[Cell<'_>]) -> String {
    let (found, planned) = (
        cells.iter().map(|cell| cell.found.len()).sum::<usize>(),
        cells.iter().map(|cell| cell.planned).sum::<usize>(),
    );
    let body = html! {
        header {
            h1 { "Methods side by side" }
            p class="lead" { (found) " of " (planned) " trials; " code { "dam grid" } " " (env!("CARGO_PKG_VERSION")) "." }
        }
        main {
            section id="table" {
                h2 { "Means over the seeds" }
                p { "Mean and standard deviation. Each method is compared with the first, seed by seed: p is the share of all ways to "
                    "flip the signs of the differences whose mean is as far from zero or further." }
                (table(cells))
            }
            section id="accuracy" {
                h2 { "Average accuracy, each trial" }
                div class="figures" { (accuracies(cells)) }
            }
            section id="tasks" {
                h2 { "What becomes of each task" }
                p { "Accuracy of each task after it and after each task that follows, the mean over the seeds." }
                div class="figures" { @for cell in cells { (course(cell)) } }
            }
        }
    };
    page::page("Methods of sequential learning side by side", &body)
}

fn table(cells: &[Cell<'_>]) -> Markup {
    let shown = |value: Option<f64>, digits: usize| value.map_or("–".to_owned(), |value| format!("{value:.digits$}"));
    page::scrolled(
        "Means over the seeds",
        &html! {
            table {
                thead { tr {
                    th scope="col" { "n" } th scope="col" { "method" } th scope="col" { "trials" }
                    @for (name, _) in SCORES { th scope="col" { (name) } }
                    th scope="col" { "seconds" } th scope="col" { "MB" } th scope="col" { "less the first" } th scope="col" { "p" }
                } }
                tbody { @for cell in cells {
                    tr {
                        td { (cell.n) } th scope="row" { (cell.method) } td { (cell.found.len()) " of " (cell.planned) }
                        @for (_, of) in SCORES { td { (spread::shown(&cell.scores(of)).replace("+-", "±")) } }
                        td { (shown(cell.seconds, 1)) } td { (shown(cell.memory, 1)) }
                        td { @if let Some(paired) = cell.compared { (format!("{:+.3} ± {:.3}", paired.mean, paired.deviation)) } }
                        td { (shown(cell.compared.and_then(|paired| paired.p), 3)) }
                    }
                } }
            }
        },
    )
}

/// A figure an interaction vertex: the methods from left to right, a point a trial, and mean and deviation.
fn accuracies(cells: &[Cell<'_>]) -> Markup {
    let mut vertices: Vec<u32> = cells.iter().map(|cell| cell.n).collect();
    vertices.dedup();
    html! { @for n in vertices {
        @let of_n: Vec<_> = cells.iter().filter(|cell| cell.n == n).collect();
        @let frame = Frame::figure(Axis::places("method", of_n.len()), Axis::shares("average accuracy"));
        @let marks = html! { @for (place, cell) in of_n.iter().enumerate() {
            @let (x, scores) = (place as f64 + 0.5, cell.scores(SCORES[0].1));
            @if let Some(Spread { mean, deviation }) = Spread::of(&scores) {
                (frame.bar(place, x, mean - deviation, mean + deviation))
            }
            @for (score, outcome) in scores.iter().zip(&cell.found) {
                (frame.marker(place, (x, *score), 4.0, &format!("{}, seed {}: {score:.3}", cell.method, outcome.seed)))
            }
        } };
        figure {
            h3 { "n = " (n) }
            p class="legend" { @for (place, cell) in of_n.iter().enumerate() { span { (plot::key(place)) " " (cell.method) } " " } }
            (frame.draw(&format!("Average accuracy of each method, n = {n}"), &marks))
        }
    } }
}

fn course(cell: &Cell<'_>) -> Markup {
    let Some(first) = cell.found.first() else { return html! {} };
    let tasks = first.measured.accuracy_matrix.len();
    let mean = |after: usize, task: usize| {
        let each = cell.found.iter().map(|outcome| outcome.measured.accuracy_matrix[after][task]);
        each.sum::<f64>() / cell.found.len() as f64
    };
    let matrix: Vec<Vec<f64>> = (0..tasks).map(|after| (0..tasks).map(|task| mean(after, task)).collect()).collect();
    let title = format!("{}, n = {}", cell.method, cell.n);
    let ((width, height), marks) = chart::draw(&Panel { title: title.clone(), matrix: &matrix });
    html! { figure { svg viewBox={ "0 0 " (width) " " (height) } role="img" aria-label=(title) { (marks) } } }
}
