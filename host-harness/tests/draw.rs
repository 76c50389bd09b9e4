//! `dam draw` and `dam inspect` as a user meets them, and what they say of networks that are known.

use std::fs;
use std::process::{Command, Output};

use host_harness::config::{Config, Settings};
use host_harness::data::Dataset;
use host_harness::file::network;
use host_harness::machine::Machine;
use host_harness::network::{TrainedNetwork, Weights};
use host_harness::pictures::memory::Stage;
use host_harness::pictures::{Choice, Portrait, panel};
use host_harness::tasks::pixels;
use scraper::{Html, Selector};
use serde_json::Value;

#[path = "common/desk.rs"]
mod desk;

use desk::Desk;

fn dam(desk: &Desk, words: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_dam")).args(words).current_dir(desk.0.path()).output().unwrap()
}

#[track_caller]
fn done(output: Output) -> String {
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap()
}

#[track_caller]
fn failed(output: Output, code: i32, parts: &[&str]) {
    let message = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(code), "{message}");
    assert!(parts.iter().all(|part| message.contains(part)), "{parts:?} in {message}");
}

/// Three classes of 8 x 8 pixels that nothing takes for each other: bars down, bars across, and a square.
fn shapes() -> Dataset {
    let on = |class: usize, p: usize| match class {
        0 => p % 8 < 3,
        1 => p / 8 > 4,
        _ => (2..6).contains(&(p % 8)) && (2..6).contains(&(p / 8)),
    };
    let image = |i: usize| {
        let mut words = [0u32; 2];
        // A pixel that wanders is turned.
        (0..64).filter(|&p| on(i % 3, p) != (p == i * 7 % 64)).for_each(|p| words[p / 32] |= 1 << (p % 32));
        words
    };
    let labels = (0..90).map(|i| (i % 3) as u8).collect();
    Dataset::from_parts("shapes", 8, 8, 1, (0..90).flat_map(image).collect(), labels).unwrap()
}

fn config() -> Config {
    let settings = Settings {
        n: Some(20),
        tasks: Some(2),
        items: Some(60),
        memories: Some(8),
        temperature: Some(0.9),
        interaction: Some(host_harness::config::InteractionName::RisingLeak),
        coding: Some(host_harness::config::CodingName::Bipolar),
        threshold: Some(1),
        ..Settings::default()
    };
    settings.config().unwrap()
}

/// A network that knows the three shapes of task 1 by heart and nothing else: memory vectors 0 to 2 are shapes, 3 is one
/// and the opposite of it, and the others are at their first weights.
fn by_heart() -> TrainedNetwork {
    let (config, data) = (config(), shapes());
    let neurons = 64 + 2 + 3;
    let machine = Machine::new(1, None).unwrap();
    let short = Config { epochs: 1, learning_rate: 1e-9, ..config.clone() };
    let trained = host_harness::trial::run(&short, &data, &machine, &mut |_| std::ops::ControlFlow::Continue(()));
    let Weights::F32(mut weights) = trained.unwrap().network.weights else { panic!("not f32") };
    let permutation = pixels::permutation(config.seed, 0, 64, 1.0);
    for class in 0..3 {
        let mut zeta = vec![-1.0; neurons];
        // Without the pixel that wanders: a state that no item is.
        for p in (0..64).filter(|&p| (data.image(class)[p / 32] >> (p % 32) & 1 == 1) != (p == class * 7 % 64)) {
            zeta[usize::from(permutation[p])] = 1.0;
        }
        (zeta[64], zeta[66 + class]) = (1.0, 1.0);
        weights[class * neurons..][..neurons].copy_from_slice(&zeta);
    }
    for j in 0..neurons {
        weights[3 * neurons + j] = -weights[j];
    }
    TrainedNetwork {
        config,
        image: (8, 8),
        classes: 3,
        data_digest: data.digest().to_owned(),
        encoding: None,
        permutations: (0..2).map(|t| pixels::permutation(1, t, 64, 1.0)).collect(),
        weights: Weights::F32(weights),
        learned: 1,
    }
}

#[test]
fn memories_known_by_heart_are_committed_and_probes_come_to_rest_on_them() {
    let machine = Machine::new(2, None).unwrap();
    let choice = Choice { probes: 200, seed: 3 };
    let portrait = Portrait::new(&by_heart(), &shapes(), choice, &machine).unwrap();
    let stages: Vec<Stage> = portrait.memories.each.iter().map(|memory| memory.stage).collect();
    let (committed, first) = (Stage::Committed, Stage::First);
    assert_eq!(stages, [committed, committed, committed, Stage::Drifting, first, first, first, first]);
    assert_eq!(portrait.memories.committed_by_task, [3]);
    for (class, memory) in portrait.memories.each[..3].iter().enumerate() {
        assert_eq!((memory.class, memory.vote, memory.task), (class, class, 0));
        assert!(memory.cosine > 0.9 && memory.similarity > 0.9 && memory.similarity < 1.0 / 0.9, "{memory:?}");
        // In the order of the task, not of the neurons.
        let on = |p: usize| memory.pixels[p] > 0.0;
        assert!(match class {
            0 => on(1) && on(57) && !on(7),
            1 => on(63) && !on(1),
            _ => on(27) && !on(0) && !on(63),
        });
    }
    let probes = &portrait.probes;
    assert_eq!((probes.count, probes.stable + probes.cycled + probes.limit), (200, 200));
    assert_eq!(probes.each.iter().map(|rest| rest.probes).sum::<usize>(), 200);
    assert_eq!(probes.distinct, probes.each.len());
    // The three shapes are digits; their opposites and mixtures, where there are any, are not.
    let digits: Vec<_> = probes.each.iter().filter(|rest| rest.digit).collect();
    assert!(!digits.is_empty() && digits.iter().map(|rest| rest.probes).sum::<usize>() == probes.digits);
    for rest in digits {
        let class = rest.class.unwrap();
        assert_eq!((rest.task, rest.nearest.unwrap().class), (Some(0), class));
        assert!(rest.nearest.unwrap().distance <= 3);
    }
    let kinds = (0..3).filter(|&class| probes.each.iter().any(|rest| rest.digit && rest.class == Some(class))).count();
    assert_eq!(probes.kinds, kinds);
    assert!(portrait.recognised() > 0.9, "{:?}", portrait.judge);
    let again = Portrait::new(&by_heart(), &shapes(), choice, &Machine::new(1, None).unwrap()).unwrap();
    assert_eq!(serde_json::to_value(&portrait).unwrap(), serde_json::to_value(&again).unwrap());
}

#[test]
fn noise_is_no_digit() {
    // All memory vectors at their first weights.
    let mut network = by_heart();
    let Weights::F32(weights) = &mut network.weights else { panic!("not f32") };
    let first = weights[5 * 69..].to_vec();
    weights[..3 * 69].copy_from_slice(&first);
    weights[3 * 69..4 * 69].copy_from_slice(&first[..69]);
    let machine = Machine::new(1, None).unwrap();
    let portrait = Portrait::new(&network, &shapes(), Choice::default(), &machine).unwrap();
    assert_eq!((portrait.memories.committed, portrait.probes.digits), (0, 0));
    assert_eq!(portrait.memories.median_cosine, None);
    assert!(panel::drawing(&[portrait]).contains("0 of 8 committed"));
}

#[test]
fn networks_kept_after_each_task_are_drawn_side_by_side() {
    let desk = Desk::new();
    let run =
        ["run", "--data", "images", "--tasks", "3", "--items", "60", "--epochs", "4", "--memories", "12", "--n", "4"];
    let told = done(dam(&desk, &[&run[..], &["--out", "a.json", "--save", "net-{task}.dam"]].concat()));
    assert!(told.contains("net-{task}.dam"), "{told}");
    for (task, name) in [(1, "net-1.dam"), (2, "net-2.dam"), (3, "net-3.dam")] {
        assert_eq!(network::load(&desk.at(name)).unwrap().learned, task);
    }
    // The last is what --save alone keeps, and each knows how far it is on the way to Python and back.
    done(dam(&desk, &[&run[..], &["--out", "b.json", "--save", "net.dam"]].concat()));
    assert_eq!(fs::read(desk.at("net.dam")).unwrap(), fs::read(desk.at("net-3.dam")).unwrap());
    done(dam(&desk, &["convert", "net-1.dam", "one.safetensors"]));
    done(dam(&desk, &["convert", "one.safetensors", "back.dam"]));
    assert_eq!(fs::read(desk.at("back.dam")).unwrap(), fs::read(desk.at("net-1.dam")).unwrap());

    let draw = ["draw", "net-1.dam", "net-3.dam", "--data", "images", "--probes", "50"];
    let table = done(dam(&desk, &draw));
    for part in ["tasks learned", "1 of 3", "3 of 3", "committed", "judge as digits", "fixed points", "net-1.svg"] {
        assert!(table.contains(part), "no {part:?} in {table}");
    }
    let drawing = fs::read_to_string(desk.at("net-1.svg")).unwrap();
    for part in ["<svg", "after task 1", "after 3 of 3 tasks", "data:image/png;base64,", "prefers-color-scheme: dark"] {
        assert!(drawing.contains(part), "no {part:?}");
    }
    assert!(drawing.len() < 300_000);
    let numbers: Value = serde_json::from_str(&done(dam(&desk, &[&draw[..], &["--json"]].concat()))).unwrap();
    assert_eq!(numbers[0]["learned"], 1);
    assert_eq!(numbers[1]["memories"]["each"].as_array().unwrap().len(), 12);
    assert_eq!(numbers[1]["probes"]["count"], 50);
}

#[test]
fn what_cannot_be_drawn_is_named() {
    let desk = Desk::new();
    let run = ["run", "--data", "images", "--tasks", "1", "--items", "60", "--epochs", "1", "--memories", "4"];
    done(dam(&desk, &[&run[..], &["--out", "a.json", "--save", "net.dam"]].concat()));
    failed(dam(&desk, &["draw", "nothing.dam"]), 1, &["nothing.dam", "check the name"]);
    failed(dam(&desk, &["draw", "net.dam", "--data", "images", "--out", "./net.dam"]), 2, &["net.dam", ".svg"]);
    failed(dam(&desk, &["draw", "net.dam", "--data", "images", "--probes", "0"]), 2, &["--probes", "0"]);
    failed(dam(&desk, &["draw", "net.dam", "--data", "images", "--out", "no/a.svg"]), 1, &["no/a.svg", "create it"]);
    failed(dam(&desk, &["draw", "net.dam"]), 1, &["10 classes", "data it was trained with"]);
    // A name for a network after each task may not be the result's.
    let words = [&run[..], &["--out", "net-1.json", "--save", "net-{task}.json"]].concat();
    failed(dam(&desk, &words), 2, &["--save", "net-"]);
}

/// The lines of a table, each the cells under these columns.
fn cells(table: &str, columns: &[&str]) -> Vec<Vec<String>> {
    let mut lines = table.lines().map(|line| line.split('\t').collect::<Vec<_>>());
    let head = lines.next().unwrap();
    let places: Vec<usize> =
        columns.iter().map(|column| head.iter().position(|name| name == column).expect(column)).collect();
    lines.map(|line| places.iter().map(|&place| line[place].to_owned()).collect()).collect()
}

#[test]
fn the_page_and_the_tables_say_what_the_numbers_say() {
    let desk = Desk::new();
    for n in ["2", "10"] {
        let run = ["run", "--data", "images", "--tasks", "2", "--items", "60", "--epochs", "4", "--memories", "12"];
        let save = format!("n{n}-{{task}}.dam");
        done(dam(&desk, &[&run[..], &["--n", n, "--out", "a.json", "--save", &save]].concat()));
    }
    let networks = ["n2-1.dam", "n2-2.dam", "n10-1.dam", "n10-2.dam"];
    let tables = ["--memory-vectors", "m.tsv", "--states", "s.tsv", "--stability", "i.tsv"];
    let told =
        done(dam(&desk, &[&["inspect"], &networks[..], &["--data", "images", "--probes", "40"], &tables].concat()));
    assert!(told.contains("page  n2-1.html"), "{told}");

    let page = Html::parse_document(&fs::read_to_string(desk.at("n2-1.html")).unwrap());
    assert!(page.errors.is_empty(), "{:?}", page.errors);
    let count = |selector: &str| page.select(&Selector::parse(selector).unwrap()).count();
    assert_eq!(count("#networks article"), 4);
    // Four quantities from task to task, and the index against n.
    assert_eq!((count("#course figure"), count("#prototypes figure")), (4, 1));
    assert_eq!(count("#course figure:first-of-type .mark"), 4);

    let memories = cells(&fs::read_to_string(desk.at("m.tsv")).unwrap(), &["network", "stage", "task"]);
    assert_eq!(memories.len(), 4 * 12);
    let committed = memories.iter().filter(|cells| cells[0] == "n10-2.dam" && cells[1] == "committed").count();
    let line = told.lines().find(|line| line.starts_with("  committed")).unwrap();
    assert_eq!(line.split_whitespace().last(), Some(committed.to_string().as_str()), "{line}");

    let states = cells(&fs::read_to_string(desk.at("s.tsv")).unwrap(), &["network", "probes", "end", "sweeps"]);
    for network in networks {
        let of: Vec<_> = states.iter().filter(|cells| cells[0] == network).collect();
        assert_eq!(of.iter().map(|cells| cells[1].parse::<usize>().unwrap()).sum::<usize>(), 40);
        for cells in of {
            assert!(["at rest", "cycle", "still moving"].contains(&cells[2].as_str()), "{cells:?}");
            assert!(cells[3].parse::<f64>().unwrap() >= 1.0, "{cells:?}");
        }
    }
    let stability =
        cells(&fs::read_to_string(desk.at("i.tsv")).unwrap(), &["network", "learned", "task", "back from 5%"]);
    let tasks: Vec<_> = stability.iter().map(|cells| format!("{} {}", cells[1], cells[2])).collect();
    assert_eq!(tasks, ["1 1", "2 1", "2 2", "1 1", "2 1", "2 2"]);

    // One network: nothing to compare it with.
    done(dam(&desk, &["inspect", "n2-1.dam", "--data", "images", "--probes", "10", "--out", "one.html"]));
    let one = fs::read_to_string(desk.at("one.html")).unwrap();
    assert!(!one.contains("From task to task") && !one.contains("From features to prototypes"));
}

#[test]
fn outputs_are_apart_and_named_for_what_they_are() {
    let desk = Desk::new();
    let run = ["run", "--data", "images", "--tasks", "1", "--items", "60", "--epochs", "1", "--memories", "4"];
    done(dam(&desk, &[&run[..], &["--out", "a.json", "--save", "net.dam"]].concat()));
    let inspect = ["inspect", "net.dam", "--data", "images"];
    let with = |more: &[&str]| dam(&desk, &[&inspect[..], more].concat());
    failed(with(&["--out", "page.svg"]), 2, &["--out", "page.svg"]);
    failed(with(&["--states", "a.tsv", "--stability", "a.tsv"]), 2, &["a.tsv"]);
    failed(with(&["--memory-vectors", "net.dam"]), 2, &["net.dam"]);
    assert!(!desk.at("net.html").exists());
}
