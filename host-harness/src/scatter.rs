//! Accuracy against what it costs, as an SVG file of its own.

use maud::html;

use crate::chart::side_by_side;
use crate::plot::{Axis, Frame};

/// A method.
#[derive(Clone, Debug)]
pub struct Dot {
    /// Its colour and marker.
    pub series: usize,
    /// What it costs.
    pub x: f64,
    /// Its accuracy.
    pub y: f64,
    /// What stands beside it.
    pub name: String,
}

/// A panel for each cost, by the power of ten, from accuracy 0.86 to 0.98.
pub fn accuracy(panels: &[(&'static str, Vec<Dot>)]) -> String {
    let panels: Vec<_> = panels
        .iter()
        .map(|(title, dots)| {
            let costs = dots.iter().map(|dot| dot.x);
            let (low, high) = costs.fold((f64::MAX, 10.0_f64), |(low, high), x| (low.min(x), high.max(x)));
            let frame = Frame::panel(Axis::decades(title, low, high), Axis::linear("accuracy", 0.86, 0.98, 0.02));
            let marks = html! {
                (frame.axes())
                @for dot in dots {
                    (frame.marker(dot.series, (dot.x, dot.y), 4.0, &dot.name))
                    (frame.name(dot.series, (dot.x, dot.y), &dot.name))
                }
            };
            (frame.size(), marks)
        })
        .collect();
    side_by_side(&panels, panels.len())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_method_has_a_marker_and_a_name_in_each_panel() {
        let dots = vec![
            Dot { series: 0, x: 4000.0, y: 0.92, name: "memory & co".into() },
            Dot { series: 1, x: 300.0, y: 0.9, name: "forest".into() },
        ];
        let svg = accuracy(&[("bytes", dots.clone()), ("instructions", dots)]);
        assert_eq!(svg.matches(">memory &amp; co</text>").count(), 2, "{svg}");
        assert_eq!(svg.matches("class=\"mark s1\"").count(), 2, "{svg}");
        assert!(svg.contains("bytes") && svg.contains("instructions"));
    }
}
