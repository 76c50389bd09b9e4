//! The command line: one subcommand a file.

pub mod audit;
pub mod bench;
pub mod convention;
pub mod convert;
pub mod curve;
pub mod data;
pub mod demo;
pub mod draw;
pub mod error;
pub mod eval;
pub mod experiment;
pub mod export;
pub mod files;
pub mod grid;
pub mod inspect;
pub mod machine;
pub mod plan;
pub mod recipe;
pub mod relax;
pub mod report;
pub mod reproduce;
pub mod run;
pub mod shell;
pub mod signals;
pub mod slurm;
pub mod status;
pub mod store;
pub mod study;
pub mod trials;
pub mod work;

use clap::{Parser, Subcommand};

use error::Error;

/// Sequential learning in the Dense Associative Memory.
#[derive(Debug, Parser)]
#[command(name = "dam", version, about, max_term_width = 120)]
pub struct Cli {
    /// What to do; without one, the demonstration.
    #[command(subcommand)]
    pub command: Option<Command>,
}

/// What to do.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Show forgetting, what helps against it, and what networks dream, in about a minute (what `dam` alone does)
    Demo(demo::DemoArgs),
    /// Run one trial
    Run(Box<run::RunArgs>),
    /// Reproduce tables and figures of the paper
    Reproduce(Box<reproduce::ReproduceArgs>),
    /// Run methods at interaction vertices with several seeds, and compare them
    Grid(Box<grid::GridArgs>),
    /// Divide tables and figures into shares
    Plan(Box<plan::PlanArgs>),
    /// Run one share
    Work(work::WorkArgs),
    /// Have Slurm run all shares
    Slurm(Box<slurm::SlurmArgs>),
    /// Show what of all shares is missing
    Status(status::StatusArgs),
    /// Compare what the paper leaves open
    Study(study::StudyArgs),
    /// Put the paper's tables and figures and ours side by side on a page
    Report(Box<report::ReportArgs>),
    /// Write all trials as one table
    Trials(trials::TrialsArgs),
    /// Keep all results in one file, and take them up again
    Store(store::StoreArgs),
    /// Test a saved network on its tasks
    Eval(eval::EvalArgs),
    /// Draw what saved networks hold: memory vectors, and what random states relax to
    Draw(draw::DrawArgs),
    /// Inspect what saved networks hold: a page, and tables of every memory vector, state and task
    Inspect(inspect::InspectArgs),
    /// Relax states in a saved network
    Relax(relax::RelaxArgs),
    /// Turn a network into safetensors, or back
    Convert(convert::ConvertArgs),
    /// Hold number types against f64, layer by layer
    Audit(audit::AuditArgs),
    /// Turn a network into a model for a board
    Export(Box<export::ExportArgs>),
    /// Measure how fast this machine trains, and how far that is from what it can do
    Bench(bench::BenchArgs),
    /// Show what images there are
    Data(data::DataArgs),
}

impl Cli {
    /// Does it, and returns what is to be printed.
    ///
    /// # Errors
    /// Those of the subcommand.
    pub fn run(&self) -> Result<String, Error> {
        match &self.command {
            None => demo::run(&demo::DemoArgs::default()),
            Some(Command::Demo(args)) => demo::run(args),
            Some(Command::Run(args)) => run::run(args),
            Some(Command::Reproduce(args)) => reproduce::run(args),
            Some(Command::Grid(args)) => grid::run(args),
            Some(Command::Plan(args)) => plan::run(args),
            Some(Command::Work(args)) => work::run(args),
            Some(Command::Slurm(args)) => slurm::run(args),
            Some(Command::Status(args)) => status::run(args),
            Some(Command::Study(args)) => study::run(args),
            Some(Command::Report(args)) => report::run(args),
            Some(Command::Trials(args)) => trials::run(args),
            Some(Command::Store(args)) => store::run(args),
            Some(Command::Eval(args)) => eval::run(args),
            Some(Command::Draw(args)) => draw::run(args),
            Some(Command::Inspect(args)) => inspect::run(args),
            Some(Command::Relax(args)) => relax::run(args),
            Some(Command::Convert(args)) => convert::run(args),
            Some(Command::Audit(args)) => audit::run(args),
            Some(Command::Export(args)) => export::run(args),
            Some(Command::Bench(args)) => bench::run(args),
            Some(Command::Data(args)) => Ok(data::run(args)?),
        }
    }
}
