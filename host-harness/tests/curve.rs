//! `dam run --curve`: the course of a trial, which it does not change.

use std::fs;

use serde_json::Value;

#[path = "common/dam.rs"]
mod dam;

use dam::{Desk, done, failed};

#[test]
fn the_course_is_told_and_the_result_is_the_same() {
    for method in ["vanilla", "pseudorehearsal", "agem", "si", "joint"] {
        let desk = Desk::new();
        let run = ["run", "--data", "images", "--tasks", "2", "--items", "40", "--memories", "8", "--epochs", "6"];
        let run = [&run[..], &["--method", method, "--batch", "16"]].concat();
        let result = |more: &[&str]| -> Value {
            done(desk.dam(&[&run[..], &["--out", "a.json"], more].concat()));
            serde_json::from_str(&fs::read_to_string(desk.at("a.json")).unwrap()).unwrap()
        };
        let plain = result(&[]);
        let watched = result(&["--curve", "curve.csv", "--curve-every", "2"]);
        assert_eq!(plain["digest"], watched["digest"], "{method}");

        let lines = fs::read_to_string(desk.at("curve.csv")).unwrap();
        let lines: Vec<Vec<&str>> = lines.lines().map(|line| line.split(',').collect()).collect();
        assert_eq!(lines[0], ["task", "epoch", "presentations", "loss", "accuracy_1", "accuracy_2"]);
        let tasks = if method == "joint" { 1 } else { 2 };
        assert_eq!(lines.len(), 1 + 3 * tasks, "{method}");
        for (place, line) in lines[1..].iter().enumerate() {
            let (task, epoch) = (place / 3, 2 * (place % 3 + 1));
            assert_eq!(line[..2], [(task + 1).to_string(), epoch.to_string()]);
            assert_eq!(line[5].is_empty(), task == 0 && method != "joint");
        }
        // After the last epoch of a task the accuracies are those of the result.
        for task in 0..tasks {
            let last = &lines[3 * (task + 1)];
            assert_eq!(
                last[4].parse::<f64>().unwrap(),
                plain["accuracy_matrix"][task][0].as_f64().unwrap(),
                "{method}"
            );
        }
    }
}

#[test]
fn what_cannot_be_told_is_refused() {
    let desk = Desk::new();
    let run = ["run", "--data", "images", "--tasks", "1", "--items", "40", "--memories", "4", "--epochs", "1"];
    let with = |more: &[&str]| desk.dam(&[&run[..], more].concat());
    failed(with(&["--curve", "a.svg"]), 2, &["--curve a.svg", ".csv"]);
    failed(with(&["--curve", "a.csv", "--curve-every", "0"]), 2, &["--curve-every"]);
    failed(with(&["--curve-every", "3"]), 2, &["--curve"]);
    failed(with(&["--curve", "a.csv", "--checkpoint"]), 2, &["--checkpoint"]);
    failed(with(&["--curve", "no/a.csv"]), 1, &["no/a.csv", "create it"]);
}
