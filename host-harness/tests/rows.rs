//! Data that are no images: tables and prototypes from the command line.
#![allow(missing_docs, reason = "a test")]

use std::fmt::Write as _;
use std::fs;
use std::io::Write as _;

#[path = "common/dam.rs"]
mod dam;

use dam::{Desk, done, failed};
use serde_json::Value;

const SMALL: &[&str] = &["--items", "60", "--epochs", "20", "--memories", "16", "--threads", "1"];

/// Rows of two numbers and a word, of two classes.
fn table(rows: std::ops::Range<u32>) -> String {
    let mut text = String::from("height,colour,width,kind\n");
    for row in rows {
        let (tall, word) = if row % 2 == 0 { (row % 7, "red") } else { (10 + row % 7, "blue") };
        let colour = if row % 5 == 0 { "" } else { word };
        let kind = if row % 2 == 0 { "small" } else { "large" };
        let _ = writeln!(text, "{tall},{colour},{}.5,{kind}", row % 3);
    }
    text
}

fn run(desk: &Desk, data: &str, more: &[&str]) -> std::process::Output {
    desk.dam(&[&["run", "--data", data, "--out", "result.json"], SMALL, more].concat())
}

fn refused(desk: &Desk, data: &str, more: &[&str]) -> (Option<i32>, String) {
    let output = run(desk, data, more);
    (output.status.code(), String::from_utf8_lossy(&output.stderr).into_owned())
}

#[test]
fn a_table_is_learned_and_other_rows_are_encoded_as_its_network_says() {
    let desk = Desk::new();
    // As a spreadsheet saves it.
    fs::write(desk.at("all.csv"), "\u{feff}".to_owned() + &table(0..200)).unwrap();
    fs::write(desk.at("own.toml"), "[table]\nfile = \"all.csv\"\nlabel = \"kind\"\nlevels = 4\nignore = [\"width\"]\n")
        .unwrap();
    for data in ["all.csv", "own.toml"] {
        done(run(&desk, data, &["--save", "net.dam", "--tasks", "1"]));
        let result: Value = serde_json::from_slice(&fs::read(desk.at("result.json")).unwrap()).unwrap();
        assert_eq!(result["data"]["pixels"], if data == "all.csv" { 12 } else { 6 });
        assert!(
            result["average_accuracy"]["accuracy"].as_f64().unwrap() > 0.7,
            "{data}: {}",
            result["average_accuracy"]
        );
        let eval = |data: &str| {
            done(desk.dam(&["eval", "net.dam", "--data", data, "--out", "scores.json", "--items", "60"]));
            serde_json::from_slice::<Value>(&fs::read(desk.at("scores.json")).unwrap()).unwrap()
        };
        assert_eq!(eval(data)["same_data"], true);
        // Of these alone the cut points would be others, and there would be fewer neurons.
        fs::write(desk.at("some.csv"), table(100..163)).unwrap();
        let some = eval("some.csv");
        assert_eq!(some["same_data"], false);
        assert!(some["average_accuracy"].as_f64().unwrap() > 0.7, "{data}: {some}");
    }
    let told = done(desk.dam(&["data", "--data", "own.toml"]));
    assert!(
        told.contains("height                   4 cut points") && told.contains("class 0                  large"),
        "{told}"
    );
}

#[test]
fn tensors_and_prototypes_are_learned_as_well() {
    let desk = Desk::new();
    let numbers = |row: u32| [(row % 2) as f32, (row % 5 + 5 * (row % 2)) as f32];
    let x: Vec<u8> = (0..80).flat_map(numbers).flat_map(f32::to_le_bytes).collect();
    let y: Vec<u8> = (0..80_i64).flat_map(|i| (i % 2).to_le_bytes()).collect();
    let view =
        |dtype, shape: &[usize], data| safetensors::tensor::TensorView::new(dtype, shape.to_vec(), data).unwrap();
    let tensors =
        [("x", view(safetensors::Dtype::F32, &[80, 2], &x[..])), ("y", view(safetensors::Dtype::I64, &[80], &y[..]))];
    safetensors::serialize_to_file(tensors, None, &desk.at("arrays.safetensors")).unwrap();
    // The same as NumPy has them, compressed as savez_compressed does.
    let mut archive = zip::ZipWriter::new(fs::File::create(desk.at("arrays.npz")).unwrap());
    for (name, descr, shape, data) in [("x", "<f4", "(80, 2)", &x), ("y", "<i8", "(80,)", &y)] {
        archive.start_file(format!("{name}.npy"), zip::write::SimpleFileOptions::default()).unwrap();
        let header = format!("{{'descr': '{descr}', 'fortran_order': False, 'shape': {shape}, }}\n");
        archive.write_all(b"\x93NUMPY\x01\x00").unwrap();
        archive.write_all(&(header.len() as u16).to_le_bytes()).unwrap();
        archive.write_all(&[header.as_bytes(), data].concat()).unwrap();
    }
    archive.finish().unwrap();
    let digest = |data: &str| {
        let told = done(desk.dam(&["data", "--data", data]));
        told.lines().find(|line| line.starts_with("sha256")).unwrap().to_owned()
    };
    assert_eq!(digest("arrays.npz"), digest("arrays.safetensors"));
    fs::write(desk.at("patterns.toml"), "[prototypes]\nneurons = 64\nclasses = 3\nitems = 300\ncorrelation = 0.3\n")
        .unwrap();
    for (data, pixels) in [("arrays.safetensors", 9), ("patterns.toml", 64)] {
        done(run(&desk, data, &["--save", "net.dam"]));
        let result: Value = serde_json::from_slice(&fs::read(desk.at("result.json")).unwrap()).unwrap();
        assert_eq!(result["data"]["pixels"], pixels);
        assert!(result["accuracy_matrix"][0][0].as_f64().unwrap() > 0.7, "{data}: {}", result["accuracy_matrix"]);
        done(desk.dam(&["draw", "net.dam", "--data", data, "--probes", "10"]));
    }
}

#[test]
fn what_rows_cannot_be_is_said() {
    let desk = Desk::new();
    fs::write(desk.at("all.csv"), table(0..200)).unwrap();
    fs::write(desk.at("gap.csv"), "a,label\n1,x\n2,\n").unwrap();
    fs::write(desk.at("short.csv"), "a,label\n1,x\n2\n").unwrap();
    fs::write(desk.at("flat.csv"), "a,label\n1,x\n1,y\n").unwrap();
    fs::write(desk.at("semicolons.csv"), "a;label\n1;x\n2;y\n").unwrap();
    fs::write(desk.at("noise.toml"), "[prototypes]\nnoise = 0.9\n").unwrap();
    fs::write(desk.at("typo.toml"), "[prototypes]\nnoize = 0.1\n").unwrap();
    fs::write(desk.at("none.toml"), "").unwrap();
    fs::write(desk.at("label.toml"), "[table]\nfile = \"all.csv\"\nlabel = \"sort\"\n").unwrap();
    for (data, more, code, words) in [
        ("all.csv", &["--kind", "rotated"][..], 2, "rows, no images"),
        ("all.csv", &["--threshold", "128"], 2, "threshold = 128"),
        ("all.csv", &["--pixels", "2x2"], 2, "pixels = 2x2"),
        ("none.csv", &[], 1, "none.csv"),
        ("gap.csv", &[], 1, "line 3: the label is missing"),
        ("short.csv", &[], 1, "short.csv"),
        ("flat.csv", &[], 1, "nothing to learn"),
        ("semicolons.csv", &[], 1, "values are separated by commas"),
        ("noise.toml", &[], 1, "noise = 0.9: give a number from 0 to 0.5"),
        ("typo.toml", &[], 1, "noize"),
        ("none.toml", &[], 1, "give one of [table], [prototypes] and [[set]]"),
        ("label.toml", &[], 1, "there is no column \"sort\"; there are height, colour, width, kind"),
    ] {
        let (found, said) = refused(&desk, data, more);
        assert!(found == Some(code) && said.contains(words), "{data} {more:?}: {found:?} {said}");
        assert!(!desk.at("result.json").exists());
    }
    done(run(&desk, "all.csv", &["--save", "net.dam"]));
    fs::write(desk.at("other.csv"), table(0..200).replace("height", "length").replace("large", "huge")).unwrap();
    let output = desk.dam(&["eval", "net.dam", "--data", "other.csv"]);
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.code() == Some(1) && said.contains("\"huge\" is none of the network's classes"), "{said}");
}

#[test]
fn several_sets_are_one_and_each_task_of_a_list_has_its_own() {
    let desk = Desk::new();
    fs::write(
        desk.at("sets.toml"),
        "[[set]]\nname = \"bars\"\npath = \"images\"\n[[set]]\nname = \"again\"\npath = \"images\"\nfirst_class = 3\n",
    )
    .unwrap();
    fs::write(desk.at("tasks.toml"), "[[task]]\nset = \"bars\"\n[[task]]\nset = \"again\"\nclasses = [3, 5]\n")
        .unwrap();
    let told = done(desk.dam(&["data", "--data", "sets.toml"]));
    assert!(told.contains("bars+again") && told.contains("160 (140 for training, 20 for tests)"), "{told}");
    let train = ["run", "--data", "sets.toml", "--kind", "tasks.toml", "--out", "result.json", "--save", "net.dam"];
    let small = ["--items", "40", "--epochs", "30", "--memories", "16", "--method", "rehearsal", "--proportion", "1"];
    done(desk.dam(&[&train[..], &small].concat()));
    let result: Value = serde_json::from_slice(&fs::read(desk.at("result.json")).unwrap()).unwrap();
    assert_eq!((&result["data"]["classes"], &result["config"]["kind"][1]["set"]), (&6.into(), &"again".into()));
    // What the second task has are its own classes: of the second set, without the one in the middle.
    let confusion = result["confusion"][1].as_array().unwrap();
    let shown =
        |class: usize| confusion[class].as_array().unwrap().iter().map(|count| count.as_u64().unwrap()).sum::<u64>();
    assert_eq!([0, 1, 2, 4].map(shown), [0; 4]);
    assert!(shown(3) > 0 && shown(5) > 0, "{confusion:?}");
    done(desk.dam(&["eval", "net.dam", "--data", "sets.toml"]));
    // A result over one of its images is refused as with any data.
    failed(
        desk.dam(
            &[&train[..3], &["--kind", "tasks.toml", "--out", "images/train-labels-idx1-ubyte"], &small].concat()[..],
        ),
        2,
        &["images/train-labels-idx1-ubyte"],
    );

    fs::write(desk.at("other.toml"), "[[task]]\nset = \"letters\"\n").unwrap();
    failed(
        desk.dam(&["run", "--data", "sets.toml", "--kind", "other.toml", "--items", "40"]),
        2,
        &["\"letters\"", "it has bars"],
    );
    failed(desk.dam(&["run", "--data", "images", "--kind", "other.toml", "--items", "40"]), 2, &["\"letters\""]);
    for (text, words) in [
        (
            "[[set]]\nname = \"a\"\npath = \"images\"\n[[set]]\nname = \"b\"\n",
            "28 x 28 pixels, and the sets before it 8 x 8",
        ),
        ("[[set]]\nname = \"a\"\n[[set]]\nname = \"a\"\n", "two sets are called \"a\""),
        ("[[set]]\nname = \"a\"\npath = \"images\"\nfirst_class = 254\n", "first_class"),
        ("[[set]]\nname = \"a\"\npath = \"bad.toml\"\n", "bad.toml has rows"),
        ("[prototypes]\n[[set]]\nname = \"a\"\n", "one of [table]"),
        ("[[set]]\nname = \"a\"\npath = \"nowhere\"\n", "looked for nowhere-train"),
    ] {
        fs::write(desk.at("bad.toml"), text).unwrap();
        failed(desk.dam(&["data", "--data", "bad.toml"]), 1, &[words]);
    }
}
