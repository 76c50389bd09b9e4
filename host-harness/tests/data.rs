//! Loading images: the embedded set, IDX files of every accepted name, and every way in which
//! they can be wrong.

use std::fs;
use std::io::Write;
use std::path::Path;

use flate2::Compression;
use flate2::write::GzEncoder;
use host_harness::data::Dataset;
use tempfile::TempDir;

/// An image file whose header claims `[count, rows, columns]`.
fn images(sizes: [u32; 3], grey: &[u8]) -> Vec<u8> {
    let mut bytes = vec![0, 0, 8, 3];
    bytes.extend(sizes.iter().flat_map(|size| size.to_be_bytes()));
    bytes.extend(grey);
    bytes
}

/// A label file that holds exactly `labels`.
fn labels(labels: &[u8]) -> Vec<u8> {
    let mut bytes = vec![0, 0, 8, 1];
    bytes.extend((labels.len() as u32).to_be_bytes());
    bytes.extend(labels);
    bytes
}

fn gzipped(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::default());
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}

const TRAIN_IMAGES: &str = "train-images-idx3-ubyte";
const TRAIN_LABELS: &str = "train-labels-idx1-ubyte";
const TEST_IMAGES: &str = "t10k-images-idx3-ubyte";
const TEST_LABELS: &str = "t10k-labels-idx1-ubyte";

/// Two training images and one test image of 2 rows and 3 columns.
fn small_set() -> [(&'static str, Vec<u8>); 4] {
    [
        (TRAIN_IMAGES, images([2, 2, 3], &[0, 1, 127, 128, 255, 0, 9, 0, 0, 0, 0, 200])),
        (TRAIN_LABELS, labels(&[4, 0])),
        (TEST_IMAGES, images([1, 2, 3], &[0, 0, 0, 0, 0, 130])),
        (TEST_LABELS, labels(&[2])),
    ]
}

/// A directory with the small set, its names and bytes passed through `change`.
fn directory(change: impl Fn(&str, Vec<u8>) -> (String, Vec<u8>)) -> TempDir {
    let dir = tempfile::tempdir().unwrap();
    for (name, bytes) in small_set() {
        let (name, bytes) = change(name, bytes);
        fs::write(dir.path().join(name), bytes).unwrap();
    }
    dir
}

fn plain_directory() -> TempDir {
    directory(|name, bytes| (name.to_owned(), bytes))
}

fn refusal(path: &Path, threshold: u8) -> String {
    Dataset::from_idx_dir(path, threshold).expect_err("must be refused").to_string()
}

/// What is said when one file of the small set holds `bytes` instead, after checking that the
/// message names the file.
fn refusal_with(name: &str, bytes: Vec<u8>) -> String {
    let dir = plain_directory();
    fs::write(dir.path().join(name), bytes).unwrap();
    let message = refusal(dir.path(), 1);
    assert!(message.contains(name), "{message}");
    message
}

#[track_caller]
fn assert_says(message: &str, parts: &[&str]) {
    for part in parts {
        assert!(message.contains(part), "no \"{part}\" in: {message}");
    }
}

#[test]
fn training_images_come_before_test_images() {
    let dir = plain_directory();
    let set = Dataset::from_idx_dir(dir.path(), 1).unwrap();
    assert_eq!((set.len(), set.width(), set.height()), (3, 3, 2));
    assert_eq!([0, 1, 2].map(|i| set.label(i)), [4, 0, 2]);
    assert_eq!(set.image(0), [0b011_110]);
    assert_eq!(set.image(1), [0b100_001]);
    assert_eq!(set.image(2), [0b100_000]);
    assert_eq!(set.class_counts(), [1, 0, 1, 0, 1]);
    assert_eq!(set.threshold(), 1);
    let directory_name = dir.path().file_name().unwrap().to_str().unwrap();
    assert_eq!(set.name(), directory_name);
}

#[test]
fn a_pixel_is_on_from_the_threshold() {
    let dir = plain_directory();
    let first = |threshold| {
        let set = Dataset::from_idx_dir(dir.path(), threshold).unwrap();
        set.image(0)[0]
    };
    assert_eq!(first(127), 0b011_100);
    assert_eq!(first(128), 0b011_000);
    assert_eq!(first(255), 0b010_000);
}

#[test]
fn gzipped_and_plain_files_give_the_same_set() {
    let plain = Dataset::from_idx_dir(plain_directory().path(), 1).unwrap();
    let gz = directory(|name, bytes| (format!("{name}.gz"), gzipped(&bytes)));
    // The content decides, not the name.
    let misnamed = directory(|name, bytes| (name.to_owned(), gzipped(&bytes)));
    let plain_named_gz = directory(|name, bytes| (format!("{name}.gz"), bytes));
    for dir in [gz, misnamed, plain_named_gz] {
        let set = Dataset::from_idx_dir(dir.path(), 1).unwrap();
        assert_eq!(set.digest(), plain.digest());
    }
}

#[test]
fn every_usual_file_name_is_found() {
    let expected = Dataset::from_idx_dir(plain_directory().path(), 1).unwrap();
    let dotted = directory(|name, bytes| (name.replace("-idx", ".idx"), bytes));
    let test_part = directory(|name, bytes| (name.replace("t10k", "test"), bytes));
    for dir in [dotted, test_part] {
        let set = Dataset::from_idx_dir(dir.path(), 1).unwrap();
        assert_eq!(set.digest(), expected.digest());
    }
}

#[test]
fn a_single_prefix_needs_no_mention() {
    let dir = directory(|name, bytes| (format!("emnist-digits-{name}.gz"), gzipped(&bytes)));
    let by_dir = Dataset::from_idx_dir(dir.path(), 1).unwrap();
    let by_prefix = Dataset::from_idx_dir(&dir.path().join("emnist-digits"), 1).unwrap();
    assert_eq!(by_dir, by_prefix);
    assert_eq!(by_dir.name(), "emnist-digits");
}

#[test]
fn several_prefixes_need_a_choice() {
    let dir = directory(|name, bytes| (format!("emnist-digits-{name}"), bytes));
    for (name, bytes) in small_set() {
        let name = format!("emnist-letters-{name}");
        fs::write(dir.path().join(name), bytes).unwrap();
    }
    let remedy = format!("--data {}/PREFIX", dir.path().display());
    let message = refusal(dir.path(), 1);
    assert_says(&message, &["\"emnist-digits\", \"emnist-letters\"", &remedy]);
    assert!(!message.contains("move"), "{message}");
    let chosen = Dataset::from_idx_dir(&dir.path().join("emnist-letters"), 1).unwrap();
    assert_eq!(chosen.name(), "emnist-letters");

    fs::write(dir.path().join(TRAIN_IMAGES), []).unwrap();
    assert_says(&refusal(dir.path(), 1), &["\"\", \"emnist", "move the files"]);
}

#[test]
fn a_missing_file_is_named_in_every_accepted_form() {
    for (name, what, forms) in [
        (
            TRAIN_IMAGES,
            "no training images",
            vec![
                "train-images-idx3-ubyte,",
                "train-images.idx3-ubyte,",
                "train-images-idx3-ubyte.gz,",
                "train-images.idx3-ubyte.gz;",
            ],
        ),
        (TRAIN_LABELS, "no training labels", vec!["train-labels-idx1-ubyte"]),
        (TEST_IMAGES, "no test images", vec!["t10k-images-idx3-ubyte", "test-images-idx3-ubyte"]),
        (TEST_LABELS, "no test labels", vec!["t10k-labels-idx1-ubyte"]),
    ] {
        let dir = plain_directory();
        fs::remove_file(dir.path().join(name)).unwrap();
        let message = refusal(dir.path(), 1);
        assert_says(&message, &[what, "--data DIR", &dir.path().display().to_string()]);
        assert_says(&message, &forms);
    }
}

#[test]
fn a_path_that_is_no_directory_is_explained() {
    let dir = plain_directory();
    assert_says(&refusal(&dir.path().join("no/such"), 1), &["no directory", "no/such", "--data DIR/PREFIX"]);
    assert_says(&refusal(&dir.path().join("kmnist"), 1), &["no training images", "kmnist-train-images-idx3-ubyte"]);
    assert_says(&refusal(&dir.path().join(TRAIN_IMAGES), 1), &["is a file"]);
    assert_says(&refusal(tempfile::tempdir().unwrap().path(), 1), &["looked for"]);
}

#[test]
fn a_truncated_file_is_refused_with_both_lengths() {
    let message = refusal_with(TRAIN_IMAGES, images([2, 2, 3], &[0; 11]));
    assert_says(&message, &["truncated", "28 bytes", "there are 27"]);
    let message = refusal_with(TEST_LABELS, vec![0, 0, 8, 1, 0]);
    assert_says(&message, &["truncated", "8 bytes", "there are 5"]);
    let message = refusal_with(TEST_IMAGES, vec![]);
    assert_says(&message, &["truncated", "there are 0"]);
}

#[test]
fn a_header_that_claims_too_much_is_only_truncated() {
    let message = refusal_with(TRAIN_IMAGES, images([u32::MAX; 3], &[0; 12]));
    assert_says(&message, &["truncated", "there are 28"]);
}

#[test]
fn trailing_bytes_are_refused_with_their_number() {
    let message = refusal_with(TRAIN_IMAGES, images([2, 2, 3], &[0; 15]));
    assert_says(&message, &["3 trailing bytes", "28 bytes", "there are 31"]);
}

#[test]
fn a_wrong_magic_number_is_shown() {
    let message = refusal_with(TRAIN_IMAGES, labels(&[1, 2]));
    assert_says(&message, &["expected 0x00000803", "got 0x00000801"]);
    let message = refusal_with(TRAIN_LABELS, images([2, 1, 1], &[0; 2]));
    assert_says(&message, &["expected 0x00000801", "got 0x00000803"]);
}

#[test]
fn different_numbers_of_images_and_labels_are_shown() {
    let message = refusal_with(TEST_LABELS, labels(&[1, 2, 3]));
    assert_says(&message, &["1 images", "3 labels", TEST_IMAGES]);
}

#[test]
fn a_file_without_items_is_refused() {
    assert_says(&refusal_with(TEST_IMAGES, images([0, 2, 3], &[])), &["zero images"]);
    assert_says(&refusal_with(TEST_LABELS, labels(&[])), &["zero labels"]);
    assert_says(&refusal_with(TEST_IMAGES, images([1, 0, 3], &[])), &["3 x 0 pixels"]);
}

#[test]
fn training_and_test_images_must_have_one_size() {
    // As many pixels, so that only the sizes tell them apart.
    let message = refusal_with(TEST_IMAGES, images([1, 3, 2], &[0; 6]));
    assert_says(&message, &["3 x 2 pixels", "are 2 x 3", TRAIN_IMAGES]);
}

#[test]
fn a_damaged_gzip_file_is_named() {
    let mut bytes = gzipped(&images([2, 2, 3], &[0; 12]));
    let whole = bytes.clone();
    bytes.truncate(whole.len() - 6);
    assert_says(&refusal_with(TRAIN_IMAGES, bytes), &["cannot unpack"]);
    let mut bytes = whole;
    // The checksum, eight bytes from the end.
    let at = bytes.len() - 8;
    bytes[at] ^= 1;
    assert_says(&refusal_with(TRAIN_IMAGES, bytes), &["cannot unpack"]);
}

#[test]
fn threshold_zero_is_refused() {
    let dir = plain_directory();
    assert_says(&refusal(dir.path(), 0), &["threshold 0", "--threshold 1"]);
}

/// MNIST has 70 000 images; these are the counts of training and test set together.
const MNIST_COUNTS: [usize; 10] = [6903, 7877, 6990, 7141, 6824, 6313, 6876, 7293, 6825, 6958];

#[test]
fn the_embedded_sets_hold_what_they_always_held() {
    for (threshold, digest) in [
        (1, "8853287cbb7e6e3a98489f02f3ca98a1499e7e2e8dcbb46395d24822c6eb575d"),
        (128, "3132f195ae2cd09c9914a03373a80b4cab428d90e353acf1cd04b4127c7d098a"),
    ] {
        let set = Dataset::embedded(threshold).unwrap();
        assert_eq!(set.digest(), digest, "threshold {threshold}");
        assert_eq!(set.class_counts(), MNIST_COUNTS);
        assert_eq!((set.width(), set.height()), (28, 28));
        assert_eq!((set.name(), set.threshold()), ("MNIST", threshold));
    }
}

#[test]
fn the_higher_threshold_is_a_subset_of_the_lower() {
    let (low, high) = (Dataset::embedded(1).unwrap(), Dataset::embedded(128).unwrap());
    for i in 0..low.len() {
        let subset = low.image(i).iter().zip(high.image(i)).all(|(low, high)| high & !low == 0);
        assert!(subset && low.label(i) == high.label(i), "image {i}");
    }
}

#[test]
fn other_embedded_thresholds_point_to_the_files() {
    for threshold in [0, 2, 127, 129, 255] {
        let error = Dataset::embedded(threshold).unwrap_err().to_string();
        assert_says(&error, &[&format!("not {threshold}"), "1 and 128", "--data DIR"]);
    }
}

#[test]
fn pooling_keeps_labels_and_about_the_density() {
    for threshold in [1, 128] {
        let set = Dataset::embedded(threshold).unwrap();
        let half = set.pooled(14, 14).unwrap();
        assert_eq!((half.len(), half.pixels()), (set.len(), 196));
        assert_eq!(half.class_counts(), set.class_counts());
        let change = (half.density() - set.density()).abs();
        assert!(change < 0.04, "threshold {threshold}: {change}");
    }
}
