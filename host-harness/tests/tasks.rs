//! Kinds of tasks: what each is made of, and that those which should be the same trial are.
#![allow(missing_docs, reason = "a test")]

use std::ops::ControlFlow;
use std::sync::OnceLock;

use dam_nostd::bits;
use host_harness::config::{Config, Kind, MethodName, Settings};
use host_harness::data::Dataset;
use host_harness::machine::Machine;
use host_harness::tasks::{Tasks, relation};
use host_harness::trial;

fn mnist() -> &'static Dataset {
    static MNIST: OnceLock<Dataset> = OnceLock::new();
    MNIST.get_or_init(|| Dataset::embedded(1).unwrap())
}

fn small() -> Settings {
    Settings {
        n: Some(3),
        tasks: Some(3),
        items: Some(200),
        epochs: Some(8),
        memories: Some(64),
        ..Settings::default()
    }
}

fn of(kind: Kind) -> Settings {
    Settings { kind: Some(kind), ..small() }
}

fn drawn(config: &Config) -> Tasks {
    Tasks::draw(config, mnist(), config.shape(784, 10).unwrap()).unwrap()
}

fn refused(settings: Settings) -> String {
    let config = match settings.config() {
        Ok(config) => config,
        Err(error) => return error.to_string(),
    };
    Tasks::draw(&config, mnist(), config.shape(784, 10).unwrap()).unwrap_err().to_string()
}

fn measured(settings: Settings) -> String {
    let machine = Machine::new(1, None).unwrap();
    let config = settings.config().unwrap();
    let done = trial::run(&config, mnist(), &machine, &mut |_| ControlFlow::Continue(())).unwrap();
    serde_json::to_string(&done.outcome.measured).unwrap()
}

/// The classes of the training items of `task`.
fn classes(tasks: &Tasks, task: usize) -> Vec<usize> {
    let (items, shape) = (tasks.training(task), tasks.shape());
    let class = |i| shape.class_neurons().position(|neuron| bits::is_on(items.bits(i), neuron)).unwrap();
    let mut classes: Vec<usize> = (0..items.len()).map(class).collect();
    classes.sort_unstable();
    classes.dedup();
    classes
}

#[test]
fn a_share_of_one_is_permuted_bit_for_bit() {
    let permuted = measured(small());
    assert_eq!(measured(Settings { permuted_share: Some(1.0), ..of(Kind::Permuted) }), permuted);
    assert_ne!(measured(Settings { permuted_share: Some(0.9), ..of(Kind::Permuted) }), permuted);
}

#[test]
fn a_share_of_nothing_has_the_same_tasks_with_other_images() {
    let config = Settings { permuted_share: Some(0.0), ..small() }.config().unwrap();
    let tasks = drawn(&config);
    for task in 0..3 {
        for pixel in [0, 17, 783] {
            assert_eq!(tasks.permutations().neuron(task, pixel), tasks.permutations().neuron(0, pixel));
        }
    }
    assert!(relation::mean_overlap(&tasks).unwrap() > 0.7);
}

#[test]
fn the_overlap_falls_as_tasks_differ_more() {
    let overlap = |settings: Settings| relation::mean_overlap(&drawn(&settings.config().unwrap())).unwrap();
    let share = |share| overlap(Settings { permuted_share: Some(share), ..small() });
    let (same, half, other) = (share(0.0), share(0.5), share(1.0));
    assert!(same > half + 0.1 && half > other + 0.1 && other.abs() < 0.1, "{same} {half} {other}");
    let angle = |angle| overlap(Settings { angle: Some(angle), ..of(Kind::Rotated) });
    let (none, little, much) = (angle(0.0), angle(15.0), angle(60.0));
    assert!(none > little && little > much + 0.1, "{none} {little} {much}");
    assert_eq!(relation::mean_overlap(&drawn(&of(Kind::Split).config().unwrap())), None);
}

#[test]
fn split_tasks_have_classes_of_their_own() {
    let config = Settings { classes_per_task: Some(3), ..of(Kind::Split) }.config().unwrap();
    let tasks = drawn(&config);
    for task in 0..3 {
        assert_eq!(classes(&tasks, task), [3 * task, 3 * task + 1, 3 * task + 2]);
    }
    let error = refused(Settings { classes_per_task: Some(4), ..of(Kind::Split) });
    assert!(error.starts_with("task 3 is to have class 10, and MNIST"), "{error}");
    let error = refused(Settings { items: Some(20_000), ..of(Kind::Split) });
    assert!(error.starts_with("items = 20000") && error.contains("of the classes of task 1"), "{error}");
}

#[test]
fn instances_share_no_image() {
    let config = of(Kind::Instances).config().unwrap();
    let tasks = drawn(&config);
    let shape = tasks.shape();
    let all = |task: usize| -> std::collections::BTreeSet<Vec<bool>> {
        let (items, validation) = (tasks.training(task), tasks.validation(task).0);
        let pixels = |state: &[u32]| (0..784).map(|pixel| bits::is_on(state, pixel)).collect();
        let validation = (0..validation.len()).map(|i| pixels(validation.bits(i)));
        (0..items.len()).map(|i| pixels(items.bits(i))).chain(validation).collect()
    };
    let (first, second) = (all(0), all(1));
    assert_eq!(first.len(), 200);
    assert_eq!(first.intersection(&second).count(), 0);
    assert_eq!(shape.pixels(), 784);
    let error = refused(Settings { items: Some(30_000), ..of(Kind::Instances) });
    assert!(error.contains("23333 images for each of 3 tasks that share none"), "{error}");
}

#[test]
fn without_task_id_no_task_neuron_is_on() {
    for task_id in [true, false] {
        let tasks = drawn(&Settings { task_id: Some(task_id), ..of(Kind::Split) }.config().unwrap());
        let (items, shape) = (tasks.training(1), tasks.shape());
        let on: Vec<usize> = shape.task_neurons().filter(|&neuron| bits::is_on(items.bits(0), neuron)).collect();
        assert_eq!(on, if task_id { vec![shape.task_neurons().start + 1] } else { vec![] });
    }
}

#[test]
fn a_list_of_tasks_is_read_recorded_and_made() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("tasks.toml");
    std::fs::write(&path, "[[task]]\n[[task]]\nangle = 90\n[[task]]\npermuted = 0.5\nclasses = [1, 7]\n").unwrap();
    let kind: Kind = path.to_str().unwrap().parse().unwrap();
    let config = Settings { tasks: None, ..of(kind) }.config().unwrap();
    assert_eq!(config.tasks, 3);
    let text = serde_json::to_string(&config).unwrap();
    assert_eq!(serde_json::from_str::<Config>(&text).unwrap(), config);
    let tasks = drawn(&config);
    assert_eq!(classes(&tasks, 2), [1, 7]);
    let error = refused(Settings { tasks: Some(4), ..Settings::from(&config) });
    assert!(error.starts_with("tasks = 4: the list of --kind has fewer"), "{error}");
    std::fs::write(&path, "[[task]]\nturned = 90\n").unwrap();
    let error = path.to_str().unwrap().parse::<Kind>().unwrap_err();
    assert!(error.contains("turned"), "{error}");
    assert!("rotatet".parse::<Kind>().unwrap_err().contains("give permuted, rotated, split"));
}

#[test]
fn settings_of_another_kind_do_not_make_another_trial() {
    let identity = |settings: Settings| host_harness::outcome::identity(&settings.config().unwrap(), "images");
    let permuted = identity(small());
    assert_eq!(identity(Settings { angle: Some(5.0), ..small() }), permuted);
    assert_ne!(identity(Settings { permuted_share: Some(0.5), ..small() }), permuted);
    let rotated = identity(of(Kind::Rotated));
    assert_ne!(rotated, permuted);
    assert_eq!(identity(Settings { permuted_share: Some(0.5), ..of(Kind::Rotated) }), rotated);
}

#[test]
fn every_kind_is_learned_with_every_method() {
    let machine = Machine::new(1, None).unwrap();
    for kind in [Kind::Rotated, Kind::Split, Kind::Instances] {
        for method in <MethodName as clap::ValueEnum>::value_variants() {
            let settings = Settings { method: Some(*method), epochs: Some(2), items: Some(60), ..of(kind.clone()) };
            let config = settings.config().unwrap();
            let done = trial::run(&config, mnist(), &machine, &mut |_| ControlFlow::Continue(())).unwrap();
            assert_eq!(done.outcome.measured.accuracy_matrix.len(), 3, "{kind} {method}");
        }
    }
}
