//! Under which conditions the trials ran, what that took, and what was not run.

use std::collections::BTreeMap;

use maud::{Markup, html};

use crate::config::{Config, Settings};
use crate::experiment::target::Target;
use crate::outcome::Outcome;
use crate::table::Value;

use super::finding::name;
use super::results::Results;

/// Settings that differ from trial to trial, and those that all share.
pub fn settings(trials: &BTreeMap<String, &Outcome>) -> Markup {
    let Ok(defaults) = Settings::default().config() else { return html! {} };
    let all: Vec<_> = trials.values().map(|outcome| outcome.config.values()).collect();
    let rows: Vec<_> = defaults
        .values()
        .into_iter()
        .enumerate()
        .map(|(place, (name, default))| {
            let mut values: Vec<Value> = vec![];
            for value in all.iter().map(|values| &values[place].1) {
                if !values.contains(value) {
                    values.push(value.clone());
                }
            }
            values.sort_by(order);
            (name, default, values)
        })
        .collect();
    let table = |rows: &mut dyn Iterator<Item = &(&str, Value, Vec<Value>)>| {
        html! {
            dl class="settings" {
                @for (name, default, values) in rows {
                    div {
                        dt { code { (name) } }
                        dd {
                            (list(values))
                            @if values.len() == 1 && !derived(name) && values[0] != *default { " (default " (default) ")" }
                        }
                    }
                }
            }
        }
    };
    html! {
        h3 { "The same in all trials" }
        (table(&mut rows.iter().filter(|(_, _, values)| values.len() == 1)))
        h3 { "Different from trial to trial" }
        (table(&mut rows.iter().filter(|(_, _, values)| values.len() > 1)))
    }
}

/// Settings whose default depends on others.
fn derived(name: &str) -> bool {
    ["lambda", "final_temperature"].contains(&name)
}

fn order(a: &Value, b: &Value) -> std::cmp::Ordering {
    match (a, b) {
        (Value::Count(a), Value::Count(b)) => a.cmp(b),
        (Value::Real(a), Value::Real(b)) => a.total_cmp(b),
        _ => a.to_string().cmp(&b.to_string()),
    }
}

/// A few values, or the ends of many.
fn list(values: &[Value]) -> String {
    match values {
        [first, .., last] if values.len() > 12 => format!("{} values from {first} to {last}", values.len()),
        _ => values.iter().map(ToString::to_string).collect::<Vec<_>>().join(", "),
    }
}

/// Each different value once.
fn different<'a>(values: impl Iterator<Item = &'a str>) -> String {
    let mut values: Vec<&str> = values.collect();
    values.sort_unstable();
    values.dedup();
    if values.is_empty() { "not known".to_owned() } else { values.join(", ") }
}

/// Versions, images, machines, time.
pub fn course(results: &Results<'_>, trials: &BTreeMap<String, &Outcome>) -> Markup {
    let (hours, unknown) = results.core_hours(trials.keys());
    let courses = || trials.keys().filter_map(|identity| results.courses.get(identity));
    let threads: Vec<String> = courses().map(|course| course.threads.to_string()).collect();
    let rates = courses().map(|course| course.item_presentations_per_second / course.threads as f64);
    let (least, most) = rates.fold((f64::INFINITY, 0.0f64), |(least, most), rate| (least.min(rate), most.max(rate)));
    html! {
        dl class="settings" {
            div { dt { "versions of dam" } dd { (different(trials.values().map(|outcome| outcome.version.as_str()))) } }
            div { dt { "images" } dd { (different(trials.values().map(|outcome| outcome.data.name.as_str()))) } }
            div { dt { "SHA-256 of the images" } dd { code { (different(trials.values().map(|outcome| outcome.data.digest.as_str()))) } } }
            div { dt { "instruction sets" } dd { (different(courses().map(|course| course.instruction_set.as_str()))) } }
            div { dt { "threads of a trial" } dd { (different(threads.iter().map(String::as_str))) } }
            div {
                dt { "core-hours" }
                dd { (self::hours(hours)) @if unknown > 0 { ", and those of " (unknown) " trials that left no word of it" } }
            }
            @if most > 0.0 {
                div { dt { "item-presentations a core and second" } dd { (format!("{least:.0} to {most:.0}")) } }
            }
            @if results.others > 0 {
                div { dt { "other trials in the store" } dd { (results.others) ", not on this page" } }
            }
        }
    }
}

/// Target by target: what was run, and what is missing.
pub fn progress(results: &Results<'_>) -> Markup {
    html! {
        div class="scroll" tabindex="0" role="region" aria-label="What was run" {
            table id="progress" {
                thead { tr { th scope="col" { "target" } th scope="col" { "trials run" } th scope="col" { "planned" }
                    th scope="col" { "core-hours" } th scope="col" { "not run" } } }
                tbody {
                    @for target in Target::ALL {
                        @let (run, planned) = results.progress(target);
                        @let missing = missing(results, target);
                        tr {
                            th scope="row" { a href={ "#" (target) } { (target) } }
                            @if planned == 0 {
                                td { "–" } td { "–" } td { "–" } td class="text" { "not planned on this page" }
                            } @else {
                                td { (run) } td { (planned) } td { (hours(of_target(results, target))) }
                                td class="text" {
                                    @if missing.is_empty() { "nothing" }
                                    @else if run == 0 { "all of it" }
                                    @else if missing.len() <= 3 { (missing.join("; ")) }
                                    @else {
                                        details { summary { (missing.len()) " places" } (missing.join("; ")) }
                                    }
                                }
                            }
                        }
                    }
                }
            }
        }
    }
}

/// Three digits, more or less.
pub fn hours(hours: f64) -> String {
    match hours {
        0.0 => "0".to_owned(),
        ..0.1 => format!("{hours:.4}"),
        ..10.0 => format!("{hours:.2}"),
        _ => format!("{hours:.0}"),
    }
}

/// Core-hours of a table or figure.
fn of_target(results: &Results<'_>, target: Target) -> f64 {
    let points = results.points(target).flat_map(|found| &found.outcomes);
    let trials = points.chain(results.searches(target).flat_map(|found| &found.outcomes));
    let identities: Vec<String> = trials.map(|outcome| outcome.identity()).collect();
    results.core_hours(&identities).0
}

/// Cells and points that lack trials.
fn missing(results: &Results<'_>, target: Target) -> Vec<String> {
    let lack =
        |what: String, run: usize, planned: usize| (run < planned).then(|| format!("{what}: {run} of {planned}"));
    let points = results.points(target).filter_map(|found| {
        let point = found.planned;
        let place = match (point.row, point.x, point.y) {
            (Some(row), ..) => format!("{}, n = {}", name(row), point.n),
            (None, Some(x), Some(y)) => format!("n = {}, {x}, {y}", point.n),
            (None, Some(x), None) => format!("n = {}, {x}", point.n),
            _ => format!("n = {}", point.n),
        };
        lack(place, found.outcomes.len(), point.planned)
    });
    let searches = results.searches(target).filter_map(|found| {
        let search = found.planned;
        lack(format!("{}, n = {}", search.method, search.n), found.outcomes.len(), search.planned)
    });
    points.chain(searches).collect()
}

/// What is common to the trials of Table 2, in a sentence.
pub fn scale(configs: &[&Config]) -> String {
    let range = |of: fn(&Config) -> u64| {
        let values = configs.iter().map(|config| of(config));
        match (values.clone().min(), values.max()) {
            (Some(least), Some(most)) if least != most => format!("{least} to {most}"),
            (Some(same), _) => same.to_string(),
            _ => "no".to_owned(),
        }
    };
    format!(
        "{} tasks of {} items, {} epochs each, {} memory vectors",
        range(|config| config.tasks as u64),
        range(|config| config.items as u64),
        range(|config| config.epochs.into()),
        range(|config| config.memories as u64)
    )
}
