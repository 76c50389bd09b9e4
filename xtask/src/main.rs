//! Tasks of the repository, run as `cargo xtask TASK`.

use std::process::ExitCode;

use clap::{Parser, Subcommand};

mod aarch64;
mod bare;
mod data;
mod firmware;
mod fuzz;
mod kill;
mod lines;
mod pages;
mod peers;
mod program;
mod search;
mod slurm;
mod splits;
mod test;
mod toolchain;

/// Tasks of the repository.
#[derive(Parser)]
#[command(name = "cargo xtask", bin_name = "cargo xtask")]
struct Cli {
    #[command(subcommand)]
    task: Task,
}

#[derive(Subcommand)]
enum Task {
    /// Run tests of the core for AArch64 in QEMU (installs the target, and QEMU on Debian)
    Aarch64,
    /// Build the core for microcontrollers and look for allocation and panics
    Bare(bare::BareTask),
    /// Rebuild or check the MNIST files that are compiled into the program
    Data(data::DataTask),
    /// Give arbitrary bytes to every parser
    Fuzz(fuzz::FuzzTask),
    /// Kill runs at random moments, let them go on, and compare what they end with (Linux)
    Kill(kill::KillTask),
    /// Count the code that an auditor of the core reads
    Lines(lines::LinesTask),
    /// Open the report and drawings in Chromium, and look for what is cut off, errors and requests (installs it; Debian)
    Pages(pages::PagesTask),
    /// Build the boards' firmware, run it in QEMU, and compare it with this machine
    Firmware(firmware::FirmwareTask),
    /// Compare networks for boards with what else tells digits apart, on a Cortex-M4F in QEMU (needs Python packages)
    Peers(peers::PeersTask),
    /// Choose settings of networks for boards by validation, and report them on test images
    Search(search::SearchTask),
    /// Run a job array on a Slurm of two nodes on this machine, one of which dies (installs Slurm; Debian)
    Slurm,
    /// Run all tests: on this machine, and the core's build for microcontrollers
    Test,
}

fn main() -> ExitCode {
    let outcome = match Cli::parse().task {
        Task::Aarch64 => aarch64::run(),
        Task::Bare(task) => bare::run(&task),
        Task::Data(task) => data::run(&task),
        Task::Fuzz(task) => fuzz::run(&task),
        Task::Firmware(task) => firmware::run(&task),
        Task::Search(task) => search::run(&task),
        Task::Kill(task) => kill::run(&task),
        Task::Lines(task) => lines::run(&task),
        Task::Pages(task) => pages::run(&task),
        Task::Peers(task) => peers::run(&task),
        Task::Slurm => slurm::run(),
        Task::Test => test::run(),
    };
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error}");
            ExitCode::FAILURE
        }
    }
}
