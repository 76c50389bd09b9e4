//! Whole experiments from the command line: divided, interrupted, killed, and the same bytes every time.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use std::process::{Child, Command, Output, Stdio};
use std::time::{Duration, Instant};

#[path = "common/desk.rs"]
mod desk;

use desk::Desk;

/// Trials of milliseconds.
const TINY: &[&str] = &[
    "--preset",
    "smoke",
    "--data",
    "images",
    "--tasks",
    "3",
    "--items",
    "60",
    "--epochs",
    "4",
    "--memories",
    "8",
    "--batch",
    "16",
];

/// What nothing here takes, unless it does what it must not.
const LIMIT: Duration = Duration::from_secs(300);

impl Desk {
    fn start(&self, words: &[&str]) -> Child {
        let mut command = Command::new(env!("CARGO_BIN_EXE_dam"));
        command.args(words).current_dir(self.0.path()).stdin(Stdio::null());
        // More is written than a pipe holds.
        let log = fs::File::create(self.at("log")).unwrap();
        command.stdout(Stdio::piped()).stderr(log).spawn().unwrap()
    }

    fn end(&self, mut child: Child) -> Output {
        let start = Instant::now();
        while child.try_wait().unwrap().is_none() && start.elapsed() < LIMIT {
            std::thread::sleep(Duration::from_millis(2));
        }
        let _ = child.kill();
        child.wait_with_output().unwrap()
    }

    /// Runs a command to its end and returns what it printed.
    #[track_caller]
    fn done(&self, words: &[&str]) -> String {
        let output = self.end(self.start(words));
        assert!(output.status.success(), "{words:?}: {:?}: {}", output.status, self.log());
        String::from_utf8(output.stdout).unwrap()
    }

    /// What a command complained of that failed with `code`.
    #[track_caller]
    fn failed(&self, words: &[&str], code: i32) -> String {
        let output = self.end(self.start(words));
        assert_eq!(output.status.code(), Some(code), "{words:?}: {}", self.log());
        self.log()
    }

    fn log(&self) -> String {
        fs::read_to_string(self.at("log")).unwrap()
    }

    /// The results in a store: names and bytes.
    fn results(&self, store: &str) -> BTreeMap<String, Vec<u8>> {
        self.files(store, "trials")
    }

    fn files(&self, store: &str, folder: &str) -> BTreeMap<String, Vec<u8>> {
        let Ok(entries) = fs::read_dir(self.at(store).join(folder)) else { return BTreeMap::new() };
        let entry = |path: &Path| Some((path.file_name()?.to_str()?.to_owned(), fs::read(path).ok()?));
        let results = entries.filter_map(|found| entry(&found.unwrap().path()));
        results.filter(|(name, _)| !name.starts_with('.')).collect()
    }
}

fn reproduce<'a>(targets: &[&'a str], store: &'a str, more: &[&'a str]) -> Vec<&'a str> {
    [&["reproduce"], targets, TINY, &["--store", store], more].concat()
}

#[test]
fn killed_at_any_moment_it_goes_on_to_the_same_bytes() {
    let desk = Desk::new();
    let start = Instant::now();
    desk.done(&reproduce(&["all"], "whole", &["--jobs", "2"]));
    let length = start.elapsed();
    let whole = desk.results("whole");
    assert!(whole.len() > 150, "{}", whole.len());
    // Ten times: sooner or later after the start, each time with some of the work left.
    let (mut killed, mut moments) = (0, 0x2545_f491_u32);
    for _ in 0..10 {
        moments ^= moments << 13;
        moments ^= moments >> 17;
        moments ^= moments << 5;
        let mut child = desk.start(&reproduce(&["all"], "killed", &["--jobs", "2", "--checkpoint"]));
        std::thread::sleep(length.mul_f64(0.12 * f64::from(moments) / f64::from(u32::MAX)));
        killed += u32::from(child.try_wait().unwrap().is_none());
        child.kill().unwrap();
        child.wait().unwrap();
        let so_far = desk.results("killed");
        assert!(so_far.iter().all(|(name, bytes)| whole.get(name) == Some(bytes)));
    }
    assert!(killed >= 5, "it was still running {killed} times");
    let before = desk.results("killed").len();
    assert!(before > 0);
    let text = desk.done(&reproduce(&["all"], "killed", &["--jobs", "1", "--checkpoint"]));
    assert!(text.contains(&format!("{} trials were run", whole.len() - before)), "{text}");
    assert!(desk.results("killed") == whole);
    let networks = desk.files("whole", "networks");
    assert!(networks.len() == 8 && desk.files("killed", "networks") == networks);
    // But for what was being written when it was killed.
    let kept = fs::read_dir(desk.at("killed/checkpoints")).unwrap().map(|entry| entry.unwrap().file_name());
    let kept: Vec<_> = kept.filter(|name| !name.as_encoded_bytes().starts_with(b".")).collect();
    assert!(kept.is_empty(), "{kept:?}");
}

#[cfg(unix)]
#[test]
fn asked_to_end_it_ends_cleanly() {
    let desk = Desk::new();
    // Long enough to be in the middle of it.
    let words =
        [&["reproduce", "table2", "--store", "s", "--batch", "1", "--epochs", "500"], &TINY[..8], &TINY[10..12]];
    let mut child = desk.start(&words.concat());
    let start = Instant::now();
    while desk.results("s").is_empty() && start.elapsed() < LIMIT {
        assert!(child.try_wait().unwrap().is_none(), "{}", desk.log());
        std::thread::sleep(Duration::from_millis(2));
    }
    let asked = Command::new("kill").args(["-TERM", &child.id().to_string()]).status().unwrap();
    assert!(asked.success());
    let output = desk.end(child);
    assert_eq!(output.status.code(), Some(130), "{}", desk.log());
    assert!(desk.log().contains("the same command goes on"), "{}", desk.log());
    for folder in ["s/trials", "s/runs"] {
        for entry in fs::read_dir(desk.at(folder)).unwrap() {
            let name = entry.unwrap().file_name().into_string().unwrap();
            assert!(name.ends_with(".json") && !name.starts_with('.'), "{name}");
        }
    }
}

#[test]
fn shares_add_up_to_the_whole_even_where_they_overlap() {
    let desk = Desk::new();
    let targets = ["table2", "fig3b", "fig8"];
    desk.done(&reproduce(&targets, "whole", &["--lambdas", "search"]));
    let whole = desk.results("whole");
    let plan = [&["plan"], &targets[..], TINY, &["--store", "shares", "--lambdas", "search", "--shards", "3"]].concat();
    desk.done(&plan);
    let status = ["status", "--store", "shares"];
    // Searches go in rounds, and Table 2 waits for searches: one share alone comes to an end before that.
    desk.done(&["work", "--store", "shares", "--shard", "1/3"]);
    let text = desk.done(&status);
    let together = text.lines().find_map(|line| line.strip_prefix("together")).unwrap();
    let counts: Vec<usize> = together.split_whitespace().map(|count| count.parse().unwrap()).collect();
    assert!(counts[1] > 0 && counts[2] > 0 && counts[3] > 0, "{text}");
    assert!(text.lines().any(|line| line.starts_with("shares ") && line.ends_with(" 2-3 of 3")), "{text}");
    let mut rounds = 0;
    while !desk.done(&status).ends_with("complete\n") {
        rounds += 1;
        assert!(rounds < 10, "{}", desk.done(&status));
        // All at once, one of them twice, and one by another division.
        let shares = ["1/3", "2/3", "2/3", "3/3", "1/2"];
        let children = shares.map(|share| desk.start(&["work", "--store", "shares", "--shard", share, "--jobs", "1"]));
        for child in children {
            assert!(desk.end(child).status.success(), "{}", desk.log());
        }
    }
    assert!(desk.results("shares") == whole);
    let text = desk.done(&[&["plan"], &targets[..], TINY, &["--store", "shares", "--lambdas", "search"]].concat());
    assert!(text.lines().any(|line| line.starts_with("together") && line.ends_with("       0        0")), "{text}");
}

#[test]
fn a_plan_is_shown_without_running_it() {
    let desk = Desk::new();
    let text = desk.done(&reproduce(&["fig1", "fig8"], "s", &["--dry-run"]));
    assert!(text.contains("fig1            12       0      12        0"), "{text}");
    assert!(text.contains("fig8            24       0      16        8"), "{text}");
    assert!(text.contains("core-hours"), "{text}");
    assert!(desk.results("s").is_empty());
    let script =
        [&["slurm", "fig1"], TINY, &["--store", "s", "--shards", "4", "--partition", "long", "--dry-run"]].concat();
    let text = desk.done(&script);
    for part in ["#SBATCH --array=1-4\n", "#SBATCH --requeue\n", "#SBATCH --partition=long\n", "/4\" --jobs 1"] {
        assert!(text.contains(part), "{text}");
    }
    assert!(!desk.at("s").exists());
}

#[test]
fn what_makes_no_sense_is_refused_with_a_remedy() {
    let desk = Desk::new();
    for (words, code, parts) in [
        (&["reproduce", "fig8", "--lambda", "1"][..], 2, &["lambda", "fig8"][..]),
        (&["reproduce", "table2", "--n", "2"], 2, &["--vertices"]),
        (&["reproduce", "fig5", "--rows", "mas"], 2, &["no trial is left"]),
        (&["reproduce", "fig10", "--temperature", "1"], 2, &["temperature", "fig10"]),
        (&["reproduce", "fig99"], 2, &["fig99"]),
        (&["reproduce", "fig1", "--epochs", "0"], 2, &["epochs = 0"]),
        (&["reproduce", "fig1", "--config", "none.toml"], 1, &["none.toml"]),
        (&["work", "--shard", "3/2"], 2, &["3/2"]),
        (&["work", "--store", "none"], 1, &["none", "dam plan"]),
        (&["status", "--store", "none", "--submit"], 1, &["dam plan"]),
        (&["study", "conventions", "--only", "no-such"], 2, &["no-such"]),
    ] {
        let message = desk.failed(words, code);
        assert!(parts.iter().all(|part| message.contains(part)), "{words:?}: {message}");
    }
    desk.done(&reproduce(&["fig10"], "s", &["--vertices", "2"]));
    let name = desk.results("s").into_keys().next().unwrap();
    fs::write(desk.at("s/trials").join(&name), "{\"format\": 1").unwrap();
    let message = desk.failed(&reproduce(&["fig10"], "s", &["--vertices", "2"]), 1);
    assert!(message.contains(&name) && message.contains("move it elsewhere"), "{message}");
}

#[test]
fn conventions_are_compared() {
    let desk = Desk::new();
    let conventions = "[[convention]]\nname = \"one\"\n[[convention]]\nname = \"two\"\nsettings = { momentum = 0.9 }\n\
                       [[cell]]\nrow = \"mas\"\nn = 20\nlambdas = [0.01, 1.0]\n[[cell]]\nrow = \"vanilla\"\nn = 2\n";
    fs::write(desk.at("c.toml"), conventions).unwrap();
    let words = [&["study", "conventions", "--conventions", "c.toml"], TINY, &["--store", "s"]].concat();
    let text = desk.done(&words);
    assert_eq!(desk.results("s").len(), 6);
    let lines: Vec<&str> = text.lines().collect();
    // A table in Markdown: head, rule, the paper, and the readings.
    assert!(lines.len() == 5 && lines[2].starts_with("| paper") && lines[2].contains("0.833"), "{text}");
    let distance = |line: &str| line.split('|').nth(3).unwrap().trim().parse::<f64>().unwrap();
    // These cells tell no finding: the distance alone decides.
    assert!(lines[3..].iter().all(|line| line.contains("| 0 of 0")), "{text}");
    assert!(distance(lines[3]) <= distance(lines[4]), "{text}");
    assert_eq!(desk.done(&words), text);
}

#[test]
fn a_grid_compares_methods_seed_by_seed_and_goes_on_from_what_is_there() {
    let desk = Desk::new();
    let small = ["--items", "100", "--epochs", "2", "--tasks", "2", "--memories", "16", "--jobs", "1"];
    let grid = |seeds: &str| {
        let own =
            ["grid", "--methods", "vanilla,rehearsal", "--vertices", "2,20", "--seeds", seeds, "--store", "store"];
        desk.done(&[&own[..], &small, &["--page", "grid.html"]].concat())
    };
    let two = grid("1..2");
    assert_eq!(two.matches(" 2 of 2 ").count(), 4, "{two}");
    assert!(two.contains("| 20 | rehearsal |") && two.contains(" +- "), "{two}");
    let three = grid("1..3");
    assert_eq!(three.matches(" 3 of 3 ").count(), 4, "{three}");
    assert_eq!(desk.results("store").len(), 12);
    // The page has the table's numbers, a point a trial, and a curve a cell.
    let page = scraper::Html::parse_document(&fs::read_to_string(desk.at("grid.html")).unwrap());
    let select = |selector: &str| page.select(&scraper::Selector::parse(selector).unwrap()).collect::<Vec<_>>();
    assert!(page.errors.is_empty(), "{:?}", page.errors);
    assert_eq!((select("#accuracy figure").len(), select("#accuracy svg:not(.key) .mark").len()), (2, 12));
    assert_eq!((select("#tasks figure").len(), select("#table tbody tr").len()), (4, 4));
    for (row, line) in select("#table tbody tr").iter().zip(three.lines().skip(2)) {
        let told: String = row.text().collect::<Vec<_>>().concat().replace('±', "+-");
        let accuracy = line.split('|').nth(4).unwrap().trim();
        assert!(told.contains(accuracy), "{accuracy} in {told}");
    }
    let told = desk.failed(&["grid", "--method", "ewc", "--store", "store"], 2);
    assert!(told.contains("method is what a grid varies: give --methods"), "{told}");
}
