//! Pseudorehearsal: what is drawn, where it comes to rest, and what is kept.
#![allow(missing_docs, reason = "a test")]

mod support;

use core::num::NonZeroU32;

use dam_nostd::bits;
use dam_nostd::methods::pseudorehearsal::{Growth, PseudoOptions, Report, TaskNeurons};
use dam_nostd::methods::{Method, Vanilla};
use dam_nostd::relax::{self, End, Relaxed};
use dam_nostd::{Items, Kind, Permutations, Shape};
use support::{Bench, L, Probes, RULE, Store, TRAINING, Tasks, learn, lend, model, random_weights, rng, waste};

/// Pseudo-items.
type Kept = Vec<Vec<u32>>;

/// The ends of `tasks` tasks of 20 items, with weights that were trained on the first: the kept items, and the reports.
fn after(tasks: usize, options: PseudoOptions, chunk: usize) -> (Kept, Vec<Report>, Tasks, Vec<[f32; L]>) {
    let all = Tasks::new(tasks, 20);
    let shape = all.shape;
    let mut weights = random_weights::<f32>(&shape, 0.1, &mut rng(1));
    learn(&shape, &mut weights, &TRAINING, all.get(0), &mut Vanilla, 0);
    let mut bench = Bench::new(&shape, 16, false);
    let mut engine = bench.engine(model(shape, Kind::FallingLeak, 3), RULE, Permutations::IDENTITY);
    let (mut store, mut probes) = (Store::<f32>::new(&shape), Probes::new(&shape, chunk));
    let mut method = probes.method(options, store.items());
    let mut draws = rng(6);
    let mut reports = Vec::new();
    for task in 0..tasks {
        method
            .end_task(&mut engine, &mut lend(&shape, &weights), all.get(task), &mut waste(&shape), &mut draws)
            .unwrap();
        reports.push(method.report());
    }
    let kept = (0..method.items().len())
        .map(|i| {
            assert_eq!(method.items().permutation(i), Items::IDENTITY);
            method.items().bits(i).to_vec()
        })
        .collect();
    (kept, reports, all, weights)
}

#[test]
fn as_many_as_asked_for_and_they_have_come_to_rest() {
    let (kept, reports, tasks, weights) = after(3, PseudoOptions::new(0.33), 3);
    assert_eq!(kept.len(), 21);
    let shape = tasks.shape;
    let mut bench = Bench::new(&shape, 16, false);
    let mut engine = bench.engine(model(shape, Kind::FallingLeak, 3), RULE, Permutations::IDENTITY);
    let mut stable = 0;
    for state in &kept {
        let (mut now, mut previous, mut active) = (state.clone(), state.clone(), [0]);
        let mut relaxed = [Relaxed { end: End::Limit, sweeps: 0 }];
        relax::synchronous(
            &mut engine,
            &mut lend(&shape, &weights),
            &mut now,
            &mut previous,
            &mut active,
            &mut relaxed,
            1,
        );
        stable += u32::from(now == *state);
        assert_eq!(now == *state, relaxed[0].end == End::Stable);
    }
    assert_eq!(stable, reports.iter().map(|report| report.stable).sum::<u32>());
    assert!(stable > 0);
    let mut from = 0;
    for report in &reports {
        assert_eq!((report.probes, report.kept, report.stable + report.cycled + report.limit), (7, 7, 7));
        let of_task = &kept[from..from + 7];
        let distinct: std::collections::BTreeSet<_> = of_task.iter().collect();
        assert_eq!(report.distinct as usize, distinct.len());
        let classes = |state: &&Vec<u32>| shape.class_neurons().filter(|&j| bits::is_on(state, j)).count() == 1;
        assert_eq!(report.one_class as usize, of_task.iter().filter(classes).count());
        from += 7;
    }
}

#[test]
fn how_many_are_relaxed_at_once_changes_nothing() {
    let of = |chunk| after(2, PseudoOptions::new(1.0), chunk).0;
    assert_eq!(of(1), of(7));
    assert_eq!(of(7), of(100));
}

#[test]
fn probes_are_on_and_off_with_equal_chance() {
    let options = PseudoOptions { most_sweeps: 0, ..PseudoOptions::new(1.0) };
    let (kept, reports, tasks, _) = after(20, options, 64);
    assert_eq!((kept.len(), reports[19].limit), (400, 20));
    for neuron in 0..tasks.shape.neurons() {
        let on = kept.iter().filter(|state| bits::is_on(state, neuron)).count();
        // 400 draws: five standard deviations are 50.
        assert!((150..=250).contains(&on), "{neuron}: {on}");
    }
    assert!(kept.iter().all(|state| state[0] >> tasks.shape.neurons() == 0));
}

#[test]
fn regenerated_are_as_many_as_all_tasks_ask_for() {
    let options = PseudoOptions { growth: Growth::Regenerate, ..PseudoOptions::new(0.5) };
    let (kept, reports, ..) = after(3, options, 8);
    assert_eq!(kept.len(), 30);
    assert_eq!(reports.iter().map(|report| report.kept).collect::<Vec<_>>(), [10, 20, 30]);
}

#[test]
fn held_task_neurons_name_a_task() {
    let named = |state: &Vec<u32>, shape: &Shape| -> Vec<bool> {
        shape.task_neurons().map(|neuron| bits::is_on(state, neuron)).collect()
    };
    for most_sweeps in [0, 100] {
        let options = PseudoOptions { task_neurons: TaskNeurons::Held, most_sweeps, ..PseudoOptions::new(0.5) };
        let (kept, _, tasks, _) = after(2, options, 3);
        for (i, state) in kept.iter().enumerate() {
            assert_eq!(named(state, &tasks.shape), [i < 10, i >= 10]);
        }
        let (kept, ..) = after(2, PseudoOptions { growth: Growth::Regenerate, ..options }, 3);
        for (i, state) in kept.iter().enumerate() {
            assert_eq!(named(state, &tasks.shape), [i % 2 == 0, i % 2 == 1]);
        }
    }
}

#[test]
fn probes_relax_with_the_vertex_that_is_asked_for_and_learning_goes_on_with_its_own() {
    let with = |vertex| PseudoOptions { vertex: NonZeroU32::new(vertex), ..PseudoOptions::new(0.5) };
    let (own, .., weights) = after(2, with(0), 8);
    assert_eq!(own, after(2, with(3), 8).0);
    let (kept, reports, tasks, _) = after(2, with(20), 8);
    assert_ne!(own, kept);
    let shape = tasks.shape;
    let mut bench = Bench::new(&shape, 16, false);
    let mut engine = bench.engine(model(shape, Kind::FallingLeak, 3), RULE, Permutations::IDENTITY);
    // The same states come to rest where the network itself is one of vertex 20, which is then put back to its own.
    let trained = engine.model.interaction;
    engine.model.interaction = trained.at(NonZeroU32::new(20).unwrap());
    let (mut store, mut probes) = (Store::<f32>::new(&shape), Probes::new(&shape, 8));
    let mut method = probes.method(with(0), store.items());
    let mut draws = rng(6);
    for (task, report) in reports.iter().enumerate() {
        let weights = &mut lend(&shape, &weights);
        method.end_task(&mut engine, weights, tasks.get(task), &mut waste(&shape), &mut draws).unwrap();
        assert_eq!(method.report(), *report);
    }
    assert!((0..kept.len()).all(|i| method.items().bits(i) == kept[i]));
    let mut method = probes.method(with(20), store.items());
    engine.model.interaction = trained;
    method.end_task(&mut engine, &mut lend(&shape, &weights), tasks.get(0), &mut waste(&shape), &mut rng(6)).unwrap();
    assert_eq!(engine.model.interaction, trained);
}

#[test]
fn unique_items_are_unique_and_redraws_have_an_end() {
    let (kept, reports, ..) = after(3, PseudoOptions::new(1.0), 8);
    let different: std::collections::BTreeSet<_> = kept.iter().collect();
    assert!(different.len() < kept.len(), "no duplicates to drop");
    assert!(reports.iter().all(|report| report.probes == 20));
    let (kept, reports, ..) = after(3, PseudoOptions { unique: Some(2), ..PseudoOptions::new(1.0) }, 8);
    let different: std::collections::BTreeSet<_> = kept.iter().collect();
    assert_eq!(different.len(), kept.len());
    for report in reports {
        assert_eq!(report.distinct, report.kept);
        assert!(report.probes >= 20 && report.probes <= 60);
        assert!(report.kept == 20 || report.probes > 20);
    }
}

#[test]
fn too_little_room_is_said() {
    let tasks = Tasks::new(1, 20);
    let shape = tasks.shape;
    let weights = random_weights::<f32>(&shape, 0.1, &mut rng(1));
    let mut bench = Bench::new(&shape, 16, false);
    let mut engine = bench.engine(model(shape, Kind::FallingLeak, 3), RULE, Permutations::IDENTITY);
    let mut store = Store::<f32>::new(&shape);
    for (chunk, room, capacity) in [(0, 20, 0), (4, 19, 19)] {
        store.permutations.truncate(room);
        let mut probes = Probes::new(&shape, chunk);
        let mut method = probes.method(PseudoOptions::new(1.0), store.items());
        let error = method
            .end_task(&mut engine, &mut lend(&shape, &weights), tasks.get(0), &mut waste(&shape), &mut rng(6))
            .unwrap_err();
        assert_eq!(error.capacity, capacity);
    }
}

#[test]
fn a_pair_is_a_probe_and_the_classes_that_it_relaxed_to() {
    let tasks = Tasks::new(1, 20);
    let shape = tasks.shape;
    let mut weights = random_weights::<f32>(&shape, 0.1, &mut rng(1));
    learn(&shape, &mut weights, &TRAINING, tasks.get(0), &mut Vanilla, 0);
    let mut bench = Bench::new(&shape, 16, false);
    let mut engine = bench.engine(model(shape, Kind::RisingLeak, 3), RULE, Permutations::IDENTITY);
    let (mut store, mut probes, mut starts) = (Store::<f32>::new(&shape), Probes::new(&shape, 3), vec![0; 3]);
    let mut method = probes.pairs(0.5, 100, store.items(), &mut starts);
    let (mut lent, mut unused) = (lend(&shape, &weights), waste(&shape));
    method.end_task(&mut engine, &mut lent, tasks.get(0), &mut unused, &mut rng(6)).unwrap();
    let report = method.report();
    assert_eq!((report.probes, report.kept, report.stable + report.cycled + report.limit), (10, 10, 10));
    let kept: Vec<Vec<u32>> = (0..10).map(|i| method.items().bits(i).to_vec()).collect();
    // The same draws, relaxed again.
    let mut draws = rng(6);
    for pair in &kept {
        use rand_core::Rng;
        let start = vec![draws.next_u32() & ((1 << shape.neurons()) - 1)];
        let (mut state, mut previous, mut active) = (start.clone(), start.clone(), [0]);
        let mut relaxed = [Relaxed { end: End::Limit, sweeps: 0 }];
        relax::synchronous(&mut engine, &mut lent, &mut state, &mut previous, &mut active, &mut relaxed, 100);
        for neuron in 0..shape.neurons() {
            let from = if shape.class_neurons().contains(&neuron) { &state } else { &start };
            assert_eq!(bits::is_on(pair, neuron), bits::is_on(from, neuron), "neuron {neuron}");
        }
    }
}
