//! What is wrong is said in the user's words, with the remedy; what changes nothing is not taken without a word.

use std::fs;

use safetensors::Dtype;
use safetensors::tensor::TensorView;

#[path = "common/dam.rs"]
mod dam;

use dam::{Desk, done, failed, text};

#[test]
fn a_setting_of_another_type_is_refused_without_the_names_of_the_programs_types() {
    let desk = Desk::new();
    for (line, shown) in [
        ("batch = 1.5", "1.5"),
        ("batch = -1", "-1"),
        ("batch = 0", "0"),
        ("batch = \"half\"", "half"),
        ("memory_batch = 2.25", "2.25"),
        ("importance_items = -3", "-3"),
    ] {
        fs::write(desk.at("trial.toml"), format!("{line}\n")).unwrap();
        let parts = ["trial.toml", shown, "a number of items from 1"];
        let message = failed(desk.dam(&["run", "--config", "trial.toml"]), 2, &parts);
        for name in ["untagged", "enum", "variant", "NumberOrText", "u64", "Option"] {
            assert!(!message.contains(name), "{name:?} in {message}");
        }
    }
    for line in ["batch = true", "batch = [1]"] {
        fs::write(desk.at("trial.toml"), format!("{line}\n")).unwrap();
        let message = failed(desk.dam(&["run", "--config", "trial.toml"]), 2, &["trial.toml", "a number or a word"]);
        assert!(!message.contains("untagged"), "{message}");
    }
}

#[test]
fn a_setting_that_does_not_concern_the_method_is_warned_of() {
    let desk = Desk::new();
    let warned = |words: &[&str]| {
        let output = desk.run(&[words, &["--out", "a.json"]].concat());
        let told = text(&output.stderr);
        done(output);
        told
    };
    let told = warned(&["--lambda", "100"]);
    assert!(told.contains("warning: --lambda changes nothing with --method vanilla; leave it out"), "{told}");
    let told = warned(&["--method", "mas", "--proportion", "0.1", "--lambda", "1", "--margin", "0.5"]);
    assert!(told.contains("--proportion changes") && told.contains("--margin changes") && !told.contains("--lambda"));
    assert!(!warned(&["--method", "gem", "--margin", "0.5"]).contains("warning"));
    fs::write(desk.at("trial.toml"), "xi = 0.5\n").unwrap();
    assert!(warned(&["--config", "trial.toml"]).contains("--xi changes nothing"));
    assert!(!warned(&["--config", "trial.toml", "--method", "si"]).contains("warning"));
    // A result has all settings, and nobody chose most of them.
    done(desk.run(&["--out", "b.json"]));
    let again = desk.dam(&["run", "--config", "b.json", "--data", "images", "--out", "c.json"]);
    assert!(!text(&again.stderr).contains("warning"), "{}", text(&again.stderr));
}

#[test]
fn exported_arrays_have_names_that_c_takes_and_guards_of_their_own() {
    let desk = Desk::new();
    done(desk.run(&["--out", "a.json", "--save", "net.dam"]));
    for (file, name) in [
        ("int.h", "model_int"),
        ("class.h", "model_class"),
        ("uint32_t.h", "model_uint32_t"),
        ("DAM.h", "model_dam"),
        ("dam_init.h", "model_dam_init"),
        ("7digits.h", "model_7digits"),
        ("net-8x8.h", "net_8x8"),
    ] {
        done(desk.dam(&["export", "net.dam", "--format", "c", "--out", file]));
        let header = fs::read_to_string(desk.at(file)).unwrap();
        assert!(header.contains(&format!("static const uint32_t {name}[")), "{file}: {}", &header[..300]);
        let guard = header.lines().find_map(|line| line.strip_prefix("#ifndef ")).unwrap();
        assert!(guard.starts_with("MODEL_") && guard != "DAM_H", "{guard}");
    }
}

#[test]
fn a_command_that_is_shown_can_be_pasted() {
    let desk = Desk::new();
    let words = ["plan", "fig10", "--vertices", "2", "--preset", "smoke", "--data", "images", "--items", "60"];
    let text = done(desk.dam(&[&words[..], &["--store", "my store"]].concat()));
    assert!(text.contains("dam work --store 'my store' --shard I/1"), "{text}");
    let text = done(desk.dam(&[&words[..], &["--store", "plain/store"]].concat()));
    assert!(text.contains("dam work --store plain/store --shard"), "{text}");
}

#[test]
fn a_page_of_a_store_that_is_not_there_is_refused() {
    let desk = Desk::new();
    fs::create_dir_all(desk.at("empty/trials")).unwrap();
    for store in ["typo", "empty"] {
        let words = ["report", "--data", "images", "--items", "60", "--store", store, "--out", "page.html"];
        failed(desk.dam(&words), 2, &["--store", store, "no result is there", "dam reproduce"]);
    }
    assert!(!desk.at("page.html").exists() && !desk.at("typo").exists());
}

#[test]
fn energies_beyond_the_numbers_are_refused_and_not_printed() {
    let desk = Desk::new();
    let neurons = 64 + 2 + 3;
    // The first is as large for states that are on, the second for images, which are mostly off.
    let weights: Vec<u8> =
        (0..2 * neurons).flat_map(|i| if i < neurons { 1e30_f32 } else { -1e30 }.to_le_bytes()).collect();
    let memories = TensorView::new(Dtype::F32, vec![2, neurons], &weights).unwrap();
    let metadata =
        [("n", "3"), ("tasks", "2"), ("classes", "3")].map(|(key, value)| (key.to_owned(), value.to_owned()));
    let bytes = safetensors::serialize([("memories", memories)], Some(metadata.into())).unwrap();
    fs::write(desk.at("huge.safetensors"), bytes).unwrap();
    done(desk.dam(&["convert", "huge.safetensors", "huge.dam"]));
    let probes = vec![1_u8; neurons];
    let tensor = TensorView::new(Dtype::I8, vec![1, neurons], &probes).unwrap();
    fs::write(desk.at("probes.safetensors"), safetensors::serialize([("probes", tensor)], None).unwrap()).unwrap();
    let words = ["relax", "huge.dam", "--probes", "probes.safetensors", "--out", "out.safetensors"];
    let parts = ["huge.dam: an energy of -inf", "too large for f32 numbers at n = 3", "F64"];
    failed(desk.dam(&words), 1, &parts);
    assert!(!desk.at("out.safetensors").exists());
    let words = ["eval", "huge.dam", "--data", "images", "--items", "60", "--out", "out.json"];
    failed(desk.dam(&words), 1, &parts);
    assert!(!desk.at("out.json").exists());
}
