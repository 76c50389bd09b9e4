//! The command `dam` as a user meets it: what it prints, what it writes, how it fails.

use std::fs;
use std::io::Write;
use std::path::PathBuf;
use std::process::{Command, Output, Stdio};
use std::time::{Duration, Instant};

use safetensors::tensor::TensorView;
use safetensors::{Dtype, SafeTensors};
use serde_json::Value;

#[path = "common/dam.rs"]
mod dam;

use dam::{Desk, TINY, done, failed, keys, text};

#[test]
fn help_lists_the_subcommands() {
    let desk = Desk::new();
    let help = done(desk.dam(&["--help"]));
    for name in ["demo", "run", "eval", "relax", "convert", "data"] {
        assert!(help.lines().any(|line| line.trim_start().starts_with(&format!("{name} "))), "no {name} in {help}");
        let help = done(desk.dam(&[name, "--help"]));
        assert!(help.contains("Usage: dam") && help.contains(name), "{help}");
    }
    assert!(done(desk.dam(&["--version"])).contains(env!("CARGO_PKG_VERSION")));
    let help = done(desk.dam(&["run", "--help"]));
    for flag in ["--method", "--n ", "--lambda", "--config", "--out", "--save", "--isa", "--threads", "--data"] {
        assert!(help.contains(flag), "no {flag} in {help}");
    }
    failed(desk.dam(&["train"]), 2, &["train"]);
}

#[test]
fn a_run_writes_a_result_with_the_documented_keys_and_a_drawing() {
    let desk = Desk::new();
    let report = done(desk.run(&["--out", "out.json", "--seed", "7"]));
    assert!(report.contains("average accuracy") && report.contains("out.json") && report.contains("out.svg"));
    assert_eq!(desk.names("."), ["images", "out.json", "out.svg"]);
    let result = desk.json("out.json");
    let expected = [
        "format",
        "version",
        "config",
        "seed",
        "data",
        "digest",
        "accuracy_matrix",
        "macro_f1_matrix",
        "weighted_f1_matrix",
        "average_accuracy",
        "average_accuracy_after",
        "forgetting",
        "backward_transfer",
        "forward_transfer",
        "untrained_accuracy",
        "last_loss",
        "stalled_memories",
        "diagnostics",
        "confusion",
        "instruction_set",
        "threads",
        "item_presentations",
        "item_presentations_per_second",
        "wall_seconds",
        "peak_memory_bytes",
    ];
    assert_eq!(keys(&result), expected.into());
    assert_eq!(keys(&result["average_accuracy"]), ["macro_f1", "micro_f1", "accuracy", "weighted_f1"].into());
    assert_eq!(keys(&result["data"]), ["name", "images", "pixels", "classes", "digest"].into());
    assert_eq!((&result["format"], &result["seed"], &result["config"]["seed"]), (&1.into(), &7.into(), &7.into()));
    assert_eq!((&result["data"]["images"], &result["data"]["pixels"]), (&80.into(), &64.into()));
    assert_eq!(result["data"]["digest"].as_str().unwrap().len(), 64);
    assert_eq!(result["version"], env!("CARGO_PKG_VERSION"));
    // 48 of 60 items in 2 epochs of 2 tasks.
    assert_eq!(result["item_presentations"], 192);
    assert!(result["wall_seconds"].as_f64().unwrap() > 0.0);
    if cfg!(target_os = "linux") {
        assert!(result["peak_memory_bytes"].as_u64().unwrap() > 1_000_000);
    }
    let drawing = fs::read_to_string(desk.at("out.svg")).unwrap();
    assert!(drawing.starts_with("<svg") && drawing.trim_end().ends_with("</svg>") && drawing.contains("vanilla"));
    // Without --out: named by method, vertex and what identifies the trial.
    let report = done(desk.run(&[]));
    let names = desk.names("results");
    assert!(names.len() == 2 && names[0].starts_with("vanilla-n3-") && names[0].ends_with(".json"), "{names:?}");
    assert!(report.contains(&names[0]));
    done(desk.run(&[]));
    assert_eq!(desk.names("results"), names);
    done(desk.run(&["--seed", "2"]));
    assert_eq!(desk.names("results").len(), 4);
}

#[test]
fn flags_go_before_the_file_and_the_file_before_the_defaults() {
    let desk = Desk::new();
    let file =
        "tasks = 2\nitems = 60\nepochs = 1\nmemories = 8\nbatch = \"full\"\nmomentum = 0.25\ncarry_rate = true\n";
    fs::write(desk.at("trial.toml"), file).unwrap();
    let words = ["run", "--data", "images", "--config", "trial.toml", "--out", "a.json"];
    done(desk.dam(&[&words[..], &["--momentum", "0.5", "--n", "2"]].concat()));
    let config = &desk.json("a.json")["config"];
    for (key, value) in [
        ("momentum", Value::from(0.5)),
        ("n", 2.into()),
        ("epochs", 1.into()),
        ("batch", "full".into()),
        ("carry_rate", true.into()),
        ("temperature", 0.875.into()),
        ("final_temperature", 0.875.into()),
    ] {
        assert_eq!(config[key], value, "{key}");
    }
    // A result's own configuration is a file of settings, in another notation.
    let settings = toml::to_string(config).unwrap();
    fs::write(desk.at("again.toml"), settings).unwrap();
    done(desk.dam(&["run", "--data", "images", "--config", "again.toml", "--out", "b.json"]));
    assert_eq!(desk.json("a.json")["accuracy_matrix"], desk.json("b.json")["accuracy_matrix"]);
    assert_eq!(desk.json("a.json")["config"], desk.json("b.json")["config"]);
    for (file, parts) in [
        ("interaction_vertex = 2\n", &["bad.toml", "interaction_vertex"][..]),
        ("n = \"two\"\n", &["bad.toml", "\"two\""]),
        ("n = 2\nn = 3\n", &["bad.toml", "duplicate"]),
        ("n = \n", &["bad.toml"]),
        ("method = \"rehearse\"\n", &["bad.toml", "rehearse", "rehearsal"]),
    ] {
        fs::write(desk.at("bad.toml"), file).unwrap();
        failed(desk.dam(&["run", "--config", "bad.toml"]), 2, parts);
    }
    failed(desk.dam(&["run", "--config", "missing.toml"]), 1, &["missing.toml"]);
}

#[test]
fn values_without_sense_are_refused_by_name_and_with_a_remedy() {
    let desk = Desk::new();
    for (words, parts) in [
        (&["--n", "0"][..], &["n = 0", "from 1 to 100"][..]),
        (&["--n", "101"], &["n = 101", "from 1 to 100"]),
        (&["--n", "-1"], &["-1"]),
        (&["--items", "81"], &["items = 81", "80 images", "at most"]),
        (&["--items", "18446744073709551615"], &["items = 18446744073709551615", "80 images"]),
        (&["--method", "rehearse"], &["rehearse", "rehearsal", "vanilla"]),
        (&["--batch", "0"], &["batch", "\"full\""]),
        (&["--lambda", "-1"], &["lambda = -1", "from 0"]),
        (&["--lambda", "nan"], &["lambda = NaN"]),
        (&["--final-temperature", "nan"], &["final_temperature = NaN"]),
        (&["--temperature", "inf"], &["temperature = inf"]),
        (&["--tasks", "0"], &["tasks = 0", "1 to 200"]),
        (&["--threshold", "0"], &["threshold = 0", "1 to 255"]),
        (&["--validation", "0"], &["validation = 0"]),
        (&["--isa", "sse9"], &["sse9", "baseline", "avx2"]),
        (&["--no-such-flag"], &["--no-such-flag"]),
    ] {
        // The last of the same flag would be refused by clap; leave it out of the tiny ones.
        let tiny: Vec<&str> = TINY.chunks(2).filter(|pair| pair[0] != words[0]).flatten().copied().collect();
        let output = desk.dam(&[&["run", "--data", "images"], &tiny[..], words].concat());
        failed(output, 2, parts);
    }
    // The embedded images are there at two thresholds only.
    failed(desk.dam(&["run", "--threshold", "5"]), 2, &["5", "1 and 128", "--data"]);
    let foreign = if cfg!(target_arch = "aarch64") { "avx2" } else { "neon" };
    failed(desk.run(&["--isa", foreign]), 2, &[foreign, "--isa", "baseline"]);
    assert_eq!(desk.names("."), ["images"]);
}

#[test]
fn every_instruction_set_and_number_of_threads_gives_the_same_result() {
    let desk = Desk::new();
    let mut results = vec![];
    for set in host_harness::machine::InstructionSet::available() {
        for threads in ["1", "2"] {
            let words = [&["run", "--data", "images", "--out", "a.json"], &TINY[..TINY.len() - 2]].concat();
            let set = set.to_string();
            done(desk.dam(&[&words[..], &["--isa", &set, "--threads", threads]].concat()));
            let mut result = desk.json("a.json");
            assert_eq!(
                (result["instruction_set"].as_str(), result["threads"].to_string()),
                (Some(&*set), threads.into())
            );
            for key in
                ["instruction_set", "threads", "item_presentations_per_second", "wall_seconds", "peak_memory_bytes"]
            {
                result.as_object_mut().unwrap().remove(key);
            }
            results.push(result);
        }
    }
    assert!(results.iter().all(|result| *result == results[0]));
}

#[test]
fn images_that_cannot_be_read_are_named() {
    for (name, damage, parts) in [
        (
            "train-images-idx3-ubyte",
            &(|bytes: &mut Vec<u8>| bytes.truncate(100)) as &dyn Fn(&mut Vec<u8>),
            &["100"][..],
        ),
        ("train-images-idx3-ubyte", &|bytes| bytes[3] = 1, &["00000801", "00000803"]),
        ("train-labels-idx1-ubyte", &|bytes| bytes[2] = 13, &["00000d01", "00000801"]),
        ("t10k-labels-idx1-ubyte", &|bytes| bytes.truncate(17), &["17"]),
        ("t10k-images-idx3-ubyte", &|bytes| bytes.clear(), &["0"]),
    ] {
        let desk = Desk::new();
        let path = desk.at("images").join(name);
        let mut bytes = fs::read(&path).unwrap();
        damage(&mut bytes);
        fs::write(&path, bytes).unwrap();
        let message = failed(desk.run(&["--out", "a.json"]), 1, &[name]);
        let lower = message.to_lowercase();
        assert!(parts.iter().all(|part| lower.contains(part)), "{parts:?} in {message}");
        assert_eq!(desk.names("."), ["images"]);
        failed(desk.dam(&["data", "--data", "images"]), 1, &[name]);
    }
    let desk = Desk::new();
    failed(desk.dam(&["run", "--data", "nowhere/at/all"]), 1, &["nowhere/at/all", "--data"]);
    fs::remove_file(desk.at("images/t10k-labels-idx1-ubyte")).unwrap();
    failed(desk.run(&[]), 1, &["test labels", "t10k-labels-idx1-ubyte"]);
}

#[test]
fn a_result_that_could_not_be_written_is_refused_before_training() {
    let desk = Desk::new();
    fs::write(desk.at("file"), b"").unwrap();
    // Hours, if it began.
    let long = ["run", "--epochs", "4000000", "--items", "80", "--data", "images", "--threads", "1"];
    for words in [
        &["--out", "missing/a.json"][..],
        &["--out", "file/a.json"],
        &["--out", "images"],
        &["--out", "a.json", "--save", "missing/net.dam"],
    ] {
        let start = Instant::now();
        let parts = ["cannot write", "missing/", "file/a.json", "images"];
        let message = failed(desk.dam(&[&long[..], words].concat()), 1, &parts[..1]);
        assert!(parts[1..].iter().any(|part| message.contains(part)), "{message}");
        assert!(start.elapsed() < Duration::from_secs(20));
    }
    // One file would take another's place.
    for words in [
        &["--out", "a.json", "--save", "a.json"][..],
        &["--out", "a.json", "--save", "a.svg"],
        &["--save", "./a.svg", "--out", "a.json"],
    ] {
        failed(desk.dam(&[&long[..], words].concat()), 2, &["--save", "a."]);
    }
    assert_eq!(desk.names("."), ["file", "images"]);
}

#[test]
fn a_drawing_has_a_name_of_its_own() {
    let desk = Desk::new();
    for out in ["lambda-0.05", "lambda-0.1", "b.json"] {
        done(desk.run(&["--out", out]));
        assert!(desk.json(out)["format"] == 1);
    }
    let drawings = ["b.json", "b.svg", "images"];
    let others = ["lambda-0.05", "lambda-0.05.svg", "lambda-0.1", "lambda-0.1.svg"];
    assert_eq!(desk.names("."), [&drawings[..], &others].concat());
}

/// A file system of 64 kB in memory, for as long as this lives.
#[cfg(target_os = "linux")]
struct SmallDisk(PathBuf);

#[cfg(target_os = "linux")]
impl SmallDisk {
    fn mount(at: PathBuf) -> Option<Self> {
        fs::create_dir(&at).unwrap();
        let mut mount = Command::new("mount");
        mount.args(["-t", "tmpfs", "-o", "size=64k", "tmpfs"]).arg(&at);
        mount.output().is_ok_and(|done| done.status.success()).then_some(Self(at))
    }
}

#[cfg(target_os = "linux")]
impl Drop for SmallDisk {
    fn drop(&mut self) {
        let _ = Command::new("umount").arg(&self.0).output();
    }
}

#[cfg(target_os = "linux")]
#[test]
fn a_full_disk_leaves_no_part_of_a_file_and_the_scores_are_told() {
    let desk = Desk::new();
    let told = |output: Output, parts: &[&str]| {
        assert_eq!(output.status.code(), Some(1));
        let message = text(&output.stderr);
        assert!(parts.iter().all(|part| message.contains(part)), "{message}");
        assert!(text(&output.stdout).contains("average accuracy"), "{}", text(&output.stdout));
    };
    let Some(_disk) = SmallDisk::mount(desk.at("disk")) else {
        // Past the capture of the test harness: a test that tested nothing is to be seen.
        let note = "NOT TESTED: dam run on a full disk (this user may not mount one); /dev/full is tested instead";
        writeln!(std::io::stderr(), "{note}").unwrap();
        told(desk.run(&["--out", "a.json", "--save", "/dev/full"]), &["/dev/full", "make room"]);
        return;
    };
    // 300 memory vectors of 69 neurons: 83 kB, and the result fits.
    let words: Vec<&str> = TINY.iter().map(|&word| if word == "8" { "300" } else { word }).collect();
    let run = ["run", "--data", "images", "--out", "disk/a.json", "--save", "disk/net.dam"];
    told(desk.dam(&[&run[..], &words].concat()), &["disk/net.dam", "make room"]);
    assert_eq!(desk.names("disk"), ["a.json", "a.svg"]);
    desk.json("disk/a.json");
    // Nothing fits: neither the result nor what comes after it.
    fs::remove_file(desk.at("disk/a.json")).unwrap();
    fs::remove_file(desk.at("disk/a.svg")).unwrap();
    let mut filler = fs::File::create(desk.at("disk/filler")).unwrap();
    while filler.write_all(&[0; 512]).is_ok() {}
    told(desk.run(&["--out", "disk/a.json"]), &["disk/a.json", "make room"]);
    assert_eq!(desk.names("disk"), ["filler"]);
}

#[test]
fn a_saved_network_is_evaluated_converted_and_relaxed() {
    let desk = Desk::new();
    let report = done(desk.run(&["--out", "a.json", "--save", "net.dam"]));
    assert!(report.contains("network  net.dam"));
    let table = done(desk.dam(&["eval", "net.dam", "--data", "images", "--confusion", "--out", "eval.json"]));
    assert!(table.contains("task 2: rows are classes"), "{table}");
    let (result, evaluation) = (desk.json("a.json"), desk.json("eval.json"));
    let scores = evaluation["tasks"].as_array().unwrap();
    for task in 0..2 {
        assert_eq!(scores[task]["accuracy"], result["accuracy_matrix"][1][task]);
        assert_eq!(scores[task]["macro_f1"], result["macro_f1_matrix"][1][task]);
        assert_eq!(scores[task]["confusion"], result["confusion"][task]);
    }
    assert_eq!(evaluation["average_accuracy"], result["average_accuracy"]["accuracy"]);
    failed(desk.dam(&["eval", "net.dam", "--data", "images", "--task", "3"]), 2, &["task 3", "1 to 2"]);
    failed(desk.dam(&["eval", "net.dam", "--data", "images", "--items", "81"]), 2, &["items = 81"]);
    failed(desk.dam(&["eval", "nothing.dam"]), 1, &["nothing.dam", "check the name"]);

    done(desk.dam(&["convert", "net.dam", "net.safetensors"]));
    done(desk.dam(&["convert", "net.safetensors", "back.dam"]));
    assert_eq!(fs::read(desk.at("back.dam")).unwrap(), fs::read(desk.at("net.dam")).unwrap());
    failed(desk.dam(&["convert", "net.dam", "other.dam"]), 2, &["same kind"]);
    failed(desk.dam(&["convert", "net.safetensors", "missing/net.dam"]), 1, &["missing/net.dam", "create it"]);

    let neurons = 64 + 2 + 3;
    let probes: Vec<u8> = (0..3 * neurons).map(|i| if i % 5 < 2 { 1 } else { 0xff }).collect();
    let tensor = TensorView::new(Dtype::I8, vec![3, neurons], &probes).unwrap();
    fs::write(desk.at("probes.safetensors"), safetensors::serialize([("probes", tensor)], None).unwrap()).unwrap();
    let words = ["relax", "net.dam", "--probes", "probes.safetensors", "--out", "relaxed.safetensors"];
    let text = done(desk.dam(&words));
    assert!(text.contains("probes     3\n") && text.contains("sweeps"), "{text}");
    let bytes = fs::read(desk.at("relaxed.safetensors")).unwrap();
    let relaxed = SafeTensors::deserialize(&bytes).unwrap();
    assert_eq!(relaxed.tensor("states").unwrap().shape(), [3, neurons]);
    assert_eq!(relaxed.tensor("sweeps").unwrap().shape(), [3]);
    failed(desk.dam(&["relax", "net.dam", "--probes", "net.safetensors", "--out", "x"]), 1, &["net.safetensors"]);
    assert!(!desk.at("x").exists());
}

#[test]
fn a_damaged_network_is_refused() {
    let desk = Desk::new();
    done(desk.run(&["--out", "a.json", "--save", "net.dam"]));
    let bytes = fs::read(desk.at("net.dam")).unwrap();
    let flipped = |place: usize| {
        let mut bytes = bytes.clone();
        bytes[place] ^= 4;
        bytes
    };
    for (damaged, part) in [
        (flipped(bytes.len() / 2), "checksum"),
        (flipped(0), "no network file"),
        (bytes[..bytes.len() - 1].to_vec(), "it ends after"),
        (bytes[..10].to_vec(), "it ends after"),
        (vec![], "it ends after"),
    ] {
        fs::write(desk.at("bad.dam"), damaged).unwrap();
        failed(desk.dam(&["eval", "bad.dam", "--data", "images"]), 1, &["bad.dam", part]);
        failed(desk.dam(&["convert", "bad.dam", "bad.safetensors"]), 1, &["bad.dam", part]);
        let words = ["relax", "bad.dam", "--probes", "net.dam", "--out", "relaxed.safetensors"];
        failed(desk.dam(&words), 1, &["bad.dam", part]);
    }
    assert_eq!(desk.names("."), ["a.json", "a.svg", "bad.dam", "images", "net.dam"]);
}

#[test]
fn it_is_quiet_where_there_is_no_terminal() {
    let desk = Desk::new();
    let output = desk.run(&["--out", "a.json"]);
    let told = text(&output.stderr);
    assert!(told.lines().all(|line| line.starts_with("after task ")), "{told}");
    let report = done(output);
    assert!(report.chars().all(|c| c == '\n' || !c.is_control()), "{report:?}");
    // A reader that goes away is no failure.
    let mut command = desk.command(&["data", "--data", "images"]);
    let mut child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    drop(child.stdout.take());
    let output = child.wait_with_output().unwrap();
    assert!(output.status.success() && output.stderr.is_empty(), "{output:?}");
}

#[cfg(unix)]
#[test]
fn a_run_that_is_broken_off_leaves_nothing() {
    // Not SIGINT: a shell that starts its jobs in the background has them ignore it.
    for signal in ["-TERM", "-KILL"] {
        let desk = Desk::new();
        fs::create_dir(desk.at("out")).unwrap();
        let words = ["run", "--data", "images", "--items", "80", "--epochs", "4000000", "--threads", "1"];
        let files = ["--out", "out/a.json", "--save", "out/net.dam"];
        let mut child = desk.command(&[&words[..], &files].concat()).stderr(Stdio::null()).spawn().unwrap();
        std::thread::sleep(Duration::from_millis(500));
        assert!(child.try_wait().unwrap().is_none(), "it ended by itself");
        let kill = Command::new("kill").args([signal, &child.id().to_string()]).status();
        if !kill.is_ok_and(|status| status.success()) {
            child.kill().unwrap();
        }
        let status = child.wait().unwrap();
        assert!(!status.success());
        assert!(desk.names("out").is_empty(), "{signal}: {:?}", desk.names("out"));
    }
}

#[test]
fn the_images_are_described() {
    let desk = Desk::new();
    let text = done(desk.dam(&["data", "--data", "images", "--digits", "2"]));
    assert!(text.contains("80") && text.contains("8 x 8 = 64 pixels") && text.contains("sha256"), "{text}");
    failed(desk.dam(&["data", "--data", "images", "--threshold", "0"]), 2, &["threshold 0"]);
}
