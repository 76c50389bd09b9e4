//! The passes over a network of 512 memory vectors and 799 neurons, on MNIST: the gradient of 1000 items, their fields,
//! and the relaxation of 16 probes. One thread, f32, on each instruction set of the processor.
//!
//! `cargo bench -p dam-benches -- gradient/n20` runs those whose names begin so.

use std::hint::black_box;
use std::time::Duration;

use criterion::{BenchmarkGroup, BenchmarkId, Criterion, SamplingMode, Throughput, measurement::WallTime};
use dam_nostd::items::Union;
use dam_nostd::objective::{Loss, Objective};
use dam_nostd::passes::Scale;
use dam_nostd::relax::{self, End, Relaxed};
use dam_nostd::rng::{Purpose, Xoshiro128PlusPlus};
use dam_nostd::{Gradient, Permutations};
use host_harness::config::{Config, Settings};
use host_harness::data::Dataset;
use host_harness::machine::{InstructionSet, Machine};
use host_harness::rows::{LANES, Rows};
use host_harness::tasks::Tasks;
use host_harness::workspace::{Memory, Workspace};

const ITEMS: usize = 1000;
const PROBES: usize = 16;
const SWEEPS: u32 = 4;

fn config(n: u32) -> Config {
    // A fifth of a task's images is for validation.
    let settings = Settings { n: Some(n), items: Some(ITEMS * 5 / 4), tasks: Some(5), ..Settings::default() };
    settings.config().expect("settings in range")
}

/// A network as it is before training, and its tasks.
struct Bench {
    config: Config,
    tasks: Tasks,
    memory: Memory<f32>,
    workspace: Workspace<f32>,
    machine: Machine,
}

impl Bench {
    fn new(data: &Dataset, n: u32, set: InstructionSet) -> Self {
        let config = config(n);
        let shape = config.shape(data.pixels(), data.classes()).expect("MNIST fits");
        let mut memory = Memory::fixed(&shape, Rows::zeroed(shape.rows(LANES)));
        let mut rng = Xoshiro128PlusPlus::of(config.seed, Purpose::Weights, 0);
        memory.weights().initialise(config.deviation, &mut rng);
        Self {
            tasks: Tasks::draw(&config, data, shape).expect("MNIST has so many"),
            machine: Machine::new(1, Some(set)).expect("the processor has it"),
            workspace: Workspace::new(&shape, 1),
            config,
            memory,
        }
    }
}

/// Runs `bench` for each interaction vertex and instruction set.
fn each(
    criterion: &mut Criterion,
    data: &Dataset,
    name: &str,
    elements: usize,
    mut bench: impl FnMut(&mut BenchmarkGroup<'_, WallTime>, BenchmarkId, Bench),
) {
    let mut group = criterion.benchmark_group(name);
    group.throughput(Throughput::Elements(elements as u64));
    // Ten samples of few iterations each.
    group.sampling_mode(SamplingMode::Flat);
    for n in [2, 5, 20] {
        for set in InstructionSet::available() {
            bench(&mut group, BenchmarkId::new(format!("n{n}"), set), Bench::new(data, n, set));
        }
    }
    group.finish();
}

fn gradient(criterion: &mut Criterion, data: &Dataset) {
    each(criterion, data, "gradient", ITEMS, |group, id, mut bench| {
        let shape = bench.config.shape(data.pixels(), data.classes()).expect("as before");
        let model = bench.config.model(shape).expect("as before");
        let mut engine = bench.workspace.engine(model, bench.config.rule(), &bench.machine, bench.tasks.permutations());
        let passes = engine.passes();
        let mut rows = Rows::<f32>::zeroed(shape.rows(LANES));
        let mut gradient = Gradient::new(&mut rows, Scale::ONE);
        let (rule, mut weights) = (passes.rule(), bench.memory.weights());
        let mut picks: Vec<u32> = (0..ITEMS as u32).collect();
        let union = Union::only(bench.tasks.training(0));
        let objective = Objective::Loss(Loss::Power { exponent: 1 });
        group.bench_function(id, |bencher| {
            bencher.iter(|| {
                // As after a step.
                weights.rows_mut();
                black_box(passes.gradient(rule, &mut weights, &union, &mut picks, objective, &mut gradient))
            });
        });
    });
}

fn fields(criterion: &mut Criterion, data: &Dataset) {
    each(criterion, data, "fields", ITEMS, |group, id, mut bench| {
        let shape = bench.config.shape(data.pixels(), data.classes()).expect("as before");
        let model = bench.config.model(shape).expect("as before");
        let mut engine = bench.workspace.engine(model, bench.config.rule(), &bench.machine, bench.tasks.permutations());
        let passes = engine.passes();
        let picks: Vec<u32> = (0..ITEMS as u32).collect();
        let union = Union::only(bench.tasks.training(0));
        // All of them at once, or less is measured than is said.
        let (rule, mut weights) = (passes.rule(), bench.memory.weights());
        assert_eq!(passes.fields(rule, &mut weights, &union, &picks).len(), ITEMS * shape.classes());
        group.bench_function(id, |bencher| {
            bencher.iter(|| {
                weights.rows_mut();
                black_box(passes.fields(rule, &mut weights, &union, &picks).last().copied())
            });
        });
    });
}

/// A sweep a probe is an element: relaxations are broken off after a few.
fn relaxation(criterion: &mut Criterion, data: &Dataset) {
    each(criterion, data, "relaxation", PROBES * SWEEPS as usize, |group, id, mut bench| {
        let shape = bench.config.shape(data.pixels(), data.classes()).expect("as before");
        let model = bench.config.model(shape).expect("as before");
        let mut engine = bench.workspace.engine(model, bench.config.rule(), &bench.machine, Permutations::IDENTITY);
        let passes = engine.passes();
        let words = shape.words();
        let mut random = Xoshiro128PlusPlus::of(1, Purpose::Probes, 0);
        let mut probes = vec![0; PROBES * words];
        for probe in probes.chunks_exact_mut(words) {
            for neuron in 0..shape.neurons() {
                dam_nostd::bits::set(probe, neuron, dam_nostd::rng::below(&mut random, 2) == 1);
            }
        }
        let (mut states, mut previous, mut active) = (probes.clone(), probes.clone(), [0; PROBES]);
        let mut relaxed = [Relaxed { end: End::Limit, sweeps: 0 }; PROBES];
        let mut weights = bench.memory.weights();
        let mut once = || {
            states.copy_from_slice(&probes);
            weights.rows_mut();
            relax::synchronous(passes, &mut weights, &mut states, &mut previous, &mut active, &mut relaxed, SWEEPS);
            relaxed.iter().map(|relaxed| relaxed.sweeps).sum::<u32>()
        };
        // A probe that comes to rest is left alone.
        group.throughput(Throughput::Elements(once().into()));
        group.bench_function(id, |bencher| bencher.iter(|| black_box(once())));
    });
}

fn main() {
    let data = Dataset::embedded(1).expect("it is in the program");
    let mut criterion = Criterion::default()
        .sample_size(10)
        .warm_up_time(Duration::from_secs(1))
        .measurement_time(Duration::from_secs(3))
        .configure_from_args();
    gradient(&mut criterion, &data);
    fields(&mut criterion, &data);
    relaxation(&mut criterion, &data);
    criterion.final_summary();
}
