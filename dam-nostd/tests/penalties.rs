//! Penalties and importances, against sums written out and against central differences of the penalised loss.
#![allow(missing_docs, reason = "a test")]

mod support;

use core::num::NonZeroUsize;
use support::tolerance;

use dam_nostd::consolidation::Measure;
use dam_nostd::executor::Sequential;
use dam_nostd::items::Union;
use dam_nostd::methods::consolidation::{ConsolidationBuffers, Importance};
use dam_nostd::methods::estimate::{Estimate, Per};
use dam_nostd::methods::penalty::{Entry, Penalty};
use dam_nostd::methods::si::SiOptions;
use dam_nostd::methods::{Consolidation, Method};
use dam_nostd::network::weight;
use dam_nostd::objective::Objective;
use dam_nostd::{Coding, Engine, Items, Kind, Model, Passes, Permutations, Shape};
use support::{
    Bench, L, LOSS, RULE, Store, Tasks, lend, model, numbers, random_weights, rng, set_weight, unscaled, waste,
};

type Weights = Vec<[f64; L]>;
type Network<'a> = Engine<'a, f64, L, Sequential>;

const TASKS: usize = 3;
const ITEMS: usize = 10;
const LAMBDA: f64 = 0.37;

/// The gradient over these items, and the value.
fn gradient(engine: &mut Network<'_>, w: &Weights, items: Items<'_>, picks: &[u32], of: Objective) -> (Vec<f64>, f64) {
    let shape = engine.model.shape;
    let mut gradient = vec![[0.0; L]; shape.rows(L)];
    let (rule, picks) = (engine.rule, &mut picks.to_vec());
    let into = &mut unscaled(&mut gradient);
    let value = engine.gradient(rule, &mut lend(&shape, w), &Union::only(items), picks, of, into);
    (numbers(&shape, &gradient), value)
}

fn end_task(engine: &mut Network<'_>, method: &mut dyn Method<f64, L>, end: &Weights, items: Items<'_>) {
    let shape = engine.model.shape;
    method.end_task(engine, &mut lend(&shape, end), items, &mut waste(&shape), &mut rng(4)).unwrap();
}

/// Importances item by item: one call for each item.
fn brute(engine: &mut Network<'_>, w: &Weights, items: Items<'_>, of: Objective, measure: Measure) -> Vec<f64> {
    let mut sum = vec![0.0; engine.model.shape.memories() * engine.model.shape.neurons()];
    for item in 0..items.len() {
        let (g, _) = gradient(engine, w, items, &[item as u32], of);
        sum.iter_mut().zip(g).for_each(|(sum, g)| *sum += measure.of(g) / items.len() as f64);
    }
    sum
}

fn close(a: &[f64], b: &[f64], tolerance: f64) -> bool {
    let size = b.iter().fold(0.0f64, |size, b| size.max(b.abs()));
    assert!(size > 0.0, "nothing to compare");
    a.len() == b.len() && a.iter().zip(b).all(|(a, b)| (a - b).abs() <= tolerance * size)
}

/// A sequence of three tasks with weights that are given instead of learned.
struct Case {
    tasks: Tasks,
    ends: Vec<Weights>,
    now: Weights,
}

impl Case {
    fn new() -> Self {
        let tasks = Tasks::new(TASKS, ITEMS);
        let weights = |seed| random_weights::<f64>(&tasks.shape, 0.3, &mut rng(seed));
        let (ends, now) = ((0..TASKS as u64).map(|task| weights(10 + task)).collect(), weights(20));
        Self { tasks, ends, now }
    }

    /// In either coding.
    fn with(&self, with: impl Fn(&mut Network<'_>)) {
        for coding in [Coding::Bipolar, Coding::Binary] {
            let mut bench = Bench::new(&self.tasks.shape, 16, false);
            let model = Model { coding, ..model(self.tasks.shape, Kind::FallingLeak, 3) };
            with(&mut bench.engine(model, RULE, Permutations::IDENTITY));
        }
    }

    fn end_all(&self, engine: &mut Network<'_>, method: &mut dyn Method<f64, L>) {
        for (task, end) in self.ends.iter().enumerate() {
            end_task(engine, method, end, self.tasks.get(task));
        }
    }

    /// What the method adds to the gradient at `now`.
    fn added(&self, engine: &mut Network<'_>, method: &mut dyn Method<f64, L>) -> Vec<f64> {
        let mut added = vec![[0.0; L]; self.now.len()];
        method.alter_gradient(engine, &mut lend(&self.tasks.shape, &self.now), &mut unscaled(&mut added));
        numbers(&self.tasks.shape, &added)
    }

    /// sum over terms of factor * omega * (theta - theta*), and the central difference of the loss of the first task with
    /// sum of factor / 2 * omega * (theta - theta*)^2 added to it, minus the derivative of that loss alone.
    fn check(&self, engine: &mut Network<'_>, added: &[f64], factor: f64, terms: &[(Vec<f64>, &Weights)]) {
        let shape = self.tasks.shape;
        let now = numbers(&shape, &self.now);
        let ends: Vec<_> = terms.iter().map(|(omega, end)| (omega, numbers(&shape, end))).collect();
        let sum = |i: usize, theta: f64, power: i32| {
            ends.iter().map(|(omega, end)| omega[i] * (theta - end[i]).powi(power)).sum::<f64>()
        };
        let expected: Vec<f64> = now.iter().enumerate().map(|(i, &theta)| factor * sum(i, theta, 1)).collect();
        assert!(close(added, &expected, tolerance::FEW_TERMS));
        let picks: Vec<u32> = (0..ITEMS as u32).collect();
        let objective = Objective::Loss(LOSS);
        let (plain, _) = gradient(engine, &self.now, self.tasks.get(0), &picks, objective);
        let mut moved = self.now.clone();
        let mut numeric = Vec::new();
        for (i, &theta) in now.iter().enumerate() {
            let (k, j) = (i / shape.neurons(), i % shape.neurons());
            let mut at = |step: f64| {
                set_weight(&shape, &mut moved, k, j, theta + step);
                let (_, loss) = gradient(engine, &moved, self.tasks.get(0), &picks, objective);
                loss + 0.5 * factor * sum(i, theta + step, 2)
            };
            numeric.push((at(1e-5) - at(-1e-5)) / 2e-5);
            at(0.0);
        }
        let analytic: Vec<f64> = plain.iter().zip(added).map(|(plain, added)| plain + added).collect();
        assert!(close(&analytic, &numeric, tolerance::DIFFERENCE_OF_PENALTY));
    }
}

fn estimate(per: Per) -> Estimate {
    Estimate { per, ..Estimate::default() }
}

fn batch(size: usize) -> Per {
    Per::Batch(NonZeroUsize::new(size).unwrap())
}

fn ewc(estimate: Estimate) -> Importance {
    Importance::Fisher { loss: LOSS, estimate }
}

fn mas(estimate: Estimate, squared: bool) -> Importance {
    Importance::OutputNorm { squared, estimate }
}

#[test]
fn l2() {
    let case = Case::new();
    case.with(|engine| {
        let shape = case.tasks.shape;
        let mut store = Store::new(&shape);
        let mut method = store.consolidation(&shape, Penalty::new(LAMBDA), Importance::Uniform);
        case.end_all(engine, &mut method);
        let added = case.added(engine, &mut method);
        let ones = vec![1.0; shape.memories() * shape.neurons()];
        let terms: Vec<_> = case.ends.iter().map(|end| (ones.clone(), end)).collect();
        case.check(engine, &added, 2.0 * LAMBDA, &terms);
    });
}

#[test]
fn ewc_has_a_term_for_each_task() {
    let case = Case::new();
    case.with(|engine| {
        let shape = case.tasks.shape;
        let mut store = Store::new(&shape);
        // Minibatches of one item are items.
        for per in [Per::Item, batch(1)] {
            let mut method = store.consolidation(&shape, Penalty::new(LAMBDA), ewc(estimate(per)));
            case.end_all(engine, &mut method);
            let added = case.added(engine, &mut method);
            let objective = Objective::Loss(LOSS);
            let mut terms = Vec::new();
            for (task, end) in case.ends.iter().enumerate() {
                terms.push((brute(engine, end, case.tasks.get(task), objective, Measure::Square), end));
            }
            assert!(close(&numbers(&shape, method.newest()), &terms[2].0, tolerance::MANY_TERMS));
            case.check(engine, &added, LAMBDA, &terms);
        }
    });
}

#[test]
fn mas_has_one_term_around_the_newest_weights() {
    let case = Case::new();
    case.with(|engine| {
        let shape = case.tasks.shape;
        let mut store = Store::new(&shape);
        for (squared, objective) in [(true, Objective::SquaredNorm), (false, Objective::Norm)] {
            for per in [Per::Item, batch(1)] {
                let mut method = store.consolidation(&shape, Penalty::new(LAMBDA), mas(estimate(per), squared));
                case.end_all(engine, &mut method);
                let added = case.added(engine, &mut method);
                let mut omega = vec![0.0; added.len()];
                for (task, end) in case.ends.iter().enumerate() {
                    let one = brute(engine, end, case.tasks.get(task), objective, Measure::Absolute);
                    omega.iter_mut().zip(one).for_each(|(sum, one)| *sum += one);
                }
                assert!(close(&numbers(&shape, method.omega()), &omega, tolerance::MANY_TERMS));
                case.check(engine, &added, 2.0 * LAMBDA, &[(omega, &case.ends[2])]);
            }
        }
    });
}

#[test]
fn a_minibatch_of_all_items_measures_the_mean_derivative() {
    let case = Case::new();
    for mean in [true, false] {
        case.with(|engine| {
            let (shape, end, items) = (case.tasks.shape, &case.ends[0], case.tasks.get(0));
            let picks: Vec<u32> = (0..ITEMS as u32).collect();
            let mut store = Store::new(&shape);
            let of_loss = gradient(engine, end, items, &picks, Objective::Loss(LOSS)).0;
            let of_norm = gradient(engine, end, items, &picks, Objective::SquaredNorm).0;
            engine.rule.mean = mean;
            let mut method = store.consolidation(&shape, Penalty::new(LAMBDA), ewc(estimate(batch(99))));
            end_task(engine, &mut method, end, items);
            let squares: Vec<f64> = of_loss.iter().map(|g| g * g).collect();
            assert!(close(&numbers(&shape, method.newest()), &squares, tolerance::MANY_TERMS));
            let mut method = store.consolidation(&shape, Penalty::new(LAMBDA), mas(estimate(batch(ITEMS)), true));
            end_task(engine, &mut method, end, items);
            let sizes: Vec<f64> = of_norm.iter().map(|g| g.abs()).collect();
            assert!(close(&numbers(&shape, method.omega()), &sizes, tolerance::MANY_TERMS));
            assert_eq!(engine.rule.mean, mean);
        });
    }
}

#[test]
fn minibatches_hold_every_item_once() {
    let case = Case::new();
    case.with(|engine| {
        let shape = case.tasks.shape;
        let mut store = Store::new(&shape);
        let (end, items) = (&case.ends[0], case.tasks.get(0));
        let mut method = store.consolidation(&shape, Penalty::new(LAMBDA), mas(estimate(batch(5)), true));
        end_task(engine, &mut method, end, items);
        let found = numbers(&shape, method.omega());
        let singles: Vec<_> =
            (0..ITEMS as u32).map(|item| gradient(engine, end, items, &[item], Objective::SquaredNorm).0).collect();
        // One of the 126 ways to cut ten items into two halves.
        let halves = (0..1u32 << 9).filter(|set| set.count_ones() == 5);
        let expected = |set: u32| -> Vec<f64> {
            (0..found.len())
                .map(|i| {
                    let half = |side: u32| {
                        let of = |a: &usize| (set >> a) & 1 == side;
                        (0..ITEMS).filter(of).map(|a| singles[a][i]).sum::<f64>().abs() / 5.0
                    };
                    (half(0) + half(1)) / 2.0
                })
                .collect()
        };
        assert!(halves.into_iter().any(|set| close(&found, &expected(set), tolerance::MANY_TERMS)));
    });
}

#[test]
fn a_part_of_the_items_and_importances_divided_by_their_largest() {
    let case = Case::new();
    case.with(|engine| {
        let shape = case.tasks.shape;
        let mut store = Store::new(&shape);
        let (end, items) = (&case.ends[0], case.tasks.get(0));
        let options = Estimate { per: Per::Item, items: NonZeroUsize::new(1), normalised: false };
        let mut method = store.consolidation(&shape, Penalty::new(LAMBDA), ewc(options));
        end_task(engine, &mut method, end, items);
        let one = numbers(&shape, method.omega());
        let squares = |item: u32, engine: &mut Network<'_>| -> Vec<f64> {
            gradient(engine, end, items, &[item], Objective::Loss(LOSS)).0.iter().map(|g| g * g).collect()
        };
        let which = (0..ITEMS as u32).find(|&item| close(&one, &squares(item, engine), tolerance::MANY_TERMS));
        assert!(which.is_some());
        let mut method =
            store.consolidation(&shape, Penalty::new(LAMBDA), ewc(Estimate { normalised: true, ..options }));
        end_task(engine, &mut method, end, items);
        let largest = one.iter().fold(0.0f64, |a, &b| a.max(b));
        let scaled: Vec<f64> = one.iter().map(|omega| omega / largest).collect();
        assert!(close(&numbers(&shape, method.omega()), &scaled, tolerance::ONE_ROUNDING));
        assert!(method.omega().iter().flatten().all(|&omega| (0.0..=1.0).contains(&omega)));
    });
}

#[test]
fn after_one_task_the_penalty_at_its_weights_is_zero() {
    let case = Case::new();
    case.with(|engine| {
        let shape = case.tasks.shape;
        let mut store = Store::new(&shape);
        let mut method = store.consolidation(&shape, Penalty::new(LAMBDA), ewc(Estimate::default()));
        end_task(engine, &mut method, &case.now, case.tasks.get(0));
        let added = case.added(engine, &mut method);
        assert!(added.iter().all(|&added| added == 0.0));
        assert_eq!(method.anchor(), &case.now);
    });
}

#[test]
fn at_the_step_a_penalty_moves_the_weights_by_rate_times_its_derivative() {
    let case = Case::new();
    case.with(|engine| {
        let shape = case.tasks.shape;
        let (mut one, mut other) = (Store::new(&shape), Store::new(&shape));
        let mut now = case.now.clone();
        // One that will be clamped, and one that is free.
        set_weight(&shape, &mut now, 3, 2, 1.5);
        set_weight(&shape, &mut now, 3, shape.class_neurons().start, 9.5);
        let mut at_step =
            one.consolidation(&shape, Penalty { lambda: LAMBDA, entry: Entry::Step }, Importance::Uniform);
        let mut at_gradient = other.consolidation(&shape, Penalty::new(LAMBDA), Importance::Uniform);
        end_task(engine, &mut at_step, &case.ends[0], case.tasks.get(0));
        end_task(engine, &mut at_gradient, &case.ends[0], case.tasks.get(0));
        let mut added = vec![[0.0; L]; now.len()];
        at_step.alter_gradient(engine, &mut lend(&shape, &now), &mut unscaled(&mut added));
        assert!(added.iter().flatten().all(|&added| added == 0.0));
        at_gradient.alter_gradient(engine, &mut lend(&shape, &now), &mut unscaled(&mut added));
        let mut moved = lend(&shape, &now);
        at_gradient.observe_step(engine, &mut moved, &waste(&shape), 0.1);
        assert_eq!(moved.rows(), now);
        at_step.observe_step(engine, &mut moved, &waste(&shape), 0.1);
        let moved = moved.rows().to_vec();
        for k in 0..shape.memories() {
            for j in 0..shape.neurons() {
                let at = |rows: &Weights| weight(&shape, rows, k, j).unwrap();
                let free = at(&now) - 0.1 * at(&added);
                let expected = if shape.class_neurons().contains(&j) { free } else { free.clamp(-1.0, 1.0) };
                assert!((at(&moved) - expected).abs() < tolerance::ONE_ROUNDING, "{k} {j}");
            }
        }
        assert_eq!(weight(&shape, &moved, 3, 2), Some(1.0));
        assert!(weight(&shape, &moved, 3, shape.class_neurons().start).unwrap() > 5.0);
    });
}

/// Two tasks of one step each: everything about SI by hand.
#[test]
fn si_by_hand() {
    let case = Case::new();
    let shape = case.tasks.shape;
    for entry in [Entry::Gradient, Entry::Step] {
        case.with(|engine| {
            let xi = 0.02;
            let mut store = Store::new(&shape);
            let options = SiOptions { penalty: Penalty { lambda: LAMBDA, entry }, xi, normalised: false };
            let mut method = store.si(&shape, options);
            let mut omega = vec![0.0; shape.memories() * shape.neurons()];
            for task in 0..2 {
                let start = numbers(&shape, &case.ends[task]);
                method.begin_task(&lend(&shape, &case.ends[task]));
                let (mut path, mut weights) = (vec![0.0; omega.len()], case.ends[task].clone());
                for step in 0..3 {
                    let before = numbers(&shape, &weights);
                    let mut g = random_weights::<f64>(&shape, 0.1, &mut rng(30 + step));
                    let plain = numbers(&shape, &g);
                    method.alter_gradient(engine, &mut lend(&shape, &weights), &mut unscaled(&mut g));
                    assert_eq!(numbers(&shape, &g) != plain, task > 0 && entry == Entry::Gradient);
                    // Some step, not along the gradient alone.
                    let shift = random_weights::<f64>(&shape, 0.05, &mut rng(40 + step));
                    for (weights, (g, shift)) in weights.iter_mut().zip(g.iter().zip(&shift)) {
                        for l in 0..L {
                            weights[l] += shift[l] - 0.2 * g[l];
                        }
                    }
                    let mut stepped = lend(&shape, &weights);
                    method.observe_step(engine, &mut stepped, &unscaled(&mut g), 0.1);
                    weights.copy_from_slice(stepped.rows());
                    let after = numbers(&shape, &weights);
                    for i in 0..path.len() {
                        path[i] -= plain[i] * (after[i] - before[i]);
                    }
                    assert!(close(&numbers(&shape, method.path()), &path, tolerance::MANY_TERMS));
                }
                let end = numbers(&shape, &weights);
                for i in 0..path.len() {
                    omega[i] += (path[i] / ((end[i] - start[i]).powi(2) + xi)).max(0.0);
                }
                end_task(engine, &mut method, &weights, case.tasks.get(task));
                assert!(close(&numbers(&shape, method.omega()), &omega, tolerance::MANY_TERMS));
                assert_eq!(method.anchor(), &weights);
            }
            assert!(omega.contains(&0.0));
            if entry == Entry::Gradient {
                let added = case.added(engine, &mut method);
                let anchor = method.anchor().to_vec();
                case.check(engine, &added, 2.0 * LAMBDA, &[(omega, &anchor)]);
            }
        });
    }
}

#[test]
fn too_little_memory_is_said() {
    let shape = Shape::new(18, 2, 4, 11).unwrap();
    let mut anchor = vec![[0.0f32; L]; shape.rows(L) - 1];
    let buffers = ConsolidationBuffers { anchor: &mut anchor, omega: &mut [], fresh: &mut [], picks: &mut [] };
    let error = Consolidation::new(&shape, Penalty::new(1.0), Importance::Uniform, buffers).unwrap_err();
    assert_eq!((error.lent, error.wanted), (shape.rows(L) - 1, shape.rows(L)));
    assert_eq!(error.to_string(), "theta*: 47 lent, 48 needed");
}
