//! The machine to use, as flags.

use clap::builder::{PossibleValuesParser, TypedValueParser};

use crate::machine::{InstructionSet, Machine, MachineError};

/// Threads and instruction set. Neither changes a result.
#[derive(Clone, Debug, clap::Args)]
pub struct MachineArgs {
    /// Threads; 0 is one a core
    #[arg(long, value_name = "THREADS", default_value_t = 0)]
    pub threads: usize,
    /// Instruction set [default: the widest that the processor has]
    #[arg(long, value_name = "SET", value_parser = instruction_set())]
    pub isa: Option<InstructionSet>,
}

/// The name of an instruction set.
pub fn instruction_set() -> impl TypedValueParser<Value = InstructionSet> {
    PossibleValuesParser::new(InstructionSet::ALL.map(InstructionSet::name)).try_map(|name| name.parse())
}

impl MachineArgs {
    /// The machine asked for.
    ///
    /// # Errors
    /// An instruction set that the processor lacks; threads that cannot be started.
    pub fn machine(&self) -> Result<Machine, MachineError> {
        Machine::new(self.threads, self.isa)
    }
}
