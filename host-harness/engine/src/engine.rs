//! The engine of the core, for a number type and a machine.

use dam_nostd::executor::{Executor, Operation};
use dam_nostd::relax::{self, Relaxed};
use dam_nostd::{Fixed32, Model, Passes, Permutations, Rule, Scalar};

use crate::machine::{Machine, Vectorized};
use crate::rows::{LANES, Row};

/// A number type that the loops are compiled for.
pub trait Number: Scalar {
    /// What [`Engine::passes`] gives.
    #[doc(hidden)]
    fn passes<'e>(engine: &'e mut Engine<'_, Self>) -> &'e mut (dyn Passes<Self, LANES> + 'e);

    /// [`relax::asynchronous`]: one state, one neuron after the other.
    fn relax(
        model: &Model<Self>,
        weights: &[Row<Self>],
        state: &mut [u32],
        order: &[u16],
        similarities: &mut [Row<Self>],
        most_sweeps: u32,
    ) -> Relaxed;
}

macro_rules! number {
    ($($number:ty),+) => {$(
        // Never inlined: what is inlined into another crate is compiled there.
        impl Number for $number {
            #[inline(never)]
            fn passes<'e>(engine: &'e mut Engine<'_, Self>) -> &'e mut (dyn Passes<Self, LANES> + 'e) {
                &mut engine.core
            }

            #[inline(never)]
            fn relax(
                model: &Model<Self>,
                weights: &[Row<Self>],
                state: &mut [u32],
                order: &[u16],
                similarities: &mut [Row<Self>],
                most_sweeps: u32,
            ) -> Relaxed {
                relax::asynchronous(model, weights, state, order, similarities, most_sweeps)
            }
        }
    )+};
}

number!(f32, f64, Fixed32);

/// The engine of a network: [`Workspace::engine`](crate::workspace::Workspace::engine) makes one.
#[derive(Debug)]
pub struct Engine<'a, S: Scalar> {
    core: dam_nostd::Engine<'a, S, LANES, On<'a>>,
}

impl<'a, S: Number> Engine<'a, S> {
    pub(crate) fn new(
        model: Model<S>,
        rule: Rule,
        machine: &'a Machine,
        permutations: Permutations<'a>,
        workspace: dam_nostd::Workspace<'a, S, LANES>,
    ) -> Self {
        Self { core: dam_nostd::Engine::new(model, rule, On(machine), permutations, workspace) }
    }

    /// The same, whose numbers lose so many of their lowest bits: [`dam_nostd::Engine::rounding`].
    pub fn rounding(mut self, bits: u32) -> Self {
        self.core.rounding = bits;
        self
    }

    /// Its passes over items, compiled for the instruction set of its machine.
    pub fn passes(&mut self) -> &mut (dyn Passes<S, LANES> + '_) {
        S::passes(self)
    }

    /// [`dam_nostd::Engine::similarities`]: h of the last pass of fields.
    pub fn similarities(&self, item: usize, block: usize) -> Option<&Row<S>> {
        self.core.similarities(item, block)
    }
}

/// Where the loops run. Private: another crate that could name it would compile them again.
#[derive(Clone, Copy, Debug)]
struct On<'a>(&'a Machine);

impl Executor for On<'_> {
    #[inline]
    fn join<A: Send, B: Send>(&self, a: impl FnOnce() -> A + Send, b: impl FnOnce() -> B + Send) -> (A, B) {
        if self.0.divides() { rayon::join(a, b) } else { (a(), b()) }
    }

    #[inline]
    fn run<O: Operation>(&self, operation: O) -> O::Output {
        // Baseline is what the build is for: no detour, no wider instructions.
        self.0.arch().dispatch(Vectorized(operation))
    }
}
