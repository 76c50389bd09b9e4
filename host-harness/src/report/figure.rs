//! The figures of the paper, drawn from our trials with the paper's axes.

use maud::{Markup, html};

use crate::experiment::target::Target;
use crate::outcome::Outcome;
use crate::paper::{self, Axes, CHOSEN, Figure, SEARCH};
use crate::plot::{Axis, Frame, key};
use crate::spread::Spread;

use super::results::Results;
use super::score::moving;

/// A figure with its caption; an empty one where nothing has been run.
pub fn figure(results: &Results<'_>, target: Target) -> Option<Markup> {
    let figure = paper::figure(target)?;
    let vertices = results.vertices(target);
    let (done, planned) = results.progress(target);
    let label = format!("Figure {}: {}, {done} of {planned} trials", figure.number, figure.title);
    let grid = matches!(figure.axes, Axes::LeastNew | Axes::Average);
    Some(html! {
        figure id=(target) class=[grid.then_some("wide")] {
            h3 { "Figure " (figure.number) ". " (figure.title) }
            @match figure.axes {
                Axes::Proportion => { (legend(&vertices)) (curves(results, target, &vertices, &label)) }
                Axes::Lambda => { (legend(&vertices)) (scans(results, target, &vertices, &label)) }
                Axes::LeastNew | Axes::Average => (grids(results, target, figure, &vertices)),
            }
            figcaption { (caption(results, target, figure)) }
        }
    })
}

fn legend(vertices: &[u32]) -> Markup {
    html! {
        p class="legend" {
            @for (series, n) in vertices.iter().enumerate() { span { (key(series)) " n = " (n) " " } }
        }
    }
}

/// What was run, and how it is shown.
fn caption(results: &Results<'_>, target: Target, figure: Figure) -> Markup {
    let (done, planned) = results.progress(target);
    let mut items: Vec<usize> = results
        .points(target)
        .flat_map(|found| &found.planned.trials)
        .chain(results.searches(target).flat_map(|found| &found.planned.trials))
        .map(|config| config.items)
        .collect();
    items.sort_unstable();
    items.dedup();
    let items: Vec<String> = items.iter().map(ToString::to_string).collect();
    html! {
        @if done < planned { strong { (done) " of " (planned) " trials run" } ". " } @else { (planned) " trials. " }
        "Items of a task: " (items.join(", ")) " here, " (figure.items) " in the paper. "
        @match figure.axes {
            Axes::Proportion => "Points and bars: mean and standard deviation over trials. At 0 nothing is kept: vanilla.",
            Axes::Lambda => {
                "A point a trial; line and band: mean and standard deviation over " (window(results, target))
                " neighbours (the paper: " (SEARCH.1) " of " (SEARCH.0) "). Short bars at the bottom: the paper’s Table 1."
            }
            Axes::LeastNew | Axes::Average => {
                "Framed: the paper’s choice, learning rate " (CHOSEN.0) " and temperature " (CHOSEN.1) ", where the grid has it. "
                "A dash: not run."
            }
        }
    }
}

/// Figures 1 to 5.
fn curves(results: &Results<'_>, target: Target, vertices: &[u32], label: &str) -> Markup {
    let title =
        if matches!(target, Target::Fig4 | Target::Fig5) { "memory proportion" } else { "rehearsal proportion" };
    let frame = Frame::figure(Axis::shares(title), Axis::shares("average accuracy"));
    let curve = |n: u32| -> Vec<(f64, Spread, usize)> {
        let points = results.points(target).filter(|found| found.planned.n == n);
        points
            .filter_map(|found| Some((found.planned.x?, results.spread(&found.outcomes)?, found.outcomes.len())))
            .collect()
    };
    let curves: Vec<_> = vertices.iter().map(|&n| (n, curve(n))).collect();
    let marks = html! {
        @if curves.iter().all(|(_, curve)| curve.is_empty()) { (frame.nothing("not run")) }
        @for (series, (n, curve)) in curves.iter().enumerate() {
            (frame.line(series, &curve.iter().map(|(x, spread, _)| (*x, spread.mean)).collect::<Vec<_>>()))
            @for &(x, spread, trials) in curve {
                (frame.bar(series, x, spread.mean - spread.deviation, spread.mean + spread.deviation))
                @let text = format!("n = {n}, {x}: {:.3} ± {:.3}, {trials} trials", spread.mean, spread.deviation);
                (frame.marker(series, (x, spread.mean), 4.0, &text))
            }
        }
    };
    frame.draw(label, &marks)
}

/// Neighbours in a moving mean: as large a part of a search as in the paper, and at least three trials.
fn window(results: &Results<'_>, target: Target) -> usize {
    let trials = results.searches(target).map(|found| found.outcomes.len()).max().unwrap_or(0);
    (trials * SEARCH.1 / SEARCH.0).clamp(3, SEARCH.1)
}

/// Figures 6 to 9.
fn scans(results: &Results<'_>, target: Target, vertices: &[u32], label: &str) -> Markup {
    let ranges = results.searches(target).map(|found| found.planned.range);
    let (low, high) = ranges.reduce(|a, b| (a.0.min(b.0), a.1.max(b.1))).unwrap_or((1e-8, 1.0));
    let frame = Frame::figure(Axis::decades("λ", low, high), Axis::shares("average accuracy"));
    let window = window(results, target);
    let of = |n: u32| results.searches(target).find(|found| found.planned.n == n);
    let points = |n: u32| -> Vec<(f64, f64)> {
        let outcomes = of(n).into_iter().flat_map(|found| &found.outcomes);
        outcomes.map(|outcome| (outcome.config.lambda, results.score.average(outcome))).collect()
    };
    let table_1 = |n: u32| of(n).map(|found| crate::paper::lambda(found.planned.method, n));
    let scans: Vec<_> = vertices.iter().map(|&n| (n, points(n), moving(&points(n), window))).collect();
    let marks = html! {
        @if scans.iter().all(|(_, points, _)| points.is_empty()) { (frame.nothing("not run")) }
        @for (series, (_, _, moved)) in scans.iter().enumerate() {
            (frame.band(series, &moved.iter().map(|(x, s)| (*x, s.mean - s.deviation, s.mean + s.deviation)).collect::<Vec<_>>()))
        }
        @for (series, (n, points, moved)) in scans.iter().enumerate() {
            @for &point in points {
                (frame.marker(series, point, 2.5, &format!("n = {n}, λ = {:e}: {:.3}", point.0, point.1)))
            }
            (frame.line(series, &moved.iter().map(|(x, spread)| (*x, spread.mean)).collect::<Vec<_>>()))
            @if let Some(lambda) = table_1(*n) { (frame.bar(series, lambda, 0.0, 0.05)) }
        }
    };
    frame.draw(label, &marks)
}

/// Figures 10 and 11: a field an interaction vertex.
fn grids(results: &Results<'_>, target: Target, figure: Figure, vertices: &[u32]) -> Markup {
    let value = |outcomes: &[&Outcome]| {
        let of = |outcome: &&Outcome| match figure.axes {
            Axes::LeastNew => results.score.least_new(outcome),
            _ => results.score.average(outcome),
        };
        Spread::of(&outcomes.iter().map(of).collect::<Vec<_>>()).map(|spread| spread.mean)
    };
    let places = |n: u32| -> Vec<(f64, f64, Option<f64>)> {
        let points = results.points(target).filter(|found| found.planned.n == n);
        points.filter_map(|found| Some((found.planned.x?, found.planned.y?, value(&found.outcomes)))).collect()
    };
    let fields: Vec<_> = vertices.iter().map(|&n| (n, places(n))).collect();
    let values = || fields.iter().flat_map(|(_, places)| places).filter_map(|(_, _, value)| *value);
    let range = (values().fold(f64::INFINITY, f64::min), values().fold(f64::NEG_INFINITY, f64::max));
    html! {
        div class="panels" {
            @for (n, places) in &fields { (field(places, range, &format!("Figure {}, n = {n}", figure.number), *n)) }
        }
        @if range.0 <= range.1 {
            p class="legend" { (format!("{:.3}", range.0)) " " span class="ramp" {} " " (format!("{:.3}", range.1)) }
        }
    }
}

/// One field: learning rate from left to right, temperature from below.
fn field(places: &[(f64, f64, Option<f64>)], range: (f64, f64), label: &str, n: u32) -> Markup {
    let sorted = |of: fn(&(f64, f64, Option<f64>)) -> f64| {
        let mut values: Vec<f64> = places.iter().map(of).collect();
        values.sort_by(f64::total_cmp);
        values.dedup();
        values
    };
    let (rates, temperatures) = (sorted(|place| place.0), sorted(|place| place.1));
    let (left, top, width) = (52.0, 6.0, 40.0);
    // The name of the axis needs some room.
    let height = (90.0 / temperatures.len().max(1) as f64).max(26.0);
    let (right, bottom) = (left + width * rates.len() as f64, top + height * temperatures.len() as f64);
    let find = |values: &[f64], value: f64| values.iter().position(|other| *other == value).unwrap_or(0) as f64;
    let corner = |rate: f64, temperature: f64| {
        (left + width * find(&rates, rate), bottom - height * (1.0 + find(&temperatures, temperature)))
    };
    html! {
        div {
            p class="panel" { "n = " (n) }
            svg viewBox={ "0 0 " (right + 8.0) " " (bottom + 34.0) } style={ "width:" (right + 8.0) "px" } role="img" aria-label=(label) {
                @for &(rate, temperature, value) in places {
                    @let (x, y) = corner(rate, temperature);
                    // From 0 to 1 over the whole figure, in the middle where all are the same.
                    @let share = value.map(|value| if range.0 < range.1 { (value - range.0) / (range.1 - range.0) } else { 0.5 });
                    g class=[share.map(|share| if share > 0.5 { "high" } else { "low" })] {
                        rect class=(if share.is_some() { "heat" } else { "heat none" }) x=(x) y=(y) width=(width) height=(height)
                            style=[share.map(|share| format!("--share:{:.0}%", 100.0 * share))] {
                            title { "learning rate " (rate) ", temperature " (temperature) ": "
                                (value.map_or("not run".to_owned(), |value| format!("{value:.3}"))) }
                        }
                        text class="mid" x=(x + width / 2.0) y=(y + height / 2.0) dy="0.35em" {
                            (value.map_or("–".to_owned(), |value| format!("{value:.2}")))
                        }
                    }
                }
                @if rates.contains(&CHOSEN.0) && temperatures.contains(&CHOSEN.1) {
                    @let (x, y) = corner(CHOSEN.0, CHOSEN.1);
                    rect class="chosen" x=(x + 1.0) y=(y + 1.0) width=(width - 2.0) height=(height - 2.0) {}
                }
                g class="axes" {
                    @for &rate in &rates {
                        text class="mid" x=(left + width * (find(&rates, rate) + 0.5)) y=(bottom + 13.0) { (rate) }
                    }
                    @for &temperature in &temperatures {
                        @let y = bottom - height * (find(&temperatures, temperature) + 0.5);
                        text class="end" x=(left - 5.0) y=(y) dy="0.35em" { (temperature) }
                    }
                    text class="mid" x=((left + right) / 2.0) y=(bottom + 29.0) { "learning rate" }
                    @let y = (top + bottom) / 2.0;
                    text class="mid" x="11" y=(y) transform={ "rotate(-90 11 " (y) ")" } { "temperature" }
                }
            }
        }
    }
}

/// How the accuracy of each task goes on after it was learned, for a row of Table 2: a drawing an interaction vertex.
pub fn forgetting(results: &Results<'_>, outcomes: &[&Outcome], label: &str) -> Markup {
    let tasks = outcomes.iter().map(|outcome| outcome.config.tasks).max().unwrap_or(5);
    let frame = Frame::small(Axis::linear("", 1.0, tasks.max(2) as f64, 1.0), Axis::linear("", 0.0, 1.0, 0.5));
    let mean = |after: usize, task: usize| {
        let scores = outcomes.iter().filter_map(|outcome| results.score.matrix(outcome).get(after)?.get(task));
        Spread::of(&scores.copied().collect::<Vec<_>>()).map_or(f64::NAN, |spread| spread.mean)
    };
    let line = |task: usize| (task..tasks).map(|after| ((after + 1) as f64, mean(after, task))).collect::<Vec<_>>();
    let marks = html! {
        @if outcomes.is_empty() { (frame.nothing("not run")) } @else {
            @for task in 0..tasks {
                (frame.line(task, &line(task)))
                @for (after, score) in line(task) {
                    (frame.marker(task, (after, score), 2.6, &format!("task {} after task {after}: {score:.3}", task + 1)))
                }
            }
        }
    };
    frame.draw(label, &marks)
}

/// Which marker is which task.
pub fn task_legend(tasks: usize) -> Markup {
    html! {
        p class="legend" {
            @for task in 0..tasks { span { (key(task)) " task " (task + 1) " " } }
        }
    }
}
