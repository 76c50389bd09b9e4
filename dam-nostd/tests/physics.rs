//! Energy, relaxation, symmetries, and what becomes of the classical Hopfield network.
#![allow(missing_docs, reason = "a test")]

mod support;

use dam_nostd::bits;
use dam_nostd::items::Union;
use dam_nostd::network::weight;
use dam_nostd::objective::Objective;
use dam_nostd::relax::{self, End, Relaxed};
use dam_nostd::rule::{Context, Rule, Updated};
use dam_nostd::{Coding, Items, Kind, Model, Passes, Permutations, Shape};
use rand_core::Rng;
use support::tolerance;
use support::{Bench, L, LOSS, RULE, lend, model, numbers, random_items, random_weights, rng, set_weight, unscaled};

const KINDS: [Kind; 4] = [Kind::FallingLeak, Kind::RisingLeak, Kind::Rectified, Kind::Polynomial];
const ALL: Rule = Rule { context: Context::Labels, updated: Updated::All, ..RULE };

fn fields(
    model: Model<f64>,
    rule: Rule,
    weights: &[[f64; L]],
    items: Items<'_>,
    permutations: Permutations<'_>,
) -> Vec<f64> {
    let mut bench = Bench::new(&model.shape, 64, true);
    let mut engine = bench.engine(model, rule, permutations);
    let picks: Vec<u32> = (0..items.len() as u32).collect();
    engine.fields(rule, &mut lend(&model.shape, weights), &Union::only(items), &picks).to_vec()
}

fn energy(model: Model<f64>, weights: &[[f64; L]], state: &[u32]) -> f64 {
    let mut bench = Bench::new(&model.shape, 1, false);
    let mut engine = bench.engine(model, ALL, Permutations::IDENTITY);
    engine.energies(
        &lend(&model.shape, weights),
        &Union::only(Items::in_neuron_order(model.shape.words(), state)),
        &[0],
    )[0]
}

fn close(a: &[f64], b: &[f64], tolerance: f64) -> bool {
    let size = b.iter().fold(0.0f64, |size, b| size.max(b.abs()));
    assert!(size > 0.0, "nothing to compare");
    a.len() == b.len() && a.iter().zip(b).all(|(a, b)| (a - b).abs() <= tolerance * size)
}

fn random_states(shape: &Shape, count: usize, rng: &mut impl Rng) -> Vec<u32> {
    let mut words = vec![0; count * shape.words()];
    for state in words.chunks_exact_mut(shape.words()) {
        for neuron in 0..shape.neurons() {
            bits::set(state, neuron, rng.next_u32() & 1 == 1);
        }
    }
    words
}

#[test]
fn energy_never_rises_when_neurons_are_updated_one_by_one() {
    let shape = Shape::new(33, 2, 4, 11).unwrap();
    let order: Vec<u16> = (0..shape.neurons() as u16).collect();
    let mut changes = 0;
    for (kind, coding) in KINDS.into_iter().flat_map(|kind| [(kind, Coding::Bipolar), (kind, Coding::Binary)]) {
        for vertex in [1, 2, 3, 4, 7, 20] {
            let model = Model { coding, ..model::<f64>(shape, kind, vertex) };
            let mut rng = rng(u64::from(vertex));
            let weights = random_weights::<f64>(&shape, 1.0, &mut rng);
            for state in random_states(&shape, 4, &mut rng).chunks_exact_mut(shape.words()) {
                let mut lent = vec![[0.0; L]; shape.blocks(L)];
                let mut last = energy(model, &weights, state);
                for neuron in order.iter().chain(&order) {
                    let before = state.to_vec();
                    relax::asynchronous(&model, &weights, state, &[*neuron], &mut lent, 1);
                    let now = energy(model, &weights, state);
                    assert!(
                        now <= last + tolerance::MANY_TERMS * last.abs(),
                        "{coding:?} {kind:?} n={vertex}: {last} to {now}"
                    );
                    changes += u32::from(before != *state);
                    last = now;
                }
                // The end is a fixed point of both dynamics.
                let relaxed = relax::asynchronous(&model, &weights, state, &order, &mut lent, 100);
                assert_eq!(relaxed.end, End::Stable, "{kind:?} n={vertex}");
                let items = Items::in_neuron_order(shape.words(), state);
                for (neuron, field) in
                    fields(model, ALL, &weights, items, Permutations::IDENTITY).into_iter().enumerate()
                {
                    assert!((field > 0.0) == bits::is_on(state, neuron) || field.abs() < tolerance::MANY_TERMS);
                }
            }
        }
    }
    assert!(changes > 500, "{changes}");
}

/// One state relaxed at once.
fn relaxed(model: Model<f64>, weights: &[[f64; L]], state: &mut [u32]) -> Relaxed {
    let mut bench = Bench::new(&model.shape, 4, false);
    let mut engine = bench.engine(model, RULE, Permutations::IDENTITY);
    // What the lent memory holds must not matter: here the worst it can.
    let (mut previous, mut active) = (state.iter().map(|word| !word).collect::<Vec<_>>(), [0]);
    let mut relaxed = [Relaxed { end: End::Limit, sweeps: 0 }];
    relax::synchronous(
        &mut engine,
        &mut lend(&model.shape, weights),
        state,
        &mut previous,
        &mut active,
        &mut relaxed,
        100,
    );
    relaxed[0]
}

#[test]
fn two_neurons_that_want_to_differ_go_round() {
    let shape = Shape::new(1, 0, 1, 1).unwrap();
    let model = model::<f64>(shape, Kind::Polynomial, 2);
    let mut weights = vec![[0.0; L]; shape.rows(L)];
    set_weight(&shape, &mut weights, 0, 0, 1.0);
    set_weight(&shape, &mut weights, 0, 1, -1.0);
    let mut state = [0b11];
    assert_eq!(relaxed(model, &weights, &mut state), Relaxed { end: End::Cycle, sweeps: 2 });
    let mut state = [0b01];
    assert_eq!(relaxed(model, &weights, &mut state), Relaxed { end: End::Stable, sweeps: 1 });
    assert_eq!(state, [0b01]);
    // One after the other they settle.
    let mut state = [0b11];
    let end = relax::asynchronous(&model, &weights, &mut state, &[0, 1], &mut [[0.0; L]], 9);
    assert_eq!((end.end, state), (End::Stable, [0b10]));
}

#[test]
fn a_first_sweep_that_flips_every_neuron_is_no_cycle() {
    // Neurons fill the word. The state is the opposite of the one memory vector, and all flip to it at once: n is odd.
    let shape = Shape::new(31, 0, 1, 1).unwrap();
    let model = model::<f64>(shape, Kind::Polynomial, 3);
    let mut weights = vec![[0.0; L]; shape.rows(L)];
    for neuron in 0..32 {
        set_weight(&shape, &mut weights, 0, neuron, if neuron % 3 == 0 { 1.0 } else { -1.0 });
    }
    let memory: u32 = (0..32).filter(|neuron| neuron % 3 == 0).map(|neuron| 1 << neuron).sum();
    let mut state = [!memory];
    assert_eq!(relaxed(model, &weights, &mut state), Relaxed { end: End::Stable, sweeps: 2 });
    assert_eq!(state, [memory]);
}

#[test]
fn stable_ends_are_fixed_points_and_cycles_come_back() {
    let shape = Shape::new(20, 0, 3, 9).unwrap();
    let mut rng = rng(8);
    let mut ends = [0; 2];
    for kind in KINDS {
        for vertex in [2, 3, 6] {
            let model = model::<f64>(shape, kind, vertex);
            let weights = random_weights::<f64>(&shape, 1.0, &mut rng);
            for mut state in random_states(&shape, 20, &mut rng) {
                let end = relaxed(model, &weights, std::slice::from_mut(&mut state));
                let step = |state: u32| {
                    let of = fields(model, ALL, &weights, Items::in_neuron_order(1, &[state]), Permutations::IDENTITY);
                    of.iter().enumerate().map(|(i, &field)| u32::from(field > 0.0) << i).sum::<u32>()
                };
                match end.end {
                    End::Stable => assert_eq!(step(state), state),
                    End::Cycle => {
                        let next = step(state);
                        assert!(next != state && step(next) == state);
                    }
                    End::Limit => panic!("{kind:?} n={vertex}: no end"),
                }
                ends[usize::from(end.end == End::Cycle)] += 1;
            }
        }
    }
    assert!(ends[0] > 50 && ends[1] > 5, "{ends:?}");
}

#[test]
fn permuting_pixels_of_items_and_memories_permutes_everything() {
    let shape = Shape::new(18, 2, 4, 11).unwrap();
    let mut rng = rng(3);
    let model = model::<f64>(shape, Kind::FallingLeak, 3);
    let weights = random_weights::<f64>(&shape, 0.5, &mut rng);
    let words = random_items(&shape, 50, &mut rng);
    let map: Vec<u16> = (0..18).map(|p| (p * 5 + 3) % 18).collect();
    let moved = |neuron: usize| map.get(neuron).map_or(neuron, |&to| usize::from(to));
    let permutations = Permutations::new(18, &map).unwrap();
    let (plain, permuted) = (Items::in_neuron_order(1, &words), Items::new(1, &words, &[0; 50]));
    let mut other = vec![[0.0; L]; shape.rows(L)];
    for k in 0..shape.memories() {
        for j in 0..shape.neurons() {
            set_weight(&shape, &mut other, k, moved(j), weight(&shape, &weights, k, j).unwrap());
        }
    }
    for rule in [RULE, ALL] {
        let (a, b) =
            (fields(model, rule, &weights, plain, permutations), fields(model, rule, &other, permuted, permutations));
        let updated = rule.updated.range(&shape);
        let mut turned = vec![0.0; a.len()];
        for (place, field) in a.iter().enumerate() {
            let (item, neuron) = (place / updated.len(), updated.start + place % updated.len());
            turned[item * updated.len() + moved(neuron) - updated.start] = *field;
        }
        assert!(close(&turned, &b, tolerance::MANY_TERMS));
        let gradient = |weights: &[[f64; L]], items| {
            let mut bench = Bench::new(&shape, 64, true);
            let mut engine = bench.engine(model, rule, permutations);
            let (mut gradient, mut picks) = (vec![[0.0; L]; shape.rows(L)], (0..50).collect::<Vec<_>>());
            let (weights, union) = (&mut lend(&shape, weights), Union::only(items));
            let into = &mut unscaled(&mut gradient);
            engine.gradient(rule, weights, &union, &mut picks, Objective::Loss(LOSS), into);
            gradient
        };
        let (a, b) = (gradient(&weights, plain), gradient(&other, permuted));
        let mut turned = vec![[0.0; L]; a.len()];
        for k in 0..shape.memories() {
            for j in 0..shape.neurons() {
                set_weight(&shape, &mut turned, k, moved(j), weight(&shape, &a, k, j).unwrap());
            }
        }
        assert!(close(&numbers(&shape, &turned), &numbers(&shape, &b), tolerance::MANY_TERMS));
    }
}

#[test]
fn permuting_memories_changes_fields_to_rounding_only() {
    let shape = Shape::new(18, 2, 4, 11).unwrap();
    let mut rng = rng(3);
    let words = random_items(&shape, 50, &mut rng);
    let items = Items::in_neuron_order(1, &words);
    for kind in KINDS {
        let model = model::<f64>(shape, kind, 3);
        let weights = random_weights::<f64>(&shape, 0.5, &mut rng);
        let mut other = weights.clone();
        for k in 0..shape.memories() {
            for j in 0..shape.neurons() {
                let weight = weight(&shape, &weights, (4 * k + 2) % 11, j).unwrap();
                set_weight(&shape, &mut other, k, j, weight);
            }
        }
        assert_ne!(weights, other);
        let of = |weights: &[[f64; L]]| fields(model, ALL, weights, items, Permutations::IDENTITY);
        assert!(close(&of(&weights), &of(&other), tolerance::FEW_TERMS), "{kind:?}");
    }
}

/// For f = x^2 and memory vectors that are patterns zeta, the field of neuron i is
/// 4 (beta / N)^2 * sum over j != i of W_ij xi_j, with W = sum of zeta zeta'. The self-coupling W_ii drops out: the two
/// clamped states of neuron i do not depend on xi_i.
#[test]
fn with_n_2_and_patterns_as_memories_the_update_is_hopfields() {
    // An odd number of patterns and of other neurons: no sum is zero.
    let shape = Shape::new(19, 0, 5, 7).unwrap();
    let mut rng = rng(21);
    let model = model::<f64>(shape, Kind::Polynomial, 2);
    let n = shape.neurons();
    let sign = |on: bool| if on { 1i32 } else { -1 };
    let patterns = random_states(&shape, 7, &mut rng);
    let mut weights = vec![[0.0; L]; shape.rows(L)];
    for (k, pattern) in patterns.iter().enumerate() {
        for j in 0..n {
            set_weight(&shape, &mut weights, k, j, f64::from(sign(bits::is_on(&[*pattern], j))));
        }
    }
    let coupling = |i: usize, j: usize| -> i32 {
        patterns.iter().map(|p| sign(bits::is_on(&[*p], i)) * sign(bits::is_on(&[*p], j))).sum()
    };
    for state in random_states(&shape, 40, &mut rng) {
        let found = fields(model, ALL, &weights, Items::in_neuron_order(1, &[state]), Permutations::IDENTITY);
        let sums: Vec<i32> = (0..n)
            .map(|i| (0..n).filter(|&j| j != i).map(|j| coupling(i, j) * sign(bits::is_on(&[state], j))).sum())
            .collect();
        let scale = 4.0 * model.scale() * model.scale();
        let expected: Vec<f64> = sums.iter().map(|&sum| scale * f64::from(sum)).collect();
        assert!(close(&found, &expected, tolerance::FEW_TERMS));
        for (field, sum) in found.iter().zip(&sums) {
            assert_eq!(*field > 0.0, *sum > 0);
        }
    }
}

#[test]
fn for_homogeneous_functions_temperature_is_a_scale() {
    let shape = Shape::new(18, 2, 4, 11).unwrap();
    let mut rng = rng(3);
    let words = random_items(&shape, 20, &mut rng);
    let items = Items::in_neuron_order(1, &words);
    for kind in [Kind::Rectified, Kind::Polynomial] {
        for vertex in [1, 2, 3, 8] {
            let cold = model::<f64>(shape, kind, vertex);
            let warm = Model { temperature: 1.7, ..cold };
            let weights = random_weights::<f64>(&shape, 0.5, &mut rng);
            let ratio = cold.temperature / warm.temperature;
            let of = |model, weights: &[[f64; L]]| fields(model, RULE, weights, items, Permutations::IDENTITY);
            let (cold_fields, warm_fields) = (of(cold, &weights), of(warm, &weights));
            // Fields scale with (T / T')^n.
            let scaled: Vec<f64> = cold_fields.iter().map(|field| field * ratio.powi(vertex as i32)).collect();
            assert!(close(&warm_fields, &scaled, tolerance::MANY_TERMS), "{kind:?} n={vertex}");
            // And a temperature is a size of the weights: 1/T, 1/N and the weights only ever occur multiplied.
            let smaller: Vec<[f64; L]> = weights.iter().map(|row| row.map(|weight| ratio * weight)).collect();
            assert!(close(&warm_fields, &of(cold, &smaller), tolerance::MANY_TERMS), "{kind:?} n={vertex}");
        }
    }
}

#[test]
fn a_field_of_zero_is_off() {
    let shape = Shape::new(5, 0, 2, 3).unwrap();
    let weights = vec![[0.0; L]; shape.rows(L)];
    for kind in KINDS {
        let model = model::<f64>(shape, kind, 3);
        let mut state = [0b101_0101];
        assert_eq!(relaxed(model, &weights, &mut state), Relaxed { end: End::Stable, sweeps: 2 });
        assert_eq!(state, [0]);
        let mut state = [0b101_0101];
        relax::asynchronous(&model, &weights, &mut state, &[0, 1, 2, 3, 4, 5, 6], &mut [[0.0; L]], 9);
        assert_eq!(state, [0]);
    }
}
