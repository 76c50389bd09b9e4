//! From a sensor's grey values to the pixel neurons of a state: on or off, made smaller, packed.
//!
//! With a pixel of the sensor cut into `width x height` equal tiles, those of the smaller image, a pixel of that covers so many
//! of them as the sensor has pixels. It is on where at least the *cut* of them are on. All of it is integers, as where the
//! network was trained.

use crate::model::bits;

use super::model::{Model, word};
use super::precision::Precision;

/// The most pixels of a sensor across or down: all tiles of a pixel fit 32 bits.
const MOST_SIDE: usize = 4096;

/// How grey values become pixels, as a model's header says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Sensor {
    from: (usize, usize),
    to: (usize, usize),
    threshold: u8,
    cut: u32,
}

/// A row or column of the sensor, and how many of its tiles fall into one of the smaller image.
fn shares(from: usize, to: usize, place: usize) -> impl Iterator<Item = (usize, u32)> {
    let (start, end) = (place * from, (place + 1) * from);
    let cells = start / to.max(1)..end.div_ceil(to.max(1));
    cells.map(move |cell| (cell, (end.min((cell + 1) * to) - start.max(cell * to)) as u32))
}

impl Sensor {
    /// That of `model`; none where its header does not tell of one.
    pub fn of<W: Precision>(model: &Model<'_, W>) -> Option<Self> {
        let (size, to) = (model.header(word::SENSOR), model.image());
        let from = ((size & 0xffff) as usize, (size >> 16) as usize);
        let smaller = to.0 > 0 && to.1 > 0 && from.0 >= to.0 && from.1 >= to.1;
        let known = smaller && from.0 <= MOST_SIDE && from.1 <= MOST_SIDE;
        known.then(|| Self { from, to, threshold: model.threshold(), cut: model.header(word::CUT) })
    }

    /// Pixels of the sensor across and down.
    pub fn size(&self) -> (usize, usize) {
        self.from
    }

    /// Sets the pixel neurons of `state` where `grey`, row by row, is bright, and the others to -1; task-ID and class neurons
    /// are left alone. Grey values that are missing are dark, and pixels that the state has no room for are left out.
    pub fn show(&self, grey: &[u8], state: &mut [u32]) {
        let Self { from, to, threshold, cut } = *self;
        for y in 0..to.1 {
            for x in 0..to.0 {
                let mut tiles = 0;
                for (row, tall) in shares(from.1, to.1, y) {
                    for (column, wide) in shares(from.0, to.0, x) {
                        if grey.get(row * from.0 + column).is_some_and(|&grey| grey >= threshold) {
                            tiles += tall * wide;
                        }
                    }
                }
                bits::set(state, y * to.0 + x, tiles >= cut);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shares_of_a_row_cover_it_once() {
        for (from, to) in [(28, 14), (28, 10), (7, 7), (5, 3), (1, 1)] {
            let mut tiles = [0; 28];
            for place in 0..to {
                assert_eq!(shares(from, to, place).map(|(_, tiles)| tiles).sum::<u32>(), from as u32, "{from} {to}");
                shares(from, to, place).for_each(|(cell, share)| tiles[cell] += share);
            }
            assert!(tiles.iter().take(from).all(|&tiles| tiles == to as u32), "{from} {to}");
        }
    }

    #[test]
    fn a_pixel_is_on_where_the_cut_is_reached() {
        let sensor = Sensor { from: (4, 4), to: (2, 2), threshold: 100, cut: 8 };
        let grey = [100, 99, 0, 0, 0, 255, 0, 0, 0, 0, 255, 255, 0, 0, 100, 200];
        let mut state = [u32::MAX];
        sensor.show(&grey, &mut state);
        // Two and four of four pixels are bright: each has four tiles.
        assert_eq!(state, [u32::MAX << 4 | 0b1001]);
        sensor.show(&grey[..2], &mut state);
        assert_eq!(state, [u32::MAX << 4]);
    }
}
