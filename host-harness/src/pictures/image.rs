//! Pictures of weights as PNG, and of states as paths.

use std::fmt::Write;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use png::{BitDepth, ColorType, Compression, Encoder};

/// Steps from 0 to the largest weight of either sign.
const LEVELS: i32 = 15;

/// Weights below and above zero: colours that are seen on white and on black. Weights near zero are transparent.
const COLOURS: [[u8; 3]; 2] = [[0xe0, 0x74, 0x1e], [0x2f, 0x8f, 0xd3]];

/// Pictures of weights from -1 (orange) to 1 (blue) side by side, `gap` pixels apart, as a `data:` address of a PNG;
/// `None` leaves a place empty. Each has `size.0 * size.1` weights, row by row; weights beyond -1 and 1 are drawn as these.
pub fn weights(pictures: &[Option<&[f64]>], size: (usize, usize), gap: usize) -> String {
    let (width, height) = sheet(pictures.len(), size, gap);
    let mut bytes = vec![LEVELS as u8; width * height];
    for (place, picture) in pictures.iter().enumerate() {
        for (i, weight) in picture.iter().copied().flatten().take(size.0 * size.1).enumerate() {
            let level = (weight.clamp(-1.0, 1.0) * f64::from(LEVELS)).round() as i32;
            bytes[i / size.0 * width + place * (size.0 + gap) + i % size.0] = (LEVELS + level) as u8;
        }
    }
    let levels = || -LEVELS..=LEVELS;
    let palette: Vec<u8> = levels().flat_map(|level| COLOURS[usize::from(level > 0)]).collect();
    let opacity: Vec<u8> = levels().map(|level| (level.abs() * 255 / LEVELS) as u8).collect();
    let mut png = vec![];
    let mut encoder = Encoder::new(&mut png, width as u32, height as u32);
    encoder.set_color(ColorType::Indexed);
    encoder.set_depth(BitDepth::Eight);
    encoder.set_palette(palette);
    encoder.set_trns(opacity);
    encoder.set_compression(Compression::High);
    let written = encoder.write_header().and_then(|mut writer| writer.write_image_data(&bytes));
    written.expect("memory can be written to, and there are as many bytes as pixels");
    format!("data:image/png;base64,{}", STANDARD.encode(&png))
}

/// Pixels across and down of pictures side by side.
pub fn sheet(count: usize, size: (usize, usize), gap: usize) -> (usize, usize) {
    ((count * (size.0 + gap)).saturating_sub(gap).max(1), size.1.max(1))
}

/// The pixels that are on as runs along the rows: a path of lines one pixel thick.
pub fn runs(pixels: &[bool], width: usize) -> String {
    let mut path = String::new();
    for (y, row) in pixels.chunks(width.max(1)).enumerate() {
        let mut x = 0;
        for run in row.chunk_by(|a, b| a == b) {
            if run[0] {
                let _ = write!(path, "M{x} {y}h{}", run.len());
            }
            x += run.len();
        }
    }
    path
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Level -LEVELS to LEVELS of every pixel.
    fn levels(address: &str) -> (u32, u32, Vec<i32>) {
        let png = STANDARD.decode(address.strip_prefix("data:image/png;base64,").unwrap()).unwrap();
        let mut reader = png::Decoder::new(std::io::Cursor::new(png)).read_info().unwrap();
        let mut bytes = vec![0; reader.output_buffer_size().unwrap()];
        let frame = reader.next_frame(&mut bytes).unwrap();
        assert_eq!(frame.color_type, ColorType::Indexed);
        (frame.width, frame.height, bytes.into_iter().map(|byte| i32::from(byte) - LEVELS).collect())
    }

    #[test]
    fn weights_are_where_they_belong_and_as_strong_as_they_are() {
        let (one, other) = ([1.0, -1.0, 0.0, 0.4, -7.0, 0.2], [1.0; 6]);
        let address = weights(&[Some(&one), None, Some(&other)], (3, 2), 1);
        let row = |first: [i32; 3]| [&first[..], &[0; 5], &[15; 3]].concat();
        assert_eq!(levels(&address), (11, 2, [row([15, -15, 0]), row([6, -15, 3])].concat()));
    }

    #[test]
    fn runs_cover_what_is_on() {
        let on = [true, true, false, true, false, false, false, false];
        assert_eq!(runs(&on, 4), "M0 0h2M3 0h1");
        assert_eq!(runs(&[false; 8], 4), "");
        assert_eq!(runs(&[true; 4], 2), "M0 0h2M0 1h2");
    }
}
