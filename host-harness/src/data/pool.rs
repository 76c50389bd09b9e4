//! Smaller images by area pooling.
//!
//! Areas are counted exactly, in integers: with a pixel of the original cut into
//! `new width * new height` equal tiles, a pixel of the result covers `width * height` of them.

use super::{DataError, Dataset, words_for};

/// See [`Dataset::cut`].
pub(super) fn cut(set: &Dataset, width: usize, height: usize) -> Result<u32, DataError> {
    let too_large = width > set.width || height > set.height;
    if width == 0 || height == 0 || too_large {
        return Err(DataError::PooledSize { from: (set.width, set.height), to: (width, height) });
    }
    Ok(Grid::new(set, width, height).cut())
}

/// See [`Dataset::pooled`].
pub(super) fn pooled(set: &Dataset, width: usize, height: usize) -> Result<Dataset, DataError> {
    let cut = cut(set, width, height)?;
    let grid = Grid::new(set, width, height);
    let words_per_image = words_for(width * height);
    let mut bits = vec![0; set.len() * words_per_image];
    let mut covered = grid.blank();
    for (i, pooled) in bits.chunks_exact_mut(words_per_image).enumerate() {
        grid.cover(set.image(i), &mut covered);
        for (p, &tiles) in covered.iter().enumerate() {
            pooled[p / 32] |= u32::from(tiles >= cut) << (p % 32);
        }
    }
    let (name, threshold, labels) = (set.name.clone(), set.threshold, set.labels.clone());
    Ok(Dataset::from_parts(name, width, height, threshold, bits, labels)?
        .divided(set.training)
        .labelled_from(set.first_label)
        .of_parts(set.parts.clone()))
}

/// Which pixels of the result each pixel of the original falls into.
struct Grid<'a> {
    set: &'a Dataset,
    width: usize,
    height: usize,
    columns: Vec<Share>,
    rows: Vec<Share>,
}

/// A row or column of the original overlaps one of the result, or that and the next.
#[derive(Clone, Copy)]
struct Share {
    first: usize,
    in_first: u32,
    in_next: u32,
}

/// How `from` cells fall into `to <= from` cells: a cell has `to` tiles, which fall into groups
/// of `from`.
fn shares(from: usize, to: usize) -> Vec<Share> {
    (0..from)
        .map(|cell| {
            let start = cell * to;
            let first = start / from;
            let in_first = to.min((first + 1) * from - start);
            Share { first, in_first: in_first as u32, in_next: (to - in_first) as u32 }
        })
        .collect()
}

impl<'a> Grid<'a> {
    fn new(set: &'a Dataset, width: usize, height: usize) -> Grid<'a> {
        Grid { set, width, height, columns: shares(set.width, width), rows: shares(set.height, height) }
    }

    fn blank(&self) -> Vec<u32> {
        vec![0; self.width * self.height]
    }

    /// Counts, for each pixel of the result, the tiles that on-pixels of `image` cover.
    fn cover(&self, image: &[u32], covered: &mut [u32]) {
        covered.fill(0);
        for (w, &word) in image.iter().enumerate() {
            let mut rest = word;
            while rest != 0 {
                let pixel = 32 * w + rest.trailing_zeros() as usize;
                rest &= rest - 1;
                let column = self.columns[pixel % self.set.width];
                let row = self.rows[pixel / self.set.width];
                for (y, tall) in [(row.first, row.in_first), (row.first + 1, row.in_next)] {
                    for (x, wide) in [(column.first, column.in_first), (column.first + 1, column.in_next)] {
                        // A share of nothing may point past the edge.
                        if tall * wide > 0 {
                            covered[y * self.width + x] += tall * wide;
                        }
                    }
                }
            }
        }
    }

    /// The least number of covered tiles at which a pixel is on, chosen so that the density of
    /// the whole set stays closest to that of the original.
    fn cut(&self) -> u32 {
        let tiles = self.set.pixels();
        let mut pixels_with = vec![0_u64; tiles + 1];
        let mut covered = self.blank();
        for i in 0..self.set.len() {
            self.cover(self.set.image(i), &mut covered);
            for &tiles in &covered {
                pixels_with[tiles as usize] += 1;
            }
        }
        // Densities compared as fractions with a common denominator: no rounding.
        let wanted = u128::from(self.set.on_pixels()) * (self.width * self.height) as u128;
        let mut best = (u128::MAX, tiles);
        let mut on = 0_u64;
        for cut in (1..=tiles).rev() {
            on += pixels_with[cut];
            let distance = (u128::from(on) * tiles as u128).abs_diff(wanted);
            if distance <= best.0 {
                best = (distance, cut);
            }
        }
        best.1 as u32
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn one(width: usize, height: usize, rows: &[&str]) -> Dataset {
        let mut bits = vec![0; words_for(width * height)];
        for (p, c) in rows.concat().chars().enumerate() {
            bits[p / 32] |= u32::from(c == '#') << (p % 32);
        }
        Dataset::from_parts("one", width, height, 1, bits, vec![0]).expect("valid parts")
    }

    #[test]
    fn the_same_size_changes_nothing() {
        let set = one(5, 3, &["#.#.#", "##...", "....#"]);
        assert_eq!(set.pooled(5, 3).unwrap(), set);
    }

    #[test]
    fn whole_blocks_pool_to_their_share() {
        let set = one(4, 4, &["##..", "##..", "...#", "..##"]);
        // Coverage 4, 0, 0 and 3 of 4; 7/16 is nearer to 2/4 than to 1/4.
        assert_eq!(set.pooled(2, 2).unwrap(), one(2, 2, &["#.", ".#"]));
    }

    #[test]
    fn fractional_blocks_weigh_by_area() {
        // Each of the two covers one and a half pixels: the first 3 of 3 tiles, the second none.
        assert_eq!(shares(3, 2)[1].in_first, 1);
        assert_eq!(shares(3, 2)[1].in_next, 1);
        let set = one(3, 1, &["##."]);
        let grid = Grid::new(&set, 2, 1);
        let mut covered = grid.blank();
        grid.cover(set.image(0), &mut covered);
        assert_eq!(covered, [3, 1]);
    }

    #[test]
    fn every_tile_is_counted_once() {
        let set = one(7, 5, &["#######"; 5]);
        for (width, height) in [(1, 1), (3, 2), (4, 5), (6, 4), (7, 3)] {
            let grid = Grid::new(&set, width, height);
            let mut covered = grid.blank();
            grid.cover(set.image(0), &mut covered);
            assert!(covered.iter().all(|&tiles| tiles == 35), "{width} x {height}");
        }
    }

    #[test]
    fn sizes_out_of_range_are_refused() {
        let set = one(2, 2, &["#.", ".#"]);
        for (width, height) in [(0, 1), (1, 0), (3, 1), (1, 3)] {
            let error = set.pooled(width, height).unwrap_err().to_string();
            assert!(error.contains(&format!("to {width} x {height}")), "{error}");
        }
    }
}
