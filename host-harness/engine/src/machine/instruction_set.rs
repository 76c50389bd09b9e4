//! The instruction sets that the loops of the core are compiled for.

use std::fmt;
use std::str::FromStr;

use super::error::MachineError;

/// An instruction set that the loops of the core are compiled for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum InstructionSet {
    /// What every processor of the architecture has.
    Baseline,
    /// AVX2 and what came with it (x86-64-v3).
    Avx2,
    /// AVX-512 (x86-64-v4).
    Avx512,
    /// NEON of AArch64.
    Neon,
}

impl fmt::Display for InstructionSet {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl FromStr for InstructionSet {
    type Err = UnknownInstructionSet;

    fn from_str(name: &str) -> Result<Self, Self::Err> {
        Self::ALL.into_iter().find(|set| set.name() == name).ok_or(UnknownInstructionSet)
    }
}

/// No instruction set has this name.
#[derive(Clone, Copy, Debug, thiserror::Error)]
#[error("no such instruction set; choose from {}", super::error::names(&InstructionSet::ALL))]
pub struct UnknownInstructionSet;

impl InstructionSet {
    /// All of them, of whatever processor.
    pub const ALL: [Self; 4] = [Self::Baseline, Self::Avx2, Self::Avx512, Self::Neon];

    /// Its name, as users write it.
    pub fn name(self) -> &'static str {
        match self {
            Self::Baseline => "baseline",
            Self::Avx2 => "avx2",
            Self::Avx512 => "avx512",
            Self::Neon => "neon",
        }
    }

    /// Those that this processor has, the widest first.
    pub fn available() -> Vec<Self> {
        let mut sets = vec![];
        #[cfg(target_arch = "x86_64")]
        {
            if pulp::x86::V4::try_new().is_some() {
                sets.push(Self::Avx512);
            }
            if pulp::x86::V3::try_new().is_some() {
                sets.push(Self::Avx2);
            }
        }
        #[cfg(target_arch = "aarch64")]
        if pulp::aarch64::Neon::try_new().is_some() {
            sets.push(Self::Neon);
        }
        sets.push(Self::Baseline);
        sets
    }

    pub(super) fn arch(self) -> Result<pulp::Arch, MachineError> {
        let missing = || MachineError::NoSuchInstructionSet(self, Self::available());
        match self {
            #[cfg(target_arch = "x86_64")]
            Self::Avx512 => pulp::x86::V4::try_new().map(pulp::Arch::V4).ok_or_else(missing),
            #[cfg(target_arch = "x86_64")]
            Self::Avx2 => pulp::x86::V3::try_new().map(pulp::Arch::V3).ok_or_else(missing),
            #[cfg(target_arch = "aarch64")]
            Self::Neon => pulp::aarch64::Neon::try_new().map(pulp::Arch::Neon).ok_or_else(missing),
            Self::Baseline => Ok(pulp::Arch::Scalar),
            #[allow(unreachable_patterns, reason = "each architecture has its own sets")]
            _ => Err(missing()),
        }
    }
}
