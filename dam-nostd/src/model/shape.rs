//! How many neurons of each group, and how many memory vectors.

use core::fmt;
use core::ops::Range;

/// The sizes of a network: its neurons, in this order, and its memory vectors.
///
/// ```
/// let shape = dam_nostd::Shape::new(784, 5, 10, 512).unwrap();
/// assert_eq!(shape.neurons(), 799);
/// assert_eq!(shape.class_neurons(), 789..799);
/// assert_eq!(shape.rows(64), 8 * 799);
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Shape {
    pixels: usize,
    tasks: usize,
    classes: usize,
    memories: usize,
}

/// Sizes that no network can have.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ShapeError {
    /// No memory vectors were asked for.
    NoMemories,
    /// No class neurons were asked for.
    NoClasses,
    /// More neurons than indices of 16 bits can tell apart; carries the number asked for.
    TooManyNeurons(usize),
}

impl fmt::Display for ShapeError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NoMemories => write!(f, "a network needs at least 1 memory vector"),
            Self::NoClasses => write!(f, "a network needs at least 1 class neuron"),
            Self::TooManyNeurons(neurons) => {
                write!(f, "{neurons} neurons are more than the {} a network can have", Shape::MOST_NEURONS)
            }
        }
    }
}

impl core::error::Error for ShapeError {}

impl Shape {
    /// The most neurons of one network: the sixteen partial sums of each four neurons have indices of 16 bits.
    pub const MOST_NEURONS: usize = 16_384;

    /// `pixels`, then `tasks` task-ID neurons, then `classes` class neurons; `memories` memory vectors (K).
    pub const fn new(pixels: usize, tasks: usize, classes: usize, memories: usize) -> Result<Self, ShapeError> {
        if memories == 0 {
            return Err(ShapeError::NoMemories);
        }
        if classes == 0 {
            return Err(ShapeError::NoClasses);
        }
        let neurons = pixels.saturating_add(tasks).saturating_add(classes);
        if neurons > Self::MOST_NEURONS {
            return Err(ShapeError::TooManyNeurons(neurons));
        }
        Ok(Self { pixels, tasks, classes, memories })
    }

    /// Pixel neurons, the first group.
    pub const fn pixels(&self) -> usize {
        self.pixels
    }

    /// Task-ID neurons, the second group.
    pub const fn tasks(&self) -> usize {
        self.tasks
    }

    /// Class neurons, the last group.
    pub const fn classes(&self) -> usize {
        self.classes
    }

    /// Memory vectors, K.
    pub const fn memories(&self) -> usize {
        self.memories
    }

    /// All neurons, N.
    pub const fn neurons(&self) -> usize {
        self.pixels + self.tasks + self.classes
    }

    /// The indices of the task-ID neurons.
    pub const fn task_neurons(&self) -> Range<usize> {
        self.pixels..self.pixels + self.tasks
    }

    /// The indices of the class neurons.
    pub const fn class_neurons(&self) -> Range<usize> {
        self.pixels + self.tasks..self.neurons()
    }

    /// Blocks of `lanes` memory vectors; the last may be partly empty. Without lanes there are none.
    pub const fn blocks(&self, lanes: usize) -> usize {
        if lanes == 0 { 0 } else { self.memories.div_ceil(lanes) }
    }

    /// Rows of the whole network: one for each neuron in each block.
    pub const fn rows(&self, lanes: usize) -> usize {
        self.blocks(lanes) * self.neurons()
    }

    /// Words of 32 bits that hold one state.
    pub const fn words(&self) -> usize {
        self.neurons().div_ceil(32)
    }

    /// How many of the lanes of `block` are memory vectors; the others stay zero for ever.
    pub const fn live_lanes(&self, block: usize, lanes: usize) -> usize {
        let left = self.memories.saturating_sub(block * lanes);
        if left < lanes { left } else { lanes }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_without_sense_are_refused() {
        assert_eq!(Shape::new(4, 0, 2, 0), Err(ShapeError::NoMemories));
        assert_eq!(Shape::new(4, 0, 0, 1), Err(ShapeError::NoClasses));
        assert_eq!(Shape::new(20_000, 0, 1, 1), Err(ShapeError::TooManyNeurons(20_001)));
        assert_eq!(Shape::new(usize::MAX, 1, 1, 1), Err(ShapeError::TooManyNeurons(usize::MAX)));
    }

    #[test]
    fn the_last_block_may_be_partly_empty() {
        let shape = Shape::new(1, 0, 1, 70).unwrap();
        assert_eq!((shape.blocks(0), shape.rows(0), shape.live_lanes(0, 0)), (0, 0, 0));
        assert_eq!((shape.blocks(64), shape.live_lanes(0, 64), shape.live_lanes(1, 64)), (2, 64, 6));
    }
}
