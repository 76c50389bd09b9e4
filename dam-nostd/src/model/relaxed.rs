//! How a relaxation ended.

/// How a relaxation ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum End {
    /// No neuron changes any more.
    Stable,
    /// Two states follow each other for ever; only synchronous updates do that.
    Cycle,
    /// Still changing after the most sweeps that were allowed.
    Limit,
}

/// A relaxation's end and the sweeps it took. The sweep that finds nothing to change counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Relaxed {
    /// Which end.
    pub end: End,
    /// Updates of all neurons.
    pub sweeps: u32,
}
