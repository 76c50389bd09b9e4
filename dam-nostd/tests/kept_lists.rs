//! Gradients are the same to the last bit whether lists are kept or made anew.
#![allow(missing_docs, reason = "a test")]

mod support;

use dam_nostd::items::Union;
use dam_nostd::objective::Objective;
use dam_nostd::rule::{Context, Rule};
use dam_nostd::{Chunk, Items, Kind, Passes, Permutations, Shape};
use support::{Bench, L, LOSS, RULE, lend, model, random_items, random_weights, rng, unscaled};

#[test]
fn kept_lists_change_no_bit_whatever_comes_in_between() {
    let shape = Shape::new(18, 2, 4, 9).unwrap();
    let (mut rng, count) = (rng(5), 260);
    let words = random_items(&shape, count, &mut rng);
    // Item 7 is another in these, and the same in the others.
    let mut changed = words.clone();
    changed[7 * shape.words()] ^= 1 << 3;
    let names: Vec<u8> = (0..count).map(|i| if i < 130 { 0 } else { Items::IDENTITY }).collect();
    let map: Vec<u16> = (0..18).map(|p| (p * 5 + 3) % 18).collect();
    let permutations = Permutations::new(18, &map).unwrap();
    let [first, second] = [&words, &changed].map(|words| Items::new(shape.words(), words, &names));
    let labels = Rule { context: Context::Labels, ..RULE };
    let all: Vec<u32> = (0..count as u32).collect();
    let backwards: Vec<u32> = all.iter().rev().copied().collect();
    let unions = [
        (first, RULE, &all[..]),
        (second, RULE, &all),
        (first, labels, &all),
        (first, RULE, &all[..120]),
        (first, RULE, &backwards),
    ];
    let order = [0, 0, 1, 1, 0, 2, 3, 3, 0, 4, 0, 2, 1, 0];
    let weights = random_weights::<f32>(&shape, 0.5, &mut rng);
    for tables in [0, 1] {
        let gradients = |kept: usize| -> Vec<Vec<[f32; L]>> {
            let mut bench = Bench::of(&shape, Chunk { items: 110, tables, kept });
            let mut engine = bench.engine(model(shape, Kind::RisingLeak, 5), RULE, permutations);
            let mut weights = lend(&shape, &weights);
            let gradient = |&which: &usize| {
                let (items, rule, picks) = unions[which];
                let mut rows = vec![[0.0; L]; shape.rows(L)];
                let (union, objective) = (Union::only(items), Objective::Loss(LOSS));
                engine.gradient(rule, &mut weights, &union, &mut picks.to_vec(), objective, &mut unscaled(&mut rows));
                rows
            };
            order.iter().map(gradient).collect()
        };
        let anew = gradients(0);
        assert_ne!(anew[0], anew[2], "the item that is another tells");
        for kept in [1, 100, 260, 2000] {
            assert_eq!(gradients(kept), anew, "{kept} kept, {tables} tables");
        }
    }
}

#[test]
fn the_same_bits_in_another_permutation_are_other_lists() {
    let shape = Shape::new(18, 2, 4, 9).unwrap();
    let (mut rng, count) = (rng(6), 20);
    let words = random_items(&shape, count, &mut rng);
    let map: Vec<u16> = (0..18).map(|p| (p * 5 + 3) % 18).collect();
    let permutations = Permutations::new(18, &map).unwrap();
    let weights = random_weights::<f32>(&shape, 0.5, &mut rng);
    // So few are listed neuron by neuron.
    let gradients = |kept: usize| {
        let mut bench = Bench::of(&shape, Chunk { items: count, tables: 1, kept });
        let mut engine = bench.engine(model(shape, Kind::RisingLeak, 5), RULE, permutations);
        let mut weights = lend(&shape, &weights);
        [0, Items::IDENTITY].map(|permutation| {
            let (names, mut picks) = (vec![permutation; count], (0..count as u32).collect::<Vec<_>>());
            let mut rows = vec![[0.0; L]; shape.rows(L)];
            let (union, objective) = (Union::only(Items::new(shape.words(), &words, &names)), Objective::Loss(LOSS));
            engine.gradient(RULE, &mut weights, &union, &mut picks, objective, &mut unscaled(&mut rows));
            rows
        })
    };
    let anew = gradients(0);
    assert_ne!(anew[0], anew[1], "the permutation tells");
    assert_eq!(gradients(200), anew);
}
