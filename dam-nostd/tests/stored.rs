//! Trained networks as words, and learners that are stored between tasks and taken up again.
#![allow(missing_docs, reason = "a test")]

mod support;

use core::num::NonZeroUsize;
use core::ops::ControlFlow;

use dam_nostd::methods::consolidation::{ConsolidationMemory, Importance};
use dam_nostd::methods::estimate::Estimate;
use dam_nostd::methods::penalty::Penalty;
use dam_nostd::methods::pseudorehearsal::{PseudoBuffers, PseudoOptions};
use dam_nostd::methods::rehearsal::ItemBuffer;
use dam_nostd::methods::{Consolidation, Method, Pseudorehearsal, Vanilla};
use dam_nostd::recall::{Content, Model, QuantiseError, quantise};
use dam_nostd::relax::{End, Relaxed};
use dam_nostd::store::words::{Sink, Sum};
use dam_nostd::store::{Description, RestoreError, SlotError, Slots, Trained, TrainedError};
use dam_nostd::{Chunk, Fixed32, Kind, Scalar, Session, Shape};
use rand_core::Rng;
use support::flash::{Cut, PowerLost, Simulated};
use support::{L, LOSS, RULE, TRAINING, Tasks, bits, lend, model, random_weights, rng};

/// That of [`Tasks`].
const SHAPE: Shape = match Shape::new(18, 2, 4, 11) {
    Ok(shape) => shape,
    Err(_) => panic!(),
};
const CHUNK: Chunk = Chunk { items: 16, tables: 0, kept: 0 };
const ITEMS: usize = 20;
const ROWS: usize = SHAPE.rows(L);

type Board<S> = dam_nostd::learner!(S, L, SHAPE, CHUNK, ITEMS, 2 * ITEMS, ());

const DESCRIPTION: Description = Description {
    shape: SHAPE,
    image: (6, 3),
    threshold: 128,
    coding: dam_nostd::Coding::Bipolar,
    kind: Kind::FallingLeak,
    vertex: 3,
    leak: 0.01,
    temperature: 0.95,
    rule: RULE,
    importances: true,
};

fn words<S: Scalar>(description: &Description, rows: &[[S; L]]) -> Vec<u32> {
    let mut words = vec![0; description.words::<S>()];
    let weights = lend(&description.shape, rows);
    let importance = |memory: usize, neuron: usize| (100 * memory + neuron) as f32;
    description.put(|memory, neuron| weights.get(memory, neuron).unwrap(), importance, &mut words.as_mut_slice());
    words
}

#[test]
fn what_is_loaded_is_what_was_trained() {
    let rows = random_weights::<f32>(&SHAPE, 0.5, &mut rng(1));
    let words = words(&DESCRIPTION, &rows);
    let trained = Trained::open(&words).unwrap();
    assert_eq!(trained.description(), &DESCRIPTION);
    assert_eq!(trained.description().model::<f32>().unwrap(), model(SHAPE, Kind::FallingLeak, 3));
    let mut weights = lend(&SHAPE, &[[0.0; L]; ROWS]);
    trained.load(&mut weights).unwrap();
    assert_eq!(bits(weights.rows()), bits(&rows));
    let mut importances = vec![[9.0f32; L]; ROWS];
    assert_eq!(trained.importances(&mut importances), Ok(true));
    let mut expected = vec![[0.0; L]; ROWS];
    for memory in 0..SHAPE.memories() {
        for neuron in 0..SHAPE.neurons() {
            support::set_weight(&SHAPE, &mut expected, memory, neuron, (100 * memory + neuron) as f32);
        }
    }
    assert_eq!(importances, expected);
    assert!(trained.importances::<f32, L>(&mut importances[1..]).is_err());
    // In fixed point the nearest weights, which are read again as they are.
    let mut fixed = lend(&SHAPE, &[[Fixed32::ZERO; L]; ROWS]);
    trained.load(&mut fixed).unwrap();
    for (fixed, float) in fixed.rows().as_flattened().iter().zip(rows.as_flattened()) {
        assert_eq!(*fixed, Fixed32::of_weight(*float));
    }
    let again = self::words(&DESCRIPTION, fixed.rows());
    let mut back = lend(&SHAPE, &[[Fixed32::ZERO; L]; ROWS]);
    Trained::open(&again).unwrap().load(&mut back).unwrap();
    assert_eq!(back.rows(), fixed.rows());
    let mut double = lend(&SHAPE, &[[0.0f64; L]; ROWS]);
    Trained::open(&again).unwrap().load(&mut double).unwrap();
    assert_eq!(double.get(3, 7).unwrap(), f64::from(fixed.get(3, 7).unwrap().as_weight()));
}

#[test]
fn damaged_words_are_refused() {
    let good = words(&DESCRIPTION, &random_weights::<f32>(&SHAPE, 0.5, &mut rng(1)));
    for place in 0..good.len() {
        for bit in [0, 9, 31] {
            let mut words = good.clone();
            words[place] ^= 1 << bit;
            assert!(Trained::open(&words).is_err(), "word {place}, bit {bit}");
        }
        assert!(Trained::open(&good[..place]).is_err());
    }
    let larger = Shape::new(18, 2, 4, 12).unwrap();
    let mut weights = lend(&larger, &vec![[0.0f32; L]; larger.rows(L)]);
    assert_eq!(Trained::open(&good).unwrap().load(&mut weights), Err(TrainedError::Shape));
}

/// The checksum of all words but the fourth.
fn checksum(words: &[u32]) -> u32 {
    let mut sum = Sum::NONE;
    words.iter().enumerate().filter(|&(i, _)| i != 3).for_each(|(_, &word)| sum.put(word));
    sum.checksum()
}

#[test]
fn whatever_a_header_says_nothing_panics() {
    let good = words(&DESCRIPTION, &random_weights::<f32>(&SHAPE, 0.5, &mut rng(1)));
    let (mut draws, mut opened, mut quantised) = (rng(2), 0, 0);
    for _ in 0..3000 {
        let mut words = good.clone();
        for _ in 0..1 + draws.next_u32() % 3 {
            let place = 1 + draws.next_u32() as usize % (if draws.next_u32() % 2 == 0 { 13 } else { 40 });
            words[place] = match draws.next_u32() % 3 {
                0 => draws.next_u32(),
                1 => words[place] ^ 1 << (draws.next_u32() % 32),
                _ => [0x7f80_0000, 0x7fc0_0000, 0xff7f_ffff, 0, 1][draws.next_u32() as usize % 5],
            };
        }
        words[3] = checksum(&words);
        let Ok(trained) = Trained::open(&words) else { continue };
        opened += 1;
        let shape = trained.description().shape;
        let mut weights = lend(&shape, &vec![[0.0f32; L]; shape.rows(L)]);
        trained.load(&mut weights).unwrap();
        let mut fixed = lend(&shape, &vec![[Fixed32::ZERO; L]; shape.rows(L)]);
        trained.load(&mut fixed).unwrap();
        let weight = |memory, neuron| f64::from(weights.get(memory, neuron).unwrap());
        let (mut scales, mut model) = (vec![0.0; shape.memories() + 16], vec![0; 100_000]);
        if quantise::<i8>(trained.description(), Content::All, &weight, &mut scales, &mut model.as_mut_slice()).is_ok()
        {
            quantised += 1;
        }
    }
    assert!(opened > 100 && quantised > 50, "{opened} {quantised}");
}

#[test]
fn weights_that_are_no_numbers_make_no_model() {
    for odd in [f64::NAN, f64::INFINITY, f64::NEG_INFINITY, f64::MAX, 1e-320] {
        let weight = |memory: usize, neuron: usize| if memory == 3 || neuron > 20 { odd } else { 0.25 };
        let mut words = [0; 2000];
        let made = quantise::<i8>(&DESCRIPTION, Content::All, &weight, &mut [0.0; 16], &mut &mut words[..]);
        let length = words[2] as usize;
        assert!(made.is_err() || length == 0 || Model::<i8>::open(&words[..length]).is_ok(), "{odd}: {made:?}");
    }
    let few = quantise::<i8>(&DESCRIPTION, Content::All, &|_, _| 0.5, &mut [0.0; 15], &mut &mut [0; 9][..]);
    assert_eq!(few, Err(QuantiseError::TooFewScales(16)));
}

/// Learns the items of a task.
fn learn<S: Scalar>(session: &mut Session<'_, S, L>, tasks: &Tasks, task: usize, method: &mut dyn Method<S, L>) {
    (0..ITEMS).for_each(|item| session.push(tasks.get(task).bits(item)).unwrap());
    let (mut order, mut draws) = (rng(task as u64), rng(1000 + task as u64));
    session.learn(&TRAINING, method, &mut order, &mut draws, |_| ControlFlow::Continue(())).unwrap();
}

fn opened<S: Scalar>(board: &mut Board<S>) -> Session<'_, S, L> {
    let mut session = board.open(model(SHAPE, Kind::FallingLeak, 3), RULE, CHUNK).unwrap().0;
    session.weights.initialise(0.1, &mut rng(1));
    session
}

/// What is done with a method.
type With<'a, S> = &'a mut dyn FnMut(&mut dyn Method<S, L>);

/// Learns three tasks, once in one go and once with power switched off after each, and compares.
fn interrupted<S: Scalar>(with: &dyn Fn(With<'_, S>)) {
    let tasks = Tasks::new(3, ITEMS);
    let mut whole = vec![];
    with(&mut |method| {
        let mut board = Box::new(Board::<S>::zeroed(()));
        let mut session = opened(&mut board);
        (0..3).for_each(|task| learn(&mut session, &tasks, task, method));
        whole = bits(session.weights.rows());
    });
    let mut slots = Slots::new(Simulated::<4>::new(420), 2, 200).unwrap();
    for task in 0..3 {
        with(&mut |method| {
            let mut board = Box::new(Board::<S>::zeroed(()));
            let mut session = opened(&mut board);
            assert_eq!(session.restore(&mut slots, method), Ok(task > 0));
            learn(&mut session, &tasks, task, method);
            session.save(&mut slots, &DESCRIPTION, method).unwrap();
            if task == 2 {
                assert!(bits(session.weights.rows()) == whole);
            }
        });
    }
    // What is no learner of this network, method and number type is told.
    let mut board = Box::new(Board::<S>::zeroed(()));
    assert_eq!(opened(&mut board).restore(&mut slots, &mut Vanilla), Err(RestoreError::Other));
    slots.save(9, |_| {}).unwrap();
    assert_eq!(opened(&mut board).restore(&mut slots, &mut Vanilla), Err(RestoreError::Kind(9)));
}

fn ewc<S: Scalar>(run: With<'_, S>) {
    let mut memory = Box::new(ConsolidationMemory::<S, L, ROWS, ITEMS>::ZEROED);
    let estimate = Estimate { items: NonZeroUsize::new(10), ..Estimate::default() };
    let importance = Importance::Fisher { loss: LOSS, estimate };
    run(&mut Consolidation::new(&SHAPE, Penalty::new(1.0), importance, memory.buffers()).unwrap());
}

fn pseudorehearsal<S: Scalar>(run: With<'_, S>) {
    let (mut words, mut permutations) = ([0; 2 * ITEMS], [0; 2 * ITEMS]);
    let (mut states, mut previous, mut active) = ([0; 5], [0; 5], [0; 5]);
    let mut relaxed = [Relaxed { end: End::Limit, sweeps: 0 }; 5];
    let items = ItemBuffer::new(1, &mut words, &mut permutations);
    let [states, previous, active] = [&mut states, &mut previous, &mut active];
    let buffers = PseudoBuffers { items, states, previous, active, relaxed: &mut relaxed };
    run(&mut Pseudorehearsal::new(PseudoOptions::new(0.5), buffers));
}

#[test]
fn a_learner_goes_on_after_a_reset_as_if_there_had_been_none() {
    interrupted::<f32>(&ewc);
    interrupted::<Fixed32>(&ewc);
    interrupted::<f32>(&pseudorehearsal);
    interrupted::<Fixed32>(&pseudorehearsal);
}

#[test]
fn a_learner_is_there_before_or_after_its_task_wherever_power_is_lost() {
    let tasks = Tasks::new(2, ITEMS);
    for cut in Cut::ALL {
        ewc::<Fixed32>(&mut |method| {
            let mut board = Box::new(Board::<Fixed32>::zeroed(()));
            let mut session = opened(&mut board);
            learn(&mut session, &tasks, 0, method);
            let mut slots = Slots::new(Simulated::<8>::new(200), 0, 100).unwrap();
            session.save(&mut slots, &DESCRIPTION, method).unwrap();
            let before = bits(session.weights.rows());
            learn(&mut session, &tasks, 1, method);
            let after = bits(session.weights.rows());
            assert_ne!(before, after);
            for operation in 0.. {
                let mut slots = Slots::new(slots.flash().clone(), 0, 100).unwrap();
                slots.flash().cut_after(operation, cut);
                let outcome = session.save(&mut slots, &DESCRIPTION, method);
                slots.flash().restart();
                ewc::<Fixed32>(&mut |method| {
                    let mut board = Box::new(Board::<Fixed32>::zeroed(()));
                    let mut session = opened(&mut board);
                    assert_eq!(session.restore(&mut slots, method), Ok(true));
                    let found = bits(session.weights.rows());
                    assert!(found == after || (outcome.is_err() && found == before), "{cut:?} after {operation}");
                });
                match outcome {
                    Ok(_) => break,
                    Err(error) => assert_eq!(error, SlotError::Flash(PowerLost)),
                }
            }
        });
    }
}
