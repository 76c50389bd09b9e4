//! A result is enough to run its trial again, and a last test sees images that nothing else saw.

use std::fs;

#[path = "common/dam.rs"]
mod dam;

use dam::{Desk, TINY, done, failed};

/// What a trial found, as it stands in a file: all before how it ran.
fn found(desk: &Desk, name: &str) -> String {
    let text = fs::read_to_string(desk.at(name)).unwrap();
    text.split("\"instruction_set\"").next().unwrap().to_owned()
}

#[test]
fn a_result_is_run_again_from_itself_byte_for_byte() {
    let desk = Desk::new();
    for more in [
        &[][..],
        &["--pixels", "4x4"],
        &["--pixels", "2x8", "--method", "gem", "--precision", "f64"],
        &["--pool", "train", "--method", "pseudorehearsal"],
        &["--threshold-share", "0.3", "--seed", "18446744073709551615", "--momentum", "0.3"],
    ] {
        done(desk.run(&[&["--out", "a.json"], more].concat()));
        let report = done(desk.dam(&["run", "--config", "a.json", "--data", "images", "--out", "b.json"]));
        assert!(report.contains("again    the same as a.json"), "{report}");
        assert_eq!(found(&desk, "a.json"), found(&desk, "b.json"), "{more:?}");
    }
    // Another seed is another trial.
    let report = done(desk.dam(&["run", "--config", "a.json", "--data", "images", "--out", "b.json", "--seed", "7"]));
    assert!(!report.contains("again"), "{report}");
}

#[test]
fn the_size_of_pooled_images_is_recorded_and_pooling_makes_no_other_trial_of_the_same_images() {
    let desk = Desk::new();
    for (size, out) in [("4x2", "a.json"), ("2x4", "b.json")] {
        done(desk.run(&["--pixels", size, "--out", out]));
        let result = desk.json(out);
        assert_eq!((&result["config"]["pixels"], &result["data"]["pixels"]), (&size.into(), &8.into()));
    }
    done(desk.run(&["--out", "c.json"]));
    assert!(desk.json("c.json")["config"].get("pixels").is_none(), "the default is left out, as in earlier files");
    // A result from before the size was recorded needs to be told.
    let mut old = desk.json("a.json");
    old["config"].as_object_mut().unwrap().remove("pixels");
    old.as_object_mut().unwrap().remove("digest");
    fs::write(desk.at("old.json"), old.to_string()).unwrap();
    let words = ["run", "--data", "images", "--config", "old.json", "--out", "again.json"];
    failed(desk.dam(&words), 2, &["old.json", "of 8 pixels", "of 64 pixels", "--pixels WxH"]);
    let report = done(desk.dam(&[&words[..], &["--pixels", "4x2"]].concat()));
    assert!(report.contains("again    the same as old.json"), "{report}");
    done(desk.run(&["--pixels", "4x2"]));
    let old: host_harness::outcome::Outcome = serde_json::from_value(old).unwrap();
    let names = desk.names("results");
    assert!(names.iter().any(|name| name.contains(&old.identity())), "{} in {names:?}", old.identity());
}

#[test]
fn images_that_a_result_was_not_made_with_are_refused_by_digest() {
    let desk = Desk::new();
    done(desk.run(&["--out", "a.json"]));
    let digest = desk.json("a.json")["data"]["digest"].as_str().unwrap().to_owned();
    let message =
        failed(desk.dam(&["run", "--config", "a.json", "--out", "b.json"]), 2, &["a.json", &digest, "--data DIR"]);
    assert!(message.contains("80 images of images"), "{message}");
    let mut later = desk.json("a.json");
    later["config"]["a_later_setting"] = 1.into();
    later.as_object_mut().unwrap().remove("digest");
    fs::write(desk.at("later.json"), later.to_string()).unwrap();
    failed(desk.dam(&["run", "--config", "later.json", "--data", "images"]), 2, &["later.json", "a_later_setting"]);
    fs::write(desk.at("half.json"), &fs::read(desk.at("a.json")).unwrap()[..500]).unwrap();
    failed(desk.dam(&["run", "--config", "half.json", "--data", "images"]), 1, &["half.json", "EOF"]);
}

#[test]
fn with_the_training_images_alone_as_pool_the_test_images_are_seen_by_the_last_test_only() {
    let desk = Desk::new();
    let scores = |result: &serde_json::Value| (result["accuracy_matrix"].clone(), result["confusion"].clone());
    let report = done(desk.run(&["--pool", "train", "--out", "a.json"]));
    assert!(report.contains("on 10 images that no task was drawn from"), "{report}");
    let before = desk.json("a.json");
    assert_eq!((&before["config"]["pool"], &before["test"]["images"]), (&"train".into(), &10.into()));
    assert_eq!(before["test"]["accuracy"].as_array().unwrap().len(), 2);
    let tiny: Vec<&str> = TINY.chunks(2).filter(|pair| pair[0] != "--items").flatten().copied().collect();
    let words = [&["run", "--data", "images", "--pool", "train", "--items", "71"][..], &tiny].concat();
    failed(desk.dam(&words), 2, &["items = 71", "the training part of images has 70 images"]);
    // Other test images change nothing but the last test.
    let path = desk.at("images/t10k-labels-idx1-ubyte");
    let labels = fs::read(&path).unwrap();
    let turned: Vec<u8> = labels.iter().enumerate().map(|(i, &b)| if i < 8 { b } else { (b + 1) % 3 }).collect();
    fs::write(&path, turned).unwrap();
    done(desk.run(&["--pool", "train", "--out", "b.json"]));
    let after = desk.json("b.json");
    assert_eq!(scores(&before), scores(&after));
    assert_ne!(before["test"], after["test"]);
    // With all images as pool, as the paper has it, they are drawn for tasks, and there is no last test.
    done(desk.run(&["--out", "c.json"]));
    assert!(desk.json("c.json").get("test").is_none() && desk.json("c.json")["config"].get("pool").is_none());
}
