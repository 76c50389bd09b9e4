//! Drawing images in a terminal: with Braille characters, each of 2 × 4 pixels, and, larger, with half blocks of 1 × 2.
//!
//! The drawing is plain text, without colours or cursor movements, so that it looks the same in
//! a file.

use super::Dataset;

/// Which bit of a Braille character (from U+2800) is the dot at row `y` and column `x`.
const DOTS: [[u32; 2]; 4] = [[0x01, 0x08], [0x02, 0x10], [0x04, 0x20], [0x40, 0x80]];

/// Image `i` as `ceil(height / 4)` lines of `ceil(width / 2)` characters.
///
/// A character without any dot is a space.
///
/// # Panics
///
/// If `i >= set.len()`.
///
/// ```
/// use host_harness::data::{Dataset, sketch};
///
/// let set = Dataset::from_parts("diagonal", 3, 3, 1, vec![0b100_010_001], vec![0])?;
/// assert_eq!(sketch::lines(&set, 0), ["⠑⠄"]);
/// # Ok::<(), host_harness::data::DataError>(())
/// ```
pub fn lines(set: &Dataset, i: usize) -> Vec<String> {
    let image = set.image(i);
    let on = |x: usize, y: usize| {
        let p = y * set.width() + x;
        x < set.width() && y < set.height() && image[p / 32] >> (p % 32) & 1 == 1
    };
    let character = |column: usize, row: usize| {
        let mut dots = 0;
        for (y, pair) in DOTS.iter().enumerate() {
            for (x, dot) in pair.iter().enumerate() {
                if on(2 * column + x, 4 * row + y) {
                    dots |= dot;
                }
            }
        }
        match dots {
            0 => ' ',
            _ => char::from_u32(0x2800 + dots).unwrap_or('?'),
        }
    };
    (0..set.height().div_ceil(4))
        .map(|row| (0..set.width().div_ceil(2)).map(|column| character(column, row)).collect())
        .collect()
}

/// A picture of `width` pixels a row, without `margin` pixels at each side, as lines of one character for two pixels one
/// above the other: `▀`, `▄`, `█`, or a space.
///
/// ```
/// use host_harness::data::sketch::half_blocks;
///
/// assert_eq!(half_blocks(&[true, false, true, false, true, true], 3, 0), ["▀▄█"]);
/// ```
pub fn half_blocks(pixels: &[bool], width: usize, margin: usize) -> Vec<String> {
    let height = pixels.len() / width.max(1);
    let on = |x: usize, y: usize| y + margin < height && pixels[y * width + x];
    let columns = || margin..width.saturating_sub(margin);
    let character = |x: usize, y: usize| match (on(x, y), on(x, y + 1)) {
        (true, true) => '█',
        (true, false) => '▀',
        (false, true) => '▄',
        (false, false) => ' ',
    };
    let rows = (margin..height.saturating_sub(margin)).step_by(2);
    rows.map(|y| columns().map(|x| character(x, y)).collect()).collect()
}

/// The given images side by side, as many in a row as fit `columns` characters (at least one),
/// each under its label, with an empty line
/// between rows. No line ends in a space.
///
/// # Panics
///
/// If one of the images is not in the set.
pub fn side_by_side(set: &Dataset, images: &[usize], columns: usize) -> String {
    const GAP: usize = 2;
    let width = set.width().div_ceil(2);
    let in_a_row = ((columns + GAP) / (width + GAP)).max(1);
    let mut text = String::new();
    for group in images.chunks(in_a_row) {
        if !text.is_empty() {
            text.push('\n');
        }
        let captions = group.iter().map(|&i| set.label(i).to_string()).collect();
        let drawings: Vec<_> = group.iter().map(|&i| lines(set, i)).collect();
        let drawn = (0..set.height().div_ceil(4)).map(|row| drawings.iter().map(|lines| lines[row].clone()).collect());
        for parts in std::iter::once::<Vec<String>>(captions).chain(drawn) {
            let padded: String = parts.iter().map(|part| format!("{part:<0$}", width + GAP)).collect();
            text.push_str(padded.trim_end());
            text.push('\n');
        }
    }
    text
}

/// The images to show for `n` drawings: the first of each class in turn, then the second of each,
/// and so on; fewer than `n` if the set is smaller.
pub fn one_of_each_class(set: &Dataset, n: usize) -> Vec<usize> {
    let mut of_class = vec![Vec::new(); set.classes()];
    for i in 0..set.len() {
        let class = &mut of_class[usize::from(set.label(i))];
        if class.len() < n {
            class.push(i);
        }
    }
    let longest = of_class.iter().map(Vec::len).max().unwrap_or(0);
    (0..longest).flat_map(|rank| of_class.iter().filter_map(move |class| class.get(rank).copied())).take(n).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn set() -> Dataset {
        // A full 2 x 4 block, a single top-left pixel, an empty image, the right column.
        let bits = vec![0xff, 0x01, 0x00, 0xaa];
        Dataset::from_parts("blocks", 2, 4, 1, bits, vec![2, 0, 2, 0]).expect("valid parts")
    }

    #[test]
    fn dots_follow_the_pixels() {
        let drawn: Vec<_> = (0..4).flat_map(|i| lines(&set(), i)).collect();
        assert_eq!(drawn, ["⣿", "⠁", " ", "⢸"]);
    }

    #[test]
    fn rows_wrap_at_the_width_and_never_end_in_a_space() {
        assert_eq!(side_by_side(&set(), &[0, 1, 2], 4), "2  0\n⣿  ⠁\n\n2\n\n".to_owned());
        assert_eq!(side_by_side(&set(), &[1], 0), "0\n⠁\n");
    }

    #[test]
    fn classes_take_turns() {
        assert_eq!(one_of_each_class(&set(), 3), [1, 0, 3]);
        assert_eq!(one_of_each_class(&set(), 9), [1, 0, 3, 2]);
        assert!(one_of_each_class(&set(), 0).is_empty());
    }
}
