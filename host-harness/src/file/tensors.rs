//! Tensors in the safetensors format, for other programs: networks, probes and what became of them.

use std::collections::HashMap;
use std::fmt::Write;

use dam_nostd::Shape;
use dam_nostd::bits;
use half::{bf16, f16};
use safetensors::tensor::TensorView;
use safetensors::{Dtype, SafeTensorError, SafeTensors};

use super::network::{self, FormatError, Header};
use crate::config::{ConfigError, Precision, Settings};
use crate::network::{TrainedNetwork, Weights};
use crate::recall::{End, Relaxation};

/// Memory vectors: `[memory][neuron]`, F32 or F64; F16 and BF16 are read as F32, which holds all their values.
pub const MEMORIES: &str = "memories";
/// Permutations: `[task][pixel]`, the neuron that shows the pixel; I32 or another type of integers.
pub const PERMUTATIONS: &str = "permutations";
/// Probes: `[probe][neuron]`, -1 or +1; F32, F64, F16, BF16 or I8.
pub const PROBES: &str = "probes";
/// The metadata under this name is the header of a network file.
pub const HEADER: &str = "dam";

/// The side of an image where nothing tells another: MNIST's.
const SIDE: usize = 28;

/// Metadata that a network can be made from, other than [`HEADER`].
const KEYS: [&str; 7] = ["n", "tasks", "classes", "image_width", "image_height", "data_digest", "config"];

/// Why tensors are not what they are to be.
#[derive(Debug, thiserror::Error)]
pub enum TensorError {
    /// Not the format.
    #[error("it is no safetensors file, or a damaged one: {0}")]
    NotSafetensors(SafeTensorError),
    /// A tensor is missing.
    #[error("it has no tensor {name:?} but {found}; name the tensor so")]
    Missing {
        /// What was looked for.
        name: &'static str,
        /// The names there are.
        found: String,
    },
    /// A tensor that means nothing here.
    #[error("tensor {0:?} means nothing here; keep {MEMORIES:?} and {PERMUTATIONS:?} only")]
    Unknown(String),
    /// Numbers of another type.
    #[error("tensor {name:?} is of type {found}; make it {expected}")]
    Type {
        /// The tensor.
        name: String,
        /// Its type.
        found: Dtype,
        /// Types that are read.
        expected: &'static str,
    },
    /// Another shape.
    #[error("tensor {name:?} has the shape {found:?}; make it {expected}")]
    Shape {
        /// The tensor.
        name: String,
        /// Its shape.
        found: Vec<usize>,
        /// What it is to be.
        expected: String,
    },
    /// Metadata is missing, unknown or without sense.
    #[error("metadata: {0}")]
    Metadata(String),
    /// A setting is out of range.
    #[error("metadata: {0}")]
    Config(#[from] ConfigError),
    /// What would become of it is no network.
    #[error(transparent)]
    Network(#[from] FormatError),
    /// A permutation names a neuron that there is not.
    #[error(
        "tensor {PERMUTATIONS:?}, task {task} and pixel {pixel} (both from 0): {value}; give a pixel neuron, from 0"
    )]
    Neuron {
        /// The row.
        task: usize,
        /// The column.
        pixel: usize,
        /// What is there.
        value: i64,
    },
    /// A probe is not bipolar.
    #[error("tensor {name:?}, probe {row} and neuron {column} (both from 0): {value}; give -1 or +1")]
    NotBipolar {
        /// The tensor.
        name: String,
        /// The row.
        row: usize,
        /// The column.
        column: usize,
        /// What is there.
        value: f64,
    },
}

/// The bytes of a safetensors file with the network: [`MEMORIES`], [`PERMUTATIONS`] (I32) and the metadata [`HEADER`].
///
/// # Errors
/// A network that [`network::check`] refuses.
pub fn encode_network(network: &TrainedNetwork) -> Result<Vec<u8>, FormatError> {
    network::check(network)?;
    let tasks = network.permutations.len();
    let pixels = network.image.0 * network.image.1;
    let neurons = pixels + tasks + network.classes;
    let (weights, dtype): (Vec<u8>, _) = match &network.weights {
        Weights::F32(weights) => (weights.iter().flat_map(|w| w.to_le_bytes()).collect(), Dtype::F32),
        Weights::F64(weights) => (weights.iter().flat_map(|w| w.to_le_bytes()).collect(), Dtype::F64),
    };
    let names = network.permutations.iter().flatten();
    let permutations: Vec<u8> = names.flat_map(|&neuron| i32::from(neuron).to_le_bytes()).collect();
    let tensors = [
        (MEMORIES, dtype, vec![network.weights.len() / neurons, neurons], weights),
        (PERMUTATIONS, Dtype::I32, vec![tasks, pixels], permutations),
    ];
    Ok(encode(&tensors, (HEADER, Header::json(network))))
}

/// A name, a type, a shape, and numbers in little-endian bytes.
type Tensor = (&'static str, Dtype, Vec<usize>, Vec<u8>);

/// One entry of metadata only: the crate writes several in an order that changes from run to run.
fn encode(tensors: &[Tensor], metadata: (&str, String)) -> Vec<u8> {
    let views = tensors.iter().map(|(name, dtype, shape, data)| {
        (*name, TensorView::new(*dtype, shape.clone(), data).expect("as many numbers as the shape says"))
    });
    let metadata = HashMap::from([(metadata.0.to_owned(), metadata.1)]);
    safetensors::serialize(views, Some(metadata)).expect("a header of less than 100 MB")
}

/// The network in the bytes of a safetensors file.
///
/// With the metadata [`HEADER`], as [`encode_network`] writes it, the number of memory vectors and their type may have
/// changed since. Without, the metadata `n`, `tasks` and `classes` are needed; images are square (28 x 28 where that
/// fits) unless `image_width` and `image_height` say otherwise; `config` may hold further settings as JSON; each pixel
/// is shown by the neuron of its own number unless there are permutations.
///
/// # Errors
/// Any bytes that do not say clearly which network they mean.
pub fn decode_network(bytes: &[u8]) -> Result<TrainedNetwork, TensorError> {
    let (_, metadata) = SafeTensors::read_metadata(bytes).map_err(TensorError::NotSafetensors)?;
    let metadata = metadata.metadata().clone().unwrap_or_default();
    let tensors = SafeTensors::deserialize(bytes).map_err(TensorError::NotSafetensors)?;
    if let Some(name) = names(&tensors).into_iter().find(|name| ![MEMORIES, PERMUTATIONS].contains(&name.as_str())) {
        return Err(TensorError::Unknown(name));
    }
    let missing = || TensorError::Missing { name: MEMORIES, found: listed(&names(&tensors)) };
    let memories = tensors.tensor(MEMORIES).map_err(|_| missing())?;
    let precision = match memories.dtype() {
        Dtype::F32 | Dtype::F16 | Dtype::BF16 => Precision::F32,
        Dtype::F64 => Precision::F64,
        found => return Err(TensorError::Type { name: MEMORIES.to_owned(), found, expected: "F32, F64, F16 or BF16" }),
    };
    let &[count, neurons] = memories.shape() else { return Err(wrong_shape(MEMORIES, &memories, "[memory][neuron]")) };
    let mut header = match metadata.get(HEADER) {
        Some(header) => Header::parse(header.as_bytes())?,
        None => header(&metadata, neurons, precision)?,
    };
    header.config.memories = count;
    header.config.check()?;
    let (width, height) = (header.image.width, header.image.height);
    let shape = header.config.shape(width.saturating_mul(height), header.classes)?;
    if shape.neurons() != neurons {
        let (pixels, tasks, classes) = (shape.pixels(), shape.tasks(), shape.classes());
        let expected = format!(
            "[{count}, {}]: {width} x {height} = {pixels} pixels, {tasks} task-ID and {classes} class neurons",
            shape.neurons()
        );
        return Err(wrong_shape(MEMORIES, &memories, expected));
    }
    let network = TrainedNetwork {
        permutations: match tensors.tensor(PERMUTATIONS) {
            Ok(permutations) => permutations_of(&permutations, &shape)?,
            Err(_) => vec![(0..shape.pixels() as u16).collect(); shape.tasks()],
        },
        learned: header.learned(),
        config: header.config,
        image: (width, height),
        classes: header.classes,
        data_digest: header.data_digest,
        encoding: header.encoding,
        weights: match memories.dtype() {
            Dtype::F16 => Weights::F32(halves(memories.data()).map(f16::to_f32).collect()),
            Dtype::BF16 => Weights::F32(brains(memories.data()).map(bf16::to_f32).collect()),
            _ => network::weights_of(precision, memories.data()),
        },
    };
    network::check(&network)?;
    Ok(network)
}

/// A header from single entries of metadata.
fn header(
    metadata: &HashMap<String, String>,
    neurons: usize,
    precision: Precision,
) -> Result<Header<crate::config::Config>, TensorError> {
    let mut unknown: Vec<&String> = metadata.keys().filter(|key| !KEYS.contains(&key.as_str())).collect();
    // PyTorch's own convention.
    unknown.retain(|key| *key != "format");
    unknown.sort();
    if let Some(key) = unknown.first() {
        let text = format!("{key:?} means nothing here; give {HEADER:?}, or some of {}", KEYS.join(", "));
        return Err(TensorError::Metadata(text));
    }
    let number = |key: &str| {
        let parsed = |text: &String| {
            let wrong = || TensorError::Metadata(format!("{key} = {text:?} is no number; give one from 0"));
            text.trim().parse::<usize>().map_err(|_| wrong())
        };
        metadata.get(key).map(parsed).transpose()
    };
    let mut settings = match metadata.get("config") {
        Some(json) => serde_json::from_str::<Settings>(json)
            .map_err(|error| TensorError::Metadata(format!("config is no JSON object of settings: {error}")))?,
        None => Settings::default(),
    };
    let twice = |key: &str| TensorError::Metadata(format!("{key} has another value in config; give one of them"));
    let needed = |key: &str| {
        let example = r#"{"n": "20", "tasks": "5", "classes": "10"}"#;
        TensorError::Metadata(format!("{key} is missing; write the file with metadata such as {example}"))
    };
    if let Some(n) = number("n")? {
        let n = u32::try_from(n).unwrap_or(u32::MAX);
        if settings.n.is_some_and(|other| other != n) {
            return Err(twice("n"));
        }
        settings.n = Some(n);
    }
    if let Some(tasks) = number("tasks")? {
        if settings.tasks.is_some_and(|other| other != tasks) {
            return Err(twice("tasks"));
        }
        settings.tasks = Some(tasks);
    }
    settings.n.ok_or_else(|| needed("n"))?;
    let tasks = settings.tasks.ok_or_else(|| needed("tasks"))?;
    let classes = number("classes")?.ok_or_else(|| needed("classes"))?;
    settings.precision = settings.precision.or(Some(precision));
    let pixels = tasks.checked_add(classes).and_then(|others| neurons.checked_sub(others)).unwrap_or(0);
    let side = pixels.isqrt();
    let (width, height) = match (number("image_width")?, number("image_height")?) {
        (Some(width), Some(height)) => (width, height),
        (Some(width), None) => (width, pixels.checked_div(width).unwrap_or(0)),
        (None, Some(height)) => (pixels.checked_div(height).unwrap_or(0), height),
        // Not a square: MNIST's, so that the error tells how many neurons that would be.
        (None, None) if side == 0 || side * side != pixels => (SIDE, SIDE),
        (None, None) => (side, side),
    };
    Ok(Header {
        program: String::new(),
        precision,
        image: network::Image { width, height },
        classes,
        data_digest: metadata.get("data_digest").cloned().unwrap_or_default(),
        learned: None,
        encoding: None,
        config: settings.config()?,
    })
}

fn permutations_of(tensor: &TensorView<'_>, shape: &Shape) -> Result<Vec<Vec<u16>>, TensorError> {
    if tensor.shape() != [shape.tasks(), shape.pixels()] {
        let expected = format!("[{}, {}]: [task][pixel]", shape.tasks(), shape.pixels());
        return Err(wrong_shape(PERMUTATIONS, tensor, expected));
    }
    let data = tensor.data();
    let values: Vec<i64> = match tensor.dtype() {
        Dtype::U16 => data.as_chunks().0.iter().map(|&v| u16::from_le_bytes(v).into()).collect(),
        Dtype::I16 => data.as_chunks().0.iter().map(|&v| i16::from_le_bytes(v).into()).collect(),
        Dtype::U32 => data.as_chunks().0.iter().map(|&v| u32::from_le_bytes(v).into()).collect(),
        Dtype::I32 => data.as_chunks().0.iter().map(|&v| i32::from_le_bytes(v).into()).collect(),
        Dtype::I64 => data.as_chunks().0.iter().map(|&v| i64::from_le_bytes(v)).collect(),
        found => {
            let expected = "I32, I64, U32, I16 or U16";
            return Err(TensorError::Type { name: PERMUTATIONS.to_owned(), found, expected });
        }
    };
    let neuron = |(i, &value): (usize, &i64)| {
        let (task, pixel) = (i / shape.pixels(), i % shape.pixels());
        u16::try_from(value).map_err(|_| TensorError::Neuron { task, pixel, value })
    };
    let neurons = values.iter().enumerate().map(neuron).collect::<Result<Vec<u16>, _>>()?;
    Ok(neurons.chunks_exact(shape.pixels()).map(<[u16]>::to_vec).collect())
}

/// The probes in the bytes of a safetensors file, bit-packed as states of the core: the tensor [`PROBES`], or the only
/// one.
///
/// # Errors
/// Other bytes, no such tensor, rows of another length than the network's neurons, and values other than -1 and +1.
pub fn decode_probes(bytes: &[u8], shape: &Shape) -> Result<Vec<u32>, TensorError> {
    let tensors = SafeTensors::deserialize(bytes).map_err(TensorError::NotSafetensors)?;
    let names = names(&tensors);
    let name = match names.as_slice() {
        [only] => only.as_str(),
        _ => PROBES,
    };
    let missing = |_| TensorError::Missing { name: PROBES, found: listed(&names) };
    let tensor = tensors.tensor(name).map_err(missing)?;
    let neurons = shape.neurons();
    if !matches!(tensor.shape(), &[_, columns] if columns == neurons) {
        return Err(wrong_shape(name, &tensor, format!("[probes, {neurons}]: one value a neuron of the network")));
    }
    let data = tensor.data();
    match tensor.dtype() {
        Dtype::F32 => pack(name, data.as_chunks().0.iter().map(|&v| f32::from_le_bytes(v).into()), shape),
        Dtype::F64 => pack(name, data.as_chunks().0.iter().map(|&v| f64::from_le_bytes(v)), shape),
        Dtype::F16 => pack(name, halves(data).map(f16::to_f64), shape),
        Dtype::BF16 => pack(name, brains(data).map(bf16::to_f64), shape),
        Dtype::I8 => pack(name, data.iter().map(|&v| (v as i8).into()), shape),
        found => Err(TensorError::Type { name: name.to_owned(), found, expected: "F32, F64, F16, BF16 or I8" }),
    }
}

/// Numbers of the 16 bits of IEEE 754.
fn halves(bytes: &[u8]) -> impl ExactSizeIterator<Item = f16> {
    bytes.as_chunks().0.iter().map(|&v| f16::from_le_bytes(v))
}

/// Numbers of the first 16 bits of an `f32`.
fn brains(bytes: &[u8]) -> impl ExactSizeIterator<Item = bf16> {
    bytes.as_chunks().0.iter().map(|&v| bf16::from_le_bytes(v))
}

fn pack(name: &str, values: impl ExactSizeIterator<Item = f64>, shape: &Shape) -> Result<Vec<u32>, TensorError> {
    let (neurons, words) = (shape.neurons(), shape.words());
    let mut states = vec![0; values.len() / neurons * words];
    for (i, value) in values.enumerate() {
        let (row, column) = (i / neurons, i % neurons);
        if value != 1.0 && value != -1.0 {
            return Err(TensorError::NotBipolar { name: name.to_owned(), row, column, value });
        }
        bits::set(&mut states[row * words..], column, value == 1.0);
    }
    Ok(states)
}

/// The bytes of a safetensors file with what became of probes: `states` (F32, `[probe][neuron]`), and for each probe its
/// `sweeps` and `ends` (I32; 0 stable, 1 cycle, 2 limit) and its `energies_before` and `energies` (F64).
///
/// `how` describes the dynamics; it goes into the metadata under `relaxation`.
pub fn encode_relaxation(relaxation: &Relaxation, shape: &Shape, how: String) -> Vec<u8> {
    let probes = relaxation.relaxed.len();
    let (neurons, words) = (shape.neurons(), shape.words());
    let value = |state: &[u32], neuron: usize| if bits::is_on(state, neuron) { 1f32 } else { -1f32 };
    let states = relaxation.states.chunks_exact(words);
    let states = states.flat_map(|state| (0..neurons).flat_map(move |neuron| value(state, neuron).to_le_bytes()));
    let end = |end: End| match end {
        End::Stable => 0i32,
        End::Cycle => 1,
        End::Limit => 2,
    };
    let each = &relaxation.relaxed;
    let numbers = |energies: &[f64]| energies.iter().flat_map(|energy| energy.to_le_bytes()).collect();
    let tensors = [
        ("states", Dtype::F32, vec![probes, neurons], states.collect()),
        ("sweeps", Dtype::I32, vec![probes], each.iter().flat_map(|r| (r.sweeps as i32).to_le_bytes()).collect()),
        ("ends", Dtype::I32, vec![probes], each.iter().flat_map(|r| end(r.end).to_le_bytes()).collect()),
        ("energies_before", Dtype::F64, vec![probes], numbers(&relaxation.energies_before)),
        ("energies", Dtype::F64, vec![probes], numbers(&relaxation.energies)),
    ];
    encode(&tensors, ("relaxation", how))
}

fn names(tensors: &SafeTensors<'_>) -> Vec<String> {
    let mut names: Vec<String> = tensors.names().into_iter().map(str::to_owned).collect();
    names.sort();
    names
}

fn listed(names: &[String]) -> String {
    let mut list = String::new();
    for (i, name) in names.iter().enumerate() {
        let _ = write!(list, "{}{name:?}", if i == 0 { "" } else { ", " });
    }
    if list.is_empty() { "none at all".to_owned() } else { list }
}

fn wrong_shape(name: &str, tensor: &TensorView<'_>, expected: impl Into<String>) -> TensorError {
    TensorError::Shape { name: name.to_owned(), found: tensor.shape().to_vec(), expected: expected.into() }
}
