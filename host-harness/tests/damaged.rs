//! A file with any one byte changed, or cut anywhere, is refused or has the same content: never another.
//!
//! Networks have the same in `network_file`. Settings in TOML, IDX that is not
//! compressed, and safetensors have no checksum to tell a changed value by: docs/experiments.md.

use std::fs;
use std::ops::ControlFlow;
use std::path::Path;

use dam_nostd::methods::State;
use dam_nostd::recall::Model;
use dam_nostd::store::Trained;
use host_harness::checkpoint::Checkpoint;
use host_harness::config::{Config, MethodName, Settings};
use host_harness::data::Dataset;
use host_harness::experiment::archive;
use host_harness::experiment::store::Store;
use host_harness::experiment::worklist::WorkList;
use host_harness::machine::Machine;
use host_harness::rows::LANES;
use host_harness::trial::{self, Event, Finished, TrialError};
use serde_json::Value;

#[path = "common/dam.rs"]
mod dam;

use dam::{Desk, done};

/// Every byte of `whole` changed in one bit and in all, and every beginning of it; returns how many of them `read` took for
/// content, which then has to be that of the whole.
fn each_damage<T: PartialEq + std::fmt::Debug>(whole: &[u8], read: impl FnMut(&[u8]) -> Option<T>) -> usize {
    damage(whole, 0..whole.len(), read)
}

/// The same of the bytes at `places`.
fn damage<T: PartialEq + std::fmt::Debug>(
    whole: &[u8],
    places: impl Iterator<Item = usize>,
    mut read: impl FnMut(&[u8]) -> Option<T>,
) -> usize {
    let content = read(whole).expect("the whole file is read");
    let mut taken = 0;
    let mut check = |bytes: &[u8], what: &str, place: usize| {
        if let Some(found) = read(bytes) {
            assert_eq!(found, content, "{what} {place} of {} gives other content", whole.len());
            taken += 1;
        }
    };
    for place in places {
        for turned in [1 << (place % 8), 0xff] {
            let mut bytes = whole.to_vec();
            bytes[place] ^= turned;
            check(&bytes, "byte", place);
        }
        check(&whole[..place], "the length", place);
    }
    taken
}

fn config() -> Config {
    let settings = Settings {
        method: Some(MethodName::Mas),
        tasks: Some(2),
        items: Some(10),
        epochs: Some(1),
        memories: Some(2),
        ..Settings::default()
    };
    settings.config().unwrap()
}

fn images() -> Dataset {
    Dataset::embedded(1).unwrap()
}

fn finished() -> Finished {
    let machine = Machine::new(1, None).unwrap();
    trial::run(&config(), &images(), &machine, &mut |_| ControlFlow::Continue(())).unwrap()
}

/// The only file of a folder, and its bytes.
fn only_file(folder: &Path) -> (std::path::PathBuf, Vec<u8>) {
    let path = fs::read_dir(folder).unwrap().next().unwrap().unwrap().path();
    let bytes = fs::read(&path).unwrap();
    (path, bytes)
}

#[test]
fn a_damaged_result_is_never_another() {
    let folder = tempfile::tempdir().unwrap();
    let Finished { outcome, course, .. } = finished();
    Store::keep(folder.path(), &outcome, &course).unwrap();
    for (name, most) in [("trials", 200), ("runs", 100)] {
        let (path, whole) = only_file(&folder.path().join(name));
        let taken = each_damage(&whole, |bytes| {
            fs::write(&path, bytes).unwrap();
            let store = Store::open(folder.path()).ok()?;
            let courses = store.courses().ok()?;
            let found = store.outcomes().map(|(_, outcome)| format!("{outcome:?}")).collect::<Vec<_>>();
            Some((found, courses.into_values().collect::<Vec<_>>()))
        });
        // Blanks, the last newline, the name of the digest, and last digits that are no other number.
        assert!(taken < most, "{name}: {taken}");
        fs::write(&path, &whole).unwrap();
    }
}

#[test]
fn a_damaged_failure_is_never_another() {
    let folder = tempfile::tempdir().unwrap();
    let (config, machine) = (Config { learning_rate: 1e30, ..config() }, Machine::new(1, None).unwrap());
    let Err(TrialError::Diverged(error)) = trial::run(&config, &images(), &machine, &mut |_| ControlFlow::Continue(()))
    else {
        panic!("no training survives a learning rate of 1e30");
    };
    Store::fail(folder.path(), &config, images().digest(), &error).unwrap();
    let (path, whole) = only_file(&folder.path().join("failures"));
    let identity = path.file_stem().unwrap().to_str().unwrap().to_owned();
    each_damage(&whole, |bytes| {
        fs::write(&path, bytes).unwrap();
        Some(Store::open(folder.path()).ok()?.failure(&identity)?.clone())
    });
}

#[test]
fn a_damaged_list_of_work_is_never_another() {
    let desk = Desk::new();
    let few = ["--preset", "smoke", "--rows", "mas", "--vertices", "20", "--shards", "3", "--store", "store"];
    done(desk.dam(&[&["plan", "table2"][..], &few].concat()));
    let (folder, path) = (desk.at("store"), WorkList::path(&desk.at("store")));
    let whole = fs::read(&path).unwrap();
    each_damage(&whole, |bytes| {
        fs::write(&path, bytes).unwrap();
        WorkList::load(&folder).ok()
    });
}

#[test]
fn a_damaged_archive_of_results_is_never_another() {
    let folder = tempfile::tempdir().unwrap();
    let Finished { outcome, course, .. } = finished();
    Store::keep(folder.path(), &outcome, &course).unwrap();
    let whole = archive::pack(&Store::open(folder.path()).unwrap()).unwrap();
    each_damage(&whole, |bytes| {
        let other = tempfile::tempdir().unwrap();
        let store = Store::open(other.path()).unwrap();
        let new = archive::unpack(bytes, &store).ok();
        let back = Store::open(other.path()).unwrap();
        assert!(new.is_some() || back.outcomes().count() == 0, "nothing is unpacked of a damaged archive");
        new?;
        Some(archive::pack(&back).unwrap())
    });
}

#[test]
fn a_damaged_checkpoint_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let checkpoint = Checkpoint::new(folder.path().join("it"), "it".to_owned());
    let mut watch = |event: Event<'_>| match event {
        Event::Task { .. } => ControlFlow::Break(()),
        Event::Epoch { .. } | Event::Accuracies { .. } => ControlFlow::Continue(()),
    };
    let machine = Machine::new(1, None).unwrap();
    trial::run_from(&config(), &images(), &machine, Some(&checkpoint), None, &mut watch).unwrap_err();
    let whole = fs::read(checkpoint.path()).unwrap();
    let mut first = true;
    // Half a megabyte of weights lies between what comes first and the digest.
    let (begin, end) = (600.min(whole.len()), whole.len().saturating_sub(40));
    let places = (0..begin).chain((begin..end).step_by(1009)).chain(end..whole.len());
    let taken = damage(&whole, places, |bytes| {
        // The whole one is read by the trial itself, in `tests/checkpoint`.
        if std::mem::take(&mut first) {
            return Some(());
        }
        fs::write(checkpoint.path(), bytes).unwrap();
        let loaded = checkpoint.load::<f32, Value>(|_: &mut dyn State<f32, LANES>| {});
        if loaded.is_err_and(|error| error.to_string().contains("is damaged")) { None } else { Some(()) }
    });
    assert_eq!(taken, 0);
}

/// The words of a file of `firmware/models`.
fn words(bytes: &[u8]) -> Option<Vec<u32>> {
    let (words, rest) = bytes.as_chunks();
    rest.is_empty().then(|| words.iter().map(|&word| u32::from_le_bytes(word)).collect())
}

#[test]
fn a_damaged_model_for_boards_is_refused() {
    let model = include_bytes!("../../firmware/models/few-i8.bin");
    let trained = include_bytes!("../../firmware/models/further-small.bin");
    let mut first = true;
    let taken = each_damage(model, |bytes| {
        std::mem::take(&mut first).then_some(()).or(Model::<i8>::open(&words(bytes)?).ok().map(|_| ()))
    });
    assert_eq!(taken, 0);
    let mut first = true;
    let taken = each_damage(trained, |bytes| {
        std::mem::take(&mut first).then_some(()).or(Trained::open(&words(bytes)?).ok().map(|_| ()))
    });
    assert_eq!(taken, 0);
}
