//! The memory that methods borrow.

use dam_nostd::methods::rehearsal::ItemBuffer;
use dam_nostd::relax::{End, Relaxed};
use dam_nostd::{Scalar, Shape};

use super::about;
use crate::config::Config;
use crate::rows::{LANES, Row, Rows};

/// How much of what a method borrows. Rows come in sets as large as the weights.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Needs {
    /// Items in the buffer.
    pub kept: usize,
    /// Sets of rows, in each of the four places.
    pub rows: [usize; 4],
    /// Sets of rows of wide numbers, one in each place.
    pub wide: usize,
    /// Places for picked items.
    pub picks: usize,
    /// Partial inner products for each block.
    pub partials: usize,
    /// Probes that are relaxed at once.
    pub probes: usize,
    /// Probes whose first state is kept.
    pub starts: usize,
}

/// The memory that the method of a configuration borrows.
#[derive(Debug)]
pub struct MethodMemory<S: Scalar> {
    words_per_item: usize,
    words: Vec<u32>,
    permutations: Vec<u8>,
    pub(super) rows: [Rows<S>; 4],
    pub(super) wide: [Rows<S::Wide>; 2],
    pub(super) picks: Vec<u32>,
    pub(super) partials: Vec<f64>,
    pub(super) states: Vec<u32>,
    pub(super) previous: Vec<u32>,
    pub(super) starts: Vec<u32>,
    pub(super) active: Vec<u32>,
    pub(super) relaxed: Vec<Relaxed>,
}

impl<S: Scalar> MethodMemory<S> {
    /// For the method of `config`.
    pub fn new(config: &Config, shape: &Shape) -> Self {
        let Needs { kept, rows, wide, picks, partials, probes, starts } = about(config.method).needs(config);
        let (all, words) = (shape.rows(LANES), shape.words());
        Self {
            words_per_item: words,
            words: vec![0; kept * words],
            permutations: vec![0; kept],
            rows: rows.map(|sets| Rows::zeroed(all * sets)),
            wide: std::array::from_fn(|i| Rows::zeroed(if i < wide { all } else { 0 })),
            picks: vec![0; picks],
            partials: vec![0.0; shape.blocks(LANES) * partials],
            states: vec![0; probes * words],
            previous: vec![0; probes * words],
            starts: vec![0; starts * words],
            active: vec![0; probes],
            relaxed: vec![Relaxed { end: End::Limit, sweeps: 0 }; probes],
        }
    }

    /// Bytes of that.
    pub fn bytes(config: &Config, shape: &Shape) -> u64 {
        let Needs { kept, rows, wide, picks, partials, probes, starts } = about(config.method).needs(config);
        let narrow: usize = rows.iter().sum();
        let numbers = shape.rows(LANES) * (narrow * size_of::<Row<S>>() + wide * size_of::<Row<S::Wide>>());
        let items = kept * (size_of::<u32>() * shape.words() + 1);
        let states = (2 * probes + starts) * size_of::<u32>() * shape.words();
        let probes = states + probes * (size_of::<u32>() + size_of::<Relaxed>());
        let others = size_of::<u32>() * picks + size_of::<f64>() * shape.blocks(LANES) * partials;
        (numbers + items + probes + others) as u64
    }

    /// The parts that methods take, each once.
    pub(super) fn parts(&mut self) -> Parts<'_, S> {
        let [a, b, c, d] = &mut self.rows;
        let [omega, fresh] = &mut self.wide;
        Parts {
            items: ItemBuffer::new(self.words_per_item, &mut self.words, &mut self.permutations),
            rows: [a, b, c, d],
            wide: [omega, fresh],
            picks: &mut self.picks,
            partials: &mut self.partials,
            states: &mut self.states,
            previous: &mut self.previous,
            starts: &mut self.starts,
            active: &mut self.active,
            relaxed: &mut self.relaxed,
        }
    }
}

/// [`MethodMemory`], lent.
pub(crate) struct Parts<'a, S: Scalar> {
    pub items: ItemBuffer<'a>,
    pub rows: [&'a mut [Row<S>]; 4],
    pub wide: [&'a mut [Row<S::Wide>]; 2],
    pub picks: &'a mut [u32],
    pub partials: &'a mut [f64],
    pub states: &'a mut [u32],
    pub previous: &'a mut [u32],
    pub starts: &'a mut [u32],
    pub active: &'a mut [u32],
    pub relaxed: &'a mut [Relaxed],
}
