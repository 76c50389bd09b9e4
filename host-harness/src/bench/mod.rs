//! How fast this machine trains, part by part, and what it could do at best: the roofline of docs/performance.md.

pub mod ceiling;

use std::hint::black_box;
use std::ops::ControlFlow;
use std::time::Instant;

use dam_engine::engine::Engine;
use dam_nostd::items::Union;
use dam_nostd::methods::vanilla::Vanilla;
use dam_nostd::network;
use dam_nostd::objective::{Loss, Objective};
use dam_nostd::passes::Scale;
use dam_nostd::rng::{self, Purpose, Xoshiro128PlusPlus};
use dam_nostd::rule::Updated;
use dam_nostd::train::{Batch, Trainer, Training};
use dam_nostd::{Gradient, Items, Shape, bits};

use crate::config::Config;
use crate::data::Dataset;
use crate::machine::Machine;
use crate::rows::{LANES, Rows};
use crate::tasks::Tasks;
use crate::trial::TrialError;
use crate::workspace::{Memory, Workspace};
use ceiling::Ceilings;

/// Measurements of which the median is taken.
const RUNS: usize = 5;

/// Epochs of a training that is timed.
pub const EPOCHS: u32 = 3;

/// The median of [`RUNS`] measurements.
fn median(mut measure: impl FnMut() -> f64) -> f64 {
    median_of((0..RUNS).map(|_| measure()).collect())
}

/// The middle one, the upper of two.
fn median_of(mut numbers: Vec<f64>) -> f64 {
    numbers.sort_by(f64::total_cmp);
    numbers.get(numbers.len() / 2).copied().unwrap_or(f64::NAN)
}

/// Seconds an item-presentation, measured or at best.
#[derive(Clone, Copy, Debug)]
pub struct Parts {
    /// Similarities of items and memory vectors.
    pub similarity: f64,
    /// Interaction functions and their sums: the fields of the class neurons.
    pub energies: f64,
    /// The gradient: slopes, and their sums over items.
    pub backward: f64,
    /// Momentum, normalisation, clamping.
    pub step: f64,
    /// What of similarity and backward is listing the neurons that are on: a full batch has it in its first epoch alone.
    pub listing: f64,
}

impl Parts {
    /// All together, in an epoch that is not the first.
    pub fn whole(&self) -> f64 {
        self.similarity + self.energies + self.backward + self.step - self.listing
    }
}

/// What a training of one task learned and took.
#[derive(Clone, Debug)]
pub struct Trained {
    /// The loss of each epoch: the mean over its minibatches, each before its step.
    pub losses: Vec<f64>,
    /// Seconds of all epochs.
    pub seconds: f64,
}

/// A network before training and the items of one task.
#[derive(Debug)]
pub struct Bench {
    config: Config,
    shape: Shape,
    tasks: Tasks,
    weights: Rows<f32>,
}

impl Bench {
    /// The first task of `config`.
    ///
    /// # Errors
    /// Sizes that the core cannot have; too few images.
    pub fn new(config: Config, data: &Dataset) -> Result<Self, TrialError> {
        let shape = config.shape(data.pixels(), data.classes())?;
        let mut memory = Memory::fixed(&shape, Rows::zeroed(shape.rows(LANES)));
        let mut rng = Xoshiro128PlusPlus::of(config.seed, Purpose::Weights, 0);
        memory.weights().initialise(config.deviation, &mut rng);
        let weights = Rows::from(memory.rows());
        Ok(Self { tasks: Tasks::draw(&config, data, shape)?, config, shape, weights })
    }

    /// Neurons and memory vectors.
    pub fn shape(&self) -> &Shape {
        &self.shape
    }

    /// The first weight of a memory vector to a neuron.
    pub fn weight(&self, memory: usize, neuron: usize) -> f32 {
        network::weight(&self.shape, &self.weights, memory, neuron).unwrap_or(0.0)
    }

    /// The training items.
    pub fn items(&self) -> Items<'_> {
        self.tasks.training(0)
    }

    /// The states of the training items in neuron order, bit-packed, one after the other.
    pub fn states(&self) -> Vec<u32> {
        let (items, words, permutations) = (self.items(), self.shape.words(), self.tasks.permutations());
        let mut states = vec![0; items.len() * words];
        for (i, state) in states.chunks_exact_mut(words).enumerate() {
            items.write_state(i, &permutations, self.shape.neurons(), state);
        }
        states
    }

    /// The settings.
    pub fn config(&self) -> &Config {
        &self.config
    }

    /// The order of the items in each epoch of [`train`](Self::train).
    pub fn orders(&self, epochs: u32, batch: Batch) -> Vec<Vec<u32>> {
        let (mut order, count) = (picks(self.items()), self.items().len());
        let mut rng = self.order_rng();
        let shuffled = |_| {
            if batch.items(count) < count {
                rng::shuffle(&mut order, &mut rng);
            }
            order.clone()
        };
        (0..epochs).map(shuffled).collect()
    }

    fn order_rng(&self) -> Xoshiro128PlusPlus {
        Xoshiro128PlusPlus::of(self.config.seed, Purpose::Order, 0)
    }

    /// Trains from the first weights.
    ///
    /// # Errors
    /// Sizes that the core cannot have.
    pub fn train(&self, machine: &Machine, epochs: u32, batch: Batch) -> Result<Trained, TrialError> {
        let kept = if batch == Batch::Full { self.items().len() } else { 0 };
        let mut workspace = Workspace::<f32>::keeping(&self.shape, machine.threads(), kept);
        let model = self.config.model(self.shape)?;
        let mut engine = workspace.engine(model, self.config.rule(), machine, self.tasks.permutations());
        let mut memory = Memory::learning(&self.shape, Rows::from(&*self.weights));
        let mut order = vec![0; self.items().len()];
        let training = Training { epochs, batch, ..self.config.training() };
        // Vanilla draws nothing.
        let (order_rng, method_rng) = (&mut self.order_rng(), &mut self.order_rng());
        let mut losses = vec![];
        let watch = |progress: dam_nostd::train::Progress<f32>| {
            losses.push(f64::from(progress.loss));
            ControlFlow::Continue(())
        };
        let start = Instant::now();
        machine.install(|| {
            let (mut weights, mut descent) = memory.learned();
            let mut trainer = Trainer {
                passes: engine.passes(),
                weights: &mut weights,
                descent: &mut descent,
                order: &mut order,
                epochs_before: 0,
            };
            trainer.learn(&training, self.items(), &mut Vanilla, order_rng, method_rng, watch)
        })?;
        Ok(Trained { losses, seconds: start.elapsed().as_secs_f64() })
    }

    /// What each part takes on one thread.
    ///
    /// Items without a single pixel cost everything but the sums over neurons: what is left between them and the real ones is
    /// these sums.
    ///
    /// # Errors
    /// Sizes that the core cannot have.
    pub fn measure(&self, machine: &Machine) -> Result<Parts, TrialError> {
        let items = self.items();
        let count = items.len() as f64;
        let (nothing, permutations) = (vec![0; items.len() * self.shape.words()], vec![0; items.len()]);
        let blank = Items::new(self.shape.words(), &nothing, &permutations);
        let model = self.config.model(self.shape)?;
        let mut workspaces = [0, items.len()].map(|kept| Workspace::<f32>::keeping(&self.shape, 1, kept));
        let engine =
            |workspace| Workspace::engine(workspace, model, self.config.rule(), machine, self.tasks.permutations());
        let [mut engine, mut keeping] = workspaces.each_mut().map(engine);
        self.gradient(&mut keeping, items);
        let mut rounds = vec![];
        for _ in 0..RUNS {
            // One after the other, so that what slows the machine down slows down all of them.
            let fields = self.fields(&mut engine, items);
            let without = self.fields(&mut engine, blank);
            let gradient = self.gradient(&mut engine, items);
            let kept = self.gradient(&mut keeping, items);
            let whole = self.train(machine, EPOCHS, Batch::Full)?.seconds / f64::from(EPOCHS);
            rounds.push([fields - without, without, gradient - fields, whole - kept, gradient - kept]);
        }
        let part = |i: usize| median_of(rounds.iter().map(|round| round[i] / count).collect());
        Ok(Parts { similarity: part(0), energies: part(1), backward: part(2), step: part(3), listing: part(4) })
    }

    /// Seconds.
    fn fields(&self, engine: &mut Engine<'_, f32>, items: Items<'_>) -> f64 {
        let (union, picks, passes) = (Union::only(items), picks(items), engine.passes());
        let rule = passes.rule();
        let mut memory = Memory::fixed(&self.shape, Rows::from(&*self.weights));
        let mut weights = memory.weights();
        let start = Instant::now();
        for picks in picks.chunks(passes.capacity(Updated::Classes)) {
            black_box(passes.fields(rule, &mut weights, &union, picks));
        }
        start.elapsed().as_secs_f64()
    }

    /// Seconds.
    fn gradient(&self, engine: &mut Engine<'_, f32>, items: Items<'_>) -> f64 {
        let (union, mut picks, passes) = (Union::only(items), picks(items), engine.passes());
        let rule = passes.rule();
        let mut memory = Memory::fixed(&self.shape, Rows::from(&*self.weights));
        let mut weights = memory.weights();
        let mut rows = Rows::zeroed(self.weights.len());
        let mut gradient = Gradient::new(&mut rows, Scale::ONE);
        let objective = Objective::Loss(Loss::Power { exponent: 1 });
        let start = Instant::now();
        black_box(passes.gradient(rule, &mut weights, &union, &mut picks, objective, &mut gradient));
        start.elapsed().as_secs_f64()
    }

    /// The least that each part can take under `ceilings`, with rows of eight pixels summed beforehand: the bytes of the
    /// rows that are added, and the operations on each memory vector and class neuron.
    pub fn floor(&self, ceilings: &Ceilings) -> Parts {
        let memories = self.shape.memories() as f64;
        let (neurons, classes) = (self.shape.neurons() as f64, self.shape.classes() as f64);
        let sums = self.rows_an_item() * memories * 4.0 / ceilings.near;
        let (value, slope) = (multiplications(self.config.n), multiplications(self.config.n - 1));
        // Value of the state itself: scale, power, leak, choice. Of each flipped one: flip, power, leak, choice, and difference
        // and sum.
        let energies = (3.0 + value) + classes * (5.0 + value);
        // Slope: scale, power, n, choice. Of each flipped one: flip, power, n, choice, c, D and its own term.
        let pulls = (3.0 + slope) + classes * (6.0 + slope);
        Parts {
            similarity: sums,
            energies: energies * memories / ceilings.operations,
            backward: sums + pulls * memories / ceilings.operations,
            // Velocity and weights in and out, the gradient in.
            step: 5.0 * neurons * memories * 4.0 / ceilings.far / self.items().len() as f64,
            listing: 0.0,
        }
    }

    /// Groups of eight neurons that are not empty, in a mean item; the class neurons are off.
    pub fn rows_an_item(&self) -> f64 {
        let (items, classes) = (self.items(), self.shape.class_neurons().start);
        let groups = |i: usize| {
            let on = |neuron: usize| neuron < classes && bits::is_on(items.bits(i), neuron);
            (0..classes.div_ceil(8)).filter(|group| (8 * group..8 * group + 8).any(on)).count()
        };
        (0..items.len()).map(groups).sum::<usize>() as f64 / items.len() as f64
    }
}

fn picks(items: Items<'_>) -> Vec<u32> {
    (0..items.len() as u32).collect()
}

/// Multiplications of x^n by repeated squaring.
fn multiplications(n: u32) -> f64 {
    if n == 0 { 0.0 } else { f64::from(n.ilog2() + n.count_ones() - 1) }
}
