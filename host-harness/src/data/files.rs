//! Finding the IDX files of a set, unpacking them and turning grey values into bits.

use std::collections::BTreeSet;
use std::fs;
use std::io::Read;
use std::path::{Path, PathBuf};

use flate2::bufread::GzDecoder;

use super::idx::{parse_images, parse_labels};
use super::{DataError, Dataset, words_for};

/// What a gzipped file may unpack to. The largest set in use, EMNIST ByClass, has 547 MB; a
/// small file that unpacks without end must not exhaust the memory.
const UNPACK_LIMIT: u64 = 1 << 30;

/// The two parts of a set.
#[derive(Clone, Copy)]
pub(super) enum Part {
    Train,
    Test,
}

/// The two files of a part.
#[derive(Clone, Copy)]
pub(super) enum Kind {
    Images,
    Labels,
}

impl Part {
    fn spellings(self) -> &'static [&'static str] {
        match self {
            Part::Train => &["train"],
            Part::Test => &["t10k", "test"],
        }
    }
}

impl Kind {
    /// How a name goes on after the part, without `.gz`.
    fn endings(self) -> &'static [&'static str] {
        match self {
            Kind::Images => &["-images-idx3-ubyte", "-images.idx3-ubyte"],
            Kind::Labels => &["-labels-idx1-ubyte", "-labels.idx1-ubyte", "-labels-idx2-int", "-labels.idx2-int"],
        }
    }
}

/// Where the files of one set are.
pub(super) struct Location {
    dir: PathBuf,
    /// What the file names start with, without the hyphen that ends it; often empty.
    prefix: String,
}

impl Location {
    /// `path` is a directory, or a directory with a file prefix as the last component.
    pub(super) fn find(path: &Path) -> Result<Location, DataError> {
        if path.is_dir() {
            return Location::in_dir(path);
        }
        if path.exists() {
            return Err(DataError::NotADirectory { path: path.into() });
        }
        let dir = match path.parent() {
            Some(parent) if parent.as_os_str().is_empty() => Path::new("."),
            Some(parent) => parent,
            None => path,
        };
        let prefix = path.file_name().and_then(|name| name.to_str());
        match prefix {
            Some(prefix) if dir.is_dir() => {
                Ok(Location { dir: dir.into(), prefix: prefix.trim_end_matches('-').into() })
            }
            _ => Err(DataError::NoSuchDirectory { path: path.into() }),
        }
    }

    fn in_dir(dir: &Path) -> Result<Location, DataError> {
        let unreadable = |reason| DataError::Unreadable { path: dir.into(), reason };
        let mut prefixes = BTreeSet::new();
        for entry in fs::read_dir(dir).map_err(unreadable)? {
            let name = entry.map_err(unreadable)?.file_name();
            // A name that is not UTF-8 is none of the names looked for.
            if let Some(prefix) = name.to_str().and_then(prefix_of) {
                prefixes.insert(prefix.to_owned());
            }
        }
        if prefixes.len() > 1 {
            return Err(DataError::SeveralPrefixes { dir: dir.into(), prefixes: prefixes.into_iter().collect() });
        }
        // With no file at all, the search for the first one says what was looked for.
        Ok(Location { dir: dir.into(), prefix: prefixes.into_iter().next().unwrap_or_default() })
    }

    /// What to call the set: the prefix, or else the name of the directory.
    fn name(&self) -> String {
        if !self.prefix.is_empty() {
            return self.prefix.clone();
        }
        // `.` and `..` have no name of their own.
        let whole = fs::canonicalize(&self.dir).unwrap_or_else(|_| self.dir.clone());
        whole.file_name().map_or_else(|| whole.display().to_string(), |name| name.to_string_lossy().into_owned())
    }

    fn path_of(&self, part: Part, kind: Kind) -> Result<PathBuf, DataError> {
        let hyphen = if self.prefix.is_empty() { "" } else { "-" };
        let mut looked_for = Vec::new();
        for gz in ["", ".gz"] {
            for spelling in part.spellings() {
                for ending in kind.endings() {
                    let name = format!("{}{hyphen}{spelling}{ending}{gz}", self.prefix);
                    let path = self.dir.join(&name);
                    if path.is_file() {
                        return Ok(path);
                    }
                    looked_for.push(name);
                }
            }
        }
        Err(DataError::MissingFile {
            what: match (part, kind) {
                (Part::Train, Kind::Images) => "training images",
                (Part::Train, Kind::Labels) => "training labels",
                (Part::Test, Kind::Images) => "test images",
                (Part::Test, Kind::Labels) => "test labels",
            },
            dir: self.dir.clone(),
            looked_for,
        })
    }

    /// Whether a part is there, or some of it.
    fn has(&self, part: Part) -> bool {
        [Kind::Images, Kind::Labels].into_iter().any(|kind| self.path_of(part, kind).is_ok())
    }

    /// The path of a file and its bytes, unpacked.
    pub(super) fn read(&self, part: Part, kind: Kind) -> Result<(PathBuf, Vec<u8>), DataError> {
        let path = self.path_of(part, kind)?;
        let bytes = fs::read(&path).map_err(|reason| DataError::Unreadable { path: path.clone(), reason })?;
        let bytes = unpacked(&path, bytes)?;
        Ok((path, bytes))
    }
}

/// The files that [`load`] would read.
pub(super) fn sources(path: &Path) -> Vec<PathBuf> {
    let Ok(location) = Location::find(path) else { return vec![] };
    let files =
        [Part::Train, Part::Test].map(|part| [Kind::Images, Kind::Labels].map(|kind| location.path_of(part, kind)));
    files.into_iter().flatten().flatten().collect()
}

/// The prefix of an IDX file's name, empty if it has none; `None` for any other name.
fn prefix_of(name: &str) -> Option<&str> {
    let name = name.strip_suffix(".gz").unwrap_or(name);
    let stem = [Kind::Images, Kind::Labels]
        .into_iter()
        .flat_map(Kind::endings)
        .find_map(|ending| name.strip_suffix(*ending))?;
    let prefix = [Part::Train, Part::Test]
        .into_iter()
        .flat_map(Part::spellings)
        .find_map(|spelling| stem.strip_suffix(spelling))?;
    if prefix.is_empty() {
        return Some("");
    }
    prefix.strip_suffix('-')
}

/// The first bytes of a member of a gzip file.
const GZIP: [u8; 2] = [0x1f, 0x8b];

/// The bytes themselves, or what they unpack to if they start like a gzip file: of one member or several. Zeros behind the
/// last, as tapes leave them, are nothing.
fn unpacked(path: &Path, bytes: Vec<u8>) -> Result<Vec<u8>, DataError> {
    if !bytes.starts_with(&GZIP) {
        return Ok(bytes);
    }
    let (mut whole, mut rest) = (Vec::new(), bytes.as_slice());
    while rest.iter().any(|&byte| byte != 0) {
        if !rest.starts_with(&GZIP) {
            return Err(DataError::BehindGzip { path: path.into(), bytes: rest.len(), from: bytes.len() - rest.len() });
        }
        let mut member = GzDecoder::new(rest);
        let room = UNPACK_LIMIT + 1 - whole.len() as u64;
        let read = member.by_ref().take(room).read_to_end(&mut whole);
        read.map_err(|reason| DataError::Gzip { path: path.into(), reason })?;
        if whole.len() as u64 > UNPACK_LIMIT {
            return Err(DataError::UnpacksTooLarge { path: path.into(), limit: UNPACK_LIMIT });
        }
        rest = member.into_inner();
    }
    Ok(whole)
}

/// One part of a set, as bits.
struct BitPart {
    least: u8,
    largest: u8,
    images_path: PathBuf,
    width: usize,
    height: usize,
    bits: Vec<u32>,
    labels: Vec<u8>,
}

fn load_part(location: &Location, part: Part, threshold: u8) -> Result<BitPart, DataError> {
    let (images_path, image_bytes) = location.read(part, Kind::Images)?;
    let (labels_path, label_bytes) = location.read(part, Kind::Labels)?;
    let images = parse_images(&image_bytes).map_err(|problem| DataError::Idx { path: images_path.clone(), problem })?;
    let labels = parse_labels(&label_bytes).map_err(|problem| DataError::Idx { path: labels_path.clone(), problem })?;
    if images.count() != labels.len() {
        return Err(DataError::CountsDiffer { images_path, images: images.count(), labels_path, labels: labels.len() });
    }
    let pixels = images.width() * images.height();
    let mut bits = Vec::with_capacity(images.count() * words_for(pixels));
    for image in images.grey().chunks_exact(pixels) {
        bits.extend(image.chunks(32).map(|grey| binarised(grey, threshold)));
    }
    let (least, largest) = extremes(images.grey());
    let (width, height, labels) = (images.width(), images.height(), labels.to_vec());
    Ok(BitPart { least, largest, width, height, bits, labels, images_path })
}

/// The least and the largest grey value.
fn extremes(grey: &[u8]) -> (u8, u8) {
    grey.iter().fold((u8::MAX, 0), |(least, largest), &value| (least.min(value), largest.max(value)))
}

/// The largest grey value of a set.
pub(super) fn largest(path: &Path) -> Result<u8, DataError> {
    let location = Location::find(path)?;
    let part = |part| load_part(&location, part, 1).map(|part| part.largest);
    let test = if location.has(Part::Test) { part(Part::Test)? } else { 0 };
    Ok(part(Part::Train)?.max(test))
}

/// Up to 32 grey values as one word.
fn binarised(grey: &[u8], threshold: u8) -> u32 {
    grey.iter().enumerate().fold(0, |word, (bit, &value)| word | u32::from(value >= threshold) << bit)
}

/// See [`Dataset::from_idx_dir`].
pub(super) fn load(path: &Path, threshold: u8) -> Result<Dataset, DataError> {
    if threshold == 0 {
        return Err(DataError::ThresholdZero);
    }
    let location = Location::find(path)?;
    let mut train = load_part(&location, Part::Train, threshold)?;
    let (name, training) = (location.name(), train.labels.len());
    if location.has(Part::Test) {
        let test = load_part(&location, Part::Test, threshold)?;
        if (train.width, train.height) != (test.width, test.height) {
            return Err(DataError::SizesDiffer {
                train_path: train.images_path,
                train: (train.width, train.height),
                test_path: test.images_path,
                test: (test.width, test.height),
            });
        }
        train.bits.extend(test.bits);
        train.labels.extend(test.labels);
        (train.least, train.largest) = (train.least.min(test.least), train.largest.max(test.largest));
    }
    let (least, largest) = (train.least, train.largest);
    if threshold > largest || threshold <= least {
        return Err(DataError::NoContrast { name, threshold, least, largest });
    }
    // Labels that start at 1, as those of EMNIST's letters, would leave class 0 without an image.
    let first = train.labels.iter().copied().min().unwrap_or(0);
    train.labels.iter_mut().for_each(|label| *label -= first);
    let set = Dataset::from_parts(name, train.width, train.height, threshold, train.bits, train.labels)?;
    Ok(set.divided(training).labelled_from(first))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn prefixes_are_read_off_file_names() {
        for (name, prefix) in [
            ("train-images-idx3-ubyte", Some("")),
            ("t10k-labels.idx1-ubyte.gz", Some("")),
            ("emnist-digits-test-images-idx3-ubyte.gz", Some("emnist-digits")),
            ("a-train-labels-idx1-ubyte", Some("a")),
            ("mytrain-labels-idx1-ubyte", None),
            ("train-images-idx1-ubyte", None),
            ("emnist-digits-mapping.txt", None),
        ] {
            assert_eq!(prefix_of(name), prefix, "{name}");
        }
    }

    #[test]
    fn bits_are_numbered_from_the_least_significant() {
        assert_eq!(binarised(&[0, 1, 127, 128, 255], 128), 0b11000);
        assert_eq!(binarised(&[0, 1, 127, 128, 255], 1), 0b11110);
        assert_eq!(binarised(&[255; 32], 255), u32::MAX);
    }
}
