//! Comparisons: what is run once is not run again, and what was seen of networks moves with the results.

#![allow(missing_docs, reason = "a test")]

use std::fs;

#[path = "common/dam.rs"]
mod dam;

use dam::Desk;

const OWN: &str = r#"
quantities = ["accuracy", "committed", "digits", "moved", "cosine"]

[[arm]]
name = "own"
methods = ["vanilla", "ewc"]
vertices = [2, 5]

[[arm]]
name = "turned"
methods = ["vanilla"]
vertices = [2, 5]
settings = { kind = "rotated" }

[[claim]]
says = "EWC does better"
quantity = "accuracy"
more = { arm = "own", methods = ["ewc"], vertices = [2, 5] }
less = { arm = "own", methods = ["vanilla"], vertices = [2, 5] }
"#;

const SIZE: &[&str] = &[
    "--data",
    "images",
    "--tasks",
    "2",
    "--items",
    "60",
    "--epochs",
    "4",
    "--memories",
    "8",
    "--batch",
    "16",
    "--seeds",
    "1,2",
];

fn study(desk: &Desk, more: &[&str]) -> String {
    let output = desk.dam(&[&["study", "own", "own.toml"], SIZE, more].concat());
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap()
}

#[test]
fn a_comparison_is_run_once_and_what_was_seen_of_networks_moves_with_the_results() {
    let desk = Desk::new();
    fs::write(desk.at("own.toml"), OWN).unwrap();
    // A result alone is not enough: what was seen of its networks is missing.
    let grid = ["grid", "--methods", "vanilla", "--vertices", "2", "--store", "one"];
    assert!(desk.dam(&[&grid[..], SIZE].concat()).status.success());
    let printed = study(&desk, &["--store", "one", "--out", "one.tsv"]);
    let rows: Vec<&str> =
        printed.lines().filter(|line| line.starts_with("| own | ") || line.starts_with("| turned |")).collect();
    assert_eq!(rows.len(), 6, "{printed}");
    assert!(rows.iter().all(|row| row.contains(" | 2 | ") && !row.contains(" - |")), "{printed}");
    assert!(printed.contains("| EWC does better | accuracy | 4 |"), "{printed}");
    let seen = |store: &str| fs::read_dir(desk.at(store).join("inspections")).unwrap().count();
    assert_eq!(seen("one"), 12);

    let again = study(&desk, &["--store", "one", "--dry-run"]);
    assert!(again.contains("comparison      12      12       0        0") && again.ends_with(&printed), "{again}");

    assert!(desk.dam(&["store", "pack", "all.gz", "--store", "one"]).status.success());
    assert!(desk.dam(&["store", "unpack", "all.gz", "--store", "two"]).status.success());
    let moved = study(&desk, &["--store", "two", "--dry-run", "--out", "two.tsv"]);
    assert!(moved.ends_with(&printed), "{moved}");
    assert_eq!(seen("two"), 12);
    let table = fs::read_to_string(desk.at("one.tsv")).unwrap();
    assert_eq!(table, fs::read_to_string(desk.at("two.tsv")).unwrap());
    assert_eq!(table.lines().count(), 13);
}

#[test]
fn what_was_seen_is_refused_where_it_is_damaged() {
    let desk = Desk::new();
    fs::write(desk.at("own.toml"), OWN).unwrap();
    study(&desk, &["--store", "one"]);
    let file = fs::read_dir(desk.at("one/inspections")).unwrap().next().unwrap().unwrap().path();
    let text = fs::read_to_string(&file).unwrap();
    fs::write(&file, text.replacen("\"committed\": ", "\"committed\": 1", 1)).unwrap();
    let output = desk.dam(&[&["study", "own", "own.toml", "--store", "one"], SIZE].concat());
    let said = String::from_utf8_lossy(&output.stderr);
    let name = file.file_name().unwrap().to_string_lossy().into_owned();
    assert!(output.status.code() == Some(1) && said.contains(&name), "{said}");
}

#[test]
fn what_a_comparison_varies_is_not_passed_over() {
    let desk = Desk::new();
    fs::write(desk.at("own.toml"), OWN).unwrap();
    for setting in ["method", "n", "seed"] {
        let value = if setting == "method" { "mas" } else { "3" };
        let output = desk.dam(&[&["study", "own", "own.toml", &format!("--{setting}"), value], SIZE].concat());
        let said = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.code() == Some(2) && said.contains("leave it out"), "{setting}: {said}");
    }
}

#[test]
fn what_an_arm_sets_is_not_set_by_a_flag_and_names_are_apart() {
    let desk = Desk::new();
    let own = |text: &str, more: &[&str], words: &[&str]| {
        fs::write(desk.at("own.toml"), text).unwrap();
        let output = desk.dam(&[&["study", "own", "own.toml"], SIZE, more].concat());
        let said = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.code() == Some(2) && words.iter().all(|word| said.contains(word)), "{said}");
    };
    let arm = "[[arm]]\nname = \"cool\"\nmethods = [\"vanilla\"]\nvertices = [2]\nsettings = { temperature = 0.5 }\n";
    own(&format!("quantities = []\n{arm}"), &["--temperature", "0.7"], &["--temperature", "\"cool\" sets it"]);
    own(&format!("quantities = []\n{arm}{arm}"), &[], &["cool", "two arms"]);
}

#[test]
fn comparisons_that_come_with_the_program_have_a_plan() {
    let desk = Desk::new();
    for (name, trials) in [("related", 156), ("intermediate", 84), ("transition", 48)] {
        let output = desk.dam(&["study", name, "--dry-run", "--store", "none", "--items", "200", "--epochs", "1"]);
        let printed = String::from_utf8_lossy(&output.stdout);
        assert!(printed.contains(&format!("comparison{trials:>8}       0")), "{name}: {printed}");
    }
}
