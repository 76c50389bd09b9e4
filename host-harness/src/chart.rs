//! Drawings of accuracy, as SVG.

use plotters::prelude::*;
use plotters::series::LineSeries;
use plotters::style::text_anchor::{HPos, Pos, VPos};

use crate::audit::{self, Audit};

/// One trial's part of a drawing.
#[derive(Clone, Debug)]
pub struct Panel<'a> {
    /// What stands above it.
    pub title: String,
    /// `[after][task]`: accuracy.
    pub matrix: &'a [Vec<f64>],
}

/// A drawing could not be made.
#[derive(Debug, thiserror::Error)]
#[error("cannot draw: {0}")]
pub struct DrawError(String);

/// Colours that are told apart with any colour vision (Okabe and Ito), one a task.
const COLOURS: [RGBColor; 7] = [
    RGBColor(0, 114, 178),
    RGBColor(213, 94, 0),
    RGBColor(0, 158, 115),
    RGBColor(204, 121, 167),
    RGBColor(230, 159, 0),
    RGBColor(86, 180, 233),
    RGBColor(120, 110, 0),
];

/// Accuracy of each task over the sequence, a line a task from where it was learned, and the mean of those learned so
/// far, dashed; `columns` panels side by side.
///
/// # Errors
/// None that its input can cause.
pub fn accuracy_per_task(panels: &[Panel<'_>], columns: usize) -> Result<String, DrawError> {
    let mut svg = String::new();
    let rows = panels.len().div_ceil(columns.max(1)).max(1);
    let size = (460 * columns.max(1) as u32, 300 * rows as u32);
    {
        let root = SVGBackend::with_string(&mut svg, size).into_drawing_area();
        root.fill(&WHITE).map_err(draw_error)?;
        for (panel, area) in panels.iter().zip(root.split_evenly((rows, columns.max(1)))) {
            draw(panel, &area)?;
        }
        root.present().map_err(draw_error)?;
    }
    Ok(svg)
}

/// The median relative errors of an audit over the interaction vertex, a panel a number type, a line a layer.
///
/// # Errors
/// None that its input can cause.
pub fn errors(audit: &Audit) -> Result<String, DrawError> {
    let mut svg = String::new();
    {
        let root = SVGBackend::with_string(&mut svg, (1260, 380)).into_drawing_area();
        root.fill(&WHITE).map_err(draw_error)?;
        for (format, area) in audit::FORMATS.into_iter().zip(root.split_evenly((1, audit::FORMATS.len()))) {
            let mut chart = ChartBuilder::on(&area)
                .caption(format!("{format}: median relative error"), ("sans-serif", 17))
                .margin(12)
                .x_label_area_size(36)
                .y_label_area_size(60)
                .build_cartesian_2d((1.9..90.0).log_scale(), (LEAST_ERROR..1.0).log_scale())
                .map_err(draw_error)?;
            chart
                .configure_mesh()
                .x_desc("interaction vertex n")
                .x_label_formatter(&|n| format!("{n:.0}"))
                .y_label_formatter(&|error| format!("{error:.0e}"))
                .light_line_style(TRANSPARENT)
                .bold_line_style(RGBColor(225, 225, 225))
                .draw()
                .map_err(draw_error)?;
            let mut ends = vec![];
            for (i, layer) in audit::LAYERS.into_iter().enumerate() {
                let lines = audit.lines.iter().filter(|line| line.format == format && line.layer == layer);
                let points: Vec<_> = lines.map(|line| (f64::from(line.n), line.median.max(LEAST_ERROR))).collect();
                ends.extend(points.last().map(|end| end.1.log10() / LEAST_ERROR.log10().abs() + 1.0));
                let colour = COLOURS[i % COLOURS.len()];
                chart.draw_series(LineSeries::new(points, colour.stroke_width(2))).map_err(draw_error)?;
            }
            for (i, height) in spread(&ends, 0.05).into_iter().enumerate() {
                let style = ("sans-serif", 11).into_font().color(&COLOURS[i % COLOURS.len()]);
                let style = style.pos(Pos::new(HPos::Left, VPos::Center));
                let place = (42.0, 10f64.powf((height - 1.0) * LEAST_ERROR.log10().abs()));
                chart.draw_series([Text::new(audit::LAYERS[i], place, style)]).map_err(draw_error)?;
            }
        }
        root.present().map_err(draw_error)?;
    }
    Ok(svg)
}

/// Where the scale of errors begins: less is drawn there.
const LEAST_ERROR: f64 = 1e-9;

fn draw_error(error: impl std::fmt::Display) -> DrawError {
    DrawError(error.to_string())
}

fn draw(panel: &Panel<'_>, area: &DrawingArea<SVGBackend<'_>, plotters::coord::Shift>) -> Result<(), DrawError> {
    let tasks = panel.matrix.len();
    let mut chart = ChartBuilder::on(area)
        .caption(&panel.title, ("sans-serif", 17))
        .margin(12)
        .x_label_area_size(36)
        .y_label_area_size(44)
        .build_cartesian_2d(0.8..tasks.max(1) as f64 + 0.6, 0.0..1.0)
        .map_err(draw_error)?;
    chart
        .configure_mesh()
        .x_desc("tasks learned")
        .y_desc("accuracy")
        .x_labels(tasks + 1)
        .x_label_formatter(&|x| if x.fract() == 0.0 { format!("{x:.0}") } else { String::new() })
        .y_labels(6)
        .light_line_style(TRANSPARENT)
        .bold_line_style(RGBColor(225, 225, 225))
        .draw()
        .map_err(draw_error)?;
    for task in 0..tasks {
        let colour = COLOURS[task % COLOURS.len()];
        let points = (task..tasks).map(|after| ((after + 1) as f64, panel.matrix[after][task]));
        chart.draw_series(LineSeries::new(points.clone(), colour.stroke_width(2))).map_err(draw_error)?;
        chart.draw_series(points.map(|point| Circle::new(point, 3, colour.filled()))).map_err(draw_error)?;
    }
    if let Some(last) = panel.matrix.last() {
        for (task, &height) in spread(last, 0.05).iter().enumerate() {
            let style = ("sans-serif", 11).into_font().color(&COLOURS[task % COLOURS.len()]);
            let style = style.pos(Pos::new(HPos::Left, VPos::Center));
            let place = (tasks as f64 + 0.08, height);
            chart.draw_series([Text::new(format!("task {}", task + 1), place, style)]).map_err(draw_error)?;
        }
    }
    let mean = (0..tasks).map(|after| ((after + 1) as f64, crate::outcome::mean_up_to(&panel.matrix[after], after)));
    let style = BLACK.mix(0.75).stroke_width(2);
    chart.draw_series(DashedLineSeries::new(mean, 6, 4, style)).map_err(draw_error)?;
    let style = ("sans-serif", 11).into_font().color(&BLACK.mix(0.75));
    chart.draw_series([Text::new("dashed: mean", (0.85, 0.05), style)]).map_err(draw_error)?;
    Ok(())
}

/// Heights for names beside `values`: in the same order from below, at least `gap` apart, and near the values.
fn spread(values: &[f64], gap: f64) -> Vec<f64> {
    let mut order: Vec<usize> = (0..values.len()).collect();
    order.sort_by(|&a, &b| values[a].total_cmp(&values[b]));
    let mut heights = values.to_vec();
    // Up from below, and, where that ends above the top, down again.
    for pair in order.windows(2) {
        heights[pair[1]] = heights[pair[1]].max(heights[pair[0]] + gap);
    }
    let mut ceiling = 1.0 + gap;
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
        let heights = spread(&[0.1, 0.98, 0.1, 0.99, 0.11], 0.05);
        for (task, expected) in [0.1, 0.95, 0.15, 1.0, 0.2].iter().enumerate() {
            assert!((heights[task] - expected).abs() < dam_tests::tolerance::MANY_TERMS, "{heights:?}");
        }
    }

    #[test]
    fn every_task_has_a_line_and_a_name() {
        let matrix = vec![vec![0.9, 0.1], vec![0.5, 0.8]];
        let svg = accuracy_per_task(&[Panel { title: "vanilla, n = 2".into(), matrix: &matrix }], 1).unwrap();
        for part in ["<svg", "vanilla, n = 2", "task 1", "task 2", "accuracy"] {
            assert!(svg.contains(part), "no {part} in {svg}");
        }
    }
}
