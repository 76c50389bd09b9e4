//! The page that puts the paper and our trials side by side: one HTML file that needs nothing else.

pub mod condition;
pub mod figure;
pub mod finding;
pub mod grid;
pub mod pictures;
pub mod results;
pub mod score;
pub mod table;
pub mod text;

use maud::{Markup, html};

use crate::config::Config;
use crate::experiment::row::Row;
use crate::experiment::target::Target;
use crate::paper::VERTICES;
use crate::{page, paper};
use finding::{Finding, Judged, Numbers, Verdict, findings, name};
use results::Results;

/// The whole page.
pub fn page(results: &Results<'_>) -> String {
    let trials = results.trials();
    let table_2 = results.points(Target::Table2).flat_map(|found| &found.planned.trials);
    let others = results.points.iter().flat_map(|found| &found.planned.trials);
    let configs: Vec<&Config> = table_2.collect();
    let configs = if configs.is_empty() { others.collect() } else { configs };
    let (hours, _) = results.core_hours(trials.keys());
    let has = |target: Target| results.progress(target).1 > 0;
    let found = findings(results);
    let body = html! {
        header {
            h1 { "Sequential learning in the Dense Associative Memory" }
            p class="lead" { "The tables and figures of McAlister, Robins and Szymanski (2024, arXiv 2409.15729), and what "
                code { "dam" } " " (env!("CARGO_PKG_VERSION")) " found." }
            nav {
                @for (place, title) in SECTIONS { a href={ "#" (place) } { (title) } " " }
            }
            dl class="numbers" {
                div { dt { "trials" } dd { (trials.len()) } }
                div { dt { "core-hours" } dd { (condition::hours(hours)) } }
                div { dt { "findings that hold" } dd { (count(&found, Verdict::Holds)) " of " (found.len()) } }
                div { dt { "that do not" } dd { (count(&found, Verdict::Fails)) } }
                div { dt { "not run" } dd { (count(&found, Verdict::NotRun)) } }
            }
            p { "Here: " (condition::scale(&configs)) ". The paper: " (paper::SETUP) ". Accuracy is the "
                (results.score.name()) " on validation items; “average” means over all tasks, after the last one." }
            @if configs.iter().any(|config| smaller(config)) {
                p class="warning" { "Smaller than the paper’s experiments: what differs may differ for that alone." }
            }
            @if trials.is_empty() { p class="warning" { "Nothing has been run yet: every number of ours is missing." } }
        }
        main {
            section id="findings" { h2 { "Findings of the paper" } (finding_list(&found)) }
            section id="tables" {
                h2 { "Table 2. Average accuracy" }
                @if has(Target::Table2) { (table_2_notes()) }
                (table::table_2(results))
                h2 { "Table 1. Lambda λ of the penalty" }
                p { "Ours: the best trial of a search, and its average accuracy. EWC is searched with tasks as large as those of Table 2, as in the paper." }
                (signs(["within a factor of 3", "larger", "by more than 30", "smaller", "by more than 30"]))
                (table::table_1(results))
            }
            section id="figures" {
                h2 { "Figures" }
                div class="figures" {
                    @for target in Target::ALL {
                        @if has(target) { @if let Some(figure) = figure::figure(results, target) { (figure) } }
                        @else if let Some(figure) = paper::figure(target) {
                            figure id=(target) {
                                h3 { "Figure " (figure.number) ". " (figure.title) }
                                p class="absent" { "Not planned on this page." }
                            }
                        }
                    }
                }
            }
            section id="pictures" { h2 { "Memory vectors and what random states relax to" } (pictures::section(results)) }
            section id="forgetting" { h2 { "Curves of forgetting" } (forgetting(results)) }
            section id="conditions" {
                h2 { "Conditions" }
                (condition::course(results, &trials))
                (condition::settings(&trials))
            }
            section id="progress-title" { h2 { "What was run, and what was not" }
                p { "Trials that several targets share are counted for each." }
                (condition::progress(results))
            }
        }
    };
    page::page("Sequential learning in the Dense Associative Memory: the paper and what was found", &body)
}

const SECTIONS: [(&str, &str); 7] = [
    ("findings", "Findings"),
    ("tables", "Tables"),
    ("figures", "Figures"),
    ("pictures", "Pictures"),
    ("forgetting", "Forgetting"),
    ("conditions", "Conditions"),
    ("progress-title", "What was not run"),
];

/// Whether a trial of Table 2 is smaller than the paper's.
fn smaller(config: &Config) -> bool {
    config.items < paper::ITEMS.1 || config.epochs < paper::EPOCHS || config.memories < paper::MEMORIES
}

fn count(findings: &[Finding], verdict: Verdict) -> usize {
    findings.iter().filter(|finding| finding.verdict() == verdict).count()
}

fn table_2_notes() -> Markup {
    html! {
        p { "Mean and standard deviation over trials, the paper’s and ours; "
            "Δ / σ: how far ours is from the paper’s mean, in the paper’s standard deviations." }
        (signs(["within 2", "above", "by more than 5", "below", "by more than 5"]))
    }
}

/// What the colours and signs of differences say.
fn signs(says: [&str; 5]) -> Markup {
    let signs = [("near", "≈"), ("above", "▲"), ("above far", "▲▲"), ("below", "▼"), ("below far", "▼▼")];
    html! {
        p class="legend" {
            @for ((class, sign), says) in signs.into_iter().zip(says) {
                span { span class={ "swatch " (class) } { (sign) } " " (says) } " "
            }
        }
    }
}

fn verdict(verdict: Verdict) -> Markup {
    match verdict {
        Verdict::Holds => html! { span class="verdict holds" { "✓ holds" } },
        Verdict::Fails => html! { span class="verdict fails" { "✗ does not hold" } },
        Verdict::NotRun => html! { span class="verdict open" { "○ not run" } },
    }
}

fn finding_list(findings: &[Finding]) -> Markup {
    html! {
        p { "Each is put as a rule about means, and the same rule is applied to the paper’s numbers and to ours." }
        div class="findings" { @for finding in findings {
            article class="finding" {
                h3 { (finding.claim) " " (verdict(finding.verdict())) }
                @let [holds, fails, open] = finding.count();
                p { "Rule: " (finding.rule) ". Ours: holds in " (holds) " of " (finding.cases.len())
                    @if fails > 0 { ", does not in " (fails) } @if open > 0 { ", not run in " (open) } "." }
                table {
                    thead { tr { td {} th scope="col" { "paper" } th scope="col" { "ours" } } }
                    tbody {
                        @for case in &finding.cases {
                            tr { th scope="row" { (case.about) } td { (judged(&case.paper, finding.kind)) } td { (judged(&case.ours, finding.kind)) } }
                        }
                    }
                }
            }
        } }
    }
}

fn judged(judged: &Judged, kind: Numbers) -> Markup {
    let number = |number: &Option<f64>| number.map_or("–".to_owned(), |number| kind.text(number));
    html! {
        span class="list" { (judged.numbers.iter().map(number).collect::<Vec<_>>().join(", ")) }
        " " (verdict(judged.verdict))
    }
}

fn forgetting(results: &Results<'_>) -> Markup {
    let cells = || results.points(Target::Table2);
    let tasks = cells().flat_map(|found| &found.planned.trials).map(|config| config.tasks).max().unwrap_or(5);
    html! {
        p { "Accuracy of each task, upwards from 0 to 1, after it and each task that follows was learned, to the right: mean over the trials of Table 2." }
        (figure::task_legend(tasks))
        @for row in Row::ALL {
            div class="row" {
                h3 { (name(row)) }
                div class="panels" {
                    @for n in VERTICES {
                        @let outcomes = results.cell(row, n).map_or(&[][..], |cell| &cell.outcomes);
                        div {
                            p class="panel" { "n = " (n) @if let Some(found) = results.average(row, n) { span { (format!("average {:.3}", found.mean)) } } }
                            (figure::forgetting(results, outcomes, &format!("{}, n = {n}: accuracy of each task", name(row))))
                        }
                    }
                }
            }
        }
    }
}
