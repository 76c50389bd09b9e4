//! The command line: one subcommand a file.

pub mod convert;
pub mod data;
pub mod demo;
pub mod error;
pub mod eval;
pub mod export;
pub mod machine;
pub mod relax;
pub mod run;

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
    /// Show forgetting and its cure side by side, in about a minute (what `dam` alone does)
    Demo(demo::DemoArgs),
    /// Run one trial
    Run(Box<run::RunArgs>),
    /// Test a saved network on its tasks
    Eval(eval::EvalArgs),
    /// Relax states in a saved network
    Relax(relax::RelaxArgs),
    /// Turn a network into safetensors, or back
    Convert(convert::ConvertArgs),
    /// Turn a network into a model for a board
    Export(Box<export::ExportArgs>),
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
            Some(Command::Eval(args)) => eval::run(args),
            Some(Command::Relax(args)) => relax::run(args),
            Some(Command::Convert(args)) => convert::run(args),
            Some(Command::Export(args)) => export::run(args),
            Some(Command::Data(args)) => Ok(data::run(args)?),
        }
    }
}
