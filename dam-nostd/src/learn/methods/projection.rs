//! Inner products and sums of gradients, for GEM and A-GEM, and what they report.
//!
//! The step divides each memory vector's velocity by its own largest component. An inner product over the whole network
//! does not: at large interaction vertices, where gradients differ by many orders of magnitude, it is that of a few memory
//! vectors, and says nothing of where the others go. Therefore memory vectors can be projected each by itself, which no
//! scale of theirs changes ([`Projected::Memory`]).

use core::num::NonZeroUsize;

use rand_core::Rng;

use crate::maths::projection::cosine;
use crate::model::rng;

/// What is held against past tasks' gradients, and changed where it points against one.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Projected {
    /// The gradient of the whole network: eq. 1 to 8.
    Network,
    /// That of each memory vector by itself.
    #[default]
    Memory,
}

impl Projected {
    /// Numbers that are lent for `tasks` past gradients, a block of `lanes` memory vectors.
    pub const fn partials(self, tasks: usize, lanes: usize) -> usize {
        match self {
            Self::Network => tasks,
            // <g, g>, <g, g_nu>, and the lower triangle of <g_nu, g_mu>, lane by lane.
            Self::Memory => (1 + tasks + tasks * (tasks + 1) / 2) * lanes,
        }
    }
}

/// What a projecting method did over a task.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Projections {
    /// Batches learned while there were past tasks' items.
    pub batches: u32,
    /// Batches whose gradient pointed against a past task's, and was changed.
    pub violated: u32,
    /// The sum over the changed gradients of the cosine between before and after; where memory vectors are projected, each
    /// batch's mean over those that were changed.
    pub cosines: f64,
    /// Batches for which a dual problem ended before its optimum; GEM only, and not expected.
    pub unsolved: u32,
}

impl Projections {
    /// The mean cosine between a gradient and what became of it, over those that were changed; 1 where none was.
    pub fn mean_cosine(&self) -> f64 {
        if self.violated == 0 { 1.0 } else { self.cosines / f64::from(self.violated) }
    }

    /// Counts a changed gradient: |g|^2 before, <g, change>, and |change|^2.
    pub(crate) fn count(&mut self, before: f64, along: f64, change: f64) {
        self.violated += 1;
        self.cosines += cosine(before, along, change);
    }

    /// Counts a gradient that was projected memory vector by memory vector.
    pub(crate) fn count_each(&mut self, changed: Changed) {
        if changed.memories > 0.0 {
            self.violated += 1;
            self.cosines += changed.cosines / changed.memories;
            self.unsolved += u32::from(changed.unsolved > 0.0);
        }
    }
}

/// What a projection of each memory vector's gradient did.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Changed {
    /// Memory vectors whose gradient was changed.
    pub memories: f64,
    /// The sum over them of the cosine between before and after.
    pub cosines: f64,
    /// Memory vectors whose dual problem ended before its optimum.
    pub unsolved: f64,
}

/// Writes the indices `first..first + total`, or `sample` of them drawn anew, to `picks` and returns them.
pub(crate) fn pick<'a>(
    picks: &'a mut [u32],
    first: usize,
    total: usize,
    sample: Option<NonZeroUsize>,
    rng: &mut impl Rng,
) -> &'a mut [u32] {
    let wanted = sample.map_or(total, |sample| sample.get().min(total)).min(picks.len());
    let picks = picks.get_mut(..wanted).unwrap_or(&mut []);
    if wanted == total {
        for (i, place) in picks.iter_mut().enumerate() {
            *place = (first + i) as u32;
        }
    } else {
        let mut places = picks.iter_mut();
        rng::choose(total, wanted, rng, |i| {
            if let Some(place) = places.next() {
                *place = (first + i) as u32;
            }
        });
    }
    picks
}
