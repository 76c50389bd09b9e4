//! All memory of learning in one static: its size, what does not fit, and that it learns what lent memory learns.
#![allow(missing_docs, reason = "a test")]

mod support;

use core::ops::ControlFlow;
use std::sync::Mutex;

use dam_nostd::methods::Vanilla;
use dam_nostd::train::Progress;
use dam_nostd::{BufferFull, Capacity, Chunk, ItemError, Kind, Learner, Session, Shape};
use support::{L, RULE, TRAINING, Tasks, bits, model, rng};

/// That of [`Tasks`].
const SHAPE: Shape = match Shape::new(18, 2, 4, 11) {
    Ok(shape) => shape,
    Err(_) => panic!(),
};
const CHUNK: Chunk = Chunk { items: 16, tables: 0, kept: 0 };
const ITEMS: usize = 30;
const CAPACITY: Capacity = Capacity::new(&SHAPE, L, CHUNK, ITEMS, 0);

type Board = dam_nostd::learner!(f32, L, SHAPE, CHUNK, ITEMS, 0, ());

static BOARD: Mutex<Board> = Mutex::new(Learner::zeroed(()));

#[test]
fn its_size_is_that_of_its_arrays() {
    let Capacity { rows, offsets, indices, items, words, .. } = CAPACITY;
    let arrays = 4 * L * rows + 4 * offsets + 2 * indices + 4 * items + 4 * words;
    println!("{} bytes for {SHAPE:?}, {ITEMS} items: {CAPACITY:?}", Board::BYTES);
    // One length, and what alignment adds to it and to the indices.
    assert!((arrays + size_of::<usize>()..=arrays + 3 * size_of::<usize>()).contains(&Board::BYTES), "{arrays}");
}

#[test]
fn it_learns_what_lent_memory_learns_bit_for_bit() {
    let tasks = Tasks::new(2, ITEMS);
    let expected = tasks.learn::<f32>(&TRAINING, &mut Vanilla);
    let mut board = BOARD.lock().unwrap();
    let (mut session, ()) = board.open(model(SHAPE, Kind::FallingLeak, 3), RULE, CHUNK).unwrap();
    session.weights.initialise(0.1, &mut rng(1));
    for task in 0..2 {
        for item in 0..ITEMS {
            session.push(tasks.get(task).bits(item)).unwrap();
        }
        assert_eq!(session.push(tasks.get(task).bits(0)), Err(ItemError::Full(BufferFull { capacity: ITEMS })));
        let (mut order, mut draws) = (rng(task as u64), rng(1000 + task as u64));
        let watch = |_| ControlFlow::Continue(());
        session.learn(&TRAINING, &mut Vanilla, &mut order, &mut draws, watch).unwrap();
    }
    assert_eq!(bits(session.weights.rows()), bits(&expected));
    assert!(session.classify(tasks.get(1).bits(0)) < SHAPE.classes());
}

#[test]
fn what_does_not_fit_is_said() {
    let mut board = Box::new(Board::zeroed(()));
    let larger = Shape::new(19, 2, 4, 11).unwrap();
    let error = board.open(model(larger, Kind::FallingLeak, 3), RULE, CHUNK).unwrap_err();
    assert!(error.lent < error.wanted, "{error}");
    let (mut session, ()) = board.open(model(SHAPE, Kind::FallingLeak, 3), RULE, CHUNK).unwrap();
    assert_eq!(session.push(&[0, 0]), Err(ItemError::Words { given: 2, wanted: 1 }));
}

#[test]
fn learning_in_pieces_changes_no_bit() {
    let tasks = Tasks::new(2, ITEMS);
    let expected = tasks.learn::<f32>(&TRAINING, &mut Vanilla);
    for batches in [1, 2, 3, 5, 29, 30, 31] {
        let mut board = Box::new(Board::zeroed(()));
        let (mut session, ()) = board.open(model(SHAPE, Kind::FallingLeak, 3), RULE, CHUNK).unwrap();
        session.weights.initialise(0.1, &mut rng(1));
        let push =
            |session: &mut Session<'_, f32, L>, task: usize, item: usize| session.push(tasks.get(task).bits(item));
        (0..ITEMS).for_each(|item| push(&mut session, 0, item).unwrap());
        for task in 0..2 {
            let (mut order, mut draws) = (rng(task as u64), rng(1000 + task as u64));
            let mut epochs = vec![];
            let mut pieces = 0;
            loop {
                let watch = |progress: Progress<f32>| {
                    epochs.push(progress.epoch);
                    ControlFlow::Continue(())
                };
                pieces += 1;
                if session.learn_some(batches, &TRAINING, &mut Vanilla, &mut order, &mut draws, watch).unwrap() {
                    break;
                }
                assert!(session.is_learning());
                // Between pieces, the network answers.
                assert!(session.classify(tasks.get(1).bits(0)) < SHAPE.classes());
                // There is no room for another item while those of the task are needed.
                assert!(push(&mut session, 1, 0).is_err());
            }
            assert_eq!(epochs, [1, 2, 3, 4, 5, 6]);
            // Five minibatches an epoch; where they are all used up, the end of the task is a piece of its own.
            assert_eq!(pieces, 30 / batches + 1, "{batches}");
            if task == 0 {
                (0..ITEMS).for_each(|item| push(&mut session, 1, item).unwrap());
            }
        }
        assert_eq!(bits(session.weights.rows()), bits(&expected), "{batches} minibatches at a time");
    }
}

#[test]
fn items_that_come_while_a_task_is_learned_are_those_of_the_next() {
    const FEW: usize = 10;
    let tasks = Tasks::new(2, FEW);
    let expected = tasks.learn::<f32>(&TRAINING, &mut Vanilla);
    let mut board = Box::new(Board::zeroed(()));
    let (mut session, ()) = board.open(model(SHAPE, Kind::FallingLeak, 3), RULE, CHUNK).unwrap();
    session.weights.initialise(0.1, &mut rng(1));
    (0..FEW).for_each(|item| session.push(tasks.get(0).bits(item)).unwrap());
    let mut next = 0;
    for task in 0..2 {
        let (mut order, mut draws) = (rng(task), rng(1000 + task));
        let watch = |_| ControlFlow::Continue(());
        while !session.learn_some(1, &TRAINING, &mut Vanilla, &mut order, &mut draws, watch).unwrap() {
            if next < FEW {
                session.push(tasks.get(1).bits(next)).unwrap();
                next += 1;
            }
        }
    }
    assert_eq!((next, session.is_learning()), (FEW, false));
    assert_eq!(bits(session.weights.rows()), bits(&expected));
}
