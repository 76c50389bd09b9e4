//! What a device does: a learner in one static that is loaded, learns in pieces, is stored, taken up again and quantised.

use core::ops::ControlFlow;

use dam_nostd::lanes::Row;
use dam_nostd::methods::consolidation::ConsolidationMemory;
use dam_nostd::methods::{Consolidation, Last};
use dam_nostd::recall::{Content, quantise};
use dam_nostd::rng::{Purpose, Xoshiro128PlusPlus};
use dam_nostd::store::{Flash, Slots, Trained};
use dam_nostd::{Fixed32, Scalar};

use crate::{CHUNK, ITEMS, L, Options, ROWS, SHAPE};

type Kept<S> = ConsolidationMemory<S, L, ROWS, ITEMS>;
/// All memory of learning.
pub type Learner<S> = dam_nostd::learner!(S, L, SHAPE, CHUNK, ITEMS, 0, Kept<S>);

/// A flash memory in RAM, lent.
pub struct Pages<'a>(&'a mut [u32]);

/// A place that is none.
pub struct Outside;

impl Flash for Pages<'_> {
    type Error = Outside;
    const PAGE: usize = 64;
    const UNIT: usize = 2;

    fn pages(&self) -> usize {
        self.0.len() / Self::PAGE
    }

    fn read(&mut self, at: usize, words: &mut [u32]) -> Result<(), Outside> {
        let from = self.0.get(at..).ok_or(Outside)?;
        words.iter_mut().zip(from).for_each(|(word, from)| *word = *from);
        Ok(())
    }

    fn erase(&mut self, page: usize) -> Result<(), Outside> {
        self.0
            .get_mut(Self::PAGE * page..)
            .ok_or(Outside)?
            .iter_mut()
            .take(Self::PAGE)
            .for_each(|word| *word = u32::MAX);
        Ok(())
    }

    fn write(&mut self, at: usize, words: &[u32]) -> Result<(), Outside> {
        self.0.get_mut(at..).ok_or(Outside)?.iter_mut().zip(words).for_each(|(cell, word)| *cell &= word);
        Ok(())
    }
}

fn device<S: Scalar>(learner: &mut Learner<S>, options: &Options<S>, words: &[u32], flash: &mut [u32]) -> Option<u32> {
    let trained = Trained::open(words).ok()?;
    let (mut session, kept) = learner.open(options.model, options.rule, CHUNK).ok()?;
    let mut method = Consolidation::new(&SHAPE, options.penalty, options.importance, kept.buffers()).ok()?;
    let mut slots = Slots::new(Pages(flash), 0, 40).ok()?;
    if !session.restore(&mut slots, &mut method).ok()? {
        trained.load(&mut session.weights).ok()?;
        let importances = |rows: &mut [Row<S::Wide, L>]| trained.importances(rows).map(drop);
        method.begin_with(session.weights.rows(), importances).ok()?;
    }
    session.push(words.get(..1)?).ok()?;
    let (mut order, mut draws) = (
        Xoshiro128PlusPlus::of(options.seed, Purpose::Order, 0),
        Xoshiro128PlusPlus::of(options.seed, Purpose::Method, 0),
    );
    let watch = |_| ControlFlow::Continue(());
    while !session.learn_some(3, &options.training, &mut Last(&mut method), &mut order, &mut draws, watch).ok()? {}
    let record = session.save(&mut slots, trained.description(), &mut method).ok()?;
    let mut scales = [0.0; 16];
    let weight = |memory, neuron| session.weights.get(memory, neuron).unwrap_or(S::ZERO).to_f64();
    let mut made = Ok(());
    slots
        .save(1, |sink| made = quantise::<i8>(trained.description(), Content::All, &weight, &mut scales, sink))
        .ok()?;
    made.ok()?;
    slots
        .save(2, |sink| made = quantise::<i16>(trained.description(), Content::All, &weight, &mut scales, sink))
        .ok()?;
    Some(record.words as u32 + session.classify(words.get(1..2)?) as u32)
}

/// With `f32`.
#[unsafe(no_mangle)]
pub extern "C" fn check_device(
    learner: &mut Learner<f32>,
    options: &Options<f32>,
    words: &[u32; 2000],
    flash: &mut [u32; 8000],
) -> u32 {
    device(learner, options, words, flash).unwrap_or(0)
}

/// With `Fixed32`.
#[unsafe(no_mangle)]
pub extern "C" fn check_fixed_device(
    learner: &mut Learner<Fixed32>,
    options: &Options<Fixed32>,
    words: &[u32; 2000],
    flash: &mut [u32; 8000],
) -> u32 {
    device(learner, options, words, flash).unwrap_or(0)
}

/// All memory of learning as a board holds it, and what its type says that it takes.
macro_rules! learner {
    ($($number:ty: $learner:ident $bytes:ident),+) => {$(
        #[doc = concat!("In `", stringify!($number), "`.")]
        #[unsafe(no_mangle)]
        pub static $learner: Learner<$number> = Learner::zeroed(Kept::ZEROED);

        #[doc = concat!("Of `", stringify!($learner), "`.")]
        #[unsafe(no_mangle)]
        pub static $bytes: u32 = Learner::<$number>::BYTES as u32;
    )+};
}

learner! { f32: LEARNER LEARNER_BYTES, Fixed32: LEARNER_FIXED LEARNER_FIXED_BYTES }
