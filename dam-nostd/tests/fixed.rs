//! Fixed point: its operations over their whole range, its powers, and learning with it.
#![allow(missing_docs, reason = "a test")]

mod support;

use dam_nostd::executor::Sequential;
use dam_nostd::methods::agem::AGemOptions;
use dam_nostd::methods::consolidation::Importance;
use dam_nostd::methods::estimate::Estimate;
use dam_nostd::methods::gem::GemOptions;
use dam_nostd::methods::penalty::Penalty;
use dam_nostd::methods::projection::Projected;
use dam_nostd::methods::pseudorehearsal::PseudoOptions;
use dam_nostd::methods::si::SiOptions;
use dam_nostd::methods::{Method, NaiveRehearsal, Vanilla};
use dam_nostd::train::{Batch, Training};
use dam_nostd::{Coding, Fixed32, Interaction, Kind, Model, Scalar};
use proptest::prelude::*;
use support::tolerance;
use support::{L, LOSS, Probes, Store, TRAINING, Tasks, bits, learn_on, numbers, random_weights, rng};

const CODINGS: [Coding; 2] = [Coding::Bipolar, Coding::Binary];

/// Numbers where something may overflow: all of 16 bits in the highest places, and the neighbours of every power of two.
fn edges() -> impl Iterator<Item = i32> + Clone {
    let powers = (0..31).flat_map(|bit| [-1, 0, 1].map(|by| (1i32 << bit).wrapping_add(by)));
    powers.clone().chain(powers.map(i32::wrapping_neg)).chain([0, i32::MIN, i32::MIN + 1, i32::MAX, i32::MAX - 1])
}

/// The nearest number in the range, of steps of 2^-24 * 2^-24.
fn narrowed(exact: i128) -> i32 {
    exact.clamp(i32::MIN.into(), i32::MAX.into()) as i32
}

#[test]
fn every_operation_is_the_exact_one_rounded_once_and_saturates() {
    for a in edges() {
        let x = Fixed32::from_bits(a);
        assert_eq!((-x).to_bits(), narrowed(-i128::from(a)));
        assert_eq!(Scalar::abs(x).to_bits(), narrowed(i128::from(a).abs()));
        for b in edges() {
            let y = Fixed32::from_bits(b);
            let (wide, other) = (i128::from(a), i128::from(b));
            assert_eq!((x + y).to_bits(), narrowed(wide + other), "{a} + {b}");
            assert_eq!((x - y).to_bits(), narrowed(wide - other), "{a} - {b}");
            assert_eq!((x * y).to_bits(), narrowed((wide * other + (1 << 23)) >> 24), "{a} * {b}");
            let quotient = (x / y).to_bits();
            if b == 0 {
                assert_eq!(quotient, narrowed(wide.signum() << 40));
            } else {
                // Half a divisor away at most, unless it saturates.
                let rest = (wide << 24) - i128::from(quotient) * other;
                let saturated = quotient == i32::MAX || quotient == i32::MIN;
                assert!(saturated || 2 * rest.abs() <= other.abs(), "{a} / {b}: {quotient}");
            }
        }
        for exponent in -200..200 {
            let scaled = Scalar::scaled(x, exponent).to_bits();
            let exact = if exponent >= 0 {
                narrowed(i128::from(a) << exponent.min(60))
            } else {
                let right = (-exponent).min(60);
                narrowed((i128::from(a) + (1 << (right - 1))) >> right)
            };
            assert_eq!(scaled, exact, "{a} * 2^{exponent}");
        }
    }
}

#[test]
fn products_and_quotients_of_all_numbers_of_12_bits() {
    // In the lowest places products round, in the highest they saturate; quotients of both kinds.
    for (left, right) in [(0, 0), (12, 6), (19, 19)] {
        for a in -2048..2048i32 {
            let (x, wide) = (Fixed32::from_bits(a << left), i128::from(a) << left);
            for b in -2048..2048i32 {
                let (y, other) = (Fixed32::from_bits(b << right), i128::from(b) << right);
                assert_eq!((x * y).to_bits(), narrowed((wide * other + (1 << 23)) >> 24), "{wide} * {other}");
                let quotient = (x / y).to_bits();
                let rest = (wide << 24) - i128::from(quotient) * other;
                let saturated = quotient == i32::MAX && rest * other.signum() >= 0
                    || quotient == i32::MIN && rest * other.signum() <= 0;
                assert!(other == 0 || saturated || 2 * rest.abs() <= other.abs(), "{wide} / {other}: {quotient}");
            }
        }
    }
}

#[test]
fn every_16_bit_weight_is_its_own_and_all_others_go_to_the_nearest() {
    for exponent in 1..=16u32 {
        let half = 1i64 << (exponent - 1);
        for high in i16::MIN..=i16::MAX {
            let bits = i64::from(high) << exponent;
            let exact = Fixed32::from_bits(bits as i32);
            assert_eq!(exact.rounded(exponent), exact);
            for (by, up) in [(half - 1, 0), (half, 1), (-half, 0), (-half - 1, -1)] {
                let Ok(near) = i32::try_from(bits + by) else { continue };
                let expected = (i64::from(high) + up).clamp(i16::MIN.into(), i16::MAX.into()) << exponent;
                assert_eq!(
                    i64::from(Fixed32::from_bits(near).rounded(exponent).to_bits()),
                    expected,
                    "{high} {by} {exponent}"
                );
            }
        }
    }
    assert_eq!(Fixed32::MAX.rounded(0).to_bits(), i32::from(i16::MAX));
    assert_eq!(Fixed32::MAX.rounded(8).to_bits(), i32::from(i16::MAX) << 8);
}

#[test]
fn powers_of_all_numbers_of_16_bits_at_every_vertex() {
    // From the smallest numbers to 128, and with exponents under which they fit, underflow and saturate.
    const LANES: usize = 64;
    for n in 1..=100 {
        for left in [0, 9, 16] {
            for first in (i32::from(i16::MIN)..=i16::MAX.into()).step_by(LANES) {
                let exponent = [-24, 0, 7, 30, 90][(first / LANES as i32).rem_euclid(5) as usize];
                let x: [Fixed32; LANES] = std::array::from_fn(|l| Fixed32::from_bits((first + l as i32) << left));
                let powers = Scalar::powers(&x, n, &[exponent; LANES]);
                for (x, power) in x.iter().zip(powers) {
                    let exact = x.to_f64().powi(n as i32) * 2f64.powi(exponent);
                    let nearest = exact.clamp(-Fixed32::MAX.to_f64(), Fixed32::MAX.to_f64());
                    let error = (power.to_f64() - nearest).abs();
                    let allowed = tolerance::HALF_A_STEP + tolerance::fixed_power(n) * nearest.abs();
                    assert!(error <= allowed, "{x:?}^{n} 2^{exponent}: {power:?}");
                }
            }
        }
    }
}

#[test]
fn the_exponent_follows_from_anywhere() {
    for exponent in -120..=120 {
        for size in edges().filter(|&size| size >= 0) {
            let (next, more) = Fixed32::renormalised(Fixed32::from_bits(size), exponent);
            assert!((-120..=120).contains(&next) && more == next - exponent, "{size} {exponent}");
            let home = Fixed32::from_bits(size).scaled(more).to_f64();
            let limited = next.abs() == 120;
            match size {
                i32::MAX => assert!(limited || more == -24),
                0 => assert!(limited || more == 8),
                // Between 1/16 and 1 it stays where it is, and else it comes to 1/8 to 1/4.
                _ => assert!(limited || (0.0624..1.001).contains(&home), "{size} {exponent}: {home}"),
            }
        }
    }
}

#[test]
fn numbers_come_back_as_they_went() {
    for bits in edges() {
        let number = Fixed32::from_bits(bits);
        assert_eq!(Fixed32::from_f64(number.to_f64()), number);
        // f32 keeps 24 bits.
        let again = i64::from(Fixed32::of_weight(number.as_weight()).to_bits());
        assert!((again - i64::from(bits)).unsigned_abs() <= u64::from(bits.unsigned_abs() >> 24), "{bits}: {again}");
    }
    for (value, bits) in [(f64::NAN, 0), (f64::INFINITY, i32::MAX), (-1e300, i32::MIN), (1e-300, 0), (0.5, 1 << 23)] {
        assert_eq!(Fixed32::from_f64(value).to_bits(), bits, "{value}");
    }
}

proptest! {
    #[test]
    fn powers_are_rounded_to_the_format_and_no_worse(x in -3.0..3.0f64, n in 1u32..=100, exponent in -40..100i32) {
        let x = Fixed32::from_f64(x);
        let exact = x.to_f64().powi(n as i32) * 2f64.powi(exponent);
        let power = Scalar::powers(&[x], n, &[exponent])[0];
        if exact.abs() > Fixed32::MAX.to_f64() {
            prop_assert!(power.is_saturated() || (power.to_f64() / exact - 1.0).abs() < tolerance::fixed_power(n));
        } else {
            let error = (power.to_f64() - exact).abs();
            prop_assert!(error <= tolerance::HALF_A_STEP + tolerance::fixed_power(n) * exact.abs(), "{error}");
        }
    }

    #[test]
    fn slopes_are_those_of_f64(x in -1.2..1.2f64, n in 2u32..=40) {
        let x = Fixed32::from_f64(x).to_f64();
        let of = |kind| (Interaction::new(kind, n, Fixed32::from_f64(0.01)).unwrap(), Interaction::new(kind, n, 0.01f64).unwrap());
        for kind in [Kind::FallingLeak, Kind::RisingLeak, Kind::Rectified, Kind::Polynomial] {
            let (fixed, float) = of(kind);
            let limit = Fixed32::MAX.to_f64();
            let (value, slope) = (float.value(x), float.slope(x).clamp(-limit, limit));
            prop_assert!((fixed.value(Fixed32::from_f64(x)).to_f64() - value.clamp(-limit, limit)).abs()
                <= 3.0 * tolerance::HALF_A_STEP + tolerance::fixed_power(n) * value.abs());
            prop_assert!((fixed.slope(Fixed32::from_f64(x)).to_f64() - slope).abs()
                <= 3.0 * f64::from(n) * tolerance::HALF_A_STEP + tolerance::fixed_power(n) * slope.abs());
        }
    }
}

/// The weights after three tasks with each method, as they are stored and as what they stand for.
fn with_each<S: Scalar>(coding: Coding) -> Vec<(&'static str, Vec<u64>, Vec<f64>)> {
    let tasks = Tasks { coding, ..Tasks::new(3, 30) };
    let shape = tasks.shape;
    let mut all = Vec::new();
    let mut run = |name, method: &mut dyn Method<S, L>| {
        let weights = tasks.learn::<S>(&TRAINING, method);
        let unit = S::UNIT.to_f64();
        all.push((name, bits(&weights), numbers(&shape, &weights).iter().map(|weight| weight / unit).collect()));
    };
    let mut store = Store::new(&shape);
    let penalty = Penalty::new(0.1);
    let estimate = Estimate::default();
    run("vanilla", &mut Vanilla);
    run("L2", &mut store.consolidation(&shape, penalty, Importance::Uniform));
    run("SI", &mut store.si(&shape, SiOptions { penalty, ..SiOptions::new(0.0) }));
    run("EWC", &mut store.consolidation(&shape, penalty, Importance::Fisher { loss: LOSS, estimate }));
    run("MAS", &mut store.consolidation(&shape, penalty, Importance::OutputNorm { squared: true, estimate }));
    run(
        "GEM",
        &mut store.gem(
            &shape,
            GemOptions { proportion: 0.5, margin: 0.0, sample: None, projected: Projected::Network, loss: LOSS },
        ),
    );
    run(
        "A-GEM",
        &mut store
            .agem(&shape, AGemOptions { proportion: 0.5, sample: None, projected: Projected::Network, loss: LOSS }),
    );
    run("rehearsal", &mut NaiveRehearsal::new(0.5, store.items()));
    run("pseudorehearsal", &mut Probes::new(&shape, 5).method(PseudoOptions::new(0.5), store.items()));
    all
}

#[test]
fn every_method_learns_what_it_learns_in_f64() {
    for coding in CODINGS {
        for ((name, _, fixed), (_, _, float)) in with_each::<Fixed32>(coding).iter().zip(with_each::<f64>(coding)) {
            let apart: Vec<f64> = fixed.iter().zip(&float).map(|(a, b)| (a - b).abs()).collect();
            let mean = apart.iter().sum::<f64>() / apart.len() as f64;
            // Weights move by up to 0.08 in each of some hundred steps.
            assert!(mean < tolerance::FIXED_WEIGHTS, "{name}, {coding:?}: {mean}");
        }
    }
}

#[test]
fn fixed_point_is_the_same_on_every_machine() {
    // FNV-1a of all weights after all methods, one for each coding: stored once, equal everywhere.
    let hash = |coding| {
        let mut hash = 0xcbf2_9ce4_8422_2325_u64;
        for (_, weights, _) in with_each::<Fixed32>(coding) {
            for byte in weights.iter().flat_map(|bits| bits.to_le_bytes()) {
                hash = (hash ^ u64::from(byte)).wrapping_mul(0x100_0000_01b3);
            }
        }
        format!("{hash:016x}\n")
    };
    assert_eq!(CODINGS.map(hash).concat(), include_str!("fixed-weights.fnv"));
}

/// A gradient that is below the format raises its exponent by 8 a step until it is seen. With a leak there is none.
#[test]
fn memory_vectors_with_tiny_gradients_start_late_and_do_start() {
    let tasks = Tasks::new(1, 30);
    let shape = tasks.shape;
    let first = random_weights::<Fixed32>(&shape, 0.3, &mut rng(1));
    // Memory vectors that are where they were after so many steps.
    let still = |vertex, leak, epochs| {
        let interaction = Interaction::new(Kind::RisingLeak, vertex, Fixed32::from_f64(leak)).unwrap();
        let model = Model { interaction, ..support::model(shape, Kind::RisingLeak, vertex) };
        let mut weights = first.clone();
        let training = Training { epochs, batch: Batch::Full, ..TRAINING };
        learn_on(Sequential, model, &mut weights, &training, tasks.get(0), &mut Vanilla, 0);
        let (before, after) = (numbers(&shape, &first), numbers(&shape, &weights));
        let memories = before.chunks(shape.neurons()).zip(after.chunks(shape.neurons()));
        memories.filter(|(before, after)| before == after).count()
    };
    for vertex in [2, 3, 5, 10, 20] {
        assert_eq!(still(vertex, 0.01, 1), 0, "n = {vertex}");
        assert_eq!(still(vertex, 0.0, 8), 0, "n = {vertex}");
    }
    assert!(still(20, 0.0, 1) > 0, "nothing starts late: the documents say otherwise");
}
