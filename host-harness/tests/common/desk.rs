//! A folder to run `dam` in.

use std::fs;
use std::path::PathBuf;

use tempfile::TempDir;

/// A folder of its own; `images` in it has 80 images of 8 x 8 pixels, of three classes.
pub struct Desk(pub TempDir);

impl Desk {
    pub fn new() -> Self {
        let desk = Self(tempfile::tempdir().unwrap());
        fs::create_dir(desk.at("images")).unwrap();
        for (part, count) in [("train", 70u32), ("t10k", 10)] {
            let mut images = vec![0, 0, 8, 3];
            images.extend([count, 8, 8].iter().flat_map(|size| size.to_be_bytes()));
            let mut labels = vec![0, 0, 8, 1];
            labels.extend(count.to_be_bytes());
            for i in 0..count {
                // A row, a column or the diagonal, and a dot that wanders.
                let on = |p: u32| match i % 3 {
                    0 => p / 8 == 3,
                    1 => p % 8 == 3,
                    _ => p / 8 == p % 8,
                };
                images.extend((0..64).map(|p| if on(p) || p == i % 64 { 200 } else { 0 }));
                labels.push((i % 3) as u8);
            }
            fs::write(desk.at(&format!("images/{part}-images-idx3-ubyte")), images).unwrap();
            fs::write(desk.at(&format!("images/{part}-labels-idx1-ubyte")), labels).unwrap();
        }
        desk
    }

    pub fn at(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }
}
