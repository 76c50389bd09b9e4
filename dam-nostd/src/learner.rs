//! Storage that a user owns: all memory that learning takes, sized at compile time, for one `static`.

use core::fmt;
use core::ops::ControlFlow;

use heapless::{Vec, VecView};
use rand_core::Rng;

use crate::backend::engine::Engine;
use crate::backend::executor::Sequential;
use crate::backend::workspace::{Arena, Chunk, Sizes, Workspace};
use crate::error::{BufferFull, TooShort};
use crate::learn::classify::classify;
use crate::learn::descent::Descent;
use crate::learn::methods::Method;
use crate::learn::train::{Course, Progress, TrainError, Trainer, Training};
use crate::model::items::{Items, Permutations, Union};
use crate::model::network::{Model, Weights};
use crate::model::rule::Rule;
use crate::model::shape::Shape;
use crate::number::lanes::Row;
use crate::number::scalar::Scalar;

/// Lengths of a [`Learner`]'s arrays, in the order of its parameters.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Capacity {
    /// Rows: weights, velocity, gradient, and the workspace.
    pub rows: usize,
    /// Blocks of the network.
    pub blocks: usize,
    /// Offsets of index lists.
    pub offsets: usize,
    /// Indices of rows and of items.
    pub indices: usize,
    /// Items that are learned at once, rehearsed ones included.
    pub items: usize,
    /// Words of the items of one task.
    pub words: usize,
}

impl Capacity {
    /// For networks of `shape` in rows of `lanes` lanes, tasks of `items` items, and `rehearsed` more at once.
    pub const fn new(shape: &Shape, lanes: usize, chunk: Chunk, items: usize, rehearsed: usize) -> Self {
        let sizes = Sizes::new(shape, lanes, chunk);
        let weights = shape.rows(lanes) + shape.blocks(lanes);
        Self {
            rows: weights + Descent::<f32, 1>::rows(shape, lanes) + sizes.rows,
            blocks: shape.blocks(lanes),
            offsets: sizes.offsets,
            indices: sizes.indices,
            items: items + rehearsed,
            words: items * shape.words(),
        }
    }
}

/// The type of a [`Learner`] for networks of a shape: `learner!(number, lanes, shape, chunk, items, rehearsed, memory)`,
/// where `shape`, `chunk` and the numbers are constants, and `memory` is the type of the method's memory.
#[macro_export]
macro_rules! learner {
    ($number:ty, $lanes:expr, $shape:expr, $chunk:expr, $items:expr, $rehearsed:expr, $memory:ty) => {
        $crate::Learner<
            $number,
            { $lanes },
            { $crate::Capacity::new(&$shape, $lanes, $chunk, $items, $rehearsed).rows },
            { $crate::Capacity::new(&$shape, $lanes, $chunk, $items, $rehearsed).blocks },
            { $crate::Capacity::new(&$shape, $lanes, $chunk, $items, $rehearsed).offsets },
            { $crate::Capacity::new(&$shape, $lanes, $chunk, $items, $rehearsed).indices },
            { $crate::Capacity::new(&$shape, $lanes, $chunk, $items, $rehearsed).items },
            { $crate::Capacity::new(&$shape, $lanes, $chunk, $items, $rehearsed).words },
            $memory,
        >
    };
}

/// Weights, velocity, workspace, the items of a task, and the memory `M` of a method: all that learning takes.
///
/// Made for a `static`: [`zeroed`](Self::zeroed) is a constant of zeros, so that it takes no flash and never passes over the
/// stack. [`learner!`](crate::learner!) names the type, [`BYTES`](Self::BYTES) is its size.
///
/// ```
/// use dam_nostd::{Chunk, Learner, Shape};
///
/// const SHAPE: Shape = match Shape::new(784, 5, 10, 64) {
///     Ok(shape) => shape,
///     Err(_) => panic!("a network of this shape cannot be"),
/// };
/// const CHUNK: Chunk = Chunk { items: 16, tables: 0, kept: 0 };
/// // Items of 100 a task, without a method's memory.
/// type Board = dam_nostd::learner!(f32, 16, SHAPE, CHUNK, 100, 0, ());
/// static BOARD: std::sync::Mutex<Board> = std::sync::Mutex::new(Learner::zeroed(()));
/// assert!(Board::BYTES < 800_000, "{}", Board::BYTES);
/// ```
#[derive(Debug)]
pub struct Learner<
    S: Scalar,
    const L: usize,
    const ROWS: usize,
    const BLOCKS: usize,
    const OFFSETS: usize,
    const INDICES: usize,
    const ITEMS: usize,
    const WORDS: usize,
    M,
> {
    rows: [Row<S, L>; ROWS],
    exponents: [Row<S::Exponent, L>; BLOCKS],
    offsets: [u32; OFFSETS],
    indices: [u16; INDICES],
    order: [u32; ITEMS],
    words: Vec<u32, WORDS>,
    memory: M,
}

impl<
    S: Scalar,
    const L: usize,
    const ROWS: usize,
    const BLOCKS: usize,
    const OFFSETS: usize,
    const INDICES: usize,
    const ITEMS: usize,
    const WORDS: usize,
    M,
> Learner<S, L, ROWS, BLOCKS, OFFSETS, INDICES, ITEMS, WORDS, M>
{
    /// Bytes that it takes.
    pub const BYTES: usize = size_of::<Self>();

    /// All zero, with the memory of a method.
    pub const fn zeroed(memory: M) -> Self {
        Self {
            rows: [[S::ZERO; L]; ROWS],
            exponents: [[S::NO_EXPONENT; L]; BLOCKS],
            offsets: [0; OFFSETS],
            indices: [0; INDICES],
            order: [0; ITEMS],
            words: Vec::new(),
            memory,
        }
    }

    /// Opens it for the network `model`: with the weights that it holds, at rest, and without items. Beside it, the memory of
    /// the method.
    ///
    /// # Errors
    /// It is of a type for smaller networks, or of smaller chunks.
    pub fn open(&mut self, model: Model<S>, rule: Rule, chunk: Chunk) -> Result<(Session<'_, S, L>, &mut M), TooShort> {
        let shape = model.shape;
        let Self { rows, exponents, offsets, indices, order, words, memory } = self;
        let wanted = Capacity::new(&shape, L, chunk, 0, 0).rows;
        let short = TooShort { what: "rows of the learner", lent: ROWS, wanted };
        let (weights, rest) = rows.split_at_mut_checked(shape.rows(L)).ok_or(short)?;
        let (totals, rest) = rest.split_at_mut_checked(shape.blocks(L)).ok_or(short)?;
        let (descent, rows) = rest.split_at_mut_checked(Descent::<S, L>::rows(&shape, L)).ok_or(short)?;
        let workspace = Workspace::carve(Arena { rows, offsets, indices }, &shape, chunk)?;
        words.clear();
        let session = Session {
            engine: Engine::new(model, rule, Sequential, Permutations::IDENTITY, workspace),
            weights: Weights::new(&shape, weights, totals)?,
            nominal: model,
            descent: Descent::carve(&shape, descent, exponents)?,
            order,
            words,
            epochs_before: 0,
            current: None,
        };
        Ok((session, memory))
    }
}

/// Why an item was not taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ItemError {
    /// The task has as many items as there is room for.
    Full(BufferFull),
    /// The state has another number of words than the network's states.
    Words {
        /// Words that were given.
        given: usize,
        /// Words of a state.
        wanted: usize,
    },
}

impl fmt::Display for ItemError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Full(BufferFull { capacity }) => {
                write!(
                    f,
                    "there is room for {capacity} items of a task: make the learner's type of more, or learn these"
                )
            }
            Self::Words { given, wanted } => {
                write!(f, "a state has {wanted} words of 32 neurons, and {given} were given")
            }
        }
    }
}

impl core::error::Error for ItemError {}

/// A [`Learner`] at work.
#[derive(Debug)]
pub struct Session<'a, S: Scalar, const L: usize> {
    /// The passes over the network.
    pub engine: Engine<'a, S, L, Sequential>,
    /// The weights.
    pub weights: Weights<'a, S, L>,
    /// The network as it was opened: learning changes the engine's temperature.
    pub(crate) nominal: Model<S>,
    pub(crate) descent: Descent<'a, S, L>,
    order: &'a mut [u32],
    words: &'a mut VecView<u32>,
    pub(crate) epochs_before: u32,
    /// The task that is being learned: how many of the items are its, and how far it is.
    current: Option<(usize, Course<S>)>,
}

impl<S: Scalar, const L: usize> Session<'_, S, L> {
    /// Takes an item of the next task: a state in neuron order, of [`Shape::words`] words. While a task is being learned in
    /// pieces, the next is the one after it.
    ///
    /// # Errors
    /// The task has as many items as there is room for; or the state has another number of words.
    pub fn push(&mut self, state: &[u32]) -> Result<(), ItemError> {
        let wanted = self.engine.model.shape.words();
        if state.len() != wanted {
            return Err(ItemError::Words { given: state.len(), wanted });
        }
        let full = ItemError::Full(BufferFull { capacity: self.words.capacity().checked_div(wanted).unwrap_or(0) });
        self.words.extend_from_slice(state).map_err(|_| full)
    }

    /// Learns the task whose items were pushed, and lets them go.
    ///
    /// # Errors
    /// As [`Trainer::learn`].
    pub fn learn(
        &mut self,
        training: &Training,
        method: &mut dyn Method<S, L>,
        order_rng: &mut impl Rng,
        method_rng: &mut dyn Rng,
        mut watch: impl FnMut(Progress<S>) -> ControlFlow<()>,
    ) -> Result<(), TrainError> {
        while !self.learn_some(u32::MAX, training, method, order_rng, method_rng, &mut watch)? {}
        Ok(())
    }

    /// Learns at most `batches` minibatches more of the task whose items were pushed before the first of these calls, and
    /// returns whether it has been learned; then its items are let go. Between two calls a watchdog can be fed, states
    /// classified, and items of the next task [pushed](Self::push). The bits are those of [`learn`](Self::learn).
    ///
    /// # Errors
    /// As [`Trainer::learn`]; the task is given up.
    pub fn learn_some(
        &mut self,
        batches: u32,
        training: &Training,
        method: &mut dyn Method<S, L>,
        order_rng: &mut impl Rng,
        method_rng: &mut dyn Rng,
        watch: impl FnMut(Progress<S>) -> ControlFlow<()>,
    ) -> Result<bool, TrainError> {
        let Self { engine, weights, descent, order, words, epochs_before, current, .. } = self;
        let each = engine.model.shape.words();
        let (taken, mut course) = current.unwrap_or((words.len(), Course::new()));
        let items = Items::in_neuron_order(each, words.get(..taken).unwrap_or(&[]));
        let mut trainer = Trainer { passes: engine, weights, descent, order, epochs_before: *epochs_before };
        let outcome = trainer.learn_some(&mut course, batches, training, items, method, order_rng, method_rng, watch);
        *epochs_before = trainer.epochs_before;
        *current = match outcome {
            Ok(false) => Some((taken, course)),
            _ => {
                drop_first(words, taken);
                None
            }
        };
        outcome
    }

    /// Whether a task has been learned in part.
    pub fn is_learning(&self) -> bool {
        self.current.is_some()
    }

    /// The class of a state in neuron order; its class neurons are not looked at.
    pub fn classify(&mut self, state: &[u32]) -> usize {
        let items = Items::in_neuron_order(self.engine.model.shape.words(), state);
        let mut class = 0;
        classify(&mut self.engine, &mut self.weights, &Union::only(items), &[0], |_, answer| class = answer);
        class
    }
}

/// Lets the first `count` words go.
fn drop_first(words: &mut VecView<u32>, count: usize) {
    let left = words.len().saturating_sub(count);
    for i in 0..left {
        if let Some(word) = words.get(i + count).copied()
            && let Some(place) = words.get_mut(i)
        {
            *place = word;
        }
    }
    words.truncate(left);
}
