//! Images that nothing can be learned from, and images in the forms that sets come in.

use std::fs;
use std::path::Path;

#[path = "common/dam.rs"]
mod dam;

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
