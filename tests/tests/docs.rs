//! The documentation of settings and results, held against the program.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::ControlFlow;
use std::path::PathBuf;

use clap::{Args, Command};
use host_harness::config::{Config, MethodName, PoolName, Precision, Settings};
use host_harness::data::Dataset;
use host_harness::defaults;
use host_harness::evaluation::{Choice, evaluate};
use host_harness::machine::Machine;
use host_harness::outcome::{Outcome, ResultFile};
use host_harness::table::{self, Table};
use host_harness::trial::{self, Finished};
use serde_json::Value;

fn page(name: &str) -> String {
    let path: PathBuf = [env!("CARGO_MANIFEST_DIR"), "..", "docs", name].iter().collect();
    std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

/// The part of a page under a heading, up to the next one of its level.
fn section<'a>(page: &'a str, heading: &str) -> &'a str {
    let (_, rest) = page.split_once(&format!("\n## {heading}\n")).unwrap_or_else(|| panic!("no heading {heading}"));
    rest.split_once("\n## ").map_or(rest, |(section, _)| section)
}

/// Rows of tables whose first cell is code: that, and the other cells.
fn rows(text: &str) -> Vec<(String, Vec<String>)> {
    let lines = text.lines().filter_map(|line| line.strip_prefix("| `")?.strip_suffix(" |"));
    let row = |line: &str| {
        let (key, rest) = line.split_once("` | ").unwrap_or_else(|| panic!("{line}"));
        (key.to_owned(), rest.split(" | ").map(str::to_owned).collect())
    };
    lines.map(row).collect()
}

/// The content of the first block of code in `language`.
fn code<'a>(page: &'a str, language: &str) -> &'a str {
    let (_, rest) = page.split_once(&format!("```{language}\n")).unwrap();
    rest.split_once("```").unwrap().0
}

fn json<T: serde::Serialize>(value: &T) -> Value {
    serde_json::to_value(value).unwrap()
}

#[test]
fn every_setting_is_documented_with_its_default() {
    let page = page("configuration.md");
    let rows = rows(&page);
    let defaults = Settings::default().config().unwrap();
    let mut config = json(&defaults).as_object().unwrap().clone();
    // What files leave out where it has its default.
    for (key, value) in defaults.values() {
        let value = match value {
            table::Value::Count(count) => count.into(),
            table::Value::Real(real) => real.into(),
            table::Value::Truth(truth) => truth.into(),
            table::Value::Text(text) => text.into(),
        };
        config.entry(key).or_insert(value);
    }
    let documented: Vec<&str> = rows.iter().map(|(key, _)| key.as_str()).collect();
    let unique: BTreeSet<&str> = documented.iter().copied().collect();
    assert_eq!(unique.len(), documented.len(), "a setting stands twice");
    assert_eq!(unique, config.keys().map(String::as_str).collect());
    assert_eq!(unique, Settings::NAMES.iter().copied().collect());
    let flags = Settings::augment_args(Command::new("dam"));
    for (key, cells) in &rows {
        let [default, range, meaning] = cells.as_slice() else { panic!("{key}: {cells:?}") };
        assert!(!range.is_empty() && !meaning.is_empty(), "{key}");
        if !["lambda", "final_temperature"].contains(&key.as_str()) {
            let text = default.strip_prefix('`').and_then(|text| text.strip_suffix('`')).unwrap();
            let value: Value = serde_json::from_str(text).unwrap();
            let same = value == config[key] || value.as_f64().is_some_and(|value| Some(value) == config[key].as_f64());
            assert!(same, "{key}: {text} instead of {}", config[key]);
        }
        let flag = flags.get_arguments().find(|flag| flag.get_id() == key.as_str()).unwrap();
        assert_eq!(flag.get_long(), Some(&*key.replace('_', "-")));
        let choices = flag.get_possible_values();
        let given: BTreeSet<&str> = choices.iter().map(|choice| choice.get_name()).collect();
        if !given.is_empty() {
            let named: BTreeSet<&str> = range.split(", ").map(|name| name.trim_matches('`')).collect();
            assert_eq!(named, given, "{key}");
        }
    }
}

#[test]
fn the_lambdas_are_those_of_the_program() {
    let page = page("configuration.md");
    for (name, method) in
        [("L2", MethodName::L2), ("EWC", MethodName::Ewc), ("MAS", MethodName::Mas), ("SI", MethodName::Si)]
    {
        let line = page.lines().find_map(|line| line.strip_prefix(&format!("| {name} | "))).unwrap();
        let lambdas: Vec<f64> = line.trim_end_matches(" |").split(" | ").map(|s| s.parse().unwrap()).collect();
        assert_eq!(lambdas.len(), 4);
        for (ns, lambda) in [[1, 3], [4, 7], [8, 14], [15, 100]].iter().zip(lambdas) {
            assert!(ns.iter().all(|&n| defaults::best_lambda(method, n) == lambda), "{name}, {ns:?}: {lambda}");
        }
    }
}

#[test]
fn the_examples_are_read_by_the_program() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("trial.toml");
    std::fs::write(&path, code(&page("configuration.md"), "toml")).unwrap();
    let config = Settings::read(&path).unwrap().config().unwrap();
    assert_eq!((config.method, config.tasks, config.seed), (MethodName::Rehearsal, 10, 7));
    let page = page("result-file.md");
    let result: ResultFile = serde_json::from_str(code(&page, "json")).unwrap();
    assert_eq!(result.outcome.format, Outcome::FORMAT);
    result.outcome.config.check().unwrap();
    // Nothing is left out and nothing is there that is not written any more.
    assert_eq!(paths(&json(&result)), paths(&serde_json::from_str(code(&page, "json")).unwrap()));
}

/// 80 images of 4 x 4 pixels and two classes, as the example in result-file.md has them.
fn bars() -> Dataset {
    let image = |i: u32| if i.is_multiple_of(2) { 0x000f << (4 * (i / 2 % 4)) } else { 0x1111 << (i / 2 % 4) };
    let (images, labels) = (0..80).map(|i| (image(i), (i % 2) as u8)).unzip();
    Dataset::from_parts("bars", 4, 4, 1, images, labels).unwrap()
}

fn run(config: &Config) -> ResultFile {
    let machine = Machine::new(1, None).unwrap();
    let Finished { outcome, course, .. } =
        trial::run(config, &bars().divided(60), &machine, &mut |_| ControlFlow::Continue(())).unwrap();
    ResultFile { outcome, course }
}

fn small(method: MethodName) -> Config {
    let settings = Settings {
        method: Some(method),
        n: Some(3),
        tasks: Some(2),
        items: Some(40),
        epochs: Some(20),
        memories: Some(8),
        batch: Some("8".parse().unwrap()),
        ..Settings::default()
    };
    settings.config().unwrap()
}

/// The paths of all values: `a.b` for objects, `a[]` for what is in a list. The configuration has a page of its own.
fn paths(value: &Value) -> BTreeMap<String, &'static str> {
    fn add(paths: &mut BTreeMap<String, &'static str>, path: &str, value: &Value) {
        let of = match value {
            Value::Object(object) => {
                for (key, value) in object {
                    let path = if path.is_empty() { key.clone() } else { format!("{path}.{key}") };
                    if path != "config" {
                        add(paths, &path, value);
                    }
                }
                return paths.extend((path == "config").then(|| (path.to_owned(), "object")));
            }
            Value::Array(list) => {
                for value in list {
                    add(paths, &format!("{path}[]"), value);
                }
                return;
            }
            Value::String(_) => "string",
            Value::Bool(_) => "boolean",
            Value::Number(number) if number.is_f64() => "number",
            Value::Number(_) => "integer",
            Value::Null => "null",
        };
        paths.insert(path.to_owned(), of);
    }
    let mut paths = BTreeMap::new();
    add(&mut paths, "", value);
    paths
}

#[track_caller]
fn assert_documented(section: &str, written: &BTreeMap<String, &'static str>) {
    let documented: BTreeMap<String, String> =
        rows(section).into_iter().map(|(key, cells)| (key, cells[0].clone())).collect();
    let keys: BTreeSet<&String> = documented.keys().filter(|key| *key != "config").collect();
    assert_eq!(keys, written.keys().collect());
    for (key, of) in written {
        assert!(documented[key].starts_with(of), "{key} is of type {of}, not {}", documented[key]);
    }
}

#[test]
fn every_key_of_a_result_is_documented() {
    let mut written = BTreeMap::new();
    for method in [MethodName::Vanilla, MethodName::Gem, MethodName::Pseudorehearsal, MethodName::Mas] {
        written.extend(paths(&json(&run(&small(method)))));
    }
    let kept = Config { pool: PoolName::Train, ..small(MethodName::Vanilla) };
    written.extend(paths(&json(&run(&kept))));
    let fixed = Config { precision: Precision::Fixed32, ..small(MethodName::Vanilla) };
    written.extend(paths(&json(&run(&fixed))));
    // Linux tells.
    written.insert("peak_memory_bytes".to_owned(), "integer");
    // Release builds of a repository tell.
    written.insert("commit".to_owned(), "string");
    assert_documented(section(&page("result-file.md"), "Keys"), &written);
    assert!(page("result-file.md").contains(&format!("`format` is {}", Outcome::FORMAT)));
}

#[test]
fn every_key_of_an_evaluation_is_documented() {
    let machine = Machine::new(1, None).unwrap();
    let done = trial::run(&small(MethodName::Vanilla), &bars(), &machine, &mut |_| ControlFlow::Continue(()));
    let evaluation = evaluate(&done.unwrap().network, &bars(), &Choice::default(), &machine).unwrap();
    assert_documented(section(&page("result-file.md"), "Evaluations"), &paths(&json(&evaluation)));
}

/// Prints the example of result-file.md: `cargo test -p dam-tests --test docs example -- --ignored --nocapture`.
#[test]
#[ignore = "writes an example, tests nothing"]
fn example() {
    let text = serde_json::to_string_pretty(&run(&small(MethodName::AGem))).unwrap();
    println!("{text}");
}

#[test]
fn every_column_of_a_table_of_trials_is_documented() {
    let ResultFile { outcome, course } = run(&small(MethodName::AGem));
    let table = Table::new(&[(&outcome, Some(&course))]);
    let settings: BTreeSet<&str> = outcome.config.values().into_iter().map(|(name, _)| name).collect();
    let mut written = BTreeMap::new();
    for column in table.columns().iter().filter(|column| !settings.contains(&*column.name)) {
        let name = match column.name.split_once("_after_") {
            Some((score, _)) => format!("{score}_after_A_task_B"),
            None => column.name.clone(),
        };
        written.insert(name, format!("{:?}", column.kind).to_lowercase());
    }
    let documented: BTreeMap<String, String> = rows(section(&page("result-file.md"), "Tables of trials"))
        .into_iter()
        .map(|(key, cells)| (key, cells[0].clone()))
        .collect();
    assert_eq!(documented, written);
    let tasks = table.columns().iter().filter(|column| column.name.starts_with("accuracy_after_")).count();
    assert_eq!(tasks, 4);
}
