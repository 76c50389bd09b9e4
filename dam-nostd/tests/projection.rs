//! GEM and A-GEM batch by batch: what is left of the gradient, against the gradients of the past tasks.
#![allow(missing_docs, reason = "a test")]

mod support;

use core::num::NonZeroUsize;
use support::tolerance;

use dam_nostd::executor::Sequential;
use dam_nostd::items::Union;
use dam_nostd::methods::Method;
use dam_nostd::methods::agem::AGemOptions;
use dam_nostd::methods::gem::GemOptions;
use dam_nostd::methods::projection::{Projected, Projections};
use dam_nostd::objective::Objective;
use dam_nostd::{BufferFull, Engine, Items, Kind, Passes, Permutations, Scalar, Shape, Weights};
use support::{Bench, L, LOSS, RULE, Store, Tasks, dot, lend, model, numbers, random_weights, rng, unscaled, waste};

const TASKS: usize = 4;

/// The gradients of all items of each task, and of all tasks together.
fn past<S: Scalar>(
    tasks: &Tasks,
    engine: &mut Engine<'_, S, L, Sequential>,
    weights: &mut Weights<'_, S, L>,
) -> Vec<Vec<f64>> {
    let all: Vec<u32> = tasks.words.concat();
    let mut of = |items: Items<'_>| {
        let mut gradient = vec![[S::ZERO; L]; tasks.shape.rows(L)];
        let mut picks: Vec<u32> = (0..items.len() as u32).collect();
        let into = &mut unscaled(&mut gradient);
        engine.gradient(RULE, weights, &Union::only(items), &mut picks, Objective::Loss(LOSS), into);
        numbers(&tasks.shape, &gradient)
    };
    let mut past: Vec<_> = (0..TASKS).map(|task| of(tasks.get(task))).collect();
    past.push(of(Items::in_neuron_order(tasks.shape.words(), &all)));
    past
}

/// What GEM and A-GEM made of a gradient.
struct Altered {
    before: Vec<f64>,
    gem: Vec<f64>,
    agem: Vec<f64>,
}

/// What they make of `count` gradients, which `draw` makes by their number and those of the past tasks; these; GEM's report.
fn altered<S: Scalar>(
    projected: Projected,
    count: u64,
    draw: impl Fn(&Shape, u64, &[Vec<f64>]) -> Vec<[S; L]>,
) -> (Shape, Vec<Altered>, Vec<Vec<f64>>, Projections) {
    let tasks = Tasks::new(TASKS, 12);
    let shape = tasks.shape;
    let mut bench = Bench::<S>::new(&shape, 16, false);
    let mut engine = bench.engine(model(shape, Kind::FallingLeak, 2), RULE, Permutations::IDENTITY);
    let mut weights = lend(&shape, &random_weights::<S>(&shape, 0.5, &mut rng(2)));
    let past = past(&tasks, &mut engine, &mut weights);
    let (mut one, mut other) = (Store::<S>::new(&shape), Store::<S>::new(&shape));
    let mut gem = one.gem(&shape, GemOptions { proportion: 1.0, margin: 0.0, sample: None, projected, loss: LOSS });
    let mut agem = other.agem(&shape, AGemOptions { proportion: 1.0, sample: None, projected, loss: LOSS });
    for task in 0..TASKS {
        gem.end_task(&mut engine, &mut weights, tasks.get(task), &mut waste(&shape), &mut rng(3)).unwrap();
        agem.end_task(&mut engine, &mut weights, tasks.get(task), &mut waste(&shape), &mut rng(3)).unwrap();
    }
    let mut alter = |seed| {
        let drawn = draw(&shape, seed, &past);
        let (mut one, mut other) = (drawn.clone(), drawn.clone());
        gem.alter_gradient(&mut engine, &mut weights, &mut unscaled(&mut one));
        agem.alter_gradient(&mut engine, &mut weights, &mut unscaled(&mut other));
        let [before, gem, agem] = [drawn, one, other].map(|gradient| numbers(&shape, &gradient));
        Altered { before, gem, agem }
    };
    let altered = (0..count).map(&mut alter).collect();
    (shape, altered, past, gem.projections())
}

/// The product of two vectors' lengths.
fn lengths(a: &[f64], b: &[f64]) -> f64 {
    (dot(a, a) * dot(b, b)).sqrt()
}

/// `gem` points against none of `past`, and is the nearest such vector to `before`: the change is at right angles to it, and
/// no larger than need be. `agem` lacks what points against `all`. Whether `before` pointed against any of `past`.
fn check(before: &[f64], gem: &[f64], agem: &[f64], past: &[&[f64]], all: &[f64], tolerance: f64) -> bool {
    for past in past {
        assert!(dot(past, gem) > -tolerance * lengths(before, past));
    }
    let change: Vec<f64> = gem.iter().zip(before).map(|(a, b)| a - b).collect();
    assert!(dot(&change, gem).abs() < tolerance * dot(before, before));
    let against = past.iter().any(|past| dot(past, before) < 0.0);
    assert_eq!(before != gem, against);
    let factor = (dot(before, all) / dot(all, all)).min(0.0);
    for ((after, before), all) in agem.iter().zip(before).zip(all) {
        let size = before.abs() + (factor * all).abs();
        assert!((after - (before - factor * all)).abs() <= tolerance * size);
    }
    against
}

fn gradients<S: Scalar>(tolerance: f64) {
    let draw = |shape: &Shape, seed: u64, past: &[Vec<f64>]| {
        // Along and against past gradients, and somewhere else.
        let mut g = random_weights::<S>(shape, 1e-3, &mut rng(seed));
        for (task, flat) in past.iter().enumerate().take(TASKS) {
            let factor = [-1.0, 0.6, -0.3, 0.9, -0.7][(seed as usize + 2 * task) % 5];
            let factor = if seed.is_multiple_of(4) { 1.0 } else { factor };
            for k in 0..shape.memories() {
                for j in 0..shape.neurons() {
                    let row = &mut g[k / L * shape.neurons() + j][k % L];
                    *row = *row + S::from_f64(factor * flat[k * shape.neurons() + j]);
                }
            }
        }
        g
    };
    let (_, altered, past, report) = altered(Projected::Network, 60, draw);
    let tasks: Vec<&[f64]> = past[..TASKS].iter().map(Vec::as_slice).collect();
    let (mut cosines, mut violated) = (0.0, 0);
    for Altered { before, gem, agem } in &altered {
        if check(before, gem, agem, &tasks, &past[TASKS], tolerance) {
            cosines += dot(before, gem) / lengths(before, gem);
            violated += 1;
        }
    }
    assert_eq!((report.batches, report.violated, report.unsolved), (60, violated, 0));
    assert!(violated > 20 && violated < 60, "{violated}");
    assert!((report.mean_cosine() - cosines / f64::from(violated)).abs() < tolerance);
}

#[test]
fn no_projected_gradient_points_against_a_past_task_f64() {
    gradients::<f64>(tolerance::MANY_TERMS);
}

#[test]
fn no_projected_gradient_points_against_a_past_task_f32() {
    gradients::<f32>(tolerance::PROJECTED_IN_F32);
}

/// Each memory vector's part is what it would be if it were the whole network.
fn memories<S: Scalar>(tolerance: f64) {
    let draw = |shape: &Shape, seed: u64, _: &[Vec<f64>]| {
        // Gradients of very different sizes, as large interaction vertices make them.
        let mut g = random_weights::<S>(shape, 1e-3, &mut rng(seed));
        for k in 0..shape.memories() {
            let size = S::from_f64([1.0, 1e-3, 1e-6][k % 3]);
            for j in 0..shape.neurons() {
                let row = &mut g[k / L * shape.neurons() + j][k % L];
                *row = *row * size;
            }
        }
        g
    };
    let (shape, altered, past, report) = altered(Projected::Memory, 20, draw);
    let (mut turned, mut kept) = (0, 0);
    for Altered { before, gem, agem } in &altered {
        for k in 0..shape.memories() {
            let part = |all: &'_ [f64]| all[k * shape.neurons()..][..shape.neurons()].to_vec();
            let tasks: Vec<Vec<f64>> = past[..TASKS].iter().map(|past| part(past)).collect();
            let tasks: Vec<&[f64]> = tasks.iter().map(Vec::as_slice).collect();
            let (before, gem, agem, all) = (part(before), part(gem), part(agem), part(&past[TASKS]));
            *(if check(&before, &gem, &agem, &tasks, &all, tolerance) { &mut turned } else { &mut kept }) += 1;
        }
    }
    assert!(turned > 20 && kept > 5, "{turned} {kept}");
    assert_eq!((report.batches, report.violated, report.unsolved), (20, 20, 0));
    assert!(report.mean_cosine() > 0.0 && report.mean_cosine() < 1.0);
}

#[test]
fn no_projected_memory_vector_points_against_a_past_task_f64() {
    memories::<f64>(tolerance::MANY_TERMS);
}

#[test]
fn no_projected_memory_vector_points_against_a_past_task_f32() {
    memories::<f32>(tolerance::PROJECTED_IN_F32);
}

#[test]
fn a_margin_pulls_towards_past_tasks() {
    let tasks = Tasks::new(TASKS, 12);
    let shape = tasks.shape;
    let mut bench = Bench::<f64>::new(&shape, 16, false);
    let mut engine = bench.engine(model(shape, Kind::FallingLeak, 2), RULE, Permutations::IDENTITY);
    let mut weights = lend(&shape, &random_weights::<f64>(&shape, 0.5, &mut rng(2)));
    let past = past(&tasks, &mut engine, &mut weights);
    let mut store = Store::new(&shape);
    let mut gem = store.gem(
        &shape,
        GemOptions { proportion: 1.0, margin: 2.0, sample: None, projected: Projected::Network, loss: LOSS },
    );
    gem.end_task(&mut engine, &mut weights, tasks.get(0), &mut waste(&shape), &mut rng(3)).unwrap();
    // Against the past task by so little that less than the margin would do.
    let mut g = vec![[0.0; L]; shape.rows(L)];
    engine.gradient(
        RULE,
        &mut weights,
        &Union::only(tasks.get(0)),
        &mut (0..12).collect::<Vec<_>>(),
        Objective::Loss(LOSS),
        &mut unscaled(&mut g),
    );
    g.as_flattened_mut().iter_mut().for_each(|g| *g *= -0.25);
    gem.alter_gradient(&mut engine, &mut weights, &mut unscaled(&mut g));
    for (after, past) in numbers(&shape, &g).iter().zip(&past[0]) {
        assert!((after - 1.75 * past).abs() < tolerance::MANY_TERMS);
    }
}

#[test]
fn samples_are_drawn_anew_and_from_their_own_task() {
    let tasks = Tasks::new(2, 12);
    let shape = tasks.shape;
    let mut bench = Bench::<f64>::new(&shape, 16, false);
    let mut engine = bench.engine(model(shape, Kind::FallingLeak, 2), RULE, Permutations::IDENTITY);
    let mut weights = lend(&shape, &random_weights::<f64>(&shape, 0.5, &mut rng(2)));
    let mut store = Store::new(&shape);
    let options = GemOptions {
        proportion: 1.0,
        margin: 1.0,
        sample: NonZeroUsize::new(1),
        projected: Projected::Network,
        loss: LOSS,
    };
    let mut gem = store.gem(&shape, options);
    for task in 0..2 {
        gem.end_task(&mut engine, &mut weights, tasks.get(task), &mut waste(&shape), &mut rng(3)).unwrap();
    }
    let mut single = |task: usize, item: u32| {
        let mut g = vec![[0.0; L]; shape.rows(L)];
        let (union, objective) = (Union::only(tasks.get(task)), Objective::Loss(LOSS));
        engine.gradient(RULE, &mut weights, &union, &mut [item], objective, &mut unscaled(&mut g));
        numbers(&shape, &g)
    };
    let singles: Vec<Vec<_>> = (0..2).map(|task| (0..12).map(|item| single(task, item)).collect()).collect();
    let mut seen = std::collections::BTreeSet::new();
    for _ in 0..30 {
        // Against everything, and so small that both components of v end at the margin: the change is g_0 + g_1.
        let mut g = vec![[0.0; L]; shape.rows(L)];
        for task in &singles {
            for item in task {
                for (i, x) in item.iter().enumerate() {
                    let (k, j) = (i / shape.neurons(), i % shape.neurons());
                    g[k / L * shape.neurons() + j][k % L] -= 1e-9 * x;
                }
            }
        }
        gem.alter_gradient(&mut engine, &mut weights, &mut unscaled(&mut g));
        let g = numbers(&shape, &g);
        let pairs = (0..12).flat_map(|a| (0..12).map(move |b| (a, b)));
        let close = |(a, b): &(usize, usize)| {
            let off = g.iter().zip(&singles[0][*a]).zip(&singles[1][*b]).map(|((g, a), b)| (g - a - b).abs());
            off.fold(0.0, f64::max) < tolerance::RECOGNISED
        };
        seen.insert(pairs.into_iter().find(close).expect("a sample of one item of each task"));
    }
    assert!(seen.len() > 10, "{seen:?}");
}

#[test]
fn too_little_room_is_said() {
    let tasks = Tasks::new(2, 12);
    let shape = tasks.shape;
    let mut bench = Bench::<f32>::new(&shape, 16, false);
    let mut engine = bench.engine(model(shape, Kind::FallingLeak, 2), RULE, Permutations::IDENTITY);
    let mut weights = lend(&shape, &random_weights::<f32>(&shape, 0.5, &mut rng(2)));
    let mut store = Store::new(&shape);
    store.gradients.truncate(shape.rows(L));
    let options = GemOptions { proportion: 1.0, margin: 0.0, sample: None, projected: Projected::Network, loss: LOSS };
    let mut gem = store.gem(&shape, options);
    assert_eq!(gem.end_task(&mut engine, &mut weights, tasks.get(0), &mut waste(&shape), &mut rng(3)), Ok(()));
    assert_eq!(
        gem.end_task(&mut engine, &mut weights, tasks.get(1), &mut waste(&shape), &mut rng(3)),
        Err(BufferFull { capacity: 1 })
    );
    let mut store = Store::new(&shape);
    store.picks.truncate(11);
    let mut agem =
        store.agem(&shape, AGemOptions { proportion: 1.0, sample: None, projected: Projected::Network, loss: LOSS });
    assert_eq!(
        agem.end_task(&mut engine, &mut weights, tasks.get(0), &mut waste(&shape), &mut rng(3)),
        Err(BufferFull { capacity: 11 })
    );
}
