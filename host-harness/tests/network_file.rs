//! Network files and tensors: round trips, every kind of damage, and the trial's own accuracies once more.

use std::ops::ControlFlow;
use std::path::Path;

use clap::{Args, Command, FromArgMatches};
use host_harness::cli::{convert, eval, relax};
use host_harness::config::{Batch, DecaysName, MethodName, Precision, Settings};
use host_harness::data::Dataset;
use host_harness::evaluation::{Choice, evaluate};
use host_harness::file::network::{self, FormatError, decode, encode};
use host_harness::file::tensors::{self, TensorError, decode_network, encode_network};
use host_harness::machine::Machine;
use host_harness::network::{TrainedNetwork, Weights};
use host_harness::trial::{self, Event, Finished};
use safetensors::Dtype;
use safetensors::tensor::TensorView;
use sha2::{Digest, Sha256};

/// Where the header's length is, and where the header starts.
const LENGTH: usize = 12;
const HEADER: usize = 16;

/// 3 memory vectors of 4 pixels, 2 task-ID and 1 class neurons, with the numbers that are easily lost.
fn small(precision: Precision) -> TrainedNetwork {
    let settings = Settings {
        n: Some(3),
        tasks: Some(2),
        memories: Some(3),
        temperature: Some(0.1 + 0.2),
        floor: Some(5e-324),
        seed: Some(u64::MAX),
        precision: Some(precision),
        ..Settings::default()
    };
    let mut weights: Vec<f64> = (0..21).map(|i| (f64::from(i) - 10.0) / 3.0).collect();
    weights[0] = -0.0;
    weights[1] = 0.0;
    TrainedNetwork {
        config: settings.config().unwrap(),
        image: (2, 2),
        classes: 1,
        data_digest: "0123456789abcdef".repeat(4),
        encoding: None,
        permutations: vec![vec![3, 1, 0, 2], vec![0, 1, 2, 3]],
        learned: 2,
        weights: match precision {
            Precision::F32 | Precision::Fixed32 | Precision::Fixed16 => {
                let mut weights: Vec<f32> = weights.iter().map(|&w| w as f32).collect();
                (weights[2], weights[3], weights[4]) = (f32::MIN_POSITIVE / 2.0, f32::MAX, -f32::MAX);
                Weights::F32(weights)
            }
            Precision::F64 => {
                (weights[2], weights[3], weights[4]) = (5e-324, f64::MAX, -f64::MAX);
                Weights::F64(weights)
            }
        },
    }
}

/// Equality that tells -0 from 0.
fn bits(weights: &Weights) -> Vec<u64> {
    match weights {
        Weights::F32(weights) => weights.iter().map(|w| u64::from(w.to_bits())).collect(),
        Weights::F64(weights) => weights.iter().map(|w| w.to_bits()).collect(),
    }
}

/// The file with another checksum: that of its content.
fn sealed(mut bytes: Vec<u8>) -> Vec<u8> {
    let end = bytes.len() - 32;
    let checksum = Sha256::digest(&bytes[..end]);
    bytes[end..].copy_from_slice(&checksum);
    bytes
}

fn header_length(bytes: &[u8]) -> usize {
    u32::from_le_bytes(bytes[LENGTH..HEADER].try_into().unwrap()) as usize
}

/// The file with another header, lengths and checksum put right.
fn with_header(network: &TrainedNetwork, edit: impl FnOnce(String) -> String) -> Vec<u8> {
    let bytes = encode(network);
    let length = header_length(&bytes);
    let header = edit(String::from_utf8(bytes[HEADER..HEADER + length].to_vec()).unwrap());
    let mut edited = bytes[..LENGTH].to_vec();
    edited.extend((header.len() as u32).to_le_bytes());
    edited.extend(header.as_bytes());
    edited.extend(&bytes[HEADER + length..]);
    sealed(edited)
}

#[test]
fn networks_come_back_bit_for_bit() {
    for precision in [Precision::F32, Precision::F64] {
        let network = small(precision);
        let bytes = encode(&network);
        for back in [decode(&bytes).unwrap(), decode_network(&encode_network(&network).unwrap()).unwrap()] {
            assert_eq!(back, network);
            assert_eq!(bits(&back.weights), bits(&network.weights));
            assert_eq!(encode(&back), bytes);
        }
        assert_eq!(encode_network(&network).unwrap(), encode_network(&network).unwrap());
    }
}

#[test]
fn the_bytes_are_where_the_documentation_says() {
    let bytes = encode(&small(Precision::F32));
    assert_eq!(bytes[..12], *b"\x89DAM\r\n\x1a\n\x01\0\0\0");
    let permutations = HEADER + header_length(&bytes);
    assert_eq!(bytes[permutations..permutations + 6], [3, 0, 1, 0, 0, 0]);
    let weights = permutations + 2 * 2 * 4;
    assert_eq!(bytes[weights..weights + 8], [0, 0, 0, 0x80, 0, 0, 0, 0]);
    assert_eq!(bytes.len(), weights + 3 * 7 * 4 + 32);
    assert_eq!(bytes[bytes.len() - 32..], Sha256::digest(&bytes[..bytes.len() - 32])[..]);
}

#[test]
fn a_file_cut_anywhere_is_refused() {
    let bytes = encode(&small(Precision::F32));
    for length in 0..bytes.len() {
        match decode(&bytes[..length]) {
            Err(FormatError::Truncated { found, expected }) => {
                assert!(found == length as u64 && found < expected && expected <= bytes.len() as u64, "{length}");
            }
            // The last bytes of what is left are taken for a checksum, and the header for one without its end.
            other => panic!("cut to {length}: {other:?}"),
        }
    }
    let mut longer = bytes.clone();
    longer.push(0);
    let (found, expected) = (longer.len() as u64, bytes.len() as u64);
    assert_eq!(decode(&longer).unwrap_err(), FormatError::Trailing { found, expected });
}

#[test]
fn a_file_with_any_bit_turned_is_refused() {
    for precision in [Precision::F32, Precision::F64] {
        let bytes = encode(&small(precision));
        for i in 0..bytes.len() {
            for bit in 0..8 {
                let mut turned = bytes.clone();
                turned[i] ^= 1 << bit;
                let error = decode(&turned).unwrap_err();
                match i {
                    0..8 => assert_eq!(error, FormatError::NotANetwork),
                    8..12 => assert!(matches!(error, FormatError::Newer(_) | FormatError::NoSuchVersion(0))),
                    _ => assert!(
                        i < HEADER + header_length(&bytes) || error == FormatError::Checksum,
                        "byte {i}, bit {bit}: {error}"
                    ),
                }
            }
        }
    }
}

#[test]
fn a_file_with_the_right_checksum_and_the_wrong_content_is_refused() {
    let network = small(Precision::F32);
    let bytes = encode(&network);
    let permutations = HEADER + header_length(&bytes);
    let weights = permutations + 16;
    for (at, value, message) in [
        (permutations, 1u32.to_le_bytes(), "permutation of task 1 is none: pixel 2 (from 0) is shown by neuron 0"),
        (permutations + 8, [4, 0, 1, 0], "permutation of task 2 is none: pixel 0 (from 0) is shown by neuron 4"),
        (permutations + 8, [0xff; 4], "neuron 65535"),
        (weights + 4 * 8, f32::NAN.to_le_bytes(), "memory vector 1 to neuron 1 (both from 0) is NaN"),
        (weights + 4 * 20, f32::NEG_INFINITY.to_le_bytes(), "memory vector 2 to neuron 6 (both from 0) is -inf"),
    ] {
        let mut wrong = bytes.clone();
        wrong[at..at + 4].copy_from_slice(&value);
        let error = decode(&sealed(wrong)).unwrap_err().to_string();
        assert!(error.contains(message), "{error}");
    }
    for (from, to, message) in [
        ("\"tasks\":2", "\"tasks\":3", "bytes"),
        ("\"tasks\":2", "\"tasks\":1", "instead of"),
        ("\"memories\":3", "\"memories\":65536", "it ends after"),
        ("\"memories\":3", "\"memories\":0", "memories = 0"),
        ("\"classes\":1", "\"classes\":0", "at least 1 class"),
        ("\"classes\":1", "\"classes\":18446744073709551615", "18446744073709551615 neurons"),
        ("\"width\":2", "\"width\":0", "0 x 2 pixels"),
        ("\"width\":2", "\"width\":9223372036854775809", "9223372036854775809 x 2 pixels"),
        ("\"precision\":\"f32\"", "\"precision\":\"f64\"", "it ends after"),
        ("\"precision\":\"f32\"", "\"precision\":\"f16\"", "f16"),
        ("\"n\":3", "\"n\":101", "n = 101"),
        ("\"n\":3", "\"vertex\":3", "vertex"),
        ("\"program\"", "\"programme\"", "newer program"),
        ("0123456789abcdef0123", "x", "data_digest"),
        ("{\"program\"", "[{\"program\"", "header cannot be used"),
    ] {
        let error = decode(&with_header(&network, |header| {
            assert!(header.contains(from), "{from} in {header}");
            header.replacen(from, to, 1)
        }));
        let error = error.unwrap_err().to_string();
        assert!(error.contains(message), "{to}: {error}");
    }
    let deep = with_header(&network, |_| "[".repeat(100_000));
    assert!(matches!(decode(&deep), Err(FormatError::Header(_))));
}

#[test]
fn how_many_tasks_were_learned_is_kept_and_has_to_make_sense() {
    let whole = small(Precision::F32);
    // A file from before it was kept is that of a network which has learned all.
    assert!(!String::from_utf8_lossy(&encode(&whole)).contains("learned"));
    let first = whole.clone().after(1);
    assert_eq!(decode(&encode(&first)).unwrap(), first);
    assert_eq!(decode_network(&encode_network(&first).unwrap()).unwrap(), first);
    for (learned, told) in [("0", "learned = 0 of 2 tasks"), ("3", "learned = 3 of 2 tasks"), ("\"all\"", "all")] {
        let edit = |header: String| header.replacen("\"learned\":1", &format!("\"learned\":{learned}"), 1);
        let message = decode(&with_header(&first, edit)).unwrap_err().to_string();
        assert!(message.contains(told), "{message}");
    }
    assert!(network::check(&whole.after(3)).is_err());
}

#[test]
fn any_change_with_the_right_checksum_is_refused_or_another_whole_network() {
    let bytes = encode(&small(Precision::F32));
    for i in LENGTH..bytes.len() - 32 {
        for value in [0, b'"', b'9', b'}', 0x7f, 0xff, bytes[i] ^ 1, bytes[i] ^ 0x80] {
            let mut changed = bytes.clone();
            changed[i] = value;
            if let Ok(network) = decode(&sealed(changed)) {
                assert_eq!(decode(&encode(&network)).unwrap(), network, "byte {i}: {value}");
            }
        }
    }
}

#[test]
fn a_setting_that_the_file_does_not_know_has_its_default() {
    let network = small(Precision::F32);
    let older = with_header(&network, |header| header.replace("\"proportion\":0.5,", ""));
    assert_ne!(older, encode(&network));
    assert_eq!(decode(&older).unwrap(), network);
}

#[test]
fn errors_name_the_file_and_a_network_that_could_not_be_read_is_not_written() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("net.dam");
    let missing = network::load(&path).unwrap_err().to_string();
    assert!(missing.contains("net.dam") && missing.contains("check the name"), "{missing}");
    std::fs::write(&path, b"PK\x03\x04, say").unwrap();
    let other = network::load(&path).unwrap_err().to_string();
    assert!(other.contains("net.dam") && other.contains("it is no network file"), "{other}");
    // Endless, and no network.
    if cfg!(target_os = "linux") {
        assert!(network::load(Path::new("/dev/zero")).is_err());
    }
    let mut network = small(Precision::F32);
    network.weights = Weights::F32(vec![f32::INFINITY; 21]);
    let error = network::save(&path, &network).unwrap_err().to_string();
    assert!(error.contains("net.dam would hold no usable network") && error.contains("inf"), "{error}");
    assert_eq!(std::fs::read(&path).unwrap(), b"PK\x03\x04, say");
    network.weights = Weights::F32(vec![0.5; 20]);
    assert!(network::save(&path, &network).unwrap_err().to_string().contains("weights: 20 instead of 21"));
}

/// A safetensors file.
fn file(tensors: &[(&str, Dtype, &[usize], &[u8])], metadata: &[(&str, &str)]) -> Vec<u8> {
    let views =
        tensors.iter().map(|&(name, dtype, shape, data)| (name, TensorView::new(dtype, shape.to_vec(), data).unwrap()));
    let metadata = metadata.iter().map(|&(key, value)| (key.to_owned(), value.to_owned())).collect();
    safetensors::serialize(views, Some(metadata)).unwrap()
}

fn floats(count: usize) -> Vec<u8> {
    (0..count).flat_map(|i| (i as f32).to_le_bytes()).collect()
}

#[test]
fn memories_and_three_numbers_make_a_network() {
    let data = floats(2 * 799);
    let memories = ("memories", Dtype::F32, &[2, 799][..], &data[..]);
    let minimal = [("n", "30"), ("tasks", "5"), ("classes", "10")];
    let network = decode_network(&file(&[memories], &minimal)).unwrap();
    assert_eq!((network.image, network.classes, network.permutations.len()), ((28, 28), 10, 5));
    assert_eq!((network.config.n, network.config.tasks, network.config.memories), (30, 5, 2));
    assert!(network.permutations.iter().all(|permutation| permutation.iter().copied().eq(0..784)));
    assert_eq!(network.weights, Weights::F32((0..2 * 799).map(|i| i as f32).collect()));
    assert_eq!(decode(&encode(&network)).unwrap(), network);
    let config = [("config", r#"{"n": 4, "tasks": 5, "temperature": 0.5}"#), ("classes", "10")];
    let network = decode_network(&file(&[memories], &config)).unwrap();
    assert_eq!((network.config.n, network.config.final_temperature), (4, 0.5));
    let wide = [("n", "3"), ("tasks", "5"), ("classes", "10"), ("image_width", "56"), ("format", "pt")];
    assert_eq!(decode_network(&file(&[memories], &wide)).unwrap().image, (56, 14));
}

#[test]
fn tensors_that_are_no_network_are_refused() {
    let refusal = |tensors: &[(&str, Dtype, &[usize], &[u8])], metadata: &[(&str, &str)]| {
        decode_network(&file(tensors, metadata)).unwrap_err().to_string()
    };
    let minimal = [("n", "3"), ("tasks", "1"), ("classes", "2")];
    let seven = floats(7);
    let memories = ("memories", Dtype::F32, &[1, 7][..], &seven[..]);
    for (metadata, message) in [
        (&[][..], "n is missing"),
        (&minimal[..2], "classes is missing"),
        (&[("n", "3"), ("tasks", "x"), ("classes", "2")], "tasks = \"x\" is no number"),
        (&[("n", "0"), ("tasks", "1"), ("classes", "2")], "n = 0"),
        (&[("n", "3"), ("tasks", "2"), ("classes", "2")], "28 x 28 = 784 pixels"),
        (&[("n", "3"), ("tasks", "9"), ("classes", "2")], "28 x 28 = 784 pixels"),
        (&[("n", "3"), ("tasks", "1"), ("clases", "2")], "\"clases\" means nothing here"),
        (&[("n", "3"), ("tasks", "1"), ("classes", "2"), ("config", "{\"n\": 4}")], "n has another value in config"),
        (&[("n", "3"), ("tasks", "1"), ("classes", "2"), ("config", "4")], "config is no JSON object"),
        (&[("n", "3"), ("tasks", "1"), ("classes", "2"), ("image_width", "0")], "0 x 0 = 0 pixels"),
        (&[("dam", "{}")], "header cannot be used"),
    ] {
        let error = refusal(&[memories], metadata);
        assert!(error.contains(message), "{metadata:?}: {error}");
    }
    let bytes = [0; 64];
    for (tensors, message) in [
        (&[][..], "none at all"),
        (&[("weights", Dtype::F32, &[1, 7][..], &seven[..])], "tensor \"weights\" means nothing here"),
        (&[("memories", Dtype::F32, &[7], &seven)], "[memory][neuron]"),
        (&[("memories", Dtype::I16, &[1, 7], &bytes[..14])], "type I16; make it F32, F64, F16 or BF16"),
        (&[("memories", Dtype::F32, &[0, 7], &[])], "memories = 0"),
        (&[memories, ("permutations", Dtype::I32, &[4], &bytes[..16])], "[1, 4]: [task][pixel]"),
        (&[memories, ("permutations", Dtype::F32, &[1, 4], &bytes[..16])], "type F32; make it I32"),
        (&[memories, ("permutations", Dtype::I32, &[1, 4], &[0xff; 16])], "(both from 0): -1"),
        (&[memories, ("permutations", Dtype::I32, &[1, 4], &bytes[..16])], "permutation of task 1 is none"),
    ] {
        let error = refusal(tensors, &minimal);
        assert!(error.contains(message), "{error}");
    }
    assert!(matches!(decode_network(b"no"), Err(TensorError::NotSafetensors(_))));
    let whole = file(&[memories], &minimal);
    for length in 0..whole.len() {
        assert!(decode_network(&whole[..length]).is_err());
    }
}

#[test]
fn permutations_of_every_integer_type_are_read() {
    let seven = floats(7);
    let permutation = [2u8, 0, 3, 1];
    for (dtype, size) in [(Dtype::U16, 2), (Dtype::I16, 2), (Dtype::U32, 4), (Dtype::I32, 4), (Dtype::I64, 8)] {
        let wide: Vec<u8> =
            permutation.iter().flat_map(|&p| (0..size).map(move |i| if i == 0 { p } else { 0 })).collect();
        let tensors = [("memories", Dtype::F32, &[1, 7][..], &seven[..]), ("permutations", dtype, &[1, 4], &wide)];
        let network = decode_network(&file(&tensors, &[("n", "3"), ("tasks", "1"), ("classes", "2")])).unwrap();
        assert_eq!(network.permutations, [[2, 0, 3, 1]], "{dtype}");
    }
}

#[test]
fn probes_are_bipolar_or_refused() {
    let shape = small(Precision::F32).shape().unwrap();
    let rows = |values: &[f32]| values.iter().flat_map(|v| v.to_le_bytes()).collect::<Vec<u8>>();
    let mut values = [1.0, -1.0, -1.0, -1.0, 1.0, -1.0, 1.0, -1.0, 1.0, -1.0, -1.0, -1.0, -1.0, -1.0];
    let good = file(&[("any name", Dtype::F32, &[2, 7], &rows(&values))], &[]);
    assert_eq!(tensors::decode_probes(&good, &shape).unwrap(), [0b101_0001, 0b000_0010]);
    assert!(tensors::decode_probes(&file(&[("p", Dtype::F32, &[0, 7], &[])], &[]), &shape).unwrap().is_empty());
    let signed = [1, 0xff, 0xff, 0xff, 1, 0xff, 1];
    let narrow = file(&[("probes", Dtype::I8, &[1, 7], &signed), ("other", Dtype::I8, &[0], &[])], &[]);
    assert_eq!(tensors::decode_probes(&narrow, &shape).unwrap(), [0b101_0001]);
    for bad in [0.0, -0.0, 0.999_999_94, f32::NAN, f32::INFINITY] {
        values[9] = bad;
        let error = tensors::decode_probes(&file(&[("p", Dtype::F32, &[2, 7], &rows(&values))], &[]), &shape);
        let error = error.unwrap_err().to_string();
        assert!(error.contains("probe 1 and neuron 2 (both from 0)") && error.contains("-1 or +1"), "{error}");
    }
    for (tensors, message) in [
        (&[("p", Dtype::F32, &[7, 2][..], &rows(&[1.0; 14])[..])][..], "[probes, 7]"),
        (&[("p", Dtype::BOOL, &[1, 7], &[1; 7])], "F32, F64, F16, BF16 or I8"),
        (&[("a", Dtype::I8, &[1, 7], &[1; 7]), ("b", Dtype::I8, &[1, 7], &[1; 7])], "but \"a\", \"b\""),
    ] {
        let error = tensors::decode_probes(&file(tensors, &[]), &shape).unwrap_err().to_string();
        assert!(error.contains(message), "{error}");
    }
}

fn parsed<A: Args + FromArgMatches>(words: &[&Path]) -> A {
    let command = A::augment_args(Command::new("dam"));
    command.clone().debug_assert();
    let program = [Path::new("dam")];
    let matches = command.try_get_matches_from(program.iter().chain(words)).unwrap();
    A::from_arg_matches(&matches).unwrap()
}

#[test]
fn a_network_is_converted_there_and_back_and_relaxes_probes() {
    let folder = tempfile::tempdir().unwrap();
    let at = |name: &str| folder.path().join(name);
    let network = small(Precision::F64);
    network::save(&at("net.dam"), &network).unwrap();
    let there: convert::ConvertArgs = parsed(&[&at("net.dam"), &at("net.safetensors")]);
    assert!(convert::run(&there).unwrap().contains("3 memory vectors of 7 neurons"));
    convert::run(&parsed(&[&at("net.safetensors"), &at("back.dam")])).unwrap();
    assert_eq!(std::fs::read(at("back.dam")).unwrap(), std::fs::read(at("net.dam")).unwrap());
    for (from, to) in [("net.dam", "other.dam"), ("net.dam", "net.npz"), ("net", "net.dam")] {
        let error = convert::run(&parsed(&[&at(from), &at(to)])).unwrap_err();
        assert!(matches!(error, host_harness::cli::error::Error::Usage(_)), "{error}");
        assert!(!at("other.dam").exists());
    }
    // With weights that have energies.
    let Weights::F64(mut weights) = network.weights else { unreachable!() };
    (weights[3], weights[4]) = (1.0, -1.0);
    network::save(&at("net.dam"), &TrainedNetwork { weights: Weights::F64(weights), ..network }).unwrap();
    let states: Vec<u8> = (0..14).map(|i| if i % 3 == 0 { 1 } else { 0xff }).collect();
    for (name, count) in [("some", 2), ("none", 0)] {
        std::fs::write(at(name), file(&[("probes", Dtype::I8, &[count, 7], &states[..7 * count])], &[])).unwrap();
        let words = [&at("net.dam"), Path::new("--probes"), &at(name), Path::new("--out"), &at("out.safetensors")];
        let order = [Path::new("--asynchronous"), Path::new("--seed"), Path::new("7")];
        for more in [&[][..], &order] {
            let text = relax::run(&parsed(&[&words, more].concat())).unwrap();
            assert!(text.contains(&format!("probes     {count}\n")), "{text}");
            let bytes = std::fs::read(at("out.safetensors")).unwrap();
            let out = safetensors::SafeTensors::deserialize(&bytes).unwrap();
            assert_eq!(out.tensor("states").unwrap().shape(), [count, 7]);
            for (name, dtype) in [
                ("sweeps", Dtype::I32),
                ("ends", Dtype::I32),
                ("energies", Dtype::F64),
                ("energies_before", Dtype::F64),
            ] {
                let tensor = out.tensor(name).unwrap();
                assert_eq!((tensor.shape(), tensor.dtype()), (&[count][..], dtype));
            }
        }
    }
}

#[test]
fn a_saved_network_scores_what_the_trial_scored() {
    let folder = tempfile::tempdir().unwrap();
    let (path, out) = (folder.path().join("net.dam"), folder.path().join("eval.json"));
    let data = Dataset::embedded(1).unwrap();
    for (precision, threads) in [(Precision::F32, 2), (Precision::F64, 1)] {
        let settings = Settings {
            method: Some(MethodName::Rehearsal),
            n: Some(3),
            tasks: Some(3),
            items: Some(200),
            epochs: Some(100),
            memories: Some(70),
            batch: Some("50".parse::<Batch>().unwrap()),
            precision: Some(precision),
            seed: Some(9),
            // Of many batches in an epoch, the last ones have their part in it, too.
            decays: Some(DecaysName::Epoch),
            ..Settings::default()
        };
        let machine = Machine::new(threads, None).unwrap();
        let mut watch = |_: Event<'_>| ControlFlow::Continue(());
        let Finished { outcome, network, .. } =
            trial::run(&settings.config().unwrap(), &data, &machine, &mut watch).unwrap();
        network::save(&path, &network).unwrap();
        let loaded = network::load(&path).unwrap();
        assert_eq!(loaded, network);
        let evaluation = evaluate(&loaded, &data, &Choice::default(), &machine).unwrap();
        let accuracies: Vec<f64> = evaluation.tasks.iter().map(|score| score.accuracy).collect();
        assert_eq!(Some(&accuracies), outcome.measured.accuracy_matrix.last());
        assert!(accuracies.iter().all(|&accuracy| accuracy > 0.2), "{accuracies:?}");
        let confusions: Vec<_> = evaluation.tasks.iter().map(|score| score.confusion.clone()).collect();
        assert_eq!(confusions, outcome.measured.confusion);
        assert_eq!((evaluation.same_data, evaluation.same_draw), (Some(true), true));
        assert!(evaluation.permutations_of_seed);
        let choice = Choice { task: Some(2), seed: Some(10), ..Choice::default() };
        let other = evaluate(&loaded, &data, &choice, &machine).unwrap();
        assert_eq!((other.tasks.len(), other.tasks[0].task, other.same_draw), (1, 2, false));
        // Other permutations in the file: other answers, and it says so.
        let mut rewired = loaded.clone();
        rewired.permutations.swap(0, 2);
        let rewired = evaluate(&rewired, &data, &Choice::default(), &machine).unwrap();
        assert!(!rewired.permutations_of_seed && rewired.tasks[2].accuracy < accuracies[2]);
        let four = Choice { task: Some(4), ..Choice::default() };
        assert!(evaluate(&loaded, &data, &four, &machine).unwrap_err().to_string().contains("from 1 to 3"));
        let half = data.pooled(14, 14).unwrap();
        assert!(evaluate(&loaded, &half, &Choice::default(), &machine).unwrap_err().to_string().contains("28 x 28"));
    }
    let args: eval::EvalArgs = parsed(&[&path, Path::new("--confusion"), Path::new("--out"), &out]);
    let text = eval::run(&args).unwrap();
    assert!(text.contains("task 3: rows are classes"), "{text}");
    let json: serde_json::Value = serde_json::from_slice(&std::fs::read(&out).unwrap()).unwrap();
    assert_eq!(json["tasks"].as_array().unwrap().len(), 3);
}
