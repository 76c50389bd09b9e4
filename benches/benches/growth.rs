//! How the cost of an item-presentation grows with memory vectors, neurons, density and items: full batch, one thread.

use std::time::Duration;

use criterion::measurement::WallTime;
use criterion::{BenchmarkGroup, BenchmarkId, Criterion, SamplingMode, Throughput};
use dam_nostd::bits;
use dam_nostd::rng::{self, Purpose, Xoshiro128PlusPlus};
use dam_nostd::train::Batch;
use host_harness::bench::Bench;
use host_harness::config::Settings;
use host_harness::data::Dataset;
use host_harness::machine::Machine;

/// Items where they are not what grows.
const ITEMS: usize = 4000;

const N: u32 = 2;

/// A training of one epoch; an element is an item-presentation.
fn train(
    group: &mut BenchmarkGroup<'_, WallTime>,
    id: impl ToString,
    settings: Settings,
    items: usize,
    data: &Dataset,
) {
    // A fifth of a task's images is for validation.
    let settings = Settings { n: Some(N), items: Some(items + items / 4), ..settings };
    let bench = Bench::new(settings.config().expect("in range"), data).expect("they fit");
    let machine = Machine::new(1, None).expect("every machine has one");
    group.throughput(Throughput::Elements(items as u64));
    group.bench_function(BenchmarkId::from_parameter(id.to_string()), |bencher| {
        bencher.iter_custom(|epochs| {
            let trained = bench.train(&machine, epochs as u32, Batch::Full).expect("as before");
            Duration::from_secs_f64(trained.seconds)
        });
    });
}

/// `items` images of 28 x 28 pixels, each on with a probability of `percent`, as digits have them: in runs of four.
fn noise(items: usize, percent: u32) -> Dataset {
    let mut random = Xoshiro128PlusPlus::of(1, Purpose::Probes, 0);
    let words = 784_usize.div_ceil(32);
    let mut images = vec![0; items * words];
    for image in images.chunks_exact_mut(words) {
        for run in 0..784 / 4 {
            let on = rng::below(&mut random, 100) < percent;
            (4 * run..4 * run + 4).for_each(|pixel| bits::set(image, pixel, on));
        }
    }
    Dataset::from_parts("noise", 28, 28, 1, images, vec![0; items]).expect("sizes agree")
}

fn main() {
    let digits = Dataset::embedded(1).expect("it is in the program");
    let mut criterion = Criterion::default()
        .sample_size(10)
        .warm_up_time(Duration::from_millis(500))
        .measurement_time(Duration::from_secs(2))
        .configure_from_args();
    let mut group = |name: &str, run: &dyn Fn(&mut BenchmarkGroup<'_, WallTime>)| {
        let mut group = criterion.benchmark_group(name);
        group.sampling_mode(SamplingMode::Flat);
        run(&mut group);
        group.finish();
    };
    group("memories", &|group| {
        for memories in [64, 128, 256, 512, 1024] {
            train(group, memories, Settings { memories: Some(memories), ..Settings::default() }, ITEMS, &digits);
        }
    });
    group("pixels", &|group| {
        for side in [7, 14, 20, 28] {
            let data = digits.clone().pooled(side, side).expect("smaller than they are");
            train(group, side * side, Settings::default(), ITEMS, &data);
        }
    });
    group("density", &|group| {
        for percent in [5, 10, 20, 40, 80] {
            train(group, format!("{percent}%"), Settings::default(), ITEMS, &noise(2 * ITEMS, percent));
        }
    });
    group("items", &|group| {
        for items in [1000, 2000, 5000, 10_000, 20_000, 50_000] {
            train(group, items, Settings::default(), items, &digits);
        }
    });
    criterion.final_summary();
}
