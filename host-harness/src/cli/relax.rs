//! `dam relax`: probes are relaxed, and where they ended is written to a file.

use std::fmt::Write;
use std::path::PathBuf;

use serde_json::json;

use super::convert::{described, in_file};
use super::error::Error;
use super::files::{Files, Form};
use super::machine::MachineArgs;
use crate::evaluation::check_energies;
use crate::file::{self, atomic, network, tensors};
use crate::recall::{self, Dynamics, End, Relaxation};

/// Arguments of `dam relax`.
#[derive(Clone, Debug, clap::Args)]
pub struct RelaxArgs {
    /// Network file
    #[arg(value_name = "NET.dam")]
    pub network: PathBuf,

    /// File with the probes: tensor "probes" (or the only one), a row a probe, a column a neuron, -1 or +1
    #[arg(long, value_name = "FILE.safetensors")]
    pub probes: PathBuf,

    /// File to write: tensors "states", "sweeps", "ends" (0 stable, 1 cycle, 2 limit), "energies_before", "energies"
    #[arg(long, value_name = "FILE.safetensors")]
    pub out: PathBuf,

    /// Sweeps after which a relaxation is given up
    #[arg(long, value_name = "N", default_value_t = 100, value_parser = clap::value_parser!(u32).range(1..=2_147_483_647))]
    pub max_sweeps: u32,

    /// Update one neuron after the other, in random order, instead of all at once
    #[arg(long)]
    pub asynchronous: bool,

    /// Seed of the orders of neurons
    #[arg(long, value_name = "SEED", default_value_t = 1, requires = "asynchronous")]
    pub seed: u64,

    /// Where to compute.
    #[command(flatten)]
    pub machine: MachineArgs,
}

/// Relaxes, writes the file, and sums up.
///
/// # Errors
/// Files that cannot be read or written, or do not hold a network and probes for it; a machine that is not there.
pub fn run(args: &RelaxArgs) -> Result<String, Error> {
    let read = Files::new().reads("NET.dam", [&args.network]).reads("--probes", [&args.probes]);
    read.writes("--out", [&args.out], Form::Tensors).check()?;
    let machine = args.machine.machine()?;
    let network = network::load(&args.network).map_err(Error::failure)?;
    let shape = network.shape().map_err(Error::failure)?;
    let bytes = file::read(&args.probes).map_err(Error::failure)?;
    let states = tensors::decode_probes(&bytes, &shape).map_err(|error| in_file(&args.probes, &error))?;
    let dynamics = if args.asynchronous { Dynamics::Asynchronous { seed: args.seed } } else { Dynamics::Synchronous };
    let relaxation = recall::relax(&network, states, dynamics, args.max_sweeps, &machine).map_err(Error::failure)?;
    let energies = relaxation.energies_before.iter().chain(&relaxation.energies).copied();
    check_energies(&network, energies).map_err(|error| in_file(&args.network, &error))?;
    let (order, seed) = match dynamics {
        Dynamics::Synchronous => ("synchronous", None),
        Dynamics::Asynchronous { seed } => ("asynchronous", Some(seed)),
    };
    let how = json!({ "order": order, "seed": seed, "max_sweeps": args.max_sweeps });
    atomic::write(&args.out, &tensors::encode_relaxation(&relaxation, &shape, how.to_string()))
        .map_err(Error::failure)?;
    let mut text = format!("network    {}\n", described(&network));
    let _ = writeln!(text, "dynamics   {order}, at most {} sweeps", args.max_sweeps);
    summary(&mut text, &relaxation);
    let _ = writeln!(text, "written    {}", args.out.display());
    Ok(text)
}

fn summary(text: &mut String, relaxation: &Relaxation) {
    let probes = relaxation.relaxed.len();
    let _ = writeln!(text, "probes     {probes}");
    if probes == 0 {
        return;
    }
    for (name, end) in [("stable", End::Stable), ("cycle", End::Cycle), ("limit", End::Limit)] {
        let count = relaxation.relaxed.iter().filter(|relaxed| relaxed.end == end).count();
        let _ = writeln!(text, "{name:<10} {count} ({:.1}%)", 100.0 * count as f64 / probes as f64);
    }
    let mut sweeps: Vec<u32> = relaxation.relaxed.iter().map(|relaxed| relaxed.sweeps).collect();
    sweeps.sort_unstable();
    let _ = writeln!(text, "sweeps     {} to {}, median {}", sweeps[0], sweeps[probes - 1], sweeps[(probes - 1) / 2]);
    for (name, energies) in [("before", &relaxation.energies_before), ("after", &relaxation.energies)] {
        let mut energies = energies.clone();
        energies.sort_unstable_by(f64::total_cmp);
        let (first, middle, last) = (energies[0], energies[(probes - 1) / 2], energies[probes - 1]);
        let _ = writeln!(text, "energy     {first:.6e} to {last:.6e}, median {middle:.6e}, {name} relaxation");
    }
}
