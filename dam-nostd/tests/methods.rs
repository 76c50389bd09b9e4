//! What must hold between methods after whole sequences of tasks.
#![allow(missing_docs, reason = "a test")]

mod support;

use core::num::NonZeroUsize;
use support::tolerance;

use dam_nostd::executor::{Executor, Operation, Sequential};
use dam_nostd::methods::agem::AGemOptions;
use dam_nostd::methods::consolidation::Importance;
use dam_nostd::methods::estimate::{Estimate, Per};
use dam_nostd::methods::gem::GemOptions;
use dam_nostd::methods::penalty::{Entry, Penalty};
use dam_nostd::methods::projection::Projected;
use dam_nostd::methods::pseudorehearsal::PseudoOptions;
use dam_nostd::methods::si::SiOptions;
use dam_nostd::methods::{Consolidation, Last, Method, NaiveRehearsal, SweepRehearsal, Vanilla};
use dam_nostd::{BufferFull, Gradient, Items, Kind, Passes, Permutations, Scalar, Shape, Weights};
use rand_core::Rng;
use support::{
    Bench, L, LOSS, Probes, RULE, Store, TRAINING, Tasks, bits, learn, lend, model, random_weights, rng, waste,
};

const ESTIMATES: [Per; 2] = [Per::Item, Per::Batch(NonZeroUsize::new(4).unwrap())];

fn penalty(lambda: f64, entry: Entry) -> Penalty {
    Penalty { lambda, entry }
}

fn ewc(per: Per) -> Importance {
    Importance::Fisher { loss: LOSS, estimate: Estimate { per, ..Estimate::default() } }
}

fn mas(per: Per) -> Importance {
    Importance::OutputNorm { squared: true, estimate: Estimate { per, ..Estimate::default() } }
}

fn si(lambda: f64, entry: Entry) -> SiOptions {
    SiOptions { penalty: penalty(lambda, entry), ..SiOptions::new(0.0) }
}

const PROJECTED: [Projected; 2] = [Projected::Network, Projected::Memory];

fn gem(proportion: f64) -> GemOptions {
    GemOptions { proportion, margin: 0.0, sample: None, projected: Projected::Network, loss: LOSS }
}

fn agem(proportion: f64) -> AGemOptions {
    AGemOptions { proportion, sample: None, projected: Projected::Network, loss: LOSS }
}

/// The weights after three tasks with each method at this amount: lambda of penalties, r of buffers.
fn with_each<S: Scalar>(amount: f64) -> Vec<(String, Vec<u64>)> {
    with_each_on::<S, _>(Sequential, amount)
}

fn with_each_on<S: Scalar, E: Executor + Copy>(executor: E, amount: f64) -> Vec<(String, Vec<u64>)> {
    let tasks = Tasks::new(3, 30);
    let shape = tasks.shape;
    let mut all = Vec::new();
    let mut run = |name: String, method: &mut dyn Method<S, L>| {
        all.push((name, bits(&tasks.learn_on(executor, &TRAINING, method))));
    };
    let mut store = Store::new(&shape);
    for entry in [Entry::Gradient, Entry::Step] {
        run(format!("L2 {entry:?}"), &mut store.consolidation(&shape, penalty(amount, entry), Importance::Uniform));
        run(format!("SI {entry:?}"), &mut store.si(&shape, si(amount, entry)));
        for per in ESTIMATES {
            let penalty = penalty(amount, entry);
            run(format!("EWC {entry:?} {per:?}"), &mut store.consolidation(&shape, penalty, ewc(per)));
            run(format!("MAS {entry:?} {per:?}"), &mut store.consolidation(&shape, penalty, mas(per)));
        }
    }
    run("GEM".into(), &mut store.gem(&shape, gem(amount)));
    run("A-GEM".into(), &mut store.agem(&shape, agem(amount)));
    run("naive rehearsal".into(), &mut NaiveRehearsal::new(amount, store.items()));
    run("pseudorehearsal".into(), &mut Probes::new(&shape, 5).method(PseudoOptions::new(amount), store.items()));
    all
}

#[test]
fn of_nothing_every_method_is_vanilla_bit_for_bit() {
    let vanilla = bits(&Tasks::new(3, 30).learn::<f32>(&TRAINING, &mut Vanilla));
    for (name, weights) in with_each::<f32>(0.0) {
        assert_eq!(weights, vanilla, "{name}");
    }
    let vanilla = bits(&Tasks::new(3, 30).learn::<f64>(&TRAINING, &mut Vanilla));
    for (name, weights) in with_each::<f64>(0.0) {
        assert_eq!(weights, vanilla, "{name}");
    }
}

#[test]
fn of_something_every_method_is_its_own() {
    let mut all = with_each::<f32>(0.5);
    all.push(("vanilla".into(), bits(&Tasks::new(3, 30).learn::<f32>(&TRAINING, &mut Vanilla))));
    for (i, (one, a)) in all.iter().enumerate() {
        for (other, b) in &all[..i] {
            assert!(a != b, "{one} and {other} are the same");
        }
    }
}

/// EWC whose importances are all 1.
struct Ones<'a, S: Scalar>(Consolidation<'a, S, L>, Vec<[S::Wide; L]>);

impl<S: Scalar> Method<S, L> for Ones<'_, S> {
    fn alter_gradient(
        &mut self,
        passes: &mut dyn Passes<S, L>,
        weights: &mut Weights<'_, S, L>,
        gradient: &mut Gradient<'_, S, L>,
    ) {
        self.0.alter_gradient(passes, weights, gradient);
    }

    fn observe_step(
        &mut self,
        passes: &mut dyn Passes<S, L>,
        weights: &mut Weights<'_, S, L>,
        gradient: &Gradient<'_, S, L>,
        rate: S,
    ) {
        self.0.observe_step(passes, weights, gradient, rate);
    }

    fn end_task(
        &mut self,
        _: &mut dyn Passes<S, L>,
        weights: &mut Weights<'_, S, L>,
        _: Items<'_>,
        _: &mut Gradient<'_, S, L>,
        _: &mut dyn Rng,
    ) -> Result<(), BufferFull> {
        self.0.consolidate(weights.rows(), &self.1);
        Ok(())
    }
}

#[test]
fn l2_is_ewc_with_importances_of_one_and_twice_the_lambda_bit_for_bit() {
    let tasks = Tasks::new(4, 30);
    let shape = tasks.shape;
    for entry in [Entry::Gradient, Entry::Step] {
        let (mut one, mut other) = (Store::<f32>::new(&shape), Store::<f32>::new(&shape));
        let a = tasks.learn(&TRAINING, &mut one.consolidation(&shape, penalty(0.03, entry), Importance::Uniform));
        let ones = vec![[1.0; L]; shape.rows(L)];
        let ewc = other.consolidation(&shape, penalty(0.06, entry), ewc(Per::Item));
        let b = tasks.learn(&TRAINING, &mut Ones(ewc, ones));
        assert_eq!(bits(&a), bits(&b), "{entry:?}");
    }
}

#[test]
fn agem_is_gem_on_one_past_task_bit_for_bit() {
    let tasks = Tasks::new(2, 40);
    let shape = tasks.shape;
    let samples = [None, NonZeroUsize::new(9)];
    for (sample, projected) in samples.into_iter().flat_map(|sample| PROJECTED.map(|projected| (sample, projected))) {
        let (mut one, mut other) = (Store::<f32>::new(&shape), Store::<f32>::new(&shape));
        let (mut a, mut b) = (
            one.gem(&shape, GemOptions { sample, projected, ..gem(0.5) }),
            other.agem(&shape, AGemOptions { sample, projected, ..agem(0.5) }),
        );
        assert_eq!(bits(&tasks.learn(&TRAINING, &mut a)), bits(&tasks.learn(&TRAINING, &mut b)));
        assert_eq!(a.projections().violated, b.projections().violated);
        assert!(a.projections().violated > 0 && a.projections().unsolved == 0);
        assert_eq!(a.projections().batches, 36);
        assert!((a.projections().mean_cosine() - b.projections().mean_cosine()).abs() < tolerance::MANY_TERMS);
    }
}

#[test]
fn rehearsal_of_everything_trains_on_exactly_the_union() {
    let tasks = Tasks::new(3, 20);
    let shape = tasks.shape;
    let mut store = Store::<f32>::new(&shape);
    let mut expected = random_weights::<f32>(&shape, 0.1, &mut rng(1));
    for task in 0..3 {
        // The new task first, then the earlier ones in their order.
        let words: Vec<u32> = [task].into_iter().chain(0..task).flat_map(|task| tasks.words[task].clone()).collect();
        let items = Items::in_neuron_order(shape.words(), &words);
        learn(&shape, &mut expected, &TRAINING, items, &mut Vanilla, task as u64);
    }
    let found = tasks.learn::<f32>(&TRAINING, &mut NaiveRehearsal::new(1.0, store.items()));
    assert_eq!(bits(&found), bits(&expected));
}

#[test]
fn rehearsal_keeps_the_proportion_of_each_task() {
    let tasks = Tasks::new(3, 20);
    let mut store = Store::<f32>::new(&tasks.shape);
    let mut method = NaiveRehearsal::new(0.28, store.items());
    tasks.learn(&TRAINING, &mut method as &mut dyn Method<f32, L>);
    let kept = <NaiveRehearsal<'_> as Method<f32, L>>::rehearsed(&method);
    assert_eq!(kept.len(), 3 * 6);
    for i in 0..kept.len() {
        let of_task = tasks.get(i / 6);
        assert!((0..20).any(|j| of_task.bits(j) == kept.bits(i)), "item {i}");
    }
}

#[test]
fn sweep_rehearsal_of_the_whole_buffer_is_naive_rehearsal_bit_for_bit() {
    let tasks = Tasks::new(3, 20);
    let mut store = Store::<f32>::new(&tasks.shape);
    let naive = tasks.learn::<f32>(&TRAINING, &mut NaiveRehearsal::new(0.5, store.items()));
    let sweep = tasks.learn::<f32>(&TRAINING, &mut SweepRehearsal::new(0.5, usize::MAX, store.items()));
    assert_eq!(bits(&sweep), bits(&naive));
}

#[test]
fn sweep_rehearsal_learns_another_sample_at_each_epoch_and_every_kept_item_in_time() {
    let tasks = Tasks::new(2, 20);
    let mut store = Store::<f32>::new(&tasks.shape);
    let mut buffer = store.items();
    for i in 0..20 {
        buffer.push(tasks.get(0).bits(i), (i % 2) as u8).unwrap();
    }
    let mut sweep = SweepRehearsal::new(0.5, 4, buffer);
    let method: &mut dyn Method<f32, L> = &mut sweep;
    let (mut draws, mut samples) = (rng(5), std::collections::BTreeSet::new());
    let mut seen = std::collections::BTreeSet::new();
    for _ in 0..50 {
        method.begin_epoch(&mut draws);
        let items = method.rehearsed();
        let sample: std::collections::BTreeSet<_> =
            (0..items.len()).map(|i| (items.bits(i).to_vec(), items.permutation(i))).collect();
        assert_eq!((items.len(), sample.len()), (4, 4));
        seen.extend(sample.iter().cloned());
        samples.insert(sample);
    }
    assert!(samples.len() > 45, "{}", samples.len());
    let all: std::collections::BTreeSet<_> = (0..20).map(|i| (tasks.get(0).bits(i).to_vec(), (i % 2) as u8)).collect();
    assert_eq!(seen, all);
}

#[test]
fn the_last_task_leaves_nothing_behind() {
    let tasks = Tasks::new(1, 20);
    let shape = tasks.shape;
    let mut store = Store::<f32>::new(&shape);
    let mut method = store.gem(&shape, gem(1.0));
    tasks.learn(&TRAINING, &mut Last(&mut method));
    assert_eq!(method.items().len(), 0);
    tasks.learn(&TRAINING, &mut method);
    assert_eq!(method.items().len(), 20);
}

/// A thread for every half of the blocks, and the second half first.
#[derive(Clone, Copy)]
struct Threads;

impl Executor for Threads {
    fn join<A: Send, B: Send>(&self, a: impl FnOnce() -> A + Send, b: impl FnOnce() -> B + Send) -> (A, B) {
        std::thread::scope(|scope| {
            let b = scope.spawn(b).join().unwrap();
            (scope.spawn(a).join().unwrap(), b)
        })
    }

    fn run<O: Operation>(&self, operation: O) -> O::Output {
        operation.run()
    }
}

#[test]
fn who_does_the_work_changes_no_bit() {
    assert_eq!(with_each::<f32>(0.5), with_each_on::<f32, _>(Threads, 0.5));
}

#[test]
fn kept_items_keep_their_permutations() {
    let tasks = Tasks::new(1, 20);
    let shape = tasks.shape;
    let names: Vec<u8> = (0..20).collect();
    let items = Items::new(shape.words(), &tasks.words[0], &names);
    let same = |kept: Items<'_>| {
        assert_eq!(kept.len(), 20);
        (0..20).all(|i| kept.bits(i) == items.bits(i) && usize::from(kept.permutation(i)) == i)
    };
    let mut bench = Bench::<f32>::new(&shape, 4, false);
    let mut engine = bench.engine(model(shape, Kind::FallingLeak, 3), RULE, Permutations::IDENTITY);
    let mut weights = lend(&shape, &random_weights::<f32>(&shape, 0.1, &mut rng(1)));
    let mut store = Store::new(&shape);
    {
        let method: &mut dyn Method<f32, L> = &mut NaiveRehearsal::new(1.0, store.items());
        method.end_task(&mut engine, &mut weights, items, &mut waste(&shape), &mut rng(2)).unwrap();
        assert!(same(method.rehearsed()));
    }
    let mut method = store.gem(&shape, gem(1.0));
    method.end_task(&mut engine, &mut weights, items, &mut waste(&shape), &mut rng(2)).unwrap();
    assert!(same(method.items()));
    let mut method = store.agem(&shape, agem(1.0));
    method.end_task(&mut engine, &mut weights, items, &mut waste(&shape), &mut rng(2)).unwrap();
    assert!(same(method.items()));
}

#[test]
fn bytes_are_those_of_what_is_lent() {
    use dam_nostd::methods::{agem, consolidation, gem, pseudorehearsal, si};
    const SHAPE: Shape = match Shape::new(784, 5, 10, 512) {
        Ok(shape) => shape,
        Err(_) => panic!(),
    };
    const L2: usize = consolidation::bytes(&SHAPE, 64, 4, 4, true, 1600);
    let array = size_of::<[[[f32; 64]; 799]; 8]>();
    let items = |count: usize| count * (size_of::<[u32; 25]>() + 1);
    assert_eq!(L2, array);
    assert_eq!(si::bytes(&SHAPE, 64, 4, 4), 6 * array);
    assert_eq!(consolidation::bytes(&SHAPE, 64, 4, 4, false, 1600), 3 * array + 4 * 1600);
    assert_eq!(gem::bytes(&SHAPE, 64, 4, Projected::Network, 4, 800), items(3200) + 4 * (array + 8 * 8) + 4 * 800);
    let products = 8 * 8 * 64 * (1 + 4 + 10);
    assert_eq!(gem::bytes(&SHAPE, 64, 4, Projected::Memory, 4, 800), items(3200) + 4 * array + products + 4 * 800);
    assert_eq!(agem::bytes(&SHAPE, 64, 4, Projected::Network, 3200, 800), items(3200) + array + 8 * 8 + 4 * 800);
    let probe = 2 * size_of::<[u32; 25]>() + 4 + size_of::<dam_nostd::relax::Relaxed>();
    assert_eq!(pseudorehearsal::bytes(&SHAPE, 10, 3), items(10) + 3 * probe);
}
