//! Two slots of a flash memory whose power fails: at every single write and erasing, in every way that it can be left.
#![allow(missing_docs, reason = "a test")]

mod support;

use dam_nostd::store::{SlotError, Slots};
use support::flash::{Cut, PowerLost, Simulated};

const KIND: u32 = 7;

/// What is written as number `i`: of another length each time.
fn content(i: u32) -> Vec<u32> {
    (0..20 + 5 * i).map(|word| word.wrapping_mul(0x9e37_79b9) ^ i << 28).collect()
}

fn save<const UNIT: usize>(slots: &mut Slots<Simulated<UNIT>>, i: u32) -> Result<(), SlotError<PowerLost>> {
    let record = slots.save(KIND, |sink| content(i).iter().for_each(|&word| sink.put(word)))?;
    assert_eq!((record.kind, record.words), (KIND, content(i).len()));
    Ok(())
}

/// The number of what is found at the next start.
fn found<const UNIT: usize>(slots: &mut Slots<Simulated<UNIT>>) -> Option<u32> {
    let record = slots.newest().unwrap()?;
    let mut words = vec![];
    let read = |source: &mut dyn dam_nostd::store::Source| {
        while let Some(word) = source.take() {
            words.push(word);
        }
    };
    slots.read(record, read).unwrap();
    let number = words.last().unwrap();
    let i = (0..8).find(|&i| content(i).last() == Some(number)).expect("a content that was written");
    assert_eq!(words, content(i));
    Some(i)
}

fn slots<const UNIT: usize>(flash: Simulated<UNIT>) -> Slots<Simulated<UNIT>> {
    Slots::new(flash, 1, 3).unwrap()
}

fn at_every_operation<const UNIT: usize>() {
    let mut cuts = 0;
    for cut in Cut::ALL {
        for before in 0..3 {
            for operation in 0.. {
                let mut slots = slots(Simulated::<UNIT>::new(8));
                (0..before).for_each(|i| save(&mut slots, i).unwrap());
                slots.flash().cut_after(operation, cut);
                let outcome = save(&mut slots, before);
                slots.flash().restart();
                let old = before.checked_sub(1);
                let now = found(&mut slots);
                match outcome {
                    Ok(()) => assert_eq!(now, Some(before)),
                    // What was not confirmed may be there all the same.
                    Err(error) => {
                        assert_eq!(error, SlotError::Flash(PowerLost));
                        assert!(now == old || now == Some(before), "{cut:?} after {operation}: {now:?}");
                        cuts += 1;
                    }
                }
                // It goes on from there, and a second loss of power, at any operation of the next, does no harm either.
                for second in 0.. {
                    let mut again = self::slots(slots.flash().clone());
                    again.flash().cut_after(second, cut);
                    let outcome = save(&mut again, before + 1);
                    again.flash().restart();
                    let after = found(&mut again);
                    assert!(after == now || after == Some(before + 1), "{cut:?}, {operation}, {second}: {after:?}");
                    if outcome.is_ok() {
                        assert_eq!(after, Some(before + 1));
                        break;
                    }
                }
                if outcome.is_ok() {
                    break;
                }
            }
        }
    }
    println!("units of {UNIT} words: power lost {cuts} times");
    assert!(cuts > 30);
}

#[test]
fn the_old_or_the_new_is_there_wherever_power_is_lost() {
    at_every_operation::<1>();
    at_every_operation::<2>();
    at_every_operation::<8>();
}

#[test]
fn slots_take_turns() {
    let mut slots = slots(Simulated::<1>::new(8));
    for i in 0..5 {
        save(&mut slots, i).unwrap();
        assert_eq!(found(&mut slots), Some(i));
        let record = slots.newest().unwrap().unwrap();
        assert_eq!((record.sequence, record.slot), (i, i as usize % 2));
    }
}

#[test]
fn what_is_too_long_leaves_the_old() {
    let mut slots = slots(Simulated::<2>::new(8));
    save(&mut slots, 0).unwrap();
    let capacity = Slots::<Simulated<2>>::capacity(3);
    let long = slots.save(KIND, |sink| (0..=capacity as u32).for_each(|word| sink.put(word)));
    assert_eq!(long, Err(SlotError::TooLong { capacity }));
    assert_eq!(found(&mut slots), Some(0));
    slots.save(KIND, |sink| (0..capacity as u32).for_each(|word| sink.put(word))).unwrap();
    assert_eq!(slots.newest().unwrap().unwrap().words, capacity);
}

#[test]
fn a_worn_page_is_told_and_leaves_the_old() {
    let mut slots = slots(Simulated::<1>::new(8));
    save(&mut slots, 0).unwrap();
    slots.flash().wear(4 * 16 + 9);
    assert_eq!(save(&mut slots, 1), Err(SlotError::NotKept));
    assert_eq!(found(&mut slots), Some(0));
}

#[test]
fn a_memory_that_is_too_small_is_told() {
    let error = Slots::new(Simulated::<1>::new(6), 1, 3).unwrap_err();
    assert_eq!(error, SlotError::TooFewPages { pages: 6, wanted: 7 });
    assert!(found(&mut slots(Simulated::<1>::new(7))).is_none());
}
