//! The same seed and configuration give the same bits on any number of threads and any instruction set.

use std::ops::ControlFlow;
use std::sync::OnceLock;

use host_harness::config::{Batch, Config, MethodName, Precision, Settings};
use host_harness::data::Dataset;
use host_harness::machine::{InstructionSet, Machine};
use host_harness::measured::Measured;
use host_harness::network::Weights;
use host_harness::trial::{self, Finished};

fn mnist() -> &'static Dataset {
    static MNIST: OnceLock<Dataset> = OnceLock::new();
    MNIST.get_or_init(|| Dataset::embedded(1).unwrap())
}

/// Three blocks of memory vectors, the last with 2 of 64. Of 320 items, a batch of 300 goes through tables of partial sums
/// and the other 20 are named neuron by neuron; in later tasks, rehearsed items share the batch.
fn config(method: MethodName, n: u32) -> Config {
    let settings = Settings {
        method: Some(method),
        n: Some(n),
        tasks: Some(3),
        items: Some(400),
        epochs: Some(3),
        memories: Some(130),
        batch: Some("300".parse().unwrap()),
        max_sweeps: Some(10),
        ..Settings::default()
    };
    settings.config().unwrap()
}

/// What a trial measured, as text that tells -0 from 0, and the bits of its weights.
fn run(config: &Config, threads: usize, set: InstructionSet) -> (String, Vec<u64>) {
    let machine = Machine::new(threads, Some(set)).unwrap();
    let Finished { outcome, course, network } =
        trial::run(config, mnist(), &machine, &mut |_| ControlFlow::Continue(())).unwrap();
    assert_eq!((course.threads, course.instruction_set), (threads, set.to_string()));
    let bits = match network.weights {
        Weights::F32(weights) => weights.iter().map(|weight| u64::from(weight.to_bits())).collect(),
        Weights::F64(weights) => weights.iter().map(|weight| weight.to_bits()).collect(),
    };
    let measured: Measured = outcome.measured;
    (serde_json::to_string(&measured).unwrap(), bits)
}

/// Runs `config` on every machine that there can be.
#[track_caller]
fn assert_the_same_everywhere(config: &Config) {
    let first = run(config, 1, InstructionSet::Baseline);
    for set in InstructionSet::available() {
        for threads in 1..=3 {
            if (set, threads) != (InstructionSet::Baseline, 1) {
                let (measured, weights) = run(config, threads, set);
                let name = format!("{}, n = {}, {set}, {threads} threads", config.method, config.n);
                assert_eq!(measured, first.0, "{name}");
                let other = weights.iter().zip(&first.1).position(|(a, b)| a != b);
                assert_eq!((other, weights.len()), (None, first.1.len()), "weights of {name}");
            }
        }
    }
}

macro_rules! every_method {
    ($($test:ident: $method:ident,)+) => {$(
        #[test]
        fn $test() {
            for n in [2, 20] {
                assert_the_same_everywhere(&config(MethodName::$method, n));
            }
        }
    )+};
}

every_method! {
    vanilla: Vanilla,
    joint: Joint,
    rehearsal: Rehearsal,
    sweep_rehearsal: SweepRehearsal,
    pseudorehearsal: Pseudorehearsal,
    heterogeneous_pseudorehearsal: HeterogeneousPseudorehearsal,
    gem: Gem,
    agem: AGem,
    l2: L2,
    ewc: Ewc,
    mas: Mas,
    si: Si,
}

#[test]
fn double_precision() {
    for method in [MethodName::Rehearsal, MethodName::Mas] {
        assert_the_same_everywhere(&Config { precision: Precision::F64, ..config(method, 20) });
    }
}

#[test]
fn fixed_point() {
    for method in [MethodName::Rehearsal, MethodName::Gem, MethodName::Ewc, MethodName::Si] {
        assert_the_same_everywhere(&Config { precision: Precision::Fixed32, ..config(method, 20) });
    }
    assert_the_same_everywhere(&Config { precision: Precision::Fixed16, ..config(MethodName::Mas, 5) });
}

#[test]
fn full_batches() {
    // 320 new items through tables, and 160 and 320 rehearsed ones of other permutations beside them.
    assert_the_same_everywhere(&Config { batch: Batch::Full, ..config(MethodName::Rehearsal, 20) });
}

#[test]
fn all_neurons_trained() {
    let trained = host_harness::config::TrainedName::All;
    let config = Config { trained, items: 60, epochs: 1, tasks: 2, ..config(MethodName::Vanilla, 3) };
    assert_the_same_everywhere(&config);
}

#[test]
fn another_seed_gives_another_trial() {
    let set = InstructionSet::available()[0];
    for method in [MethodName::Vanilla, MethodName::Pseudorehearsal] {
        let config = config(method, 2);
        let (one, again) = (run(&config, 1, set), run(&config, 1, set));
        assert_eq!(one, again);
        let other = run(&Config { seed: config.seed + 1, ..config.clone() }, 1, set);
        assert_ne!(other.0, one.0);
        let equal = other.1.iter().zip(&one.1).filter(|(a, b)| a == b).count();
        // Weights at -1 and +1, and of pixels that no image has on, may well agree; the others do not.
        assert!(equal < one.1.len() / 2, "{equal} of {} weights are the same", one.1.len());
    }
}
