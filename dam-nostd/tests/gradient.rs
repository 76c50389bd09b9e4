//! The analytic gradient against central differences, and against the sum of Algorithm 1 written out.
#![allow(missing_docs, reason = "a test")]

mod support;

use dam_nostd::items::Union;
use dam_nostd::network::weight;
use dam_nostd::objective::{Activation, Loss, Objective};
use dam_nostd::rule::{Context, Rule, Updated};
use dam_nostd::{Coding, Items, Kind, Model, Passes, Permutations, Shape};
use support::tolerance;
use support::{Bench, RULE, lend, model, random_items, random_weights, rng, waste};

const VERTICES: [u32; 6] = [2, 3, 5, 10, 20, 40];
const CODINGS: [Coding; 2] = [Coding::Bipolar, Coding::Binary];
const KINDS: [Kind; 4] = [Kind::FallingLeak, Kind::RisingLeak, Kind::Rectified, Kind::Polynomial];

/// Largest difference between analytic and numeric derivatives, relative to the largest derivative.
fn error(coding: Coding, kind: Kind, vertex: u32, rule: Rule, objective: Objective, tables: bool) -> f64 {
    let shape = Shape::new(18, 2, 4, 9).unwrap();
    let mut rng = rng(u64::from(vertex));
    let count = 60;
    let words = random_items(&shape, count, &mut rng);
    let names: Vec<u8> = (0..count).map(|i| if i % 9 == 0 { Items::IDENTITY } else { 0 }).collect();
    let map: Vec<u16> = (0..18).map(|p| (p * 5 + 3) % 18).collect();
    let permutations = Permutations::new(18, &map).unwrap();
    let union = Union::only(Items::new(shape.words(), &words, &names));
    // Large enough for similarities of the order of 1: no underflow at any vertex, and away from the kink.
    // Where off neurons count nothing, similarities are smaller.
    let deviation = if coding == Coding::Bipolar { 2.0 } else { 4.0 };
    let mut weights = lend(&shape, &random_weights::<f64>(&shape, deviation, &mut rng));
    let mut bench = Bench::new(&shape, 32, tables);
    let mut engine = bench.engine(Model { coding, ..model(shape, kind, vertex) }, rule, permutations);
    let mut picks: Vec<u32> = (0..count as u32).collect();
    let (mut gradient, mut other) = (waste(&shape), waste(&shape));
    engine.gradient(rule, &mut weights, &union, &mut picks, objective, &mut gradient);
    let mut largest: f64 = 0.0;
    let mut worst: f64 = 0.0;
    for memory in 0..shape.memories() {
        for neuron in 0..shape.neurons() {
            let at = weights.get(memory, neuron).unwrap();
            let mut value = |step: f64| {
                weights.set(memory, neuron, at + step);
                engine.gradient(rule, &mut weights, &union, &mut picks, objective, &mut other)
            };
            let step = 1e-6;
            // Five points: the error is of the fourth order in the step.
            let numeric =
                (8.0 * (value(step) - value(-step)) - (value(2.0 * step) - value(-2.0 * step))) / (12.0 * step);
            value(0.0);
            let analytic = weight(&shape, gradient.rows(), memory, neuron).unwrap();
            largest = largest.max(analytic.abs());
            worst = worst.max((analytic - numeric).abs());
        }
    }
    assert!(largest > 0.0, "nothing was compared");
    worst / largest
}

#[test]
fn every_interaction_function_vertex_and_context() {
    for kind in KINDS {
        for vertex in VERTICES {
            for context in [Context::Off, Context::Zero, Context::Labels] {
                for (coding, tables) in
                    CODINGS.into_iter().zip([false, true]).chain(CODINGS.into_iter().zip([true, false]))
                {
                    let objective = Objective::Loss(Loss::Power { exponent: 1 });
                    let error = error(coding, kind, vertex, Rule { context, ..RULE }, objective, tables);
                    assert!(
                        error < tolerance::DIFFERENCE_OF_FIVE,
                        "{coding:?} {kind:?} n={vertex} {context:?} tables={tables}: {error:e}"
                    );
                }
            }
        }
    }
}

#[test]
fn every_objective_and_activation() {
    let losses = [1, 2, 3].map(|exponent| Objective::Loss(Loss::Power { exponent }));
    let others = [Objective::Loss(Loss::CrossEntropy), Objective::SquaredNorm, Objective::Norm];
    for objective in losses.into_iter().chain(others) {
        for activation in [Activation::Identity, Activation::Tanh] {
            for vertex in VERTICES {
                let rule = Rule { activation, ..RULE };
                let error = error(Coding::Bipolar, Kind::FallingLeak, vertex, rule, objective, true);
                assert!(error < tolerance::DIFFERENCE_OF_FIVE, "{objective:?} {activation:?} n={vertex}: {error:e}");
            }
        }
    }
}

#[test]
fn all_neurons_updated() {
    for context in [Context::Off, Context::Zero, Context::Labels] {
        for (mean, coding) in [(false, Coding::Bipolar), (true, Coding::Bipolar), (true, Coding::Binary)] {
            let rule = Rule { context, updated: Updated::All, mean, ..RULE };
            let objective = Objective::Loss(Loss::Power { exponent: 1 });
            let error = error(coding, Kind::FallingLeak, 3, rule, objective, true);
            assert!(error < tolerance::DIFFERENCE_OF_FIVE, "{coding:?} {context:?} {error:e}");
        }
    }
}
