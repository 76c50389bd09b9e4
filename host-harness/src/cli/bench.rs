//! `dam bench`: how fast this machine trains, and how far that is from what it can do.

use std::collections::HashMap;
use std::fmt::Write as _;
use std::num::NonZeroUsize;
use std::path::PathBuf;

use dam_nostd::bits;
use dam_nostd::train::Batch;
use safetensors::Dtype;
use safetensors::tensor::TensorView;

use super::error::Error;
use super::files::{Files, Form};
use super::machine::MachineArgs;
use crate::bench::ceiling::Ceilings;
use crate::bench::{Bench, EPOCHS, Parts};
use crate::config::{Config, Settings};
use crate::data::Dataset;
use crate::experiment::cost;
use crate::experiment::row::Row;
use crate::file::atomic;
use crate::machine::Machine;
use crate::paper::VERTICES;

/// Trials of each cell of Table 2, and items of a task.
const PAPER: (f64, usize) = (10.0, 10_000);

/// Arguments of `dam bench`.
#[derive(Clone, Debug, clap::Args)]
pub struct BenchArgs {
    /// Interaction vertices
    #[arg(long, value_name = "N", value_delimiter = ',', default_values_t = VERTICES)]
    pub n: Vec<u32>,
    /// Items of the full batch
    #[arg(long, value_name = "ITEMS", default_value_t = 8000)]
    pub items: usize,
    /// Write the items, the first weights, and loss and time of a training, for another program to compare with
    #[arg(long, value_name = "FILE")]
    pub export: Option<PathBuf>,
    /// Epochs of that training
    #[arg(long, value_name = "EPOCHS", default_value_t = 5, requires = "export")]
    pub epochs: u32,
    /// Items of its minibatches [default: all]
    #[arg(long, value_name = "ITEMS", requires = "export")]
    pub batch: Option<NonZeroUsize>,
    /// The machine.
    #[command(flatten)]
    pub machine: MachineArgs,
}

/// Measures, and returns a table.
///
/// # Errors
/// Settings without sense, files that cannot be written.
pub fn run(args: &BenchArgs) -> Result<String, Error> {
    let config = |n| -> Result<Config, Error> {
        // A fifth of a task's images is for validation.
        let items = args.items + args.items.div_ceil(4);
        Ok(Settings { n: Some(n), items: Some(items), ..Settings::default() }.of_trial().config()?)
    };
    let configs = args.n.iter().map(|&n| config(n)).collect::<Result<Vec<_>, _>>()?;
    let Some(first) = configs.first() else { return Err(Error::usage("--n: give at least one interaction vertex")) };
    let data = Dataset::embedded(first.threshold)?;
    let machine = args.machine.machine()?;
    if let Some(path) = &args.export {
        if configs.len() > 1 {
            return Err(Error::usage(format!("--n {:?}: --export takes one interaction vertex; give --n 20", args.n)));
        }
        Files::new().writes("--export", [path], Form::Tensors).check()?;
        let bench = Bench::new(first.clone(), &data)?;
        return export(&bench, &machine, args).map(|()| format!("training {}\n", path.display()));
    }
    let one = Machine::new(1, Some(machine.instruction_set()))?;
    let ceilings = Ceilings::measure(&one);
    let mut text = format!(
        "{}, one thread, {} items, full batch. Ceilings: {:.0} GB/s of near rows, {:.0} GB/s of far ones, {:.0} G operations/s\n\n\
         us an item-presentation  similarity  energies  backward      step     whole   a second\n",
        machine.instruction_set(),
        args.items,
        ceilings.near / 1e9,
        ceilings.far / 1e9,
        ceilings.operations / 1e9,
    );
    let mut hours = 0.0;
    for config in configs {
        let n = config.n;
        let bench = Bench::new(config, &data)?;
        let (took, floor) = (bench.measure(&one)?, bench.floor(&ceilings));
        hours += table2_presentations(n)? * took.whole() / 3600.0;
        line(&mut text, &format!("n = {n}"), |part| format!("{:.2}", 1e6 * part(&took)));
        let _ = writeln!(text, "{:>11.0}", 1.0 / took.whole());
        line(&mut text, "  at best", |part| format!("{:.2}", 1e6 * part(&floor)));
        text.push('\n');
        line(&mut text, "  share", |part| format!("{:.0}%", 100.0 * part(&floor) / part(&took)));
        text.push('\n');
        let _ = writeln!(
            text,
            "  listing {:.2} us, in the first epoch alone: part of similarity and backward, not of the whole",
            1e6 * took.listing
        );
        if machine.threads() > 1 {
            let seconds = bench.train(&machine, EPOCHS, Batch::Full)?.seconds / (f64::from(EPOCHS) * args.items as f64);
            let _ = writeln!(
                text,
                "  {} threads {:.2} us, {:.2} times one",
                machine.threads(),
                1e6 * seconds,
                took.whole() / seconds
            );
        }
    }
    if args.n == VERTICES {
        let _ = writeln!(text, "\nTable 2 at the paper's scale, 520 trials: {hours:.0} hours of one core");
    }
    Ok(text)
}

fn line(text: &mut String, name: &str, of: impl Fn(fn(&Parts) -> f64) -> String) {
    let parts: [fn(&Parts) -> f64; 5] =
        [|parts| parts.similarity, |parts| parts.energies, |parts| parts.backward, |parts| parts.step, Parts::whole];
    let _ = write!(text, "{name:25}");
    for part in parts {
        let _ = write!(text, "{:>10}", of(part));
    }
}

/// Item-presentations of one interaction vertex's cells of Table 2, or what takes as long.
fn table2_presentations(n: u32) -> Result<f64, Error> {
    let (trials, items) = PAPER;
    let mut sum = 0.0;
    for row in Row::ALL {
        let settings = Settings { n: Some(n), items: Some(items), ..row.settings() };
        sum += trials * cost::work(&settings.of_trial().config()?);
    }
    Ok(sum)
}

/// Tensors: `weights` [memory][neuron] F32, `states` [item][neuron] I8 with the class neurons off, `targets` [item][class]
/// I8, `orders` [epoch][item] U32, `losses` [epoch] F64, `seconds` [1] F64. Metadata: `settings`, the configuration as
/// JSON, and `batch`, items of a minibatch.
fn export(bench: &Bench, machine: &Machine, args: &BenchArgs) -> Result<(), Error> {
    let shape = bench.shape();
    let batch = args.batch.map_or(Batch::Full, Batch::Items);
    let trained = bench.train(machine, args.epochs, batch)?;
    let (neurons, classes) = (shape.neurons(), shape.class_neurons());
    let weights: Vec<u8> = (0..shape.memories())
        .flat_map(|memory| (0..neurons).flat_map(move |neuron| bench.weight(memory, neuron).to_le_bytes()))
        .collect();
    let packed = bench.states();
    let sign = |on: bool| if on { 1_i8 } else { -1 }.cast_unsigned();
    let (mut states, mut targets) = (vec![], vec![]);
    for state in packed.chunks_exact(shape.words()) {
        states.extend((0..neurons).map(|i| sign(!classes.contains(&i) && bits::is_on(state, i))));
        targets.extend(classes.clone().map(|i| sign(bits::is_on(state, i))));
    }
    let losses: Vec<u8> = trained.losses.iter().flat_map(|loss| loss.to_le_bytes()).collect();
    let view = |dtype, shape: &[usize], bytes| {
        TensorView::new(dtype, shape.to_vec(), bytes).expect("as many bytes as the shape says")
    };
    let items = packed.len() / shape.words();
    let seconds = trained.seconds.to_le_bytes();
    let orders = bench.orders(args.epochs, batch).concat();
    let orders: Vec<u8> = orders.into_iter().flat_map(u32::to_le_bytes).collect();
    let tensors = [
        ("weights", view(Dtype::F32, &[shape.memories(), neurons], &weights)),
        ("states", view(Dtype::I8, &[items, neurons], &states)),
        ("targets", view(Dtype::I8, &[items, classes.len()], &targets)),
        ("orders", view(Dtype::U32, &[args.epochs as usize, items], &orders)),
        ("losses", view(Dtype::F64, &[trained.losses.len()], &losses)),
        ("seconds", view(Dtype::F64, &[1], &seconds)),
    ];
    let settings = serde_json::to_string(bench.config()).map_err(Error::failure)?;
    let metadata = [("settings", settings), ("batch", batch.items(items).to_string())];
    let metadata: HashMap<String, String> = metadata.map(|(key, value)| (key.to_owned(), value)).into();
    let bytes = safetensors::serialize(tensors, Some(metadata)).map_err(Error::failure)?;
    let path = args.export.as_deref().expect("asked for");
    atomic::write(path, &bytes).map_err(Error::failure)
}
