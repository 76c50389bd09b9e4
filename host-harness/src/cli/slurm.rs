//! `dam slurm`: the work of an experiment as a job array.

use std::path::{Path, PathBuf};
use std::process::Command;

use super::error::Error;
use super::experiment::ExperimentArgs;
use super::plan;
use super::shell;
use crate::experiment::source::RunError;
use crate::experiment::store::StoreError;
use crate::file::atomic;

/// Arguments of `dam slurm`.
#[derive(Clone, Debug, clap::Args)]
pub struct SlurmArgs {
    /// What.
    #[command(flatten)]
    pub experiment: ExperimentArgs,
    /// Tasks of the array: each runs its share of the trials, one after the other
    #[arg(long, value_name = "M", default_value_t = 16, value_parser = clap::value_parser!(u32).range(1..))]
    pub shards: u32,
    /// Tasks that run at the same time [default: as many as the cluster lets]
    #[arg(long, value_name = "COUNT", value_parser = clap::value_parser!(u32).range(1..))]
    pub at_once: Option<u32>,
    /// Partition
    #[arg(long, value_name = "NAME")]
    pub partition: Option<String>,
    /// Account
    #[arg(long, value_name = "NAME")]
    pub account: Option<String>,
    /// Time of a task, as Slurm has it: 90, 12:00:00, 2-00:00:00
    #[arg(long, value_name = "TIME")]
    pub time: Option<String>,
    /// Memory of a task, as Slurm has it
    #[arg(long, value_name = "SIZE", default_value = "1G")]
    pub memory: String,
    /// Cores of a task
    #[arg(long, value_name = "CORES", default_value_t = 1, value_parser = clap::value_parser!(u32).range(1..))]
    pub cores: u32,
    /// Only show the script
    #[arg(long)]
    pub dry_run: bool,
}

/// Writes the list of work and the script into the store, and submits it.
///
/// # Errors
/// A plan without sense, files that cannot be written, Slurm that is not there or refuses.
pub fn run(args: &SlurmArgs) -> Result<String, Error> {
    let store = std::path::absolute(&args.experiment.place.store).map_err(Error::failure)?;
    let program = std::env::current_exe().map_err(Error::failure)?;
    let script = script(args, &program, &store)?;
    if args.dry_run {
        return Ok(script);
    }
    plan::write(&args.experiment, args.shards)?;
    let logs = store.join("logs");
    let folder = |source| RunError::from(StoreError::Folder { path: logs.clone(), source });
    std::fs::create_dir_all(&logs).map_err(folder)?;
    let path = path(&store);
    atomic::write(&path, script.as_bytes()).map_err(Error::failure)?;
    let job = submit(&path, None)?;
    let (store, script) = (store.to_string_lossy(), path.display());
    Ok(format!("script  {script}\njob     {job}\nnext    dam status --store {}\n", shell::word(&store)))
}

/// The script of a store.
pub fn path(store: &Path) -> PathBuf {
    store.join("slurm.sh")
}

/// Submits the script, with its own array or another; returns the number of the job.
///
/// # Errors
/// Slurm is not there or refuses.
pub fn submit(script: &Path, array: Option<&str>) -> Result<String, Error> {
    let mut command = Command::new("sbatch");
    command.arg("--parsable").args(array.map(|array| format!("--array={array}"))).arg(script);
    let output = command.output().map_err(|error| {
        Error::failure(format!("cannot run sbatch: {error}; run this where Slurm is installed, or use dam work"))
    })?;
    if !output.status.success() {
        let complaint = String::from_utf8_lossy(&output.stderr);
        return Err(Error::failure(format!("sbatch refused {}: {}", script.display(), complaint.trim())));
    }
    Ok(String::from_utf8_lossy(&output.stdout).trim().to_owned())
}

/// A job array of `dam work`. A task whose node dies is queued again by Slurm; whatever else goes wrong, `dam status
/// --submit` asks for what is missing.
fn script(args: &SlurmArgs, program: &Path, store: &Path) -> Result<String, Error> {
    let at_once = args.at_once.map_or(String::new(), |at_once| format!("%{at_once}"));
    let mut text = String::from("#!/bin/sh\n");
    let mut option = |name: &str, value: &str| -> Result<(), Error> {
        if value.contains(['\n', '\r']) {
            return Err(Error::usage(format!("--{name} {value:?}: give one line")));
        }
        text += &if value.is_empty() { format!("#SBATCH --{name}\n") } else { format!("#SBATCH --{name}={value}\n") };
        Ok(())
    };
    option("job-name", "dam")?;
    option("array", &format!("1-{}{at_once}", args.shards))?;
    option("requeue", "")?;
    option("open-mode", "append")?;
    option("ntasks", "1")?;
    option("cpus-per-task", &args.cores.to_string())?;
    option("mem", &args.memory)?;
    for (name, value) in [("time", &args.time), ("partition", &args.partition), ("account", &args.account)] {
        if let Some(value) = value {
            option(name, value)?;
        }
    }
    option("output", &format!("\"{}\"", store.join("logs/%A_%a.txt").display()))?;
    text += &format!(
        "exec {} work --store {} --shard \"$SLURM_ARRAY_TASK_ID/{}\" --jobs {} --checkpoint\n",
        quoted(program)?,
        quoted(store)?,
        args.shards,
        args.cores
    );
    Ok(text)
}

/// A path as one word of the shell.
fn quoted(path: &Path) -> Result<String, Error> {
    match path.to_str() {
        Some(text) if !text.contains(['\n', '\r']) => Ok(shell::word(text).into_owned()),
        _ => Err(Error::usage(format!("{}: a script cannot name this path; give another", path.display()))),
    }
}
