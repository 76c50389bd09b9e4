//! What must hold for any network: SPEC-level invariants on networks, states and weights that are drawn.
#![allow(missing_docs, reason = "a test")]

mod support;

use dam_nostd::items::Union;
use dam_nostd::methods::consolidation::Importance;
use dam_nostd::methods::penalty::Penalty;
use dam_nostd::methods::{NaiveRehearsal, Vanilla};
use dam_nostd::network::weight;
use dam_nostd::relax::{self, End};
use dam_nostd::rule::{Context, Rule, Updated};
use dam_nostd::{Fixed32, Items, Kind, Model, Passes, Permutations, Scalar, Shape, bits};
use proptest::prelude::*;
use support::tolerance;
use support::{Bench, L, RULE, TRAINING, Tasks, lend, model, random_items, random_weights, rng, set_weight};

const ALL: Rule = Rule { context: Context::Labels, updated: Updated::All, ..RULE };

fn shapes() -> impl Strategy<Value = Shape> {
    (1..40usize, 0..4usize, 1..6usize, 1..20usize).prop_map(|(p, t, c, k)| Shape::new(p, t, c, k).unwrap())
}

fn kinds() -> impl Strategy<Value = Kind> {
    prop::sample::select(vec![Kind::FallingLeak, Kind::RisingLeak, Kind::Rectified, Kind::Polynomial])
}

fn fields(model: Model<f64>, weights: &[[f64; L]], items: Items<'_>) -> Vec<f64> {
    let mut bench = Bench::new(&model.shape, 64, true);
    let mut engine = bench.engine(model, ALL, Permutations::IDENTITY);
    engine.fields(ALL, &mut lend(&model.shape, weights), &Union::only(items), &[0, 1, 2]).to_vec()
}

fn energy<S: Scalar>(model: Model<S>, weights: &[[S; L]], state: &[u32]) -> f64 {
    let mut bench = Bench::new(&model.shape, 1, false);
    let mut engine = bench.engine(model, ALL, Permutations::IDENTITY);
    engine.energies(
        &lend(&model.shape, weights),
        &Union::only(Items::in_neuron_order(model.shape.words(), state)),
        &[0],
    )[0]
    .to_f64()
}

fn close(a: &[f64], b: &[f64]) -> bool {
    let size = b.iter().fold(f64::MIN_POSITIVE, |size, b| size.max(b.abs()));
    a.len() == b.len() && a.iter().zip(b).all(|(a, b)| (a - b).abs() <= tolerance::MANY_TERMS * size)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn energy_never_rises_one_neuron_at_a_time(shape in shapes(), kind in kinds(), n in 1u32..30, seed: u64) {
        let mut rng = rng(seed);
        let model = model::<f64>(shape, kind, n);
        let weights = random_weights::<f64>(&shape, 1.0, &mut rng);
        let mut state = random_items(&shape, 1, &mut rng);
        let order: Vec<u16> = (0..shape.neurons() as u16).collect();
        let mut lent = vec![[0.0; L]; shape.blocks(L)];
        let mut last = energy(model, &weights, &state);
        for neuron in order.iter().chain(&order) {
            relax::asynchronous(&model, &weights, &mut state, &[*neuron], &mut lent, 1);
            let now = energy(model, &weights, &state);
            prop_assert!(now <= last + tolerance::MANY_TERMS * last.abs(), "{last} to {now}");
            last = now;
        }
        prop_assert_eq!(relax::asynchronous(&model, &weights, &mut state, &order, &mut lent, 1000).end, End::Stable);
    }

    #[test]
    fn the_order_of_memories_changes_rounding_only(shape in shapes(), kind in kinds(), n in 1u32..20, seed: u64) {
        let mut rng = rng(seed);
        let model = model::<f64>(shape, kind, n);
        let weights = random_weights::<f64>(&shape, 1.0, &mut rng);
        let words = random_items(&shape, 3, &mut rng);
        let items = Items::in_neuron_order(shape.words(), &words);
        let mut other = weights.clone();
        for k in 0..shape.memories() {
            for j in 0..shape.neurons() {
                let moved = weight(&shape, &weights, shape.memories() - 1 - k, j).unwrap();
                set_weight(&shape, &mut other, k, j, moved);
            }
        }
        prop_assert!(close(&fields(model, &weights, items), &fields(model, &other, items)));
    }

    #[test]
    fn the_order_of_pixels_changes_nothing(shape in shapes(), kind in kinds(), n in 1u32..20, seed: u64) {
        let mut rng = rng(seed);
        let model = model::<f64>(shape, kind, n);
        let weights = random_weights::<f64>(&shape, 1.0, &mut rng);
        let words = random_items(&shape, 3, &mut rng);
        let (pixels, each) = (shape.pixels(), shape.words());
        let moved = |j: usize| if j < pixels { pixels - 1 - j } else { j };
        let (mut other, mut turned) = (weights.clone(), words.clone());
        for j in 0..shape.neurons() {
            for k in 0..shape.memories() {
                set_weight(&shape, &mut other, k, moved(j), weight(&shape, &weights, k, j).unwrap());
            }
            for (state, turned) in words.chunks_exact(each).zip(turned.chunks_exact_mut(each)) {
                bits::set(turned, moved(j), bits::is_on(state, j));
            }
        }
        let (a, b) = (Items::in_neuron_order(each, &words), Items::in_neuron_order(each, &turned));
        let (a, b) = (fields(model, &weights, a), fields(model, &other, b));
        let n = shape.neurons();
        let a: Vec<f64> = (0..a.len()).map(|place| a[place / n * n + moved(place % n)]).collect();
        prop_assert!(close(&a, &b));
    }

    #[test]
    fn a_relaxed_state_stays_in_fixed_point(shape in shapes(), kind in kinds(), n in 1u32..10, seed: u64) {
        let mut rng = rng(seed);
        let model = model::<Fixed32>(shape, kind, n);
        let weights = random_weights::<Fixed32>(&shape, 1.0, &mut rng);
        let mut state = random_items(&shape, 1, &mut rng);
        let order: Vec<u16> = (0..shape.neurons() as u16).collect();
        let mut lent = vec![[Fixed32::ZERO; L]; shape.blocks(L)];
        let end = relax::asynchronous(&model, &weights, &mut state, &order, &mut lent, 1000);
        prop_assert_eq!(end.end, End::Stable);
        let before = state.clone();
        relax::asynchronous(&model, &weights, &mut state, &order, &mut lent, 1);
        prop_assert_eq!(before, state);
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(8))]

    #[test]
    fn of_nothing_a_method_is_vanilla(epochs in 1u32..5, rate in 0.001..0.2f64, momentum in 0.0..0.95f64) {
        let tasks = Tasks::new(2, 20);
        let training = dam_nostd::train::Training { epochs, rate, momentum, ..TRAINING };
        fn all<S: Scalar>(tasks: &Tasks, training: &dam_nostd::train::Training) -> [Vec<u64>; 3] {
            let mut other = support::Store::<S>::new(&tasks.shape);
            let mut l2 = other.consolidation(&tasks.shape, Penalty::new(0.0), Importance::Uniform);
            let mut store = support::Store::<S>::new(&tasks.shape);
            [
                support::bits(&tasks.learn::<S>(training, &mut Vanilla)),
                support::bits(&tasks.learn::<S>(training, &mut l2)),
                support::bits(&tasks.learn::<S>(training, &mut NaiveRehearsal::new(0.0, store.items()))),
            ]
        }
        for [vanilla, l2, rehearsal] in [all::<f32>(&tasks, &training), all::<Fixed32>(&tasks, &training)] {
            prop_assert_eq!(&vanilla, &l2);
            prop_assert_eq!(&vanilla, &rehearsal);
        }
    }
}
