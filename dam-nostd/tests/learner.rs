//! All memory of learning in one static: its size, what does not fit, and that it learns what lent memory learns.
#![allow(missing_docs, reason = "a test")]

mod support;

use core::ops::ControlFlow;
use std::sync::Mutex;

use dam_nostd::methods::Vanilla;
use dam_nostd::{BufferFull, Capacity, Chunk, ItemError, Kind, Learner, Shape};
use support::{L, RULE, TRAINING, Tasks, bits, model, rng};

/// That of [`Tasks`].
const SHAPE: Shape = match Shape::new(18, 2, 4, 11) {
    Ok(shape) => shape,
    Err(_) => panic!(),
};
const CHUNK: Chunk = Chunk { items: 16, tables: 0 };
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
