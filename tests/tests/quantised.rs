//! Recall with exported models, against the networks that they were made from.

use std::ops::ControlFlow;
use std::sync::LazyLock;

use dam_nostd::bits;
use dam_nostd::recall::model::{HEADER, VERSION, padded};
use dam_nostd::recall::{Buffers, Model, ModelError, Recall};
use dam_nostd::recall::{Content, Relax, Sensor};
use dam_nostd::relax::{End, Relaxed};
use dam_tests::tolerance;
use host_harness::config::{ActivationName, CodingName, Config, DecaysName, InteractionName, MethodName, Settings};
use host_harness::data::Dataset;
use host_harness::export::digits::Digits;
use host_harness::export::{self, ExportPrecision, Options, margins};
use host_harness::machine::Machine;
use host_harness::network::{TrainedNetwork, Weights};
use host_harness::recall::{self, Dynamics};
use host_harness::trial;

fn config(n: u32, interaction: InteractionName) -> Config {
    let settings = Settings {
        method: Some(MethodName::Rehearsal),
        n: Some(n),
        interaction: Some(interaction),
        tasks: Some(2),
        items: Some(200),
        epochs: Some(20),
        memories: Some(24),
        batch: Some("50".parse().unwrap()),
        decays: Some(DecaysName::Epoch),
        learning_rate: Some(0.08),
        temperature: Some(0.95),
        activation: Some(ActivationName::Identity),
        coding: Some(CodingName::Bipolar),
        ..Settings::default()
    };
    settings.config().unwrap()
}

fn trained(config: &Config, data: &Dataset) -> TrainedNetwork {
    let machine = Machine::new(0, None).unwrap();
    trial::run(config, data, &machine, &mut |_| ControlFlow::Continue(())).unwrap().network
}

fn small_images() -> Dataset {
    static POOLED: LazyLock<Dataset> = LazyLock::new(|| Dataset::embedded(1).unwrap().pooled(14, 14).unwrap());
    POOLED.clone()
}

/// Memory for recall.
struct Memory<W: Relax> {
    similarities: Vec<W::Similarity>,
    fields: Vec<W::Field>,
    previous: Vec<u32>,
    next: Vec<u32>,
}

impl<W: Relax> Memory<W> {
    fn new(model: &Model<'_, W>) -> Self {
        let shape = model.shape();
        Self {
            similarities: vec![W::Similarity::default(); padded::<W>(&shape)],
            fields: vec![W::Field::default(); shape.classes()],
            previous: vec![0; shape.words()],
            next: vec![0; shape.words()],
        }
    }

    fn recall<'a>(&'a mut self, model: Model<'a, W>) -> Recall<'a, W> {
        let Self { similarities, fields, previous, next } = self;
        Recall::new(model, Buffers { similarities, fields, previous, next })
    }
}

/// Fields of all digits, as numbers.
fn fields<W: Relax>(words: &[u32], digits: &Digits, value: impl Fn(W::Field, i32) -> f64) -> Vec<Vec<f64>> {
    let model = Model::<W>::open(words).unwrap();
    let mut memory = Memory::new(&model);
    let mut recall = memory.recall(model);
    let each = digits.each().map(|(state, _)| {
        let fields = recall.fields(state);
        fields.values.iter().map(|&field| value(field, fields.places)).collect()
    });
    each.collect()
}

fn integer(field: i64, places: i32) -> f64 {
    field as f64 * f64::from(-places).exp2()
}

/// The fields in f64 from the network's own weights, by the definition.
fn exact(network: &TrainedNetwork, state: &[u32], task: usize) -> Vec<f64> {
    let shape = network.shape().unwrap();
    let model = network.config.model::<f64>(shape).unwrap();
    let weights = network.weights.rows::<f64>(&shape);
    let lanes = host_harness::rows::LANES;
    let mut fields = vec![0.0; shape.classes()];
    for k in 0..shape.memories() {
        let weight = |neuron: usize| weights[k / lanes * shape.neurons() + neuron][k % lanes];
        let off = |place: usize| match network.config.coding {
            CodingName::Binary if place < shape.class_neurons().start => 0.0,
            _ => -1.0,
        };
        let sign = |place: usize| if dam_nostd::bits::is_on(state, place) { 1.0 } else { off(place) };
        let pixels = network.permutations[task].iter().map(|&neuron| usize::from(neuron));
        let neurons: Vec<usize> = pixels.chain(shape.pixels()..shape.neurons()).collect();
        let h: f64 = neurons.iter().enumerate().map(|(place, &neuron)| sign(place) * weight(neuron)).sum();
        for (class, field) in fields.iter_mut().enumerate() {
            let on = h + 2.0 * weight(shape.class_neurons().start + class);
            *field += model.interaction.value(model.scale() * on) - model.interaction.value(model.scale() * h);
        }
    }
    fields
}

/// The largest error of a field, as a share of the largest field.
fn error(fields: &[Vec<f64>], exact: &[Vec<f64>]) -> f64 {
    let of_item = |(fields, exact): (&Vec<f64>, &Vec<f64>)| {
        let largest = exact.iter().fold(0.0_f64, |largest, field| largest.max(field.abs()));
        fields.iter().zip(exact).fold(0.0_f64, |error, (a, b)| error.max((a - b).abs() / largest))
    };
    fields.iter().zip(exact).map(of_item).fold(0.0, f64::max)
}

#[test]
fn fields_are_those_of_the_network() {
    let data = small_images();
    let leaky = InteractionName::FallingLeak;
    let (rising, rectified) = (InteractionName::RisingLeak, InteractionName::Rectified);
    let bipolar =
        [(1, leaky), (2, leaky), (2, rising), (3, rectified), (5, leaky), (5, rising), (10, leaky), (20, leaky)];
    let bipolar = bipolar.into_iter().chain([(20, rising)]);
    let binary = [(1, rising), (2, leaky), (2, rising), (5, leaky), (20, leaky), (20, rising)];
    let bipolar = bipolar.map(|(n, kind)| config(n, kind));
    let binary = binary.map(|(n, kind)| Config { coding: CodingName::Binary, ..config(n, kind) });
    for config in bipolar.chain(binary) {
        let (n, coding, kind) = (config.n, config.coding, config.interaction);
        let network = trained(&config, &data);
        for task in 0..2 {
            let digits = Digits::of(&network, &data, task).unwrap();
            let exact: Vec<Vec<f64>> = digits.each().map(|(state, _)| exact(&network, state, task)).collect();
            let words = |precision| export::model(&network, precision, task + 1).unwrap();
            let [i8, i16, f32] = [ExportPrecision::I8, ExportPrecision::I16, ExportPrecision::F32].map(words);
            let i8 = error(&fields::<i8>(&i8, &digits, integer), &exact);
            let i16 = error(&fields::<i16>(&i16, &digits, integer), &exact);
            let f32 = error(&fields::<f32>(&f32, &digits, |field, _| f64::from(field)), &exact);
            println!("{coding}, {kind}, n = {n}: i8 {i8:.1e}, i16 {i16:.1e}, f32 {f32:.1e}");
            // Half a unit of a weight is 2^-8 or 2^-16 of the largest, and x^n multiplies the error of s by n; twice
            // what was measured. f32 has 24 bits, of which sums of 208 weights and powers lose some.
            let bound = f64::from(n + 1) * 5e-4;
            assert!(
                i8 < bound && i16 < bound / 128.0 && f32 < tolerance::EXPORTED_F32,
                "{coding}, {kind}, n = {n}: {i8:e} {i16:e} {f32:e}"
            );
        }
    }
}

fn accuracy<W: Relax>(words: &[u32], digits: &[Digits]) -> f64 {
    let model = Model::<W>::open(words).unwrap();
    let mut memory = Memory::new(&model);
    let mut recall = memory.recall(model);
    let right = |(state, label): (&[u32], u8)| recall.classify(state) == usize::from(label);
    let right = digits.iter().flat_map(Digits::each).map(right).filter(|&right| right).count();
    right as f64 / digits.iter().map(|digits| digits.labels.len()).sum::<usize>() as f64
}

/// The whole network of the benchmark, in five tasks; what is bounded is how much worse quantised recall is.
#[test]
fn quantised_recall_of_the_whole_network_is_as_accurate() {
    let data = Dataset::embedded(1).unwrap();
    for n in [2, 5, 10, 20] {
        let settings = Settings {
            method: Some(MethodName::Joint),
            n: Some(n),
            tasks: Some(5),
            items: Some(2000),
            epochs: Some(30),
            batch: Some("200".parse().unwrap()),
            // Learned in fewer epochs where pixels that are off count.
            coding: Some(CodingName::Bipolar),
            ..Settings::default()
        };
        let network = trained(&settings.config().unwrap(), &data);
        assert_eq!((network.config.memories, network.shape().unwrap().neurons()), (512, 799));
        let mut all = [0.0; 3];
        for task in 0..5 {
            let digits = [Digits::of(&network, &data, task).unwrap()];
            let words = |precision| export::model(&network, precision, task + 1).unwrap();
            all[0] += accuracy::<i8>(&words(ExportPrecision::I8), &digits) / 5.0;
            all[1] += accuracy::<i16>(&words(ExportPrecision::I16), &digits) / 5.0;
            all[2] += accuracy::<f32>(&words(ExportPrecision::F32), &digits) / 5.0;
        }
        let [i8, i16, f32] = all;
        println!("n = {n}: i8 {i8:.4}, i16 {i16:.4}, f32 {f32:.4}");
        assert!(f32 > 0.3, "n = {n}: the network has learned too little to be compared: {f32}");
        assert!(i8 >= f32 - 0.005 && i16 >= f32 - 0.001, "n = {n}: i8 {i8}, i16 {i16}, f32 {f32}");
    }
}

/// A state after relaxation, and how that ended.
fn relaxed<W: Relax>(words: &[u32], states: &[u32]) -> (Vec<u32>, Vec<Relaxed>) {
    let model = Model::<W>::open(words).unwrap();
    let mut memory = Memory::new(&model);
    let mut recall = memory.recall(model);
    let mut states = states.to_vec();
    let ends = states.chunks_exact_mut(model.shape().words()).map(|state| recall.relax(state, 100)).collect();
    (states, ends)
}

#[test]
fn states_relax_as_in_the_network() {
    let data = small_images();
    let (bipolar, binary) = (CodingName::Bipolar, CodingName::Binary);
    let codings = [(2, bipolar), (3, bipolar), (20, bipolar), (2, binary), (20, binary)];
    let leaks = [InteractionName::FallingLeak, InteractionName::RisingLeak];
    for ((n, coding), kind) in codings.into_iter().flat_map(|of| leaks.map(|kind| (of, kind))) {
        let config = Config { tasks: 1, coding, ..config(n, kind) };
        let mut network = trained(&config, &data);
        // Images are shown as they are, so that states of both are the same.
        network.permutations[0] = (0..196).collect();
        let digits = Digits::of(&network, &data, 0).unwrap();
        let machine = Machine::new(1, None).unwrap();
        let expected = recall::relax(&network, digits.states.clone(), Dynamics::Synchronous, 100, &machine).unwrap();
        let words = |precision| export::model(&network, precision, 1).unwrap();
        let (float, float_ends) = relaxed::<f32>(&words(ExportPrecision::F32), &digits.states);
        let (integer, ends) = relaxed::<i16>(&words(ExportPrecision::I16), &digits.states);
        let same = |states: &[u32]| {
            let pairs = states.chunks_exact(digits.words).zip(expected.states.chunks_exact(digits.words));
            pairs.filter(|(a, b)| a == b).count()
        };
        // A field that is almost 0 may have either sign, and then all that follows differs.
        assert!(same(&float) >= 39 && same(&integer) >= 38, "{coding}, n = {n}: {} {}", same(&float), same(&integer));
        let like = |(a, b): &(&Relaxed, &Relaxed)| a.end == b.end;
        assert!(ends.iter().zip(&expected.relaxed).filter(like).count() >= 38, "{coding}, {kind}, n = {n}");
        assert!(float_ends.iter().zip(&expected.relaxed).filter(|(a, b)| a == b).count() >= 39, "{coding}, n = {n}");
        // What is stable stays.
        let (again, ends_again) = relaxed::<i16>(&words(ExportPrecision::I16), &integer);
        for (i, end) in ends.iter().enumerate().filter(|(_, end)| end.end == End::Stable) {
            let range = i * digits.words..(i + 1) * digits.words;
            assert_eq!((&again[range.clone()], ends_again[i].sweeps), (&integer[range], 1), "{end:?}");
        }
    }
}

/// Digits, and a network of random weights that are whole units of which the largest weight has `most`, so that a model has
/// them exactly. Similarities of the first memory vectors to every state are above 0, those of `mixed` ones either, and
/// those of the rest below.
struct Contrived {
    network: TrainedNetwork,
    digits: Digits,
}

impl Contrived {
    fn new(n: u32, kind: InteractionName, most: i32, memories: usize, above: usize, mixed: usize) -> Self {
        let data = small_images();
        let settings = Settings { tasks: Some(1), items: Some(2000), memories: Some(memories), ..Settings::default() };
        let config = Config { n, interaction: kind, coding: CodingName::Bipolar, ..settings.config().unwrap() };
        let mut noise = 1_u32;
        let mut random = |most: i32| {
            noise = noise.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            ((noise >> 8) as i32).rem_euclid(2 * most + 1) - most
        };
        let mut weights = Vec::new();
        for k in 0..memories {
            // Ten pixels at the edge, off in nearly all digits, have the largest weights and add 1270, 0 or -1270 units. All
            // other neurons together have less than 127: of 186 pixels some 50 have a weight, of 1 or 2.
            weights.extend((0..10).map(|i| match k {
                _ if k < above => -most,
                _ if k < above + mixed => [most, -most][i % 2],
                _ => most,
            }));
            weights.extend((10..196).map(|_| most / 127 * [random(2), 0][usize::from(random(8) < 4)]));
            weights.push(0);
            weights.extend((0..10).map(|_| most / 127 * random(3)));
        }
        let weight = |units: i32| units as f32 / (most + 1) as f32;
        let network = TrainedNetwork {
            config,
            image: (14, 14),
            classes: 10,
            data_digest: String::new(),
            encoding: None,
            permutations: vec![(0..196).collect()],
            learned: 1,
            weights: Weights::F32(weights.into_iter().map(weight).collect()),
        };
        let digits = Digits::of(&network, &data, 0).unwrap();
        Self { network, digits }
    }
}

/// Where all similarities are above 0, the leak has no part in any field; at large n all else is 1e-40 and less.
#[test]
fn nothing_of_the_leak_is_left_where_all_similarities_are_positive() {
    let kinds = [InteractionName::FallingLeak, InteractionName::RisingLeak];
    let sizes = [(2, 16), (3, 16), (20, 16), (20, 64), (100, 24)];
    for (kind, (n, memories)) in kinds.into_iter().flat_map(|kind| sizes.map(|size| (kind, size))) {
        for precision in [ExportPrecision::I8, ExportPrecision::I16] {
            let most = if precision == ExportPrecision::I8 { 127 } else { 32_767 };
            let Contrived { network, digits } = Contrived::new(n, kind, most, memories, memories, 0);
            let exact: Vec<Vec<f64>> = digits.each().map(|(state, _)| exact(&network, state, 0)).collect();
            let words = export::model(&network, precision, 1).unwrap();
            let fields = match precision {
                ExportPrecision::I8 => fields::<i8>(&words, &digits, integer),
                _ => fields::<i16>(&words, &digits, integer),
            };
            let best = |fields: &[f64]| (0..10).fold(0, |best, i| if fields[i] > fields[best] { i } else { best });
            // Of two classes that are nearer to each other than the error either may be the answer.
            let worse = |(fields, exact): &(&Vec<f64>, &Vec<f64>)| {
                let largest = exact.iter().fold(0.0_f64, |largest, field| largest.max(field.abs()));
                exact[best(exact)] - exact[best(fields)] > tolerance::EXPORTED_FIELD * largest
            };
            let wrong = fields.iter().zip(&exact).filter(worse).count();
            let error = error(&fields, &exact);
            println!("{kind}, n = {n}, K = {memories}, {precision:?}: wrong {wrong} of {}, {error:.1e}", exact.len());
            assert!(error < tolerance::EXPORTED_FIELD && wrong == 0, "{kind}, n = {n}: wrong {wrong}, {error:e}");
        }
    }
}

/// Some memory vectors are above 0, some below and some either: fields are powers of some and leaks of others, and what a
/// neuron becomes is the sign of the exact field, however far apart the two are.
#[test]
fn signs_are_those_of_the_exact_field_whatever_the_leak_is() {
    let kinds = [InteractionName::FallingLeak, InteractionName::RisingLeak];
    for (kind, (n, above, mixed)) in kinds
        .into_iter()
        .flat_map(|kind| [(2, 8, 4), (3, 16, 0), (10, 8, 8), (20, 16, 0), (20, 8, 4), (20, 0, 16)].map(|of| (kind, of)))
    {
        let Contrived { network, digits } = Contrived::new(n, kind, 127, 16, above, mixed);
        let words = export::model(&network, ExportPrecision::I8, 1).unwrap();
        let model = Model::<i8>::open(&words).unwrap();
        let mut memory = Memory::new(&model);
        let mut recall = memory.recall(model);
        let (mut wrong, mut all) = (0, 0);
        for (before, _) in digits.each().take(50) {
            let mut after = before.to_vec();
            recall.relax(&mut after, 1);
            for (neuron, (field, size)) in exact_fields(&network, before).into_iter().enumerate() {
                // What is lost of a power is 2^-24 of the largest.
                if field.abs() > tolerance::EXPORTED_FIELD * size {
                    all += 1;
                    wrong += usize::from(dam_nostd::bits::is_on(&after, neuron) != (field > 0.0));
                }
            }
        }
        println!("{kind}, n = {n}, {above} above, {mixed} mixed: wrong {wrong} of {all}");
        assert!(wrong == 0 && all > 5000, "{kind}, n = {n}, {above} above, {mixed} mixed: {wrong} of {all}");
    }
}

/// Each neuron's field in f64, by the definition, and the largest term of it.
fn exact_fields(network: &TrainedNetwork, state: &[u32]) -> Vec<(f64, f64)> {
    let shape = network.shape().unwrap();
    let model = network.config.model::<f64>(shape).unwrap();
    let weights = network.weights.rows::<f64>(&shape);
    let lanes = host_harness::rows::LANES;
    let sign = |neuron: usize| if dam_nostd::bits::is_on(state, neuron) { 1.0 } else { -1.0 };
    let mut fields = vec![(0.0, 0.0_f64); shape.neurons()];
    for k in 0..shape.memories() {
        let weight = |neuron: usize| weights[k / lanes * shape.neurons() + neuron][k % lanes];
        let h: f64 = (0..shape.neurons()).map(|neuron| sign(neuron) * weight(neuron)).sum();
        for (neuron, (field, size)) in fields.iter_mut().enumerate() {
            let rest = h - sign(neuron) * weight(neuron);
            let value = |sign: f64| model.interaction.value(model.scale() * (rest + sign * weight(neuron)));
            *field += value(1.0) - value(-1.0);
            *size = size.max(value(1.0).abs()).max(value(-1.0).abs());
        }
    }
    fields
}

#[test]
fn a_damaged_model_is_refused() {
    let network = trained(&Config { epochs: 1, ..config(3, InteractionName::FallingLeak) }, &small_images());
    for precision in [ExportPrecision::I8, ExportPrecision::I16, ExportPrecision::F32] {
        let words = export::model(&network, precision, 1).unwrap();
        let open = |words: &[u32]| match precision {
            ExportPrecision::I8 => Model::<i8>::open(words).map(drop),
            ExportPrecision::I16 => Model::<i16>::open(words).map(drop),
            ExportPrecision::F32 => Model::<f32>::open(words).map(drop),
        };
        assert_eq!(open(&words), Ok(()));
        // Every bit of the header, and one of each word after it.
        for i in 0..words.len() {
            for bit in if i < HEADER { 0..32 } else { i as u32 % 32..i as u32 % 32 + 1 } {
                let mut damaged = words.clone();
                damaged[i] ^= 1 << bit;
                assert!(open(&damaged).is_err(), "bit {bit} of word {i}");
            }
        }
        for length in [0, 1, 3, HEADER - 1, HEADER, words.len() - 1] {
            assert!(open(&words[..length]).is_err(), "{length} words");
        }
        let mut newer = words.clone();
        newer[1] += 1;
        assert_eq!(open(&newer), Err(ModelError::Version(VERSION + 1)));
        let other = if precision == ExportPrecision::I8 { 16 } else { 8 };
        let opened =
            if other == 8 { Model::<i8>::open(&words).map(drop) } else { Model::<i16>::open(&words).map(drop) };
        assert!(matches!(opened, Err(ModelError::Precision(_))), "{opened:?}");
    }
}

/// Recall with words that pass as a model but are not one may answer anything, but must not panic.
#[test]
fn senseless_models_do_no_harm() {
    let network = trained(&Config { epochs: 1, ..config(3, InteractionName::FallingLeak) }, &small_images());
    let mut noise = 1_u32;
    for precision in [ExportPrecision::I8, ExportPrecision::I16, ExportPrecision::F32] {
        for round in 0..50 {
            let mut words = export::model(&network, precision, 1).unwrap();
            let (header, rest) = words.split_at_mut(HEADER);
            for word in rest.iter_mut().chain(&mut header[8..]) {
                noise ^= noise << 13;
                noise ^= noise >> 17;
                noise ^= noise << 5;
                *word =
                    if round % 2 == 0 { noise } else { [0, u32::MAX, 1 << 31, i32::MAX as u32][noise as usize % 4] };
            }
            (header[9], header[10]) = (header[9] % 31, header[10] % 1001);
            header[7] = (round % 3) | ((1 + noise % 255) << 8);
            let state = [noise; 7];
            match precision {
                ExportPrecision::I8 => senseless::<i8>(&words, state),
                ExportPrecision::I16 => senseless::<i16>(&words, state),
                ExportPrecision::F32 => senseless::<f32>(&words, state),
            }
        }
    }
}

fn senseless<W: Relax>(words: &[u32], mut state: [u32; 7]) {
    let model = Model::<W>::new(words).unwrap();
    let mut memory = Memory::new(&model);
    let mut recall = memory.recall(model);
    assert!(recall.classify(&state) < 10);
    recall.relax(&mut state, 3);
}

/// A model that has no more than classification needs is smaller, answers the same, and does not relax.
#[test]
fn a_model_for_classification_alone_has_the_same_fields() {
    fn compare<W: Relax<Field = i64>>(all: &[u32], classes: &[u32], digits: &Digits) {
        let (all, classes) = (Model::<W>::open(all).unwrap(), Model::<W>::open(classes).unwrap());
        assert!(classes.bytes() < all.bytes() && classes.content() == Content::Classes);
        let (mut memory, mut other) = (Memory::new(&all), Memory::new(&classes));
        let (mut all, mut classes) = (memory.recall(all), other.recall(classes));
        for (state, _) in digits.each().take(50) {
            assert_eq!(all.fields(state), classes.fields(state));
            assert_eq!(all.answer(state), classes.answer(state));
        }
        let mut state = digits.states[..digits.words].to_vec();
        let relaxed = classes.relax(&mut state, 20);
        assert_eq!((relaxed, &state[..]), (Relaxed { end: End::Limit, sweeps: 0 }, &digits.states[..digits.words]));
    }
    let data = small_images();
    for (n, interaction) in [(2, InteractionName::RisingLeak), (3, InteractionName::FallingLeak)] {
        let network = trained(&Config { epochs: 2, ..config(n, interaction) }, &data);
        let digits = Digits::of(&network, &data, 0).unwrap();
        for precision in [ExportPrecision::I8, ExportPrecision::I16] {
            let options = Options { precision, task: 1, content: Content::Classes, sensor: None, rejection: 0 };
            let all = export::model(&network, precision, 1).unwrap();
            let classes = export::model_with(&network, &options).unwrap();
            if precision == ExportPrecision::I8 {
                compare::<i8>(&all, &classes, &digits);
            } else {
                compare::<i16>(&all, &classes, &digits);
            }
        }
    }
}

/// Grey values become the pixels that the network was trained with, whichever size they are made smaller to.
#[test]
fn a_sensor_is_seen_as_in_training() {
    let own = Dataset::embedded(128).unwrap();
    for (width, height) in [(28, 28), (14, 14), (20, 20), (10, 13)] {
        let data = if (width, height) == (28, 28) { own.clone() } else { own.pooled(width, height).unwrap() };
        let network = trained(&Config { epochs: 1, threshold: 128, ..config(2, InteractionName::RisingLeak) }, &data);
        let sensor = Some(export::Sensor::of(&network, &own).unwrap());
        let options =
            Options { precision: ExportPrecision::I8, task: 1, content: Content::Classes, sensor, rejection: 0 };
        let words = export::model_with(&network, &options).unwrap();
        let model = Model::<i8>::open(&words).unwrap();
        let seen = Sensor::of(&model).unwrap();
        assert_eq!(seen.size(), (28, 28));
        for i in (0..own.len()).step_by(own.len() / 200) {
            let grey: Vec<u8> =
                (0..own.pixels()).map(|pixel| if bits::is_on(own.image(i), pixel) { 128 } else { 127 }).collect();
            let mut state = vec![0; model.shape().words()];
            seen.show(&grey, &mut state);
            for pixel in 0..data.pixels() {
                assert_eq!(bits::is_on(&state, pixel), bits::is_on(data.image(i), pixel), "{width} x {height}, {i}");
            }
        }
        assert_eq!(
            Sensor::of(&Model::<i8>::open(&export::model(&network, ExportPrecision::I8, 1).unwrap()).unwrap()),
            None
        );
    }
}

/// The margin is that of the fields, and rejects the share of digits that was asked for.
#[test]
fn unsure_answers_are_rejected() {
    let data = small_images();
    let network = trained(&config(2, InteractionName::RisingLeak), &data);
    let digits = Digits::of(&network, &data, 0).unwrap();
    let all = digits.labels.len();
    for precision in [ExportPrecision::I8, ExportPrecision::I16, ExportPrecision::F32] {
        let words = export::model(&network, precision, 1).unwrap();
        let none = margins::rejection(&words, precision, &digits, 0.0).unwrap();
        let some = margins::rejection(&words, precision, &digits, 0.25).unwrap();
        assert_eq!((none.kept, none.all, some.kept), (all, all, all - all / 4), "{precision:?}");
        assert!(some.margin > none.margin && some.right * all > none.right * some.kept, "{some:?} {none:?}");
        let options = Options { precision, task: 1, content: Content::All, sensor: None, rejection: some.margin };
        let words = export::model_with(&network, &options).unwrap();
        if precision == ExportPrecision::I8 {
            let model = Model::<i8>::open(&words).unwrap();
            let mut memory = Memory::new(&model);
            let mut recall = memory.recall(model);
            let rejected = digits.each().filter(|(state, _)| recall.answer(state).rejected).count();
            assert_eq!(rejected, all / 4);
        }
    }
}
