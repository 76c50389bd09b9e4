//! What networks hold, as a page: how it changes from task to task and with the interaction vertex, and each network.

use maud::{Markup, html};

use super::stability::{FLIPPED, Stability};
use super::{Choice, Portrait, panel, summary};
use crate::page;
use crate::plot::{self, Axis, Frame};

/// What is followed: a name, and its value from 0 to 1.
type Quantity = (&'static str, fn(&Portrait) -> f64);

/// Of memory vectors, random states and items. Items of the first task are those that are forgotten first.
const FOLLOWED: [Quantity; 4] = [
    ("memory vectors that are committed", |p| p.memories.committed as f64 / p.memories.count as f64),
    ("random states that judge as digits", |p| p.probes.share()),
    ("items of task 1 that are fixed points", |p| p.stability[0].fixed),
    ("items of task 1 that keep their class", |p| p.stability[0].class_kept),
];

/// The page of `portraits`, at least one, each with the name of its network.
pub fn page(portraits: &[(String, Portrait)], choice: Choice) -> String {
    let series = series(portraits);
    let vertices = portraits.iter().map(|(_, portrait)| portrait.n);
    let (least, most) = (vertices.clone().min().unwrap_or(1), vertices.max().unwrap_or(1));
    let body = html! {
        header {
            h1 { "What networks hold" }
            p class="lead" {
                (portraits.len()) @if portraits.len() == 1 { " network" } @else { " networks" } " of the Dense Associative Memory. "
                (choice.probes) " random states, seed " (choice.seed) "; " code { "dam inspect" } " " (env!("CARGO_PKG_VERSION")) "."
            }
        }
        main {
            section id="numbers" {
                h2 { "In numbers" }
                (numbers(portraits))
                p { (summary::NOTES) }
            }
            @if portraits.iter().any(|(_, portrait)| portrait.learned > 1) {
                section id="course" {
                    h2 { "From task to task" }
                    (legend(&series))
                    div class="figures" { @for quantity in FOLLOWED { (course(&series, quantity)) } }
                }
            }
            @if least < most {
                section id="prototypes" {
                    h2 { "From features to prototypes" }
                    p { "Memory vectors that share an item: (Σ f)² / Σ f², f = f" sub { "n" } "(s), the median over training items. "
                        "Many share an item where they are features, a few where they are prototypes." }
                    (legend(&series))
                    div class="figures" { (sharing(&series)) }
                }
            }
            section id="networks" {
                h2 { "Each network" }
                p class="legend" { "Memory vectors in the pixel order of the task that they belong to: for each task and class the "
                    "committed one most similar to an item; weights from −1 (orange) to 1 (blue). States that random ones end in: as "
                    "they were found, framed where they judge as digits." }
                div class="portraits" { @for (name, portrait) in portraits { (network(name, portrait)) } }
            }
        }
    };
    page::page("What networks of the Dense Associative Memory hold", &body)
}

fn numbers(portraits: &[(String, Portrait)]) -> Markup {
    let all: Vec<Portrait> = portraits.iter().map(|(_, portrait)| portrait.clone()).collect();
    page::scrolled(
        "Numbers of each network",
        &html! {
            table {
                thead { tr { td {} @for (name, _) in portraits { th scope="col" { (name) } } } }
                tbody { @for (name, numbers) in summary::lines(&all) {
                    tr {
                        @let inner = name.len() - name.trim_start().len();
                        th scope="row" style={ "padding-left:" (inner as f64 / 2.0) "rem" } { (name.trim_start()) }
                        @for number in numbers { td { (number) } }
                    }
                } }
            }
        },
    )
}

/// The networks of one method and interaction vertex, in the order of the tasks learned.
struct Series<'a> {
    name: String,
    portraits: Vec<&'a Portrait>,
}

fn series(portraits: &[(String, Portrait)]) -> Vec<Series<'_>> {
    let mut found: Vec<Series<'_>> = vec![];
    for (_, portrait) in portraits {
        let name = portrait.name();
        match found.iter_mut().find(|series| series.name == name) {
            Some(series) => series.portraits.push(portrait),
            None => found.push(Series { name, portraits: vec![portrait] }),
        }
    }
    for series in &mut found {
        series.portraits.sort_by_key(|portrait| portrait.learned);
    }
    found
}

fn legend(series: &[Series<'_>]) -> Markup {
    html! {
        p class="legend" { @for (place, series) in series.iter().enumerate() {
            span { (plot::key(place)) " " (series.name) } " "
        } }
    }
}

fn course(series: &[Series<'_>], (name, of): Quantity) -> Markup {
    let tasks = series.iter().flat_map(|series| &series.portraits).map(|portrait| portrait.learned).max().unwrap_or(1);
    let frame = Frame::figure(Axis::linear("tasks learned", 1.0, tasks.max(2) as f64, 1.0), Axis::shares("share"));
    let marks = html! { @for (place, series) in series.iter().enumerate() {
        @let points: Vec<_> = series.portraits.iter().map(|portrait| (portrait.learned as f64, of(portrait))).collect();
        (frame.line(place, &points))
        @for &point in &points {
            (frame.marker(place, point, 4.0, &format!("{}, after {}: {:.3}", series.name, point.0, point.1)))
        }
    } };
    html! { figure { h3 { (name) } (frame.draw(name, &marks)) } }
}

fn sharing(series: &[Series<'_>]) -> Markup {
    let all = || series.iter().flat_map(|series| &series.portraits);
    let most = all().map(|portrait| portrait.memories.vectors_per_item).fold(1.0, f64::max);
    let vertex = all().map(|portrait| portrait.n).max().unwrap_or(2);
    let title = "memory vectors for each item";
    let frame = Frame::figure(
        Axis::linear("interaction vertex n", 0.0, f64::from(vertex.div_ceil(5) * 5), 5.0),
        Axis::decades(title, 1.0, most),
    );
    let marks = html! { @for (place, series) in series.iter().enumerate() { @for portrait in &series.portraits {
        @let shared = portrait.memories.vectors_per_item;
        (frame.marker(place, (f64::from(portrait.n), shared), 4.0, &format!("{}: {shared:.1}", portrait.title())))
    } } };
    html! { figure { h3 { (title) } (frame.draw(title, &marks)) } }
}

fn network(name: &str, portrait: &Portrait) -> Markup {
    let ((width, height), marks) = panel::panel(portrait);
    let percent = |share: f64| format!("{:.1}%", 100.0 * share);
    let mut measures: Vec<(String, Measure)> = vec![
        ("fixed points".to_owned(), Box::new(move |found| percent(found.fixed))),
        ("class kept".to_owned(), Box::new(move |found| percent(found.class_kept))),
        ("neurons moved".to_owned(), Box::new(|found| found.moved.to_string())),
    ];
    for (place, flipped) in FLIPPED.into_iter().enumerate() {
        let of = move |found: &Stability| found.basin.get(place).map_or(String::new(), |&share| percent(share));
        measures.push((format!("back from {:.0}%", 100.0 * flipped), Box::new(of)));
    }
    html! {
        article {
            h3 { (name) }
            svg viewBox={ "0 0 " (width) " " (height) } role="img" aria-label=(portrait.title()) { (marks) }
            (page::scrolled("Items as states", &html! {
                table {
                    thead { tr {
                        th scope="col" { "items as states" }
                        @for task in 1..=portrait.stability.len() { th scope="col" { "task " (task) } }
                    } }
                    tbody { @for (name, of) in &measures {
                        tr { th scope="row" { (name) } @for found in &portrait.stability { td { (of(found)) } } }
                    } }
                }
            }))
        }
    }
}

/// What is told of the items of a task.
type Measure = Box<dyn Fn(&Stability) -> String>;
