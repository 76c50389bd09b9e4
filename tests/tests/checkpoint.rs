//! A trial that is broken off after a task and taken up again, by any method, ends with the same bits.

use std::ops::ControlFlow;
use std::sync::OnceLock;

use host_harness::checkpoint::Checkpoint;
use host_harness::config::{Config, MethodName, Precision, Settings};
use host_harness::data::Dataset;
use host_harness::machine::Machine;
use host_harness::trial::{self, Event, Finished};

fn mnist() -> &'static Dataset {
    static MNIST: OnceLock<Dataset> = OnceLock::new();
    MNIST.get_or_init(|| Dataset::embedded(1).unwrap())
}

/// Velocity, learning rate and the generator of samples all go on from task to task.
fn config(method: MethodName) -> Config {
    let settings = Settings {
        method: Some(method),
        n: Some(3),
        tasks: Some(4),
        items: Some(100),
        epochs: Some(3),
        memories: Some(70),
        batch: Some("30".parse().unwrap()),
        memory_batch: Some("20".parse().unwrap()),
        carry_momentum: Some(true),
        carry_rate: Some(true),
        max_sweeps: Some(5),
        ..Settings::default()
    };
    settings.config().unwrap()
}

fn text(finished: &Finished) -> String {
    format!("{}{:?}", serde_json::to_string(&finished.outcome).unwrap(), finished.network.weights)
}

#[track_caller]
fn assert_resumes(config: &Config) {
    let machine = Machine::new(1, None).unwrap();
    let whole = trial::run(config, mnist(), &machine, &mut |_| ControlFlow::Continue(())).unwrap();
    let folder = tempfile::tempdir().unwrap();
    let checkpoint = Checkpoint::new(folder.path().join("it"), "it".to_owned());
    // In the middle of a task, just after one, and again.
    let (mut epochs, mut runs) = (vec![], 0);
    let resumed = loop {
        runs += 1;
        let mut watch = |event: Event<'_>| match event {
            Event::Epoch { task, epoch, .. } => {
                epochs.push((task, epoch));
                if (runs, task, epoch) == (1, 2, 2) { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
            }
            Event::Task { task, .. } if (runs, task) == (2, 2) || (runs, task) == (3, 3) => ControlFlow::Break(()),
            Event::Task { .. } | Event::Accuracies { .. } => ControlFlow::Continue(()),
        };
        match trial::run_from(config, mnist(), &machine, Some(&checkpoint), None, &mut watch) {
            Ok(finished) => break finished,
            Err(error) => assert!(error.to_string().contains("stopped") && runs < 5, "{error}"),
        }
    };
    assert_eq!(text(&resumed), text(&whole), "{}", config.method);
    if config.method != MethodName::Joint {
        assert_eq!(runs, 4);
        let learned = |task, epochs: u32| (1..=epochs).map(move |epoch| (task, epoch));
        let expected =
            learned(1, 3).chain(learned(2, 2)).chain(learned(2, 3)).chain(learned(3, 3)).chain(learned(4, 3));
        assert!(epochs.into_iter().eq(expected), "{}", config.method);
    }
    assert!(checkpoint.path().exists());
    checkpoint.remove();
    assert!(!checkpoint.path().exists());
}

#[test]
fn every_method_goes_on_as_if_nothing_had_been() {
    use MethodName::{
        AGem, Ewc, Gem, HeterogeneousPseudorehearsal, Joint, L2, Mas, Pseudorehearsal, Rehearsal, Si, SweepRehearsal,
        Vanilla,
    };
    for method in [
        Vanilla,
        Joint,
        Rehearsal,
        SweepRehearsal,
        Pseudorehearsal,
        HeterogeneousPseudorehearsal,
        Gem,
        AGem,
        L2,
        Ewc,
        Mas,
        Si,
    ] {
        assert_resumes(&config(method));
    }
}

#[test]
fn double_precision_goes_on_as_well() {
    assert_resumes(&Config { precision: Precision::F64, ..config(MethodName::Si) });
}

#[test]
fn a_damaged_checkpoint_and_that_of_another_trial_are_refused() {
    let machine = Machine::new(1, None).unwrap();
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("it");
    let run = |identity: &str, config: &Config| {
        let checkpoint = Checkpoint::new(path.clone(), identity.to_owned());
        let mut watch = |event: Event<'_>| match event {
            Event::Task { .. } => ControlFlow::Break(()),
            Event::Epoch { .. } | Event::Accuracies { .. } => ControlFlow::Continue(()),
        };
        trial::run_from(config, mnist(), &machine, Some(&checkpoint), None, &mut watch).unwrap_err().to_string()
    };
    let mas = config(MethodName::Mas);
    assert!(run("it", &mas).contains("stopped"));
    let good = std::fs::read(&path).unwrap();
    for error in [run("other", &mas), run("it", &config(MethodName::L2))] {
        assert!(error.contains(&path.display().to_string()) && error.contains("delete it"), "{error}");
    }
    for (place, length) in [(0, good.len()), (good.len() / 2, good.len()), (0, good.len() - 1), (0, 10), (0, 0)] {
        let mut bad = good.clone();
        bad[place] ^= 1;
        bad.truncate(length);
        std::fs::write(&path, bad).unwrap();
        let error = run("it", &mas);
        assert!(error.contains("delete it"), "{error}");
    }
    std::fs::write(&path, good).unwrap();
    assert!(run("it", &mas).contains("stopped"));
}
