//! Drawings of accuracy, as SVG files of their own.

use maud::{Markup, PreEscaped, html};

use crate::audit::layers::{self as audit, Audit};
use crate::config::Precision;
use crate::measured;
use crate::plot::{Axis, Frame, STYLE};

/// One trial's part of a drawing.
#[derive(Clone, Debug)]
pub struct Panel<'a> {
    /// What stands above it.
    pub title: String,
    /// `[after][task]`: accuracy.
    pub matrix: &'a [Vec<f64>],
}

/// Accuracy of each task over the sequence, a line a task from where it was learned, and the mean of those learned so
/// far, dashed; `columns` panels side by side.
pub fn accuracy_per_task(panels: &[Panel<'_>], columns: usize) -> String {
    side_by_side(&panels.iter().map(draw).collect::<Vec<_>>(), columns)
}

/// Panels of one size as an SVG of their own.
pub(crate) fn side_by_side(panels: &[((f64, f64), Markup)], columns: usize) -> String {
    let (width, height) = panels.first().map_or((0.0, 0.0), |(size, _)| *size);
    let columns = columns.max(1);
    let size = (width * columns as f64, height * panels.len().div_ceil(columns) as f64);
    let svg = html! {
        svg xmlns="http://www.w3.org/2000/svg" width=(size.0) height=(size.1) viewBox={ "0 0 " (size.0) " " (size.1) }
            font-family="sans-serif" {
            style { (PreEscaped(STYLE)) }
            rect width="100%" height="100%" fill="var(--paper)" {}
            @for (place, (_, panel)) in panels.iter().enumerate() {
                @let (x, y) = (width * (place % columns) as f64, height * (place / columns) as f64);
                g transform={ "translate(" (x) " " (y) ")" } { (panel) }
            }
        }
    };
    svg.into_string()
}

/// The median relative errors of an audit over the interaction vertex, a panel a number type, a line a layer.
pub fn errors(audit: &Audit) -> String {
    let panels: Vec<_> = audit::FORMATS.into_iter().map(|format| draw_errors(audit, format)).collect();
    side_by_side(&panels, panels.len())
}

/// Where the scale of errors begins: less is drawn there.
const LEAST_ERROR: f64 = 1e-9;

fn draw_errors(audit: &Audit, format: Precision) -> ((f64, f64), Markup) {
    let frame = Frame::panel(
        Axis::decades("interaction vertex n", 2.0, 40.0),
        Axis::decades("median relative error", LEAST_ERROR, 1.0),
    );
    let lines = audit::LAYERS.map(|layer| {
        let lines = audit.lines.iter().filter(|line| line.format == format && line.layer == layer);
        lines.map(|line| (f64::from(line.n), line.median.max(LEAST_ERROR))).collect::<Vec<_>>()
    });
    // Names are spread by orders of magnitude.
    let ends = lines.each_ref().map(|line| line.last().map_or(0.0, |&(_, error)| error.log10()));
    let marks = html! {
        text class="mid" x=(frame.middle().0) y="24" style="font-size:16px" { (format) }
        (frame.axes())
        @for (layer, line) in lines.iter().enumerate() {
            (frame.line(layer, line))
            @for &point in line {
                @let text = format!("{}, n = {}: {:.1e}", audit::LAYERS[layer], point.0, point.1);
                (frame.marker(layer, point, 3.2, &text))
            }
        }
        @for (layer, height) in spread(&ends, 0.55, 0.0).into_iter().enumerate() {
            (frame.name(layer, (40.0, 10f64.powf(height)), audit::LAYERS[layer]))
        }
    };
    (frame.size(), marks)
}

/// A panel and its size.
pub(crate) fn draw(panel: &Panel<'_>) -> ((f64, f64), Markup) {
    let tasks = panel.matrix.len();
    let x = Axis::linear("tasks learned", 1.0, tasks.max(2) as f64, 1.0);
    let frame = Frame::panel(x, Axis::shares("accuracy"));
    let line =
        |task: usize| (task..tasks).map(|after| ((after + 1) as f64, panel.matrix[after][task])).collect::<Vec<_>>();
    let mean = |after: usize| ((after + 1) as f64, measured::mean_up_to(&panel.matrix[after], after));
    let names = panel.matrix.last().map(|last| spread(last, 0.06, 1.0)).unwrap_or_default();
    let marks = html! {
        text class="mid" x=(frame.middle().0) y="24" style="font-size:16px" { (panel.title) }
        (frame.axes())
        @for task in 0..tasks {
            @let points = line(task);
            (frame.line(task, &points))
            @for &point in &points {
                (frame.marker(task, point, 3.2, &format!("task {} after task {}: {:.3}", task + 1, point.0, point.1)))
            }
        }
        @for (task, height) in names.into_iter().enumerate() {
            (frame.name(task, (tasks.max(1) as f64, height), &format!("task {}", task + 1)))
        }
        (frame.mean(&(0..tasks).map(mean).collect::<Vec<_>>()))
        text x=(frame.x(1.0) + 6.0) y=(frame.y(0.04)) { "dashed: mean" }
    };
    (frame.size(), marks)
}

/// Heights for names beside `values`: in the same order from below, at least `gap` apart, near the values, and none above
/// `top`.
fn spread(values: &[f64], gap: f64, top: f64) -> Vec<f64> {
    let mut order: Vec<usize> = (0..values.len()).collect();
    order.sort_by(|&a, &b| values[a].total_cmp(&values[b]));
    let mut heights = values.to_vec();
    // Up from below, and, where that ends above the top, down again.
    for pair in order.windows(2) {
        heights[pair[1]] = heights[pair[1]].max(heights[pair[0]] + gap);
    }
    let mut ceiling = top + gap;
    for &task in order.iter().rev() {
        ceiling = heights[task].min(ceiling - gap);
        heights[task] = ceiling;
    }
    heights
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_apart_and_in_order() {
        let heights = spread(&[0.1, 0.98, 0.1, 0.99, 0.11], 0.05, 1.0);
        for (task, expected) in [0.1, 0.95, 0.15, 1.0, 0.2].iter().enumerate() {
            assert!((heights[task] - expected).abs() < dam_tests::tolerance::MANY_TERMS, "{heights:?}");
        }
    }

    #[test]
    fn every_task_has_a_line_and_a_name() {
        let matrix = vec![vec![0.9, 0.1], vec![0.5, 0.8]];
        let svg = accuracy_per_task(&[Panel { title: "vanilla & co".into(), matrix: &matrix }], 1);
        for part in ["<svg", "vanilla &amp; co", ">task 1<", ">task 2<", "accuracy"] {
            assert!(svg.contains(part), "no {part} in {svg}");
        }
    }
}
