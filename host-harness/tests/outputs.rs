//! No command writes where it reads, nor one file over another, nor a file under the ending of another form.

use std::fs;

use safetensors::SafeTensors;
use safetensors::tensor::TensorView;

#[path = "common/dam.rs"]
mod dam;

use dam::{Desk, done, failed};

/// A desk with a network, `net.dam`, its result, `a.json`, and probes for it.
fn desk() -> Desk {
    let desk = Desk::new();
    done(desk.run(&["--out", "a.json", "--save", "net.dam"]));
    let neurons = 64 + 2 + 3;
    let probes = vec![1_u8; neurons];
    let tensor = TensorView::new(safetensors::Dtype::I8, vec![1, neurons], &probes).unwrap();
    fs::write(desk.at("probes.safetensors"), safetensors::serialize([("probes", tensor)], None).unwrap()).unwrap();
    desk
}

/// All files of a desk and what is in them.
fn content(desk: &Desk) -> Vec<(String, Vec<u8>)> {
    let names =
        desk.names(".").into_iter().chain(desk.names("images").into_iter().map(|name| format!("images/{name}")));
    names.filter(|name| desk.at(name).is_file()).map(|name| (name.clone(), fs::read(desk.at(&name)).unwrap())).collect()
}

#[cfg(unix)]
#[test]
fn no_command_writes_over_a_file_that_it_reads() {
    let desk = desk();
    fs::hard_link(desk.at("net.dam"), desk.at("hard")).unwrap();
    std::os::unix::fs::symlink("net.dam", desk.at("soft")).unwrap();
    fs::write(desk.at("trial"), "items = 60\n").unwrap();
    let images = "images/train-images-idx3-ubyte";
    let before = content(&desk);
    for words in [
        &["export", "net.dam", "--format", "bin", "--out", "hard"][..],
        &["export", "net.dam", "--format", "bin", "--out", "soft"],
        &["export", "soft", "--format", "bin", "--out", "./soft"],
        &["eval", "net.dam", "--data", "images", "--out", "hard"],
        &["eval", "soft", "--data", "images", "--out", "images/../soft"],
        &["eval", "net.dam", "--data", "images", "--out", images],
        &["relax", "soft", "--probes", "probes.safetensors", "--out", "hard"],
        &["relax", "net.dam", "--probes", "probes.safetensors", "--out", "probes.safetensors"],
        &["convert", "net.dam", "net.dam"],
        &["run", "--config", "trial", "--out", "trial"],
        &["run", "--config", "trial", "--save", "trial"],
        &["run", "--data", "images", "--items", "60", "--out", images],
        &["report", "--data", "images", "--store", ".", "--out", images],
    ] {
        failed(desk.dam(words), 2, &["which is read", "give another name"]);
        assert!(content(&desk) == before, "{words:?}");
    }
    // A store's own results, too.
    fs::create_dir_all(desk.at("store/trials")).unwrap();
    fs::copy(desk.at("a.json"), desk.at("store/trials/a.json")).unwrap();
    for words in [&["trials", "--store", "store", "--csv"][..], &["report", "--store", "store", "--out"]] {
        let words = [words, &["store/trials/a.json"]].concat();
        failed(desk.dam(&words), 2, &["give a name that ends in"]);
        fs::copy(desk.at("a.json"), desk.at("store/trials/a")).unwrap();
        let words = [&words[..words.len() - 1], &["store/trials/a"]].concat();
        failed(desk.dam(&words), 2, &["which is read"]);
    }
}

#[cfg(unix)]
#[test]
fn no_output_is_written_over_another_by_any_name() {
    let desk = desk();
    std::os::unix::fs::symlink("a.json", desk.at("link")).unwrap();
    std::os::unix::fs::symlink(".", desk.at("here")).unwrap();
    let before = content(&desk);
    for words in [
        &["--out", "a.json", "--save", "link"][..],
        &["--out", "link", "--save", "a.json"],
        &["--out", "new", "--save", "new"],
        &["--out", "new", "--save", "here/new"],
        &["--out", "b.json", "--save", "b", "--drawing", "b"],
        &["--out", "b", "--drawing", "./b"],
    ] {
        failed(desk.run(words), 2, &["give a"]);
        assert!(content(&desk) == before, "{words:?}");
    }
    // A link that leads nowhere would be reported as written, and whatever made it would look elsewhere.
    std::os::unix::fs::symlink("gone/x.json", desk.at("dangling")).unwrap();
    for words in [&["--out", "dangling"][..], &["--out", "b.json", "--save", "dangling"]] {
        failed(desk.run(words), 1, &["dangling", "it is a link to gone/x.json, which is not there"]);
    }
    assert!(content(&desk) == before);
}

#[test]
fn an_ending_names_the_form_that_is_written() {
    let desk = desk();
    // Of the two forms of a network the ending chooses.
    let report = done(desk.run(&["--out", "b.json", "--save", "b.safetensors"]));
    assert!(report.contains("network  b.safetensors"), "{report}");
    let bytes = fs::read(desk.at("b.safetensors")).unwrap();
    assert_eq!(SafeTensors::deserialize(&bytes).unwrap().tensor("memories").unwrap().shape(), [8, 69]);
    done(desk.dam(&["convert", "b.safetensors", "b.dam"]));
    assert_eq!(fs::read(desk.at("b.dam")).unwrap(), fs::read(desk.at("net.dam")).unwrap());
    for (words, parts) in [
        (&["run", "--out", "c.dam"][..], ["a network file", ".json"]),
        (&["run", "--out", "c.svg"], ["a drawing", ".json"]),
        (&["run", "--out", "c.JSON", "--save", "c.json"], ["JSON", ".dam or .safetensors"]),
        (&["run", "--drawing", "c.html"], ["a page", ".svg"]),
        (&["eval", "net.dam", "--out", "c.csv"], ["comma-separated values", ".json"]),
        (&["relax", "net.dam", "--probes", "probes.safetensors", "--out", "c.dam"], ["a network file", ".safetensors"]),
        (&["export", "net.dam", "--format", "rust", "--out", "c.h"], ["a header of C", ".rs"]),
        (&["export", "net.dam", "--format", "bin", "--out", "c.safetensors"], ["tensors", ".bin"]),
        (&["report", "--out", "c.json"], ["JSON", ".html"]),
        (&["trials", "--csv", "c.parquet"], ["Parquet", ".csv"]),
        (&["audit", "--out", "c.csv"], ["comma-separated values", ".tsv"]),
        (&["bench", "--n", "2", "--export", "c.dam"], ["a network file", ".safetensors"]),
    ] {
        failed(desk.dam(words), 2, &[&parts[..], &["give a name that ends in"]].concat());
    }
    for words in [&["--out", "-"][..], &["--save", "-"], &["--drawing", "-"]] {
        failed(desk.run(words), 2, &["a hyphen names no file; give /dev/stdout"]);
    }
    assert!(desk.names(".").iter().all(|name| !name.starts_with('c') && !name.starts_with('-')));
}

#[test]
fn the_drawing_can_be_left_out_and_follows_no_result_to_a_device() {
    let desk = Desk::new();
    done(desk.run(&["--out", "a.json", "--no-drawing"]));
    done(desk.run(&["--out", "b.json", "--drawing", "elsewhere.svg"]));
    assert_eq!(desk.names("."), ["a.json", "b.json", "elsewhere.svg", "images"]);
    failed(desk.run(&["--no-drawing", "--drawing", "c.svg"]), 2, &["--no-drawing"]);
    #[cfg(unix)]
    {
        let report = done(desk.run(&["--out", "/dev/null"]));
        assert!(!report.contains("drawing") && !std::path::Path::new("/dev/null.svg").exists(), "{report}");
        let printed = done(desk.run(&["--out", "/dev/stdout"]));
        assert!(printed.contains("\"accuracy_matrix\"") && printed.contains("average accuracy"), "{printed}");
        assert_eq!(desk.names(".").len(), 4);
    }
}
