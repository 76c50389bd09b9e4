//! Making the files of the embedded MNIST from the original ones.

use std::path::Path;

use sha2::{Digest, Sha256};

use super::files::{Kind, Location, Part};
use super::{DataError, Dataset, EMBEDDED_THRESHOLDS, hex, pack};

/// SHA-256 of the four original files, not compressed.
const ORIGINALS: [(Part, Kind, &str); 4] = [
    (Part::Train, Kind::Images, "ba891046e6505d7aadcbbe25680a0738ad16aec93bde7f9b65e87a2fc25776db"),
    (Part::Train, Kind::Labels, "65a50cbbf4e906d70832878ad85ccda5333a97f0f4c3dd2ef09a8a9eef7101c5"),
    (Part::Test, Kind::Images, "0fa7898d509279e482958e8ce81c8e77db3f2f8254e26661ceb7762c4d494ce7"),
    (Part::Test, Kind::Labels, "ff7bcfd416de33731a308c3f266cc351222c34898ecbeaf847f06e48f7ec33f2"),
];

/// One file of the embedded set.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PackedFile {
    /// Its name in the directory `data` of the repository, for example `mnist-1.bin`.
    pub name: String,
    /// Its bytes, as described at [`pack`].
    pub bytes: Vec<u8>,
}

/// Makes the files of the embedded set, one for each of [`EMBEDDED_THRESHOLDS`], from the
/// original MNIST files in `idx_dir`. Nothing is written.
///
/// # Errors
///
/// [`DataError::Checksum`] if one of the four files, unpacked, is not the original, and the
/// errors of [`Dataset::from_idx_dir`].
pub fn pack_mnist(idx_dir: &Path) -> Result<Vec<PackedFile>, DataError> {
    let location = Location::find(idx_dir)?;
    for (part, kind, expected) in ORIGINALS {
        let (path, bytes) = location.read(part, kind)?;
        let found = hex(&Sha256::digest(&bytes));
        if found != expected {
            return Err(DataError::Checksum { path, expected, found });
        }
    }
    EMBEDDED_THRESHOLDS
        .into_iter()
        .map(|threshold| {
            let set = Dataset::from_idx_dir(idx_dir, threshold)?;
            Ok(PackedFile { name: format!("mnist-{threshold}.bin"), bytes: pack::encode(&set) })
        })
        .collect()
}
