//! MNIST inside the program. `data/README.md` says where the files come from and how to rebuild
//! them.

use super::{DataError, Dataset, pack};

/// The thresholds at which MNIST is stored in the program.
pub const EMBEDDED_THRESHOLDS: [u8; 2] = [1, 128];

/// Its training images, which come first.
const TRAINING: usize = 60_000;

/// See [`Dataset::embedded`].
pub(super) fn load(threshold: u8) -> Result<Dataset, DataError> {
    let packed: &[u8] = match threshold {
        1 => include_bytes!("../../../data/mnist-1.bin"),
        128 => include_bytes!("../../../data/mnist-128.bin"),
        _ => return Err(DataError::EmbeddedThreshold(threshold)),
    };
    Ok(pack::decode("MNIST", packed)?.divided(TRAINING))
}
