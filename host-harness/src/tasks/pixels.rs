//! Where the pixels of an image go: tiles, permutations and turns.

use dam_nostd::bits;
use dam_nostd::rng::{self, Purpose, Xoshiro128PlusPlus};

/// Generators of which pixels are permuted begin here, behind those of how.
const PLACES: u32 = 1 << 16;

/// The permutation of `pixels` pixels in `task`: the neuron that shows each pixel. A `share` of them, drawn for the task,
/// are permuted among themselves, and the others stay.
pub fn permutation(seed: u64, task: usize, pixels: usize, share: f64) -> Vec<u16> {
    let moved = (share * pixels as f64).round() as usize;
    let mut places = Vec::with_capacity(moved);
    let mut draws = Xoshiro128PlusPlus::of(seed, Purpose::Permutation, PLACES + task as u32);
    rng::choose(pixels, moved, &mut draws, |pixel| places.push(pixel as u16));
    let mut shuffled = places.clone();
    rng::shuffle(&mut shuffled, &mut Xoshiro128PlusPlus::of(seed, Purpose::Permutation, task as u32));
    let mut permutation: Vec<u16> = (0..pixels as u16).collect();
    for (place, neuron) in places.into_iter().zip(shuffled) {
        permutation[usize::from(place)] = neuron;
    }
    permutation
}

/// An image of `width` x `height` pixels turned by `angle` degrees against the clock around its middle. A pixel of the
/// result is on where the four pixels around the place that it comes from, weighted by their nearness, are on by half or
/// more.
pub fn turned(image: &[u32], width: usize, height: usize, angle: f64) -> Vec<u32> {
    let (sine, cosine) = angle.to_radians().sin_cos();
    let (middle_x, middle_y) = ((width as f64 - 1.0) / 2.0, (height as f64 - 1.0) / 2.0);
    let on = |x: f64, y: f64| {
        let inside = (0.0..width as f64).contains(&x) && (0.0..height as f64).contains(&y);
        if inside && bits::is_on(image, y as usize * width + x as usize) { 1.0 } else { 0.0 }
    };
    let mut turned = vec![0; image.len()];
    for y in 0..height {
        for x in 0..width {
            // Rows run downwards.
            let (right, down) = (x as f64 - middle_x, y as f64 - middle_y);
            let from_x = middle_x + cosine * right - sine * down;
            let from_y = middle_y + sine * right + cosine * down;
            let (left, top) = (from_x.floor(), from_y.floor());
            let (beside, below) = (from_x - left, from_y - top);
            let upper = (1.0 - beside) * on(left, top) + beside * on(left + 1.0, top);
            let lower = (1.0 - beside) * on(left, top + 1.0) + beside * on(left + 1.0, top + 1.0);
            bits::set(&mut turned, y * width + x, (1.0 - below) * upper + below * lower >= 0.5);
        }
    }
    turned
}

/// The pixels of an image in tiles of 2 x 2, row by row of tiles; what is left at the edges comes last.
pub fn tiles(width: usize, height: usize) -> Vec<u16> {
    let mut order = Vec::with_capacity(width * height);
    let mut edges = vec![];
    for top in (0..height).step_by(2) {
        for left in (0..width).step_by(2) {
            let whole = top + 1 < height && left + 1 < width;
            let tile = [(0, 0), (0, 1), (1, 0), (1, 1)].map(|(down, right)| (top + down, left + right));
            let inside = tile.into_iter().filter(|&(y, x)| y < height && x < width);
            let pixels = inside.map(|(y, x)| (y * width + x) as u16);
            if whole { order.extend(pixels) } else { edges.extend(pixels) }
        }
    }
    order.extend(edges);
    order
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tiles_are_a_permutation_of_neighbours() {
        assert_eq!(tiles(4, 2), [0, 1, 4, 5, 2, 3, 6, 7]);
        for (width, height) in [(28, 28), (5, 3), (1, 1), (14, 14)] {
            let mut order = tiles(width, height);
            order.sort_unstable();
            assert!(order.into_iter().eq(0..(width * height) as u16));
        }
    }

    #[test]
    fn permutations_of_tasks_differ_and_repeat() {
        assert_eq!(permutation(7, 0, 100, 1.0), permutation(7, 0, 100, 1.0));
        assert_ne!(permutation(7, 0, 100, 1.0), permutation(7, 1, 100, 1.0));
        assert_ne!(permutation(7, 0, 100, 1.0), permutation(8, 0, 100, 1.0));
    }

    #[test]
    fn a_share_of_the_pixels_is_permuted_among_itself() {
        for (share, moved) in [(0.0, 0), (0.25, 25), (1.0, 100)] {
            let permutation = permutation(7, 3, 100, share);
            let mut sorted = permutation.clone();
            sorted.sort_unstable();
            assert!(sorted.into_iter().eq(0..100));
            // A few stay where they are by chance.
            let away = permutation.iter().enumerate().filter(|&(pixel, &neuron)| pixel != usize::from(neuron)).count();
            assert!(away <= moved && away + 10 >= moved, "{share}: {away}");
        }
    }

    #[test]
    fn images_are_turned_against_the_clock() {
        // The top row of 3 x 3.
        let top = [0b000_000_111];
        assert_eq!(turned(&top, 3, 3, 0.0), top);
        assert_eq!(turned(&top, 3, 3, 90.0), [0b001_001_001]);
        assert_eq!(turned(&top, 3, 3, 180.0), [0b111_000_000]);
        assert_eq!(turned(&top, 3, 3, -90.0), [0b100_100_100]);
        assert_eq!(turned(&top, 3, 3, 360.0), top);
    }
}
