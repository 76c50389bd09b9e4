//! The audit of the numerics: every layer of the computation in each number type against `f64`, on real images.
//!
//! A small network is trained in `f64` for each interaction vertex; its weights are rounded so that `f32` and `fixed32`
//! hold them exactly. Then each number type runs the same loops of the core on them, and what comes out is compared.

use std::fmt::Write;
use std::num::NonZeroUsize;
use std::ops::ControlFlow;

use dam_engine::engine::{Engine, Number};
use dam_nostd::classify::largest;
use dam_nostd::items::Union;
use dam_nostd::methods::Vanilla;
use dam_nostd::objective::Objective;
use dam_nostd::rng::{Purpose, Xoshiro128PlusPlus};
use dam_nostd::rule::{Rule, Updated};
use dam_nostd::train::{self, Trainer, Training};
use dam_nostd::{Descent, Fixed32, Gradient, Scalar, Weights};

use crate::config::{ActivationName, Batch, CodingName, Config, DecaysName, InteractionName, Precision, Settings};
use crate::data::Dataset;
use crate::machine::Machine;
use crate::rows::{LANES, Rows};
use crate::tasks::Tasks;
use crate::trial::{self, TrialError};
use crate::workspace::{Memory, Workspace};

/// Interaction vertices that are looked at.
pub const VERTICES: [u32; 6] = [2, 3, 5, 10, 20, 40];

/// Number types that are held against `f64`.
pub const FORMATS: [Precision; 3] = [Precision::F32, Precision::Fixed32, Precision::Fixed16];

/// Pixels of an image, across and down.
pub const SIDE: usize = 14;

/// Layers, in the order in which they are computed.
pub const LAYERS: [&str; 7] = ["similarity", "f_n", "f'_n", "field", "energy", "gradient", "step"];

/// Items whose neurons are all updated: their signs are compared.
const SIGNS: usize = 16;

/// Gradients and steps below this share of the largest, 1 or the learning rate, are left out of relative errors: where items
/// cancel, what is left in `f64` is its own rounding.
const COUNTS: f64 = 1e-3;

/// Epochs without a step in which the shared exponents settle.
const SETTLING: u32 = 24;

/// One line of the audit: a layer in a number type at an interaction vertex.
#[derive(Clone, Debug, PartialEq)]
pub struct Line {
    /// The interaction vertex.
    pub n: u32,
    /// The number type.
    pub format: Precision,
    /// The layer, one of [`LAYERS`].
    pub layer: &'static str,
    /// The largest relative error. Of gradients, each divided by the largest of its memory vector, and steps, only those count
    /// that are at least a thousandth of the largest.
    pub largest: f64,
    /// The median relative error.
    pub median: f64,
    /// The largest error, relative to the largest number of the layer.
    pub range: f64,
    /// The median error in units in the last place of an `f32`; for `f32` alone.
    pub ulps: Option<f64>,
    /// The share of the numbers that count that are zero and should not be.
    pub underflow: f64,
    /// Numbers at the end of their range.
    pub saturated: u64,
}

/// How many decisions come out otherwise than in `f64`.
#[derive(Clone, Debug, PartialEq)]
pub struct Decisions {
    /// The interaction vertex.
    pub n: u32,
    /// The number type.
    pub format: Precision,
    /// Items that are classified otherwise, and items.
    pub answers: (usize, usize),
    /// Neurons whose field has another sign, and neurons.
    pub signs: (usize, usize),
}

/// All of it.
#[derive(Clone, Debug, PartialEq)]
pub struct Audit {
    /// Layers.
    pub lines: Vec<Line>,
    /// Decisions.
    pub decisions: Vec<Decisions>,
}

/// The trial whose network is audited: one task of 14 x 14 pixels, 64 memory vectors, 200 items.
fn config(n: u32) -> Result<Config, TrialError> {
    let settings = Settings {
        n: Some(n),
        tasks: Some(1),
        items: Some(250),
        epochs: Some(60),
        memories: Some(64),
        batch: NonZeroUsize::new(50).map(Batch::Items),
        precision: Some(Precision::F64),
        coding: Some(CodingName::Bipolar),
        threshold: Some(1),
        // Temperature and rate of section 4.2, where no power leaves the range of fixed point at n = 40 (at 0.875 some do).
        temperature: Some(0.95),
        learning_rate: Some(0.08),
        decays: Some(DecaysName::Epoch),
        interaction: Some(InteractionName::FallingLeak),
        activation: Some(ActivationName::Identity),
        ..Settings::default()
    };
    Ok(settings.config()?)
}

/// Trains the networks and compares the number types.
///
/// `data` is the set of images at its own size.
///
/// # Errors
/// Images that cannot be pooled to 14 x 14, or fewer than 250 of them.
pub fn run(data: &Dataset, machine: &Machine) -> Result<Audit, Box<dyn std::error::Error + Send + Sync>> {
    let data = data.pooled(SIDE, SIDE)?;
    let mut audit = Audit { lines: vec![], decisions: vec![] };
    for n in VERTICES {
        let config = config(n)?;
        let network = trial::run(&config, &data, machine, &mut |_| ControlFlow::Continue(()))?.network;
        let weights = network.weights.rows::<f64>(&network.shape()?);
        // What fixed32 holds exactly: steps of 2^-20.
        let weights: Vec<f64> = weights.as_flattened().iter().map(|w| (w * 1048576.0).round() / 1048576.0).collect();
        let tasks = Tasks::draw(&config, &data, network.shape()?)?;
        let reference = Taken::of::<f64>(&config, &tasks, &weights, 0, machine)?;
        for format in FORMATS {
            let taken = match format {
                Precision::F32 => Taken::of::<f32>(&config, &tasks, &weights, 0, machine),
                _ => Taken::of::<Fixed32>(&config, &tasks, &weights, format.rounding(), machine),
            }?;
            for (i, layer) in LAYERS.into_iter().enumerate() {
                audit.lines.push(compare(n, format, layer, &reference.layers[i], &taken.layers[i], taken.saturated[i]));
            }
            let differ = |one: &[usize], other: &[usize]| one.iter().zip(other).filter(|(a, b)| a != b).count();
            audit.decisions.push(Decisions {
                n,
                format,
                answers: (differ(&reference.answers, &taken.answers), taken.answers.len()),
                signs: (differ(&reference.signs, &taken.signs), taken.signs.len()),
            });
        }
    }
    Ok(audit)
}

/// What one number type computes, as `f64`.
#[derive(Default)]
struct Taken {
    layers: [Vec<f64>; LAYERS.len()],
    saturated: [u64; LAYERS.len()],
    answers: Vec<usize>,
    signs: Vec<usize>,
}

impl Taken {
    fn push<S: Scalar>(&mut self, layer: usize, number: S, value: f64) {
        self.layers[layer].push(value);
        self.saturated[layer] += u64::from(number.is_saturated());
    }

    fn of<S: Number>(
        config: &Config,
        tasks: &Tasks,
        weights: &[f64],
        rounding: u32,
        machine: &Machine,
    ) -> Result<Self, TrialError> {
        let mut taken = Self::default();
        let items = tasks.training(0);
        let (union, count) = (Union::only(items), items.len() as u32);
        let mut picks: Vec<u32> = (0..count).collect();
        let model = config.model::<S>(tasks.shape())?;
        let (shape, scale) = (model.shape, model.scale());
        let (classes, neurons, blocks) = (shape.classes(), shape.neurons(), shape.blocks(LANES));
        let mut rows = Rows::<S>::zeroed(shape.rows(LANES));
        for (i, (row, weights)) in rows.iter_mut().zip(weights.chunks_exact(LANES)).enumerate() {
            let rounding = if i % neurons < shape.class_neurons().start { rounding } else { 0 };
            for (place, &weight) in row.iter_mut().zip(weights) {
                let stored = S::of_weight(S::Wide::from_f64(weight));
                *place = if rounding > 0 { stored.rounded(rounding) } else { stored };
            }
        }
        let mut workspace = Workspace::<S>::new(&shape, 1);
        let engine = workspace.engine(model, config.rule(), machine, tasks.permutations());
        let (mut engine, rule) = (engine.rounding(rounding), config.rule());
        let mut memory = Memory::learning(&shape, rows);
        let (mut weights, mut descent) = memory.learned();
        let fields = engine.passes().fields(rule, &mut weights, &union, &picks).to_vec();
        for &field in &fields {
            taken.push(3, field, field.to_f64());
        }
        taken.answers = fields.chunks_exact(classes).map(largest).collect();
        let mut s = vec![];
        for item in 0..picks.len() {
            for block in 0..blocks {
                let h = engine.similarities(item, block).copied().unwrap_or([S::ZERO; LANES]);
                s.extend(h.iter().take(shape.live_lanes(block, LANES)).map(|&h| scale * h));
            }
        }
        for &s in &s {
            taken.push(0, s, s.to_f64());
            let value = model.interaction.value(s);
            taken.push(1, value, value.to_f64());
        }
        for energy in engine.passes().energies(&weights, &union, &picks).to_vec() {
            taken.push(4, energy, energy.to_f64());
        }
        let all = Rule { updated: Updated::All, ..rule };
        let few = picks.get(..SIGNS).unwrap_or(&picks);
        let fields = engine.passes().fields(all, &mut weights, &union, few);
        taken.signs = fields.iter().map(|field| usize::from(*field > S::ZERO)).collect();
        // Without a step, until the exponents that gradients share have settled.
        type Both<'a, 'w, 'd, S> = (&'a mut Weights<'w, S, LANES>, &'a mut Descent<'d, S, LANES>);
        let one = |engine: &mut Engine<'_, S>, (weights, descent): Both<'_, '_, '_, S>, epochs, rate| {
            let mut order = vec![0; count as usize];
            let mut trainer =
                Trainer { passes: engine.passes(), weights, descent, order: &mut order, epochs_before: 0 };
            let training =
                Training { epochs, rate, decay: 1.0, momentum: 0.0, batch: train::Batch::Full, ..config.training() };
            let rng = || Xoshiro128PlusPlus::of(config.seed, Purpose::Order, 0);
            trainer.learn(&training, items, &mut Vanilla, &mut rng(), &mut rng(), |_| ControlFlow::Continue(()))
        };
        one(&mut engine, (&mut weights, &mut descent), SETTLING, 0.0)?;
        let mut gradient = Rows::<S>::zeroed(shape.rows(LANES));
        let objective = Objective::Loss(config.training().loss);
        let into = &mut Gradient::new(&mut gradient, descent.scale());
        engine.passes().gradient(rule, &mut weights, &union, &mut picks, objective, into);
        let exponents: Vec<_> = (0..shape.memories()).map(|k| descent.scale().exponent(k)).collect();
        for (i, &s) in s.iter().enumerate() {
            let exponent = S::exponent_plus(exponents[i % shape.memories()], -S::coefficient_exponent(neurons));
            let slope = model.interaction.slopes(&[s], &[exponent])[0];
            taken.push(2, slope, slope.as_slope(exponent).to_f64());
        }
        let before = Rows::from(weights.rows());
        one(&mut engine, (&mut weights, &mut descent), 1, config.learning_rate)?;
        for (k, &exponent) in exponents.iter().enumerate() {
            let lane = k % LANES;
            let row = |neuron: usize| k / LANES * neurons + neuron;
            let slope = |neuron: usize| gradient[row(neuron)][lane].as_slope(exponent).to_f64();
            let size = (0..neurons).map(|neuron| slope(neuron).abs()).fold(f64::MIN_POSITIVE, f64::max);
            for neuron in 0..neurons {
                taken.push(5, gradient[row(neuron)][lane], slope(neuron) / size);
                let (old, new) = (before[row(neuron)][lane], weights.rows()[row(neuron)][lane]);
                taken.push(6, new, new.as_weight().to_f64() - old.as_weight().to_f64());
            }
        }
        Ok(taken)
    }
}

fn compare(n: u32, format: Precision, layer: &'static str, reference: &[f64], taken: &[f64], saturated: u64) -> Line {
    let size = reference.iter().fold(f64::MIN_POSITIVE, |most, r| most.max(r.abs()));
    let least = if matches!(layer, "gradient" | "step") { COUNTS * size } else { f64::MIN_POSITIVE };
    let errors = || reference.iter().zip(taken).map(|(r, t)| (r, (r - t).abs()));
    let counted = || errors().filter(|(r, _)| r.abs() >= least);
    let mut relative: Vec<f64> = counted().map(|(r, e)| e / r.abs()).collect();
    let ulp = |r: &f64| 2f64.powi(r.abs().max(f64::from(f32::MIN_POSITIVE)).log2().floor() as i32 - 23);
    let mut ulps: Vec<f64> = counted().map(|(r, e)| e / ulp(r)).collect();
    let lost = reference.iter().zip(taken).filter(|(r, t)| r.abs() >= least && **t == 0.0).count();
    Line {
        n,
        format,
        layer,
        largest: relative.iter().copied().fold(0.0, f64::max),
        median: median(&mut relative),
        range: errors().map(|(_, e)| e).fold(0.0, f64::max) / size,
        ulps: (format == Precision::F32).then(|| median(&mut ulps)),
        underflow: lost as f64 / relative.len().max(1) as f64,
        saturated,
    }
}

fn median(numbers: &mut [f64]) -> f64 {
    numbers.sort_unstable_by(f64::total_cmp);
    numbers.get(numbers.len() / 2).copied().unwrap_or(0.0)
}

impl Audit {
    /// The table, its cells separated by tabs.
    pub fn table(&self) -> String {
        let mut text = String::from("n\tformat\tlayer\tlargest\tmedian\trange\tulps\tunderflow\tsaturated\n");
        for line in &self.lines {
            let Line { n, format, layer, largest, median, range, ulps, underflow, saturated } = line;
            let ulps = ulps.map_or("-".to_owned(), |ulps| format!("{ulps:.2}"));
            let _ = writeln!(
                text,
                "{n}\t{format}\t{layer}\t{largest:.2e}\t{median:.2e}\t{range:.2e}\t{ulps}\t{underflow:.4}\t{saturated}"
            );
        }
        text += "\nn\tformat\tanswers\tof\tsigns\tof\n";
        for Decisions { n, format, answers, signs } in &self.decisions {
            let _ = writeln!(text, "{n}\t{format}\t{}\t{}\t{}\t{}", answers.0, answers.1, signs.0, signs.1);
        }
        text
    }
}
