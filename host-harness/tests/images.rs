//! Images that nothing can be learned from, and images in the forms that sets come in.

use std::fs;
use std::path::Path;

#[path = "common/dam.rs"]
mod dam;

use std::io::Write as _;

use flate2::Compression;
use flate2::write::GzEncoder;
use host_harness::data::Dataset;

use dam::{Desk, done, failed, text};

/// Writes a set of `grey` images of 8 x 8 pixels into `folder`, with these labels, as training and as test images.
fn write(folder: &Path, grey: &dyn Fn(usize, usize) -> u8, labels: &[u8]) {
    fs::create_dir_all(folder).unwrap();
    for part in ["train", "t10k"] {
        let count = (labels.len() as u32).to_be_bytes();
        let mut images = [&[0, 0, 8, 3][..], &count, &[0, 0, 0, 8, 0, 0, 0, 8]].concat();
        images.extend((0..labels.len()).flat_map(|image| (0..64).map(move |pixel| grey(image, pixel))));
        fs::write(folder.join(format!("{part}-images-idx3-ubyte")), images).unwrap();
        let labels = [&[0, 0, 8, 1][..], &count, labels].concat();
        fs::write(folder.join(format!("{part}-labels-idx1-ubyte")), labels).unwrap();
    }
}

fn labels(classes: u8) -> Vec<u8> {
    (0..60).map(|i| i % classes).collect()
}

const RUN: &[&str] = &["run", "--tasks", "1", "--items", "60", "--epochs", "1", "--memories", "4", "--out", "a.json"];

#[test]
fn images_that_are_all_black_or_all_white_are_refused_with_the_threshold_that_shows_them() {
    let desk = Desk::new();
    // As scikit-learn's digits are: grey values 0 to 16.
    write(&desk.at("dark"), &|image, pixel| if pixel % 3 == image % 3 { 16 } else { 0 }, &labels(3));
    write(&desk.at("light"), &|image, pixel| if pixel % 3 == image % 3 { 255 } else { 200 }, &labels(3));
    write(&desk.at("black"), &|_, _| 0, &labels(3));
    let dark = ["dark", "no pixel", "grey values go from 0 to 16", "--threshold 1,", "--threshold-share 0.5"];
    let light = ["light", "every pixel", "from 200 to 255", "--threshold 201,"];
    for (data, threshold, parts) in [
        ("dark", "128", &dark[..]),
        ("light", "1", &light),
        ("black", "1", &["black", "no pixel", "give other images"]),
    ] {
        let images = ["--data", data, "--threshold", threshold];
        failed(desk.dam(&[RUN, &images].concat()), 2, parts);
        failed(desk.dam(&[&["data"][..], &images].concat()), 2, parts);
        let store = ["reproduce", "table2", "--preset", "smoke", "--items", "60"];
        failed(desk.dam(&[&store[..], &images].concat()), 2, parts);
    }
    // At a size at which nothing is left of them, neither.
    failed(desk.dam(&[RUN, &["--data", "images", "--pixels", "1x1"]].concat()), 2, &["1 x 1", "a larger --pixels"]);
    // A share of the largest value serves them all.
    for data in ["dark", "light"] {
        done(desk.dam(&[RUN, &["--data", data, "--threshold-share", "0.9"]].concat()));
        let threshold = if data == "dark" { 15 } else { 230 };
        assert_eq!(desk.json("a.json")["config"]["threshold"], threshold);
        let told = done(desk.dam(&["data", "--data", data, "--threshold-share", "0.9"]));
        assert!(told.contains(&format!("threshold  {threshold} ")), "{told}");
    }
    failed(desk.dam(&[RUN, &["--threshold-share", "0"]].concat()), 2, &["above 0, at most 1"]);
}

#[test]
fn dam_data_shows_the_images_that_dam_run_learns() {
    let desk = Desk::new();
    for more in [&[][..], &["--data", "images"], &["--threshold", "128"]] {
        done(desk.dam(&[RUN, more].concat()));
        let told = done(desk.dam(&[&["data"][..], more].concat()));
        let digest = desk.json("a.json")["data"]["digest"].as_str().unwrap().to_owned();
        assert!(told.contains(&digest), "{more:?}: no {digest} in {told}");
    }
}

#[test]
fn blank_images_and_classes_without_images_are_warned_of() {
    let desk = Desk::new();
    write(&desk.at("odd"), &|image, pixel| if image > 0 && pixel == image { 9 } else { 0 }, &[0, 1, 3].repeat(20));
    for words in [RUN, &["data"]] {
        let output = desk.dam(&[words, &["--data", "odd", "--threshold", "1"]].concat());
        let told = text(&output.stderr);
        done(output);
        assert!(told.contains("warning: 2 of the 120 images of odd have no pixel on at threshold 1"), "{told}");
        assert!(told.contains("odd has no image of class 2") && told.contains("from 0 without gaps"), "{told}");
    }
}

/// Writes a file of labels of 32 bits with two more columns, as QMNIST has them.
fn in_columns(path: &Path, labels: &[u8]) {
    let sizes = [labels.len() as u32, 3].map(u32::to_be_bytes).concat();
    let rows = labels.iter().flat_map(|&label| [u32::from(label), 0x0102_0304, u32::MAX]).flat_map(u32::to_be_bytes);
    fs::write(path, [0, 0, 12, 2].into_iter().chain(sizes).chain(rows).collect::<Vec<u8>>()).unwrap();
}

fn striped(image: usize, pixel: usize) -> u8 {
    if pixel % 3 == image % 3 { 255 } else { 0 }
}

#[test]
fn labels_with_more_than_a_column_are_read_as_the_first_of_them() {
    let desk = Desk::new();
    write(&desk.at("plain"), &striped, &labels(3));
    write(&desk.at("q"), &striped, &labels(3));
    for (part, name) in [("train", "train-labels-idx2-int"), ("t10k", "t10k-labels-idx2-int")] {
        in_columns(&desk.at("q").join(name), &labels(3));
        fs::remove_file(desk.at("q").join(format!("{part}-labels-idx1-ubyte"))).unwrap();
    }
    let load = |name: &str| Dataset::from_idx_dir(&desk.at(name), 1).unwrap();
    assert_eq!(load("q").digest(), load("plain").digest());
    done(desk.dam(&[RUN, &["--data", "q"]].concat()));
    in_columns(&desk.at("q/train-labels-idx2-int"), &labels(3)[1..]);
    failed(desk.dam(&[RUN, &["--data", "q"]].concat()), 1, &["60 images", "59 labels", "train-labels-idx2-int"]);
}

#[test]
fn a_set_without_test_files_is_its_training_images() {
    let desk = Desk::new();
    write(&desk.at("half"), &striped, &labels(3));
    for kind in ["images-idx3", "labels-idx1"] {
        fs::remove_file(desk.at(&format!("half/t10k-{kind}-ubyte"))).unwrap();
    }
    assert!(done(desk.dam(&["data", "--data", "half"])).contains("60 (60 for training, 0 for tests)"));
    for pool in ["all", "train"] {
        done(desk.dam(&[RUN, &["--data", "half", "--pool", pool]].concat()));
        assert!(desk.json("a.json").get("test").is_none());
    }
    // One file of the two is a mistake.
    write(&desk.at("odd"), &striped, &labels(3));
    fs::remove_file(desk.at("odd/t10k-images-idx3-ubyte")).unwrap();
    failed(desk.dam(&[RUN, &["--data", "odd"]].concat()), 1, &["test images", "t10k-images-idx3-ubyte"]);
}

#[test]
fn zeros_behind_gzip_are_nothing_and_other_bytes_are_refused() {
    let desk = Desk::new();
    write(&desk.at("plain"), &striped, &labels(3));
    write(&desk.at("packed"), &striped, &labels(3));
    let pack = |bytes: &[u8]| {
        let mut encoder = GzEncoder::new(vec![], Compression::default());
        encoder.write_all(bytes).unwrap();
        encoder.finish().unwrap()
    };
    let path = desk.at("packed/train-labels-idx1-ubyte");
    let whole = fs::read(&path).unwrap();
    let digest = |name: &str| Dataset::from_idx_dir(&desk.at(name), 1).map(|set| set.digest().to_owned());
    let expected = digest("plain").unwrap();
    let (one, other) = whole.split_at(20);
    for bytes in [
        pack(&whole),
        [pack(&whole), vec![0; 512]].concat(),
        [pack(one), pack(other)].concat(),
        [pack(one), pack(other), vec![0; 1]].concat(),
    ] {
        fs::write(&path, &bytes).unwrap();
        assert_eq!(digest("packed").unwrap(), expected);
        // Cut anywhere, it is refused or the same.
        for length in (0..bytes.len()).filter(|length| length % 7 == 0) {
            fs::write(&path, &bytes[..length]).unwrap();
            assert!(digest("packed").map_or(true, |found| found == expected), "{length} of {}", bytes.len());
        }
    }
    for garbage in [&b"garbage"[..], &[0, 0, 1], &[0x1f, 0x8b, 0, 0]] {
        fs::write(&path, [&pack(&whole)[..], garbage].concat()).unwrap();
        let message = failed(desk.dam(&[RUN, &["--data", "packed"]].concat()), 1, &["train-labels-idx1-ubyte"]);
        assert!(message.contains("fetch the file again") || message.contains("file again"), "{message}");
    }
}

#[test]
fn labels_that_start_at_one_leave_no_empty_class() {
    let desk = Desk::new();
    let shifted: Vec<u8> = labels(26).iter().map(|label| label + 1).collect();
    write(&desk.at("letters"), &striped, &shifted);
    write(&desk.at("from0"), &striped, &labels(26));
    let output = desk.dam(&[RUN, &["--data", "letters"]].concat());
    assert!(text(&output.stderr).contains("the labels of letters start at 1: class 0 is label 1"));
    done(output);
    assert_eq!(desk.json("a.json")["data"]["classes"], 26);
    let load = |name: &str| Dataset::from_idx_dir(&desk.at(name), 1).unwrap();
    assert_eq!((load("letters").digest(), load("letters").first_label()), (load("from0").digest(), 1));
}
