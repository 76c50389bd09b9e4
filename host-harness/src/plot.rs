//! Drawings with axes, as SVG. Colours are classes (`s0`, `s1`, ... for series), to which [`STYLE`] gives values for light
//! and for dark.

use std::fmt::Write;

use maud::{Markup, html};

/// The style that drawings need.
pub const STYLE: &str = include_str!("plot.css");

/// How many series have a colour and a marker of their own.
pub const SERIES: usize = 7;

/// An axis: what it runs over, and where it is labelled.
#[derive(Clone, Debug)]
pub struct Axis {
    title: &'static str,
    low: f64,
    high: f64,
    logarithmic: bool,
    ticks: Vec<(f64, String)>,
}

impl Axis {
    /// From `low` to `high`, with a label every `step`.
    pub fn linear(title: &'static str, low: f64, high: f64, step: f64) -> Self {
        let (first, last) = ((low / step).ceil() as i64, (high / step + 1e-9).floor() as i64);
        let digits = (-step.log10().floor()).max(0.0) as usize;
        let tick = |i: i64| (i as f64 * step, format!("{:.digits$}", i as f64 * step));
        Self { title, low, high, logarithmic: false, ticks: (first..=last).map(tick).collect() }
    }

    /// Room for so many things side by side, without labels.
    pub fn places(title: &'static str, count: usize) -> Self {
        Self { title, low: 0.0, high: count as f64, logarithmic: false, ticks: vec![] }
    }

    /// Shares: from 0 to 1.
    pub fn shares(title: &'static str) -> Self {
        Self::linear(title, 0.0, 1.0, 0.2)
    }

    /// From a power of ten to another, logarithmic, labelled at powers of ten that are not too many.
    pub fn decades(title: &'static str, low: f64, high: f64) -> Self {
        let (first, last) = (low.log10().floor() as i32, high.log10().ceil() as i32);
        let every = ((last - first) / 5).max(1);
        let powers = (first..=last).step_by(every as usize);
        let tick = |power: i32| (10f64.powi(power), format!("10{}", superscript(power)));
        Self {
            title,
            low: 10f64.powi(first),
            high: 10f64.powi(last),
            logarithmic: true,
            ticks: powers.map(tick).collect(),
        }
    }

    /// Where `value` is, from 0 at the low end to 1 at the high end.
    fn place(&self, value: f64) -> f64 {
        let scale = |value: f64| if self.logarithmic { value.log10() } else { value };
        (scale(value) - scale(self.low)) / (scale(self.high) - scale(self.low))
    }
}

fn superscript(power: i32) -> String {
    let digit = |digit: char| match digit {
        '-' => '⁻',
        '1' => '¹',
        '2' => '²',
        '3' => '³',
        // The others stand in order.
        other => other.to_digit(10).and_then(|digit| char::from_u32(0x2070 + digit)).unwrap_or(other),
    };
    power.to_string().chars().map(digit).collect()
}

/// A drawing's size, in units of the SVG, and its axes.
#[derive(Clone, Debug)]
pub struct Frame {
    size: (f64, f64),
    left: f64,
    right: f64,
    top: f64,
    bottom: f64,
    x: Axis,
    y: Axis,
}

impl Frame {
    /// A figure of the page.
    pub fn figure(x: Axis, y: Axis) -> Self {
        Self { size: (440.0, 290.0), left: 46.0, right: 14.0, top: 10.0, bottom: 42.0, x, y }
    }

    /// A panel of a drawing of its own, with room for a heading and for names on the right.
    pub fn panel(x: Axis, y: Axis) -> Self {
        Self { size: (460.0, 300.0), left: 56.0, right: 58.0, top: 40.0, bottom: 48.0, x, y }
    }

    /// One of many small ones.
    pub fn small(x: Axis, y: Axis) -> Self {
        Self { size: (190.0, 130.0), left: 24.0, right: 14.0, top: 8.0, bottom: 20.0, x, y }
    }

    /// The horizontal place of a value.
    pub fn x(&self, value: f64) -> f64 {
        self.left + self.x.place(value) * (self.size.0 - self.left - self.right)
    }

    /// The vertical place of a value.
    pub fn y(&self, value: f64) -> f64 {
        self.size.1 - self.bottom - self.y.place(value) * (self.size.1 - self.top - self.bottom)
    }

    /// The middle.
    pub fn middle(&self) -> (f64, f64) {
        ((self.left + self.size.0 - self.right) / 2.0, (self.top + self.size.1 - self.bottom) / 2.0)
    }

    /// Width and height.
    pub fn size(&self) -> (f64, f64) {
        self.size
    }

    /// The drawing, with `marks` over its axes; `label` says what it shows to those who do not see it.
    pub fn draw(&self, label: &str, marks: &Markup) -> Markup {
        let (width, height) = self.size;
        html! {
            svg viewBox={ "0 0 " (width) " " (height) } role="img" aria-label=(label) { (self.axes()) (marks) }
        }
    }

    /// The axes alone.
    pub fn axes(&self) -> Markup {
        let (width, height) = self.size;
        let (x0, x1, y0, y1) = (self.left, width - self.right, height - self.bottom, self.top);
        html! {
            g class="axes" {
                @for (value, text) in &self.y.ticks {
                    @let y = self.y(*value);
                    line class="grid" x1=(x0) x2=(x1) y1=(near(y)) y2=(near(y)) {}
                    text class="end" x=(x0 - 5.0) y=(near(y)) dy="0.35em" { (text) }
                }
                @for (value, text) in &self.x.ticks {
                    @let x = self.x(*value);
                    line class="tick" x1=(near(x)) x2=(near(x)) y1=(y0) y2=(y0 + 4.0) {}
                    text class="mid" x=(near(x)) y=(y0 + 6.0) dy="0.8em" { (text) }
                }
                path class="frame" d={ "M" (x0) " " (y1) "V" (y0) "H" (x1) } {}
                @if !self.x.title.is_empty() {
                    text class="mid" x=(near((x0 + x1) / 2.0)) y=(height - 6.0) { (self.x.title) }
                }
                @if !self.y.title.is_empty() {
                    @let y = near((y0 + y1) / 2.0);
                    text class="mid" x="11" y=(y) transform={ "rotate(-90 11 " (y) ")" } { (self.y.title) }
                }
            }
        }
    }

    /// A line through points, those that are no numbers left out.
    pub fn line(&self, series: usize, points: &[(f64, f64)]) -> Markup {
        html! { path class={ "line " (class(series)) } d=(self.path(points)) {} }
    }

    /// The area between two curves over the same places: `(x, low, high)`.
    pub fn band(&self, series: usize, points: &[(f64, f64, f64)]) -> Markup {
        let there = points.iter().map(|&(x, low, _)| (x, low));
        let back = points.iter().rev().map(|&(x, _, high)| (x, high));
        let outline: Vec<_> = there.chain(back).collect();
        html! { @if points.len() > 1 { path class={ "band " (class(series)) } d={ (self.path(&outline)) "Z" } {} } }
    }

    /// A vertical bar from `low` to `high`.
    pub fn bar(&self, series: usize, x: f64, low: f64, high: f64) -> Markup {
        html! { path class={ "bar " (class(series)) } d=(self.path(&[(x, low), (x, high)])) {} }
    }

    /// The marker of a series at a point, with a text that shows when it is pointed at.
    pub fn marker(&self, series: usize, (x, y): (f64, f64), size: f64, text: &str) -> Markup {
        html! {
            @if x.is_finite() && y.is_finite() {
                path class={ "mark " (class(series)) } d=(marker(series, self.x(x), self.y(y), size)) { title { (text) } }
            }
        }
    }

    /// Text in the middle, for a drawing of nothing.
    pub fn nothing(&self, text: &str) -> Markup {
        let (x, y) = self.middle();
        html! { text class="nothing mid" x=(near(x)) y=(near(y)) { (text) } }
    }

    /// A dashed line that belongs to no series.
    pub fn mean(&self, points: &[(f64, f64)]) -> Markup {
        html! { path class="mean" d=(self.path(points)) {} }
    }

    /// Text beside a point, in the colour of a series.
    pub fn name(&self, series: usize, (x, y): (f64, f64), text: &str) -> Markup {
        html! { text class={ "name " (class(series)) } x=(near(self.x(x) + 8.0)) y=(near(self.y(y))) dy="0.35em" { (text) } }
    }

    fn path(&self, points: &[(f64, f64)]) -> String {
        let mut path = String::new();
        for &(x, y) in points.iter().filter(|(x, y)| x.is_finite() && y.is_finite()) {
            let command = if path.is_empty() { 'M' } else { 'L' };
            let _ = write!(path, "{command}{} {}", near(self.x(x)), near(self.y(y)));
        }
        path
    }
}

/// The class of a series' colour.
pub fn class(series: usize) -> String {
    format!("s{}", series % SERIES)
}

/// A series' marker alone, for a legend.
pub fn key(series: usize) -> Markup {
    html! {
        svg class="key" viewBox="0 0 14 14" aria-hidden="true" {
            path class={ "mark " (class(series)) } d=(marker(series, 7.0, 7.0, 5.0)) {}
        }
    }
}

/// The outline of a series' marker: circle, square, triangle up, diamond, triangle down, plus, cross. None depends on colour.
fn marker(series: usize, x: f64, y: f64, size: f64) -> String {
    let polygon = |corners: &[(f64, f64)]| {
        let mut path = String::new();
        for (i, (across, down)) in corners.iter().enumerate() {
            let command = if i == 0 { 'M' } else { 'L' };
            let _ = write!(path, "{command}{} {}", near(x + across * size), near(y + down * size));
        }
        path + "Z"
    };
    let plus: &[(f64, f64)] = &[
        (-0.3, -1.0),
        (0.3, -1.0),
        (0.3, -0.3),
        (1.0, -0.3),
        (1.0, 0.3),
        (0.3, 0.3),
        (0.3, 1.0),
        (-0.3, 1.0),
        (-0.3, 0.3),
        (-1.0, 0.3),
        (-1.0, -0.3),
        (-0.3, -0.3),
    ];
    match series % SERIES {
        0 => {
            let (left, size) = (near(x - size), near(size));
            format!(
                "M{left} {y}a{size} {size} 0 1 0 {d} 0a{size} {size} 0 1 0 -{d} 0Z",
                y = near(y),
                d = near(2.0 * size)
            )
        }
        1 => polygon(&[(-0.9, -0.9), (0.9, -0.9), (0.9, 0.9), (-0.9, 0.9)]),
        2 => polygon(&[(0.0, -1.1), (1.1, 0.9), (-1.1, 0.9)]),
        3 => polygon(&[(0.0, -1.3), (1.3, 0.0), (0.0, 1.3), (-1.3, 0.0)]),
        4 => polygon(&[(0.0, 1.1), (1.1, -0.9), (-1.1, -0.9)]),
        5 => polygon(plus),
        _ => polygon(&plus.iter().map(|(x, y)| (0.707 * (x - y), 0.707 * (x + y))).collect::<Vec<_>>()),
    }
}

/// A coordinate to a tenth of a unit.
fn near(place: f64) -> f64 {
    (place * 10.0).round() / 10.0
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn axes_are_labelled_where_the_labels_are() {
        let shares = Axis::shares("");
        let texts: Vec<_> = shares.ticks.iter().map(|(_, text)| text.as_str()).collect();
        assert_eq!(texts, ["0.0", "0.2", "0.4", "0.6", "0.8", "1.0"]);
        let decades = Axis::decades("", 2e-8, 0.7);
        assert_eq!((decades.low, decades.high), (1e-8, 1.0));
        assert_eq!(decades.ticks[0].1, "10⁻⁸");
        assert!((decades.place(1e-4) - 0.5).abs() < dam_tests::tolerance::MANY_TERMS);
        let frame = Frame::figure(Axis::shares("x"), Axis::shares("y"));
        assert!(frame.x(0.0) < frame.x(1.0) && frame.y(0.0) > frame.y(1.0));
    }

    #[test]
    fn what_is_no_number_is_not_drawn() {
        let frame = Frame::figure(Axis::shares("x"), Axis::shares("y"));
        let line = frame.line(0, &[(0.0, 0.5), (0.5, f64::NAN), (1.0, 0.5)]).into_string();
        assert!(!line.contains("NaN") && line.matches('L').count() == 1, "{line}");
        assert!(frame.marker(0, (f64::NAN, 0.0), 3.0, "").into_string().is_empty());
    }
}
