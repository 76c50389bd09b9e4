//! Result files as readers meet them: later, edited, damaged.

use std::fs;

use serde_json::{Value, json};

#[path = "common/dam.rs"]
mod dam;

use dam::{Desk, done, failed};

/// A desk with the result of `dam run`, `a.json`, with five classes of scores to edit.
fn desk() -> Desk {
    let desk = Desk::new();
    done(desk.run(&["--out", "a.json", "--no-drawing", "--method", "rehearsal"]));
    fs::create_dir_all(desk.at("store/trials")).unwrap();
    desk
}

/// Puts a result into the store and reads it with every command that reads results.
fn read(desk: &Desk, result: &Value) -> Vec<std::process::Output> {
    keep(desk, &serde_json::to_string_pretty(result).unwrap());
    READERS.iter().map(|words| desk.dam(words)).collect()
}

const READERS: &[&[&str]] = &[
    &["report", "--store", "store", "--data", "images", "--out", "page", "--items", "60"],
    &["trials", "--store", "store", "--csv", "table"],
    &["reproduce", "table2", "--store", "store", "--data", "images", "--preset", "smoke", "--items", "60", "--dry-run"],
];

fn keep(desk: &Desk, text: &str) {
    fs::write(desk.at("store/trials/0123456789ab.json"), text).unwrap();
}

/// A copy with what `edit` does to it.
fn edited(result: &Value, edit: &dyn Fn(&mut Value)) -> Value {
    let mut copy = result.clone();
    edit(&mut copy);
    copy
}

fn without_digest(result: &Value) -> Value {
    edited(result, &|result| drop(result.as_object_mut().unwrap().remove("digest")))
}

#[test]
fn a_result_of_a_later_version_is_read_past_the_keys_that_are_not_known() {
    let desk = desk();
    let result = without_digest(&desk.json("a.json"));
    let later = edited(&result, &|result| {
        result["config"]["a_later_setting"] = json!({ "of": [1, 2.5, "three"] });
        result["data"]["licence"] = json!("free");
        result["diagnostics"][0]["later"] = json!(3);
        result["a_later_measure"] = json!([0.5]);
    });
    for output in read(&desk, &later) {
        done(output);
    }
    // It is none of this version's trials: the setting may have changed it.
    let table = fs::read_to_string(desk.at("table")).unwrap();
    let later_identity = table.lines().nth(1).unwrap().split(',').next().unwrap().to_owned();
    read(&desk, &result);
    let table = fs::read_to_string(desk.at("table")).unwrap();
    assert_ne!(table.lines().nth(1).unwrap().split(',').next().unwrap(), later_identity);
    // Nor does it become one of them on its way through an archive.
    keep(&desk, &serde_json::to_string(&later).unwrap());
    done(desk.dam(&["store", "pack", "packed", "--store", "store"]));
    done(desk.dam(&["store", "unpack", "packed", "--store", "unpacked"]));
    let [name] = &desk.names("unpacked/trials")[..] else { panic!("one result was packed") };
    assert_eq!(name.split('.').next(), Some(&*later_identity));
    let back = desk.json(&format!("unpacked/trials/{name}"));
    assert_eq!(back["config"], later["config"]);
    // What cannot be passed over is said, and nobody is told to delete what may be whole.
    for (edit, part) in [
        (
            &(|result: &mut Value| result["format"] = json!(2)) as &dyn Fn(&mut Value),
            "its format is 2, and this program reads 1",
        ),
        (&|result| result["config"]["method"] = json!("later"), "later"),
    ] {
        for output in read(&desk, &edited(&result, edit)) {
            let message = failed(output, 1, &["0123456789ab.json", part, "the program that wrote it"]);
            assert!(!message.contains("delete") && !message.contains("damaged"), "{message}");
        }
    }
}

#[test]
fn a_result_that_was_edited_is_refused_by_what_does_not_follow() {
    let desk = desk();
    let result = desk.json("a.json");
    for output in read(&desk, &result) {
        done(output);
    }
    // Any value, by the digest.
    for edit in [
        &(|result: &mut Value| result["accuracy_matrix"][0][0] = json!(0.99)) as &dyn Fn(&mut Value),
        &|result| result["last_loss"][0] = json!(0.0),
        &|result| result["config"]["learning_rate"] = json!(0.5),
        &|result| result["data"]["name"] = json!("other"),
        &|result| result["version"] = json!("9.9.9"),
    ] {
        for output in read(&desk, &edited(&result, edit)) {
            failed(output, 1, &["0123456789ab.json", "it was changed after it was written", "digest"]);
        }
    }
    // How it ran is not part of what it found.
    for output in read(&desk, &edited(&result, &|result| result["wall_seconds"] = json!(1e9))) {
        done(output);
    }
    // Without a digest, as earlier versions wrote results, by what follows from the rest.
    let old = without_digest(&result);
    for output in read(&desk, &old) {
        done(output);
    }
    for (key, edit) in [
        (
            "accuracy_matrix[1][0]",
            &(|result: &mut Value| result["accuracy_matrix"][1][0] = json!(0.99)) as &dyn Fn(&mut Value),
        ),
        ("macro_f1_matrix[1][1]", &|result| result["macro_f1_matrix"][1][1] = json!(0.99)),
        ("weighted_f1_matrix[1][1]", &|result| result["weighted_f1_matrix"][1][1] = json!(0.99)),
        ("average_accuracy.accuracy", &|result| result["average_accuracy"]["accuracy"] = json!(0.99)),
        ("average_accuracy.micro_f1", &|result| result["average_accuracy"]["micro_f1"] = json!(0.99)),
        ("average_accuracy.macro_f1", &|result| result["average_accuracy"]["macro_f1"] = json!(0.99)),
        ("average_accuracy.weighted_f1", &|result| result["average_accuracy"]["weighted_f1"] = json!(0.99)),
        ("average_accuracy_after[0]", &|result| result["average_accuracy_after"][0] = json!(0.99)),
        ("average_accuracy_after[0]", &|result| result["accuracy_matrix"][0][0] = json!(0.99)),
        ("forward_transfer", &|result| result["accuracy_matrix"][0][1] = json!(0.99)),
        ("forgetting", &|result| result["forgetting"] = json!(0.99)),
        ("backward_transfer", &|result| result["backward_transfer"] = json!(0.99)),
        ("forward_transfer", &|result| result["untrained_accuracy"][1] = json!(0.99)),
        ("a score of accuracy_matrix[0]", &|result| result["accuracy_matrix"][0][1] = json!(1.5)),
        ("rows of accuracy_matrix", &|result| drop(result["accuracy_matrix"].as_array_mut().unwrap().pop())),
        ("rows of macro_f1_matrix", &|result| drop(result["macro_f1_matrix"].as_array_mut().unwrap().pop())),
        ("length of weighted_f1_matrix[0]", &|result| {
            drop(result["weighted_f1_matrix"][0].as_array_mut().unwrap().pop())
        }),
        ("length of confusion", &|result| drop(result["confusion"].as_array_mut().unwrap().pop())),
        ("confusion[0]", &|result| drop(result["confusion"][0].as_array_mut().unwrap().pop())),
        ("sum of confusion[0]", &|result| result["confusion"][0][0][0] = json!(900)),
        ("length of last_loss", &|result| result["last_loss"] = json!([])),
        ("seed", &|result| result["seed"] = json!(99)),
        ("item_presentations", &|result| result["item_presentations"] = json!(7)),
    ] {
        keep(&desk, &serde_json::to_string(&edited(&old, edit)).unwrap());
        failed(desk.dam(READERS[1]), 1, &["0123456789ab.json", "it was changed after it was written", key]);
    }
}

#[test]
fn a_damaged_result_is_told_from_a_later_one() {
    let desk = desk();
    let text = fs::read_to_string(desk.at("a.json")).unwrap();
    for damaged in ["", &text[..text.len() / 2], &text.replacen('{', "[", 1)] {
        keep(&desk, damaged);
        let message = failed(desk.dam(READERS[1]), 1, &["0123456789ab.json is damaged", "its trial will be run again"]);
        assert!(!message.contains("delete"), "{message}");
    }
}

#[test]
fn a_result_tells_which_program_wrote_it() {
    let desk = desk();
    let result = desk.json("a.json");
    assert_eq!(result["version"], env!("CARGO_PKG_VERSION"));
    // Known in release builds of a repository: so that two builds can be told apart.
    let commit = host_harness::outcome::commit();
    assert_eq!(result.get("commit").and_then(Value::as_str), commit.as_deref());
    assert!(commit.is_none_or(|commit| commit.len() >= 40));
    assert_eq!(result["digest"].as_str().unwrap().len(), 64);
}
