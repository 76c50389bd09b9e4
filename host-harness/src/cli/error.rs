//! How a command fails: what the user can mend on the command line, and the rest.

use std::process::ExitCode;

use crate::config::ConfigError;
use crate::data::DataError;
use crate::experiment::source::PlanError;
use crate::experiment::source::RunError;
use crate::machine::MachineError;
use crate::trial::TrialError;

/// A command's failure.
#[derive(Debug)]
pub enum Error {
    /// The command line or a settings file asks for what has no sense: exit code 2.
    Usage(Box<dyn std::error::Error + Send + Sync>),
    /// It had sense and could not be done: exit code 1.
    Failure(Box<dyn std::error::Error + Send + Sync>),
    /// The user broke it off: exit code 130, as shells have it.
    Interrupted(Box<dyn std::error::Error + Send + Sync>),
}

impl Error {
    /// A usage error.
    pub fn usage(error: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> Self {
        Self::Usage(error.into())
    }

    /// A failure.
    pub fn failure(error: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> Self {
        Self::Failure(error.into())
    }

    /// 2 for usage, 1 for failure, 130 for an interruption.
    pub fn code(&self) -> ExitCode {
        match self {
            Self::Usage(_) => ExitCode::from(2),
            Self::Failure(_) => ExitCode::from(1),
            Self::Interrupted(_) => ExitCode::from(130),
        }
    }
}

impl std::fmt::Display for Error {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let (Self::Usage(error) | Self::Failure(error) | Self::Interrupted(error)) = self;
        error.fmt(f)
    }
}

impl std::error::Error for Error {}

impl From<ConfigError> for Error {
    fn from(error: ConfigError) -> Self {
        match error {
            ConfigError::Read(..) => Self::failure(error),
            _ => Self::usage(error),
        }
    }
}

impl From<MachineError> for Error {
    fn from(error: MachineError) -> Self {
        match error {
            MachineError::NoSuchInstructionSet(..) | MachineError::TooManyThreads { .. } => Self::usage(error),
            MachineError::Threads(..) => Self::failure(error),
        }
    }
}

impl From<TrialError> for Error {
    fn from(error: TrialError) -> Self {
        match error {
            TrialError::Config(error) => error.into(),
            TrialError::Tasks(error) => Self::usage(error),
            TrialError::TooLarge(error) => Self::failure(error),
            TrialError::Diverged(error) => Self::failure(error),
            TrialError::Train(error) => Self::failure(error),
            TrialError::Memory(error) => Self::failure(error),
            TrialError::Checkpoint(error) => Self::failure(error),
        }
    }
}

impl From<RunError> for Error {
    fn from(error: RunError) -> Self {
        match error {
            RunError::Plan(PlanError::Config(error)) => error.into(),
            RunError::Plan(PlanError::Data(error)) | RunError::Data(error) => error.into(),
            RunError::Plan(error) => Self::usage(error),
            RunError::Store(error) => Self::failure(error),
            RunError::Machine(error) => error.into(),
            RunError::Trial(error) => error.into(),
            RunError::Inspection(error) => Self::failure(error),
        }
    }
}

impl From<DataError> for Error {
    fn from(error: DataError) -> Self {
        match error {
            DataError::EmbeddedThreshold(_)
            | DataError::ThresholdZero
            | DataError::NoContrast { .. }
            | DataError::PooledSize { .. }
            | DataError::PooledFlat { .. }
            | DataError::NotImages { .. } => Self::usage(error),
            _ => Self::failure(error),
        }
    }
}
