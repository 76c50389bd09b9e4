//! Methods through the harness, on the real images: what must be equal is equal bit for bit, and what must help helps.

use dam_tests::tolerance;
use std::ops::ControlFlow;
use std::sync::OnceLock;

use host_harness::config::{CodingName, Config, DecaysName, MethodName, PenaltyEntry, PseudoGrowth, Settings};
use host_harness::data::Dataset;
use host_harness::machine::Machine;
use host_harness::methods::{self, diagnostics::Diagnostics};
use host_harness::network::TrainedNetwork;
use host_harness::trial::{self, Event, Finished, TrialError};

const METHODS: [MethodName; 12] = [
    MethodName::Vanilla,
    MethodName::Joint,
    MethodName::Rehearsal,
    MethodName::SweepRehearsal,
    MethodName::Pseudorehearsal,
    MethodName::HeterogeneousPseudorehearsal,
    MethodName::Gem,
    MethodName::AGem,
    MethodName::L2,
    MethodName::Ewc,
    MethodName::Mas,
    MethodName::Si,
];

fn mnist() -> &'static Dataset {
    static MNIST: OnceLock<Dataset> = OnceLock::new();
    MNIST.get_or_init(|| Dataset::embedded(1).unwrap())
}

/// Small enough for a moment each.
fn small(method: MethodName) -> Config {
    let settings = Settings {
        method: Some(method),
        n: Some(5),
        tasks: Some(3),
        items: Some(150),
        epochs: Some(4),
        memories: Some(70),
        batch: Some("50".parse().unwrap()),
        // Learned in fewer epochs where pixels that are off count.
        coding: Some(CodingName::Bipolar),
        ..Settings::default()
    };
    settings.config().unwrap()
}

fn run(config: &Config) -> Finished {
    let machine = Machine::new(1, None).unwrap();
    trial::run(config, mnist(), &machine, &mut |_| ControlFlow::Continue(())).unwrap()
}

/// Everything that was measured but what methods tell of themselves, as text that tells -0 from 0; and the network.
fn result(config: &Config) -> (String, TrainedNetwork) {
    let Finished { mut outcome, network, .. } = run(config);
    outcome.measured.diagnostics.clear();
    (serde_json::to_string(&outcome.measured).unwrap(), network)
}

#[test]
fn methods_of_no_lambda_are_vanilla_bit_for_bit() {
    let (measured, network) = result(&small(MethodName::Vanilla));
    let assert_vanilla = |config: &Config| {
        let (other, trained) = result(config);
        assert_eq!(other, measured, "{} {:?}", config.method, config.penalty_entry);
        assert!(trained.weights == network.weights, "{} {:?}", config.method, config.penalty_entry);
    };
    for method in [
        MethodName::Rehearsal,
        MethodName::SweepRehearsal,
        MethodName::HeterogeneousPseudorehearsal,
        MethodName::Pseudorehearsal,
        MethodName::Gem,
        MethodName::AGem,
    ] {
        assert_vanilla(&Config { proportion: 0.0, ..small(method) });
    }
    for method in [MethodName::L2, MethodName::Ewc, MethodName::Mas, MethodName::Si] {
        for penalty_entry in [PenaltyEntry::Gradient, PenaltyEntry::Step] {
            assert_vanilla(&Config { lambda: 0.0, penalty_entry, ..small(method) });
        }
    }
    // One task has no past. (The importances of a last task are not asked for, either.)
    let alone = |method| Config { tasks: 1, ..small(method) };
    let (measured, network) = result(&alone(MethodName::Vanilla));
    for method in METHODS {
        let (other, trained) = result(&alone(method));
        assert_eq!(other, measured, "{method}");
        assert!(trained.weights == network.weights, "{method}");
    }
}

#[test]
fn methods_of_some_lambda_are_not_vanilla() {
    // Long enough for the gradients of two tasks to point against each other.
    let config = |method| Config { epochs: 40, tasks: 2, ..small(method) };
    let (_, network) = result(&config(MethodName::Vanilla));
    for method in METHODS.into_iter().skip(1) {
        for penalty_entry in [PenaltyEntry::Gradient, PenaltyEntry::Step] {
            let (_, other) = result(&Config { penalty_entry, ..config(method) });
            assert!(other.weights != network.weights, "{method} {penalty_entry:?}");
        }
    }
}

#[test]
fn rehearsal_beats_vanilla_and_joint_learning_beats_both() {
    let learned = |method, epochs| {
        let settings = Settings {
            method: Some(method),
            n: Some(5),
            tasks: Some(3),
            items: Some(600),
            epochs: Some(epochs),
            memories: Some(128),
            batch: Some("100".parse().unwrap()),
            // With so many batches an epoch the rate would be gone before the end.
            decays: Some(DecaysName::Epoch),
            proportion: Some(0.5),
            seed: Some(2),
            coding: Some(CodingName::Bipolar),
            ..Settings::default()
        };
        run(&settings.config().unwrap()).outcome.measured
    };
    let vanilla = learned(MethodName::Vanilla, 60);
    let rehearsal = learned(MethodName::Rehearsal, 60);
    // From the first weights, and so with as many epochs as the sequence has: with fewer it is no bound.
    let joint = learned(MethodName::Joint, 3 * 60);
    let accuracy = [&vanilla, &rehearsal, &joint].map(|measured| measured.average_accuracy.accuracy);
    eprintln!("vanilla {:.3}, rehearsal {:.3}, joint {:.3}", accuracy[0], accuracy[1], accuracy[2]);
    assert!(accuracy[1] > accuracy[0] + 0.15, "{accuracy:?}");
    assert!(accuracy[2] > accuracy[1] - 0.02, "{accuracy:?}");
    assert!(vanilla.forgetting > rehearsal.forgetting + 0.2, "{} {}", vanilla.forgetting, rehearsal.forgetting);
    // What is new is learned either way, and a task not learned yet is guessed at.
    for measured in [&vanilla, &rehearsal] {
        assert!(measured.accuracy_matrix[2][2] > 0.6, "{:?}", measured.accuracy_matrix);
        assert!(measured.accuracy_matrix[1][2] < 0.3, "{:?}", measured.accuracy_matrix);
    }
}

#[test]
fn what_is_measured_fits_together() {
    for method in METHODS {
        let config = small(method);
        let Finished { outcome, course, network } = run(&config);
        let measured = &outcome.measured;
        let close = |a: f64, b: f64| assert!((a - b).abs() < tolerance::MANY_TERMS, "{method}: {a} and {b}");
        assert_eq!((outcome.seed, &outcome.config, &network.config), (config.seed, &config, &config));
        assert_eq!(outcome.data.digest, mnist().digest());
        assert_eq!(outcome.item_presentations, methods::presentations(&config), "{method}");
        assert!(course.wall_seconds > 0.0 && course.item_presentations_per_second > 0.0);
        for matrix in [&measured.accuracy_matrix, &measured.macro_f1_matrix, &measured.weighted_f1_matrix] {
            assert!(matrix.len() == 3 && matrix.iter().all(|row| row.len() == 3));
            assert!(matrix.iter().flatten().all(|score| (0.0..=1.0).contains(score)));
        }
        let mean = |row: &[f64]| row.iter().sum::<f64>() / row.len() as f64;
        let average = measured.average_accuracy;
        close(average.accuracy, mean(&measured.accuracy_matrix[2]));
        close(average.micro_f1, average.accuracy);
        close(average.macro_f1, mean(&measured.macro_f1_matrix[2]));
        close(average.weighted_f1, mean(&measured.weighted_f1_matrix[2]));
        for task in 0..3 {
            let learned = if method == MethodName::Joint { 3 } else { task + 1 };
            close(measured.average_accuracy_after[task], mean(&measured.accuracy_matrix[task][..learned]));
        }
        let matrix = &measured.accuracy_matrix;
        close(measured.backward_transfer, (matrix[2][0] - matrix[0][0] + matrix[2][1] - matrix[1][1]) / 2.0);
        let forgotten = matrix[0][0].max(matrix[1][0]) - matrix[2][0] + matrix[1][1] - matrix[2][1];
        close(measured.forgetting, forgotten / 2.0);
        let trained = if method == MethodName::Joint { 1 } else { 3 };
        assert_eq!(measured.last_loss.len(), trained);
        assert_eq!((measured.stalled_memories.len(), measured.diagnostics.len()), (trained, trained));
        for (confusion, accuracy) in measured.confusion.iter().zip(&matrix[2]) {
            assert!(confusion.len() == 10 && confusion.iter().all(|row| row.len() == 10));
            assert_eq!(confusion.iter().flatten().sum::<u32>() as usize, config.validation_items());
            let correct: u32 = (0..10).map(|class| confusion[class][class]).sum();
            close(f64::from(correct) / config.validation_items() as f64, *accuracy);
        }
    }
}

#[test]
fn methods_tell_of_themselves_what_they_should() {
    let each = |config: &Config| run(config).outcome.measured.diagnostics;
    let probing = [MethodName::Pseudorehearsal, MethodName::HeterogeneousPseudorehearsal];
    for method in METHODS {
        let config = small(method);
        // 60 of the 120 training items after each task but the last, which nothing comes after.
        let kept = match method {
            MethodName::Rehearsal | MethodName::SweepRehearsal => [60, 120, 120],
            MethodName::Pseudorehearsal | MethodName::HeterogeneousPseudorehearsal => [60, 120, 120],
            MethodName::Gem | MethodName::AGem => [60, 120, 120],
            _ => [0; 3],
        };
        for (task, told) in each(&config).iter().enumerate() {
            let Diagnostics { rehearsed_items, saturated_weights, projection, probes, importances } = told;
            assert_eq!(*rehearsed_items, kept[task], "{method}, task {task}");
            assert!((0.0..=1.0).contains(saturated_weights));
            assert_eq!(projection.is_some(), matches!(method, MethodName::Gem | MethodName::AGem), "{method}");
            assert_eq!(probes.is_some(), probing.contains(&method));
            let regularises = matches!(method, MethodName::Ewc | MethodName::Mas | MethodName::Si);
            assert_eq!(importances.is_some(), regularises, "{method}");
            if let Some(projection) = projection {
                assert!(projection.violated <= projection.batches);
                // 120 items in batches of 50, 4 epochs; the first task has no past.
                assert_eq!(projection.batches, if task == 0 { 0 } else { 12 }, "{method}, task {task}");
                assert!(
                    (-1.0..=1.0 + tolerance::COSINE_IN_F32).contains(&projection.mean_cosine),
                    "{}",
                    projection.mean_cosine
                );
            }
            if let Some(i) = importances {
                assert!(0.0 <= i.least && i.least <= i.mean && i.mean <= i.largest && i.largest > 0.0, "{i:?}");
                assert!(i.tenth <= i.median && i.median <= i.ninetieth && (0.0..1.0).contains(&i.zero), "{i:?}");
            }
        }
    }
}

#[test]
fn probes_add_up() {
    for (pseudo_growth, pseudo_unique) in
        [(PseudoGrowth::Add, false), (PseudoGrowth::Add, true), (PseudoGrowth::Regenerate, false)]
    {
        let config = Config { pseudo_growth, pseudo_unique, max_sweeps: 20, ..small(MethodName::Pseudorehearsal) };
        let diagnostics = run(&config).outcome.measured.diagnostics;
        for (task, told) in diagnostics.iter().enumerate().take(2) {
            let probes = told.probes.unwrap();
            assert_eq!(probes.probes, probes.stable + probes.cycled + probes.limit, "{probes:?}");
            assert!(probes.kept <= probes.probes && probes.distinct <= probes.kept, "{probes:?}");
            assert!(probes.one_class <= probes.kept, "{probes:?}");
            if !pseudo_unique {
                let drawn = if pseudo_growth == PseudoGrowth::Add { 60 } else { 60 * (task as u32 + 1) };
                assert_eq!((probes.probes, probes.kept), (drawn, drawn), "{pseudo_growth:?}, task {task}");
                assert_eq!(told.rehearsed_items, 60 * (task + 1));
            } else {
                assert!(told.rehearsed_items <= 60 * (task + 1));
            }
        }
    }
}

#[test]
fn joint_learning_is_one_task_of_all_items() {
    let measured = run(&small(MethodName::Joint)).outcome.measured;
    assert_eq!(measured.accuracy_matrix[0], measured.accuracy_matrix[2]);
    assert_eq!((measured.forgetting, measured.backward_transfer), (0.0, 0.0));
}

#[test]
fn a_trial_tells_of_every_epoch_and_task_and_can_be_broken_off() {
    for method in [MethodName::Rehearsal, MethodName::Joint] {
        let config = small(method);
        let machine = Machine::new(1, None).unwrap();
        let (mut epochs, mut tasks, mut last) = (vec![], vec![], 0);
        let mut watch = |event: Event<'_>| {
            match event {
                Event::Epoch { task, epoch, loss, presentations } => {
                    assert!(loss.is_finite() && presentations > last);
                    last = presentations;
                    epochs.push((task, epoch));
                }
                Event::Task { task, .. } => tasks.push(task),
                Event::Accuracies { .. } => panic!("they were not asked for"),
            }
            ControlFlow::Continue(())
        };
        trial::run(&config, mnist(), &machine, &mut watch).unwrap();
        let learned = if method == MethodName::Joint { 1 } else { 3 };
        assert!(epochs.into_iter().eq((1..=learned).flat_map(|task| (1..=4).map(move |epoch| (task, epoch)))));
        assert!(tasks.into_iter().eq(1..=learned));
        assert_eq!(last, methods::presentations(&config));
        let mut epochs = 0;
        let mut stop = |_: Event<'_>| {
            epochs += 1;
            if epochs == 2 { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
        };
        let error = trial::run(&config, mnist(), &machine, &mut stop).unwrap_err();
        assert!(matches!(error, TrialError::Train(_)), "{error}");
        assert_eq!(epochs, 2);
    }
}

#[test]
fn sizes_that_the_data_or_the_method_cannot_have_are_refused() {
    let machine = Machine::new(1, None).unwrap();
    let refusal = |config: &Config| {
        let done = trial::run(config, mnist(), &machine, &mut |_| ControlFlow::Break(()));
        done.unwrap_err().to_string()
    };
    let vanilla = small(MethodName::Vanilla);
    for items in [70_001, usize::MAX] {
        let error = refusal(&Config { items, ..vanilla.clone() });
        assert!(error.contains(&format!("items = {items}")) && error.contains("70000"), "{error}");
    }
    let error = refusal(&Config { n: 0, ..vanilla.clone() });
    assert!(error.contains("n = 0") && error.contains("1 to 100"), "{error}");
    let error = refusal(&Config { tasks: 18, ..small(MethodName::Gem) });
    assert!(error.contains("tasks = 18") && error.contains("17"), "{error}");
}
