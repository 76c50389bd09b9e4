//! A run that is asked to stop keeps what it has and goes on from there; what tells how far it is needs no terminal.

use std::fs::{self, File};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

#[path = "common/dam.rs"]
mod dam;

use dam::{Desk, TINY, done, failed, text};

/// Eight tasks of a good fraction of a second each.
const LONG: &[&str] = &[
    "run",
    "--data",
    "images",
    "--tasks",
    "8",
    "--items",
    "80",
    "--memories",
    "8",
    "--n",
    "3",
    "--batch",
    "8",
    "--method",
    "mas",
    "--threads",
    "1",
    "--no-drawing",
];

/// Epochs of them, found out by [`epochs`].
fn with_epochs(epochs: u32, more: &[&str]) -> Vec<String> {
    let words = [LONG, more].concat();
    words.iter().map(|&word| word.to_owned()).chain(["--epochs".to_owned(), epochs.to_string()]).collect()
}

fn strs(words: &[String]) -> Vec<&str> {
    words.iter().map(String::as_str).collect()
}

/// How many epochs make a task of about half a second here.
fn epochs(desk: &Desk) -> u32 {
    let seconds = |epochs| {
        let start = Instant::now();
        done(desk.dam(&strs(&with_epochs(epochs, &["--out", "/dev/null"]))));
        start.elapsed().as_secs_f64()
    };
    // What is the same for any number of epochs drops out.
    let (few, many) = (seconds(20), seconds(220));
    let each = (many - few).max(1e-4) / (200.0 * 8.0);
    ((0.5 / each) as u32).clamp(20, 100_000)
}

/// Starts a run that writes what it tells to the file `log`.
fn start(desk: &Desk, words: &[&str]) -> Child {
    let log = File::create(desk.at("log")).unwrap();
    desk.command(words).stdout(Stdio::null()).stderr(log).spawn().unwrap()
}

fn log(desk: &Desk) -> String {
    fs::read_to_string(desk.at("log")).unwrap()
}

/// Waits until the run has told of `lines` tasks, or has ended.
fn wait_for(desk: &Desk, child: &mut Child, lines: usize) {
    let begun = Instant::now();
    while log(desk).lines().count() < lines && child.try_wait().unwrap().is_none() {
        assert!(begun.elapsed() < Duration::from_secs(120), "{}", log(desk));
        std::thread::sleep(Duration::from_millis(2));
    }
}

fn signal(child: &Child, name: &str) {
    assert!(Command::new("kill").args([name, &child.id().to_string()]).status().unwrap().success());
}

/// What the run found, without how it ran.
fn found(desk: &Desk, name: &str) -> String {
    let text = fs::read_to_string(desk.at(name)).unwrap();
    text.split("\"instruction_set\"").next().unwrap().to_owned()
}

#[cfg(unix)]
#[test]
fn a_run_that_is_asked_to_stop_keeps_its_tasks_and_goes_on_to_the_same_bytes() {
    let desk = Desk::new();
    let epochs = epochs(&desk);
    done(desk.dam(&strs(&with_epochs(epochs, &["--out", "whole.json"]))));
    let words = with_epochs(epochs, &["--out", "a.json", "--checkpoint"]);
    for (lines, name) in [(1, "-INT"), (1, "-TERM"), (1, "-HUP"), (1, "-KILL")] {
        let mut child = start(&desk, &strs(&words));
        wait_for(&desk, &mut child, lines);
        assert!(child.try_wait().unwrap().is_none(), "{name}: it ended by itself: {}", log(&desk));
        signal(&child, name);
        let status = child.wait().unwrap();
        assert!(!desk.at("a.json").exists() && desk.at("a.json.checkpoint").exists(), "{name}: {}", log(&desk));
        if name != "-KILL" {
            assert_eq!(status.code(), Some(130));
            let told = log(&desk);
            for part in
                ["interrupted in task ", "a.json.checkpoint has the tasks before it", "the same command goes on"]
            {
                assert!(told.contains(part), "{name}: no {part:?} in {told}");
            }
        }
    }
    // Four tasks at least are there: the rest follows.
    let output = desk.dam(&strs(&words));
    let lines = text(&output.stderr).lines().count();
    done(output);
    assert!(lines <= 4, "{lines} tasks were learned after the fourth interruption");
    assert_eq!(found(&desk, "a.json"), found(&desk, "whole.json"));
    assert!(!desk.at("a.json.checkpoint").exists());
}

#[cfg(unix)]
#[test]
fn without_a_checkpoint_an_interruption_says_that_nothing_was_kept() {
    let desk = Desk::new();
    let words = with_epochs(epochs(&desk), &["--out", "a.json"]);
    let mut child = start(&desk, &strs(&words));
    wait_for(&desk, &mut child, 1);
    signal(&child, "-TERM");
    assert_eq!(child.wait().unwrap().code(), Some(130));
    assert!(log(&desk).contains("with --checkpoint the same command would go on"), "{}", log(&desk));
    assert_eq!(desk.names("."), ["images", "log"]);
}

/// As under `nohup`.
#[cfg(target_os = "linux")]
#[test]
fn a_signal_that_was_ignored_from_the_start_stays_ignored() {
    let desk = Desk::new();
    let words = with_epochs(epochs(&desk), &["--out", "a.json"]);
    let quoted: Vec<String> = words.iter().map(|word| format!("'{word}'")).collect();
    let script = format!("trap '' HUP INT; exec '{}' {}", env!("CARGO_BIN_EXE_dam"), quoted.join(" "));
    let log_file = File::create(desk.at("log")).unwrap();
    let mut shell = Command::new("sh");
    shell.args(["-c", &script]).current_dir(desk.0.path()).stdout(Stdio::null()).stderr(log_file);
    let mut child = shell.spawn().unwrap();
    wait_for(&desk, &mut child, 1);
    signal(&child, "-HUP");
    signal(&child, "-INT");
    assert!(child.wait().unwrap().success(), "{}", log(&desk));
    assert!(desk.at("a.json").exists());
}

#[test]
fn each_task_leaves_a_line_where_there_is_no_terminal() {
    let desk = Desk::new();
    let output = desk.run(&["--out", "a.json"]);
    let told = text(&output.stderr);
    done(output);
    let lines: Vec<&str> = told.lines().collect();
    assert_eq!(lines.len(), 2, "{told}");
    assert!(
        lines[0].starts_with("after task 1: average accuracy 0.") && lines[1].starts_with("after task 2: "),
        "{told}"
    );
}

#[test]
fn a_checkpoint_of_another_trial_or_beside_no_file_is_refused() {
    let desk = Desk::new();
    fs::write(desk.at("a.json.checkpoint"), b"").unwrap();
    failed(desk.run(&["--out", "a.json", "--checkpoint"]), 1, &["a.json.checkpoint", "is damaged", "delete it"]);
    #[cfg(unix)]
    failed(desk.run(&["--out", "/dev/null", "--checkpoint"]), 2, &["--checkpoint", "/dev/null", "give one"]);
    let words =
        [&["run", "--data", "images", "--out", "b", "--save", "b.checkpoint", "--checkpoint"][..], TINY].concat();
    failed(desk.dam(&words), 2, &["b.checkpoint"]);
}
