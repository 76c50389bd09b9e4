//! Training that diverges ends with an error that says where and what to do, and takes nothing else with it.

use std::fs;

#[path = "common/dam.rs"]
mod dam;

use dam::{Desk, done, failed};

#[test]
fn a_loss_or_a_weight_that_is_no_number_ends_the_trial_with_where_and_what_to_do() {
    let desk = Desk::new();
    let parts = ["training diverged in task ", "epoch ", "memory vector ", "learning_rate", "precision f64"];
    for (words, values) in [
        (&["--learning-rate", "1e30"][..], "1e30"),
        (&["--learning-rate", "1e30", "--method", "mas"], "1e30"),
        // After the last epoch of a task only the weights can tell.
        (&["--learning-rate", "1e39", "--epochs", "1"], "1e39"),
        (&["--temperature", "1e-6", "--final-temperature", "1e-6", "--n", "100"], "temperature than 1e-6"),
    ] {
        let tiny = dam::TINY.chunks(2).filter(|pair| !words.contains(&pair[0])).flatten().copied().collect::<Vec<_>>();
        let run = ["run", "--data", "images", "--out", "a.json", "--save", "net.dam"];
        let message = failed(desk.dam(&[&run[..], &tiny, words].concat()), 1, &parts);
        assert!(message.contains(values), "{values} in {message}");
        assert_eq!(desk.names("."), ["images"]);
    }
}

#[test]
fn a_store_records_a_trial_that_failed_and_runs_the_rest_of_the_plan_once() {
    let desk = Desk::new();
    let tiny = ["--tasks", "2", "--items", "60", "--epochs", "2", "--memories", "8", "--batch", "16"];
    let words = [
        &["reproduce", "table2", "--rows", "vanilla,mas", "--vertices", "2", "--preset", "smoke"][..],
        &["--data", "images", "--store", "store", "--jobs", "1", "--learning-rate", "1e30"],
        &tiny,
    ]
    .concat();
    let text = done(desk.dam(&words));
    let failures = desk.names("store/failures");
    assert!(!failures.is_empty() && !desk.at("store/trials").join(&failures[0]).exists());
    assert!(text.contains("0 trials were run"), "{text}");
    for name in &failures {
        let failure = desk.json(&format!("store/failures/{name}"));
        assert_eq!(failure["config"]["learning_rate"], 1e30);
        assert!(failure["error"].as_str().unwrap().contains("training diverged in task 1"));
        let identity = name.trim_end_matches(".json");
        assert!(text.contains(&format!("failed     {identity}")), "{identity} in {text}");
    }
    // They are not run again, and not due.
    let written = |desk: &Desk| {
        let times =
            failures.iter().map(|name| fs::metadata(desk.at("store/failures").join(name)).unwrap().modified().unwrap());
        times.collect::<Vec<_>>()
    };
    let before = written(&desk);
    assert!(done(desk.dam(&words)).contains("0 trials were run"));
    assert_eq!(written(&desk), before);
    let preview = done(desk.dam(&[&words[..], &["--dry-run"]].concat()));
    let together: Vec<&str> =
        preview.lines().find_map(|line| line.strip_prefix("together")).unwrap().split_whitespace().collect();
    assert_eq!(together, [&failures.len().to_string(), "0", "0", "0"], "{preview}");
    // Until their files are deleted.
    fs::remove_dir_all(desk.at("store/failures")).unwrap();
    done(desk.dam(&words));
    assert_eq!(desk.names("store/failures"), failures);
}

#[test]
fn a_search_goes_on_past_lambdas_at_which_training_diverges() {
    let desk = Desk::new();
    let words = [
        &["reproduce", "table1", "--rows", "mas", "--vertices", "2", "--preset", "smoke", "--data", "images"][..],
        &["--store", "store", "--jobs", "2", "--lambda-range", "1e-3,1e60"],
        &["--tasks", "2", "--items", "60", "--epochs", "3", "--memories", "8", "--batch", "16"],
    ]
    .concat();
    let text = done(desk.dam(&words));
    let (found, failures) = (desk.names("store/trials").len(), desk.names("store/failures").len());
    assert!(found > 0 && failures > 0, "{found} results, {failures} failures");
    assert!(text.contains("| Memory aware synapses |") && !text.contains("not run"), "{text}");
}
