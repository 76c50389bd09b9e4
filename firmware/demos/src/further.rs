//! Learning goes on: a network that a desktop trained on digits 0 to 4 learns 5 to 9 from the serial line, with Elastic
//! Weight Consolidation, is stored, is taken up again after a reset, and is quantised for recall.
//!
//! A digit comes with its task, 0 to 4 or 5 to 9, whose neuron is on. Told are answers among the classes of the task, and
//! among all ten.

use core::num::NonZeroUsize;
use core::ops::ControlFlow;

use dam_firmware::{Digits, Lesson, Teacher};
use dam_nostd::classify::largest;
use dam_nostd::items::{Items, Union};
use dam_nostd::lanes::Row;
use dam_nostd::methods::consolidation::{ConsolidationBuffers, Importance};
use dam_nostd::methods::estimate::Estimate;
use dam_nostd::methods::penalty::Penalty;
use dam_nostd::methods::{Consolidation, Last};
use dam_nostd::objective::Loss;
use dam_nostd::recall::model::Sections;
use dam_nostd::recall::{self, Content, quantise};
use dam_nostd::rng::{Purpose, Xoshiro128PlusPlus};
use dam_nostd::rule::Rule;
use dam_nostd::store::{Description, Flash, Slots, Trained};
use dam_nostd::train::{Batch, Decays, Training};
use dam_nostd::{Chunk, Fixed32, Model, Passes, Scalar, Session, Shape, TooShort};
use embedded_io::Read;

use crate::{Console, Fingerprint, MEASURED, data};

/// The task that is learned here.
const TASK: usize = 1;
/// Classes of each task.
const CLASSES: usize = 5;
/// Memory vectors of a row.
const L: usize = 8;
/// The kind of a record that is a model of 8 bits.
const MODEL: u32 = u32::from_le_bytes(*b"MDL8");

const fn shape(pixels: usize, memories: usize) -> Shape {
    match Shape::new(pixels, 2, 10, memories) {
        Ok(shape) => shape,
        Err(_) => panic!("a network of this shape cannot be"),
    }
}

/// 6 x 7 pixels and 8 memory vectors, for 16 KiB of RAM.
pub const SMALL: Shape = shape(42, 8);
/// 14 x 14 pixels and 16 memory vectors.
pub const LARGE: Shape = shape(196, 16);
/// Items of the task.
pub const SMALL_ITEMS: usize = 60;
/// Likewise.
pub const LARGE_ITEMS: usize = 200;

const SMALL_CHUNK: Chunk = Chunk { items: 1, tables: 0, kept: 0 };
const LARGE_CHUNK: Chunk = Chunk { items: 10, tables: 0, kept: 0 };

/// What EWC keeps.
#[derive(Debug)]
pub struct Kept<S: Scalar, const ROWS: usize> {
    anchor: [Row<S, L>; ROWS],
    omega: [Row<S::Wide, L>; ROWS],
}

impl<S: Scalar, const ROWS: usize> Kept<S, ROWS> {
    const ZEROED: Self = Self { anchor: [[S::ZERO; L]; ROWS], omega: [[S::Wide::ZERO; L]; ROWS] };
}

type SmallKept = Kept<Fixed32, { SMALL.rows(L) }>;
type LargeKept = Kept<f32, { LARGE.rows(L) }>;
type SmallLearner = dam_nostd::learner!(Fixed32, L, SMALL, SMALL_CHUNK, SMALL_ITEMS, 0, SmallKept);
type LargeLearner = dam_nostd::learner!(f32, L, LARGE, LARGE_CHUNK, LARGE_ITEMS, 0, LargeKept);

/// All memory of learning in fixed point.
#[derive(Debug)]
pub struct Small(SmallLearner);

/// All memory of learning in floating point.
#[derive(Debug)]
pub struct Large(LargeLearner);

impl Small {
    /// All zero.
    pub const fn zeroed() -> Self {
        Self(SmallLearner::zeroed(SmallKept::ZEROED))
    }
}

impl Large {
    /// All zero.
    pub const fn zeroed() -> Self {
        Self(LargeLearner::zeroed(LargeKept::ZEROED))
    }
}

/// A flash memory that can be read as words where it is.
pub trait Mapped: Flash {
    /// Words `at..at + count`.
    fn words(&self, at: usize, count: usize) -> Option<&[u32]>;
}

/// How a start ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Start {
    /// The task was learned and stored: now comes a reset.
    Learned,
    /// What was stored was taken up again: this is the end.
    Restored,
    /// Something failed; it was printed.
    Failed,
}

/// What the two sizes differ in.
struct Setting {
    network: &'static [u32],
    known: Digits<'static>,
    training: Training,
    lambda: f64,
    /// Pages of a slot for the learner.
    pages: usize,
}

const fn training(epochs: u32, loss: Loss, decay: f64) -> Training {
    Training {
        epochs,
        batch: Batch::Items(NonZeroUsize::new(10).unwrap()),
        rate: 0.1,
        decay,
        decays: Decays::EachEpoch,
        first_temperature: 0.0,
        last_temperature: 0.0,
        momentum: 0.6,
        floor: 1e-30,
        loss,
        carry_momentum: false,
        carry_rate: false,
    }
}

/// In fixed point and 16 KiB of RAM; a page has 256 words.
///
/// This function and [`large`] have no number type as a parameter, so that they are compiled here, for size.
#[inline(never)]
pub fn small<F: Mapped>(console: &mut impl Console, memory: &mut Small, serial: impl Read, flash: &mut F) -> Start {
    let (network, known) = data::further_small();
    // The rate falls to a tenth in 40 epochs.
    let training = training(40, Loss::Power { exponent: 1 }, 0.944);
    let setting = Setting { network, known, training, lambda: 1.0, pages: 7 };
    start(console, |model, rule| memory.0.open(model, rule, SMALL_CHUNK), &setting, serial, flash)
}

/// In floating point; a page has 1024 words.
#[inline(never)]
pub fn large<F: Mapped>(console: &mut impl Console, memory: &mut Large, serial: impl Read, flash: &mut F) -> Start {
    let (network, known) = data::further_large();
    let training = training(50, Loss::CrossEntropy, 0.955);
    let setting = Setting { network, known, training, lambda: 10.0, pages: 11 };
    start(console, |model, rule| memory.0.open(model, rule, LARGE_CHUNK), &setting, serial, flash)
}

/// The first start, or one after a reset: whatever the flash says. `open` opens the learner.
fn start<'a, S: Scalar, const ROWS: usize, F: Mapped>(
    console: &mut impl Console,
    open: impl FnOnce(Model<S>, Rule) -> Result<(Session<'a, S, L>, &'a mut Kept<S, ROWS>), TooShort>,
    setting: &Setting,
    serial: impl Read,
    flash: &mut F,
) -> Start {
    attempt(console, open, setting, serial, flash).unwrap_or_else(|what| {
        console.print(format_args!("{what}"));
        Start::Failed
    })
}

fn attempt<'a, S: Scalar, const ROWS: usize, F: Mapped>(
    console: &mut impl Console,
    open: impl FnOnce(Model<S>, Rule) -> Result<(Session<'a, S, L>, &'a mut Kept<S, ROWS>), TooShort>,
    setting: &Setting,
    serial: impl Read,
    flash: &mut F,
) -> Result<Start, &'static str> {
    let trained = Trained::open(setting.network).map_err(|_| "the network is damaged")?;
    let description = trained.description();
    let model = description.model::<S>().map_err(|_| "the network is damaged")?;
    let (mut session, Kept { anchor, omega }) =
        open(model, description.rule).map_err(|_| "the learner is too small")?;
    let importance = Importance::Fisher { loss: setting.training.loss, estimate: Estimate::default() };
    let buffers = ConsolidationBuffers { anchor, omega, fresh: &mut [], picks: &mut [] };
    let method = Consolidation::new(&model.shape, Penalty::new(setting.lambda), importance, buffers);
    let mut method = method.map_err(|_| "a buffer is too short")?;
    let mut slots = Slots::new(&mut *flash, 0, setting.pages).map_err(|_| "the flash is too small")?;
    match session.restore(&mut slots, &mut method) {
        Ok(true) => {
            tell(console, &mut session, setting, "after a reset");
            recall(console, &session, setting, description, flash)?;
            return Ok(Start::Restored);
        }
        Ok(false) => {}
        Err(_) => return Err("the flash holds something else"),
    }
    let numbers = if S::SATURATES { "fixed point" } else { "floating point" };
    console.print(format_args!(
        "further: {} neurons, {} memory vectors, n = {}, {numbers}, trained on digits 0 to 4",
        model.shape.neurons(),
        model.shape.memories(),
        description.vertex
    ));
    trained.load(&mut session.weights).map_err(|_| "the network is another")?;
    let weights = session.weights.rows();
    method.begin_with(weights, |omega| trained.importances(omega).map(drop)).map_err(|_| "a buffer is too short")?;
    tell(console, &mut session, setting, "at first");
    let items = take(&mut session, serial)?;
    learn(console, &mut session, &mut method, setting, description, items)?;
    tell(console, &mut session, setting, "after learning");
    let record = session.save(&mut slots, description, &mut method).map_err(|_| "the flash failed")?;
    console.print(format_args!("stored {} words in slot {}", record.words, record.slot));
    Ok(Start::Learned)
}

/// Takes the items of the task from the serial line; returns how many.
fn take<S: Scalar>(session: &mut Session<'_, S, L>, serial: impl Read) -> Result<usize, &'static str> {
    let shape = session.weights.shape();
    let mut teacher = Teacher::new(serial);
    let mut state = [0; 8];
    let state = state.get_mut(..shape.words()).ok_or("a state is too long")?;
    for items in 0.. {
        match teacher.next(&shape, TASK, state) {
            Ok(Some(Lesson::Item)) => session.push(state).map_err(|_| "too many items")?,
            Ok(Some(Lesson::Learn)) => return Ok(items),
            _ => break,
        }
    }
    Err("the serial line ended")
}

/// Learns them, a minibatch at a time: between two, a board can feed its watchdog and look at its buttons.
fn learn<S: Scalar>(
    console: &mut impl Console,
    session: &mut Session<'_, S, L>,
    method: &mut Consolidation<'_, S, L>,
    setting: &Setting,
    description: &Description,
    items: usize,
) -> Result<(), &'static str> {
    let temperature = description.temperature;
    let training = Training { first_temperature: temperature, last_temperature: temperature, ..setting.training };
    let mut shuffles = Xoshiro128PlusPlus::of(1, Purpose::Order, TASK as u32);
    let mut draws = Xoshiro128PlusPlus::of(1, Purpose::Method, TASK as u32);
    let (mut pieces, mut most, mut total) = (0_u32, 0, 0_u64);
    loop {
        let begin = console.now();
        let watch = |_| ControlFlow::Continue(());
        let learned = session.learn_some(1, &training, &mut Last(method), &mut shuffles, &mut draws, watch);
        let learned = learned.map_err(|_| "learning failed")?;
        let used = console.since(begin);
        (most, total) = (most.max(used), total + u64::from(used));
        if learned {
            break;
        }
        pieces += 1;
    }
    console.print(format_args!("learned {items} digits from the serial line, with EWC, in {pieces} pieces"));
    let presentations = (items as u64 * u64::from(training.epochs)).max(1);
    console.print(format_args!("{MEASURED}learning {} instructions an item, {total} a task", total / presentations));
    console.print(format_args!("{MEASURED}piece {most} instructions at most"));
    Ok(())
}

/// The answer among the classes of `task`, and among all.
fn answers<F: PartialOrd + Copy>(fields: &[F], task: usize) -> [usize; 2] {
    let first = task * CLASSES;
    [first + largest(fields.get(first..first + CLASSES).unwrap_or(&[])), largest(fields)]
}

/// Counts right answers to the digits of each task; `fields` calls back with the fields of a state.
fn count<F>(digits: &Digits<'_>, mut answer: F) -> [[u32; 2]; 2]
where
    F: FnMut(&[u32], usize) -> [usize; 2],
{
    let mut right = [[0; 2]; 2];
    for (state, label) in (0..digits.len()).filter_map(|i| digits.get(i)) {
        let task = usize::from(label) / CLASSES;
        for (i, answer) in answer(state, task).into_iter().enumerate() {
            if let Some(place) = right.get_mut(task).and_then(|right| right.get_mut(i)) {
                *place += u32::from(answer == usize::from(label));
            }
        }
    }
    right
}

/// Prints how much is known, and a fingerprint of the weights.
fn tell<S: Scalar>(console: &mut impl Console, session: &mut Session<'_, S, L>, setting: &Setting, when: &str) {
    let (rule, words) = (session.engine.rule, session.weights.shape().words());
    let [[old, old_all], [new, new_all]] = count(&setting.known, |state, task| {
        let items = Union::only(Items::in_neuron_order(words, state));
        answers(session.engine.fields(rule, &mut session.weights, &items, &[0]), task)
    });
    let each = setting.known.len() / 2;
    let mut fingerprint = Fingerprint::default();
    session.weights.rows().as_flattened().iter().for_each(|&weight| fingerprint.add(weight.to_f64().to_bits() as i64));
    console.print(format_args!("{when}: right {old} and {new} of {each}, of all classes {old_all} and {new_all}"));
    console.print(format_args!("  weights {:016x}", fingerprint.0));
}

/// Quantises the network into a slot of its own and recalls from there.
fn recall<S: Scalar, F: Mapped>(
    console: &mut impl Console,
    session: &Session<'_, S, L>,
    setting: &Setting,
    description: &Description,
    flash: &mut F,
) -> Result<(), &'static str> {
    let shape = description.shape;
    let pages = (4 * Sections::new::<i8>(&shape).words()).div_ceil(4 * F::PAGE) + 1;
    let mut slots = Slots::new(&mut *flash, 2 * setting.pages, pages).map_err(|_| "the flash is too small")?;
    let weight = |memory, neuron| {
        let weight = session.weights.get(memory, neuron).unwrap_or(S::ZERO);
        weight.to_f64() / S::UNIT.to_f64()
    };
    let mut scales = [0.0; 16];
    let mut made = Ok(());
    let record = slots.save(MODEL, |sink| made = quantise::<i8>(description, Content::All, &weight, &mut scales, sink));
    made.map_err(|_| "no model of 8 bits")?;
    let record = record.map_err(|_| "the flash failed")?;
    let words = flash.words(record.at, record.words).ok_or("the flash cannot be read in place")?;
    let model = recall::Model::<i8>::open(words).map_err(|_| "the model is damaged")?;
    let mut memory = dam_firmware::Memory::<i8, 16, 10, 8>::new();
    let mut recall = memory.recall(model);
    let mut fingerprint = Fingerprint::default();
    words.iter().for_each(|&word| fingerprint.add(word.into()));
    let [[old, old_all], [new, new_all]] =
        count(&setting.known, |state, task| answers(recall.fields(state).values, task));
    let each = setting.known.len() / 2;
    console.print(format_args!(
        "in 8 bits, {} bytes: right {old} and {new} of {each}, of all classes {old_all} and {new_all}",
        4 * words.len()
    ));
    console.print(format_args!("  model {:016x}", fingerprint.0));
    Ok(())
}
