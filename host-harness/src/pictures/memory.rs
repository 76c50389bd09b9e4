//! Memory vectors: which are committed, and to what.

use dam_nostd::bits;
use dam_nostd::rng::{self, Purpose, Xoshiro128PlusPlus};
use rayon::prelude::*;
use serde::Serialize;

use super::NeuronMaps;
use crate::config::{CodingName, Config, ContextName};
use crate::network::TrainedNetwork;
use crate::tasks::Tasks;

/// Items that one thread looks at before it hands over what it found. Changes nothing else.
const CHUNK: usize = 64;

/// How far a memory vector has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Stage {
    /// Where it was drawn: learning has added less to its input weights than was drawn (Euclidean norms).
    First,
    /// It has moved farther than that, and is not committed: what moves it is the leak alone, or items that are forgotten.
    Drifting,
    /// It has moved, and for at least one training item of the tasks learned, s^n is more than leak * s: the power, not
    /// the leak, decides how it goes on moving. That is where the similarity s of eq. 19 is above leak^(1 / (n - 1)).
    Committed,
}

/// One memory vector.
#[derive(Clone, Debug, Serialize)]
pub struct Memory {
    /// How far it has come.
    pub stage: Stage,
    /// The largest similarity s = (beta / N) <zeta, xi> to a training item, class neurons off.
    pub similarity: f64,
    /// Cosine of the angle between its weights to pixels and task-ID neurons and the states of these in that item.
    pub cosine: f64,
    /// That item's task, from 0.
    pub task: usize,
    /// That item's class.
    pub class: usize,
    /// The class neuron that it has the largest weight to.
    pub vote: usize,
    /// Its weights to the pixels, in the order in which that task shows an image.
    #[serde(skip)]
    pub pixels: Vec<f64>,
}

/// All memory vectors.
#[derive(Clone, Debug, Serialize)]
pub struct Memories {
    /// How many.
    pub count: usize,
    /// Those at their first weights.
    pub first: usize,
    /// Those that have moved and are not committed.
    pub drifting: usize,
    /// Those that are committed.
    pub committed: usize,
    /// The similarity from which on a memory vector is committed.
    pub least_similarity: f64,
    /// `[task]`: committed ones that belong to each task learned.
    pub committed_by_task: Vec<usize>,
    /// Median cosine of committed ones; absent where there are none.
    pub median_cosine: Option<f64>,
    /// Share of committed ones that vote for the class of the item that they are most similar to; absent where there are
    /// none.
    pub right_votes: Option<f64>,
    /// Median over the training items of (sum f)^2 / sum f^2, f = f_n(s) of the memory vectors with s above 0: how many
    /// memory vectors share an item, if they share it evenly.
    pub vectors_per_item: f64,
    /// Each.
    pub each: Vec<Memory>,
}

/// The most similar item so far: similarity, task, number in the task.
type Best = (f64, usize, usize);

/// Measures the memory vectors of `network` against the training items of the tasks that it has learned.
pub(crate) fn measure(network: &TrainedNetwork, tasks: &Tasks, maps: &NeuronMaps) -> Memories {
    let (config, shape) = (&network.config, &maps.shape);
    let weights = network.weights.wide();
    let field = Fields::new(config, &weights, maps);
    let items = |task: usize| (0..tasks.training(task).len()).map(move |item| (task, item));
    let items: Vec<(usize, usize)> = (0..maps.learned).flat_map(items).collect();
    let look = |items: &[(usize, usize)]| {
        let mut best: Vec<Best> = vec![(f64::NEG_INFINITY, 0, 0); shape.memories()];
        let (mut shares, mut s) = (vec![], vec![0.0; shape.memories()]);
        for &(task, item) in items {
            field.similarities(tasks.training(task).bits(item), maps.of(task), &mut s);
            for (best, &s) in best.iter_mut().zip(&s) {
                if s > best.0 {
                    *best = (s, task, item);
                }
            }
            shares.push(evenly_shared(&s, config.n));
        }
        (best, shares)
    };
    let parts: Vec<(Vec<Best>, Vec<f64>)> = items.par_chunks(CHUNK).map(look).collect();
    let mut best: Vec<Best> = vec![(f64::NEG_INFINITY, 0, 0); shape.memories()];
    let mut shares = vec![];
    for (part, part_shares) in parts {
        shares.extend(part_shares);
        for (best, found) in best.iter_mut().zip(part) {
            // The first of several that are equally similar.
            if found.0 > best.0 {
                *best = found;
            }
        }
    }
    let least = least_similarity(config);
    let first = first_weights(config, maps);
    let each: Vec<Memory> = best
        .into_iter()
        .zip(weights.chunks_exact(shape.neurons()).zip(first.chunks_exact(shape.neurons())))
        .map(|((similarity, task, item), (zeta, first))| {
            let inputs = shape.class_neurons().start;
            let gone: f64 = zeta[..inputs].iter().zip(first).map(|(now, first)| (now - first).powi(2)).sum();
            let drawn: f64 = first[..inputs].iter().map(|first| first.powi(2)).sum();
            let stage = match (gone > drawn, similarity > least) {
                (false, _) => Stage::First,
                (true, false) => Stage::Drifting,
                (true, true) => Stage::Committed,
            };
            let bits = tasks.training(task).bits(item);
            let classes = &zeta[shape.class_neurons()];
            let vote = (0..classes.len()).reduce(|best, next| if classes[next] > classes[best] { next } else { best });
            Memory {
                stage,
                similarity,
                cosine: cosine(config, zeta, bits, maps, task),
                task,
                class: shape.class_neurons().position(|neuron| bits::is_on(bits, neuron)).unwrap_or(0),
                vote: vote.unwrap_or(0),
                pixels: network.permutations[task].iter().map(|&neuron| zeta[usize::from(neuron)]).collect(),
            }
        })
        .collect();
    summary(each, shares, least, maps.learned)
}

fn summary(each: Vec<Memory>, mut shares: Vec<f64>, least_similarity: f64, learned: usize) -> Memories {
    let count = |stage: Stage| each.iter().filter(|memory| memory.stage == stage).count();
    let committed: Vec<&Memory> = each.iter().filter(|memory| memory.stage == Stage::Committed).collect();
    let mut cosines: Vec<f64> = committed.iter().map(|memory| memory.cosine).collect();
    let right = committed.iter().filter(|memory| memory.vote == memory.class).count();
    Memories {
        count: each.len(),
        first: count(Stage::First),
        drifting: count(Stage::Drifting),
        committed: committed.len(),
        least_similarity,
        committed_by_task: (0..learned).map(|t| committed.iter().filter(|memory| memory.task == t).count()).collect(),
        median_cosine: median(&mut cosines),
        right_votes: (!committed.is_empty()).then(|| right as f64 / committed.len() as f64),
        vectors_per_item: median(&mut shares).unwrap_or(0.0),
        each,
    }
}

/// The lower of the two in the middle where there is an even number.
pub(crate) fn median(values: &mut [f64]) -> Option<f64> {
    values.sort_unstable_by(f64::total_cmp);
    values.get(values.len().saturating_sub(1) / 2).copied()
}

/// Where s^n = leak * s.
pub(crate) fn least_similarity(config: &Config) -> f64 {
    if config.n < 2 { 0.0 } else { config.leak.powf(1.0 / f64::from(config.n - 1)) }
}

/// (sum f)^2 / sum f^2.
fn evenly_shared(similarities: &[f64], n: u32) -> f64 {
    let powers = similarities.iter().filter(|&&s| s > 0.0).map(|s| s.powi(n as i32));
    let (sum, squares) = powers.fold((0.0, 0.0), |(sum, squares), f| (sum + f, squares + f * f));
    if squares > 0.0 { sum * sum / squares } else { 0.0 }
}

/// The weights that the trial began with, `[memory][neuron]`.
fn first_weights(config: &Config, maps: &NeuronMaps) -> Vec<f64> {
    let mut drawn = Xoshiro128PlusPlus::of(config.seed, Purpose::Weights, 0);
    let count = maps.shape.memories() * maps.shape.neurons();
    (0..count).map(|_| config.deviation * rng::normal(&mut drawn)).collect()
}

/// What a pixel or task-ID neuron that is off counts.
fn off(config: &Config) -> f64 {
    match config.coding {
        CodingName::Bipolar => -1.0,
        CodingName::Binary => 0.0,
    }
}

fn cosine(config: &Config, zeta: &[f64], bits: &[u32], maps: &NeuronMaps, task: usize) -> f64 {
    let inputs = maps.shape.class_neurons().start;
    let map = maps.of(task);
    let (mut product, mut weights, mut states) = (0.0, 0.0, 0.0);
    for position in 0..inputs {
        let neuron = map.get(position).map_or(position, |&neuron| usize::from(neuron));
        let state = if bits::is_on(bits, position) { 1.0 } else { off(config) };
        product += zeta[neuron] * state;
        weights += zeta[neuron].powi(2);
        states += state * state;
    }
    if weights > 0.0 && states > 0.0 { product / (weights * states).sqrt() } else { 0.0 }
}

/// Similarities of an item to all memory vectors at once.
struct Fields {
    memories: usize,
    inputs: usize,
    /// `[neuron][memory]`.
    columns: Vec<f64>,
    /// What every item has in common: all input neurons off, class neurons as they are at recall.
    base: Vec<f64>,
    /// How far apart an input neuron's two states are.
    swing: f64,
    /// beta / N.
    scale: f64,
}

impl Fields {
    fn new(config: &Config, weights: &[f64], maps: &NeuronMaps) -> Self {
        let (memories, neurons) = (maps.shape.memories(), maps.shape.neurons());
        let mut columns = vec![0.0; memories * neurons];
        let mut base = vec![0.0; memories];
        let inputs = maps.shape.class_neurons().start;
        let class = if config.context == ContextName::Zero { 0.0 } else { -1.0 };
        for (memory, zeta) in weights.chunks_exact(neurons).enumerate() {
            for (neuron, &weight) in zeta.iter().enumerate() {
                columns[neuron * memories + memory] = weight;
                base[memory] += weight * if neuron < inputs { off(config) } else { class };
            }
        }
        let scale = 1.0 / (config.final_temperature * neurons as f64);
        Self { memories, inputs, columns, base, swing: 1.0 - off(config), scale }
    }

    fn similarities(&self, bits: &[u32], map: &[u16], into: &mut [f64]) {
        into.fill(0.0);
        for position in (0..self.inputs).filter(|&position| bits::is_on(bits, position)) {
            let neuron = map.get(position).map_or(position, |&neuron| usize::from(neuron));
            let column = &self.columns[neuron * self.memories..][..self.memories];
            into.iter_mut().zip(column).for_each(|(sum, weight)| *sum += weight);
        }
        for (sum, base) in into.iter_mut().zip(&self.base) {
            *sum = self.scale * (base + self.swing * *sum);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_leak_is_outweighed_from_where_the_power_is_larger() {
        for n in [2, 3, 20] {
            let settings = crate::config::Settings { n: Some(n), ..Default::default() };
            let config = settings.config().unwrap();
            let least = least_similarity(&config);
            for (s, more) in [(0.99 * least, false), (1.01 * least, true)] {
                assert_eq!(s.powi(n as i32) > config.leak * s, more, "n = {n}, s = {s}");
            }
        }
    }

    #[test]
    fn an_item_shared_evenly_is_shared_by_as_many_as_share_it() {
        let close = |a: f64, b: f64| (a - b).abs() < dam_tests::tolerance::MANY_TERMS;
        assert!(close(evenly_shared(&[0.5, 0.5, 0.5, -1.0, 0.0], 20), 3.0));
        // 0.5^20 is next to nothing beside 1.
        let little = 0.5_f64.powi(20);
        let shared = (1.0 + little) * (1.0 + little) / (1.0 + little * little);
        assert!(close(evenly_shared(&[1.0, 0.5], 20), shared) && shared < 1.01);
        assert!(close(evenly_shared(&[1.0, 0.5], 1), 1.5 * 1.5 / 1.25));
        assert_eq!(evenly_shared(&[-1.0], 2), 0.0);
    }
}
