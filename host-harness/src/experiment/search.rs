//! Searches for the lambda: a tree-structured Parzen estimator (Bergstra et al., 2011) on a logarithmic scale.
//!
//! The paper used Optuna's; this is the crate `tpe`. A search goes in rounds: the lambdas of a round follow from the
//! results of earlier rounds alone, so that they are the same however many workers there are and however often they were
//! interrupted.

use dam_nostd::rng::{self, Purpose, Xoshiro128PlusPlus};

use crate::experiment::scale::Scale;

/// The share of trials that count as good. Over 3000 simulated searches of 20 trials (a peak of a decade's width in eight, noise
/// of 0.02) what is found is 0.006 below the peak; with the crate's 0.1, and rounds whose lambdas do not know of each other,
/// 0.017.
const GOOD: f64 = 0.25;

/// The lambdas of the round that follows on `scores`, which are those of all trials before it: lambda, and what is to
/// be large.
///
/// Lambdas have four digits: no rounding error of another machine's logarithm is seen in them.
pub fn next_round(scale: &Scale, range: (f64, f64), scores: &[(f64, f64)]) -> Vec<f64> {
    let wanted = scale.round.min(scale.search_trials.saturating_sub(scores.len()));
    let (low, high) = (range.0.ln(), range.1.ln());
    if scores.len() < scale.startup {
        return startup(scale.startup, low, high).into_iter().skip(scores.len()).take(wanted).collect();
    }
    let bounds = tpe::range(low, high).expect("a range of penalties is finite and not empty");
    let mut optimizer = tpe::TpeOptimizerBuilder::new()
        .gamma(GOOD)
        .build(tpe::parzen_estimator(), bounds)
        .expect("a share between 0 and 1");
    let mut worst = f64::NEG_INFINITY;
    for &(lambda, score) in scores {
        let place = lambda.ln().clamp(low, high.next_down());
        let loss = if score.is_nan() { f64::INFINITY } else { -score };
        worst = worst.max(loss);
        optimizer.tell(place, loss).expect("the place is in the range and the loss a number");
    }
    let mut draws = Xoshiro128PlusPlus::of(0, Purpose::Probes, scores.len() as u32);
    let mut ask = || {
        let place = optimizer.ask(&mut draws).expect("there are results to build on");
        // Until it is known, it counts as bad as any: the rest of the round looks elsewhere.
        optimizer.tell(place, worst).expect("the place is in the range and the loss a number");
        four_digits(place.exp())
    };
    (0..wanted).map(|_| ask()).collect()
}

/// One lambda in each of `count` equal parts of the range, in mixed order.
fn startup(count: usize, low: f64, high: f64) -> Vec<f64> {
    let mut draws = Xoshiro128PlusPlus::of(0, Purpose::Probes, u32::MAX);
    let place = |part: usize, draws: &mut Xoshiro128PlusPlus| (part as f64 + rng::unit(draws)) / count as f64;
    let mut lambdas: Vec<f64> =
        (0..count).map(|part| four_digits((low + (high - low) * place(part, &mut draws)).exp())).collect();
    rng::shuffle(&mut lambdas, &mut draws);
    lambdas
}

fn four_digits(number: f64) -> f64 {
    format!("{number:.3e}").parse().expect("a number as it was printed")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::experiment::scale::Preset;

    /// Best at 3e-2, worse by the square of the decades away from it.
    fn score(lambda: f64) -> f64 {
        0.8 - 0.1 * (lambda / 3e-2).log10().powi(2)
    }

    #[test]
    fn a_search_spreads_and_then_closes_in() {
        let scale = Scale { search_trials: 60, ..Scale::of(Preset::Search) };
        let range = crate::methods::lambda(crate::config::MethodName::Mas).unwrap().range;
        let mut scores = vec![];
        while scores.len() < scale.search_trials {
            let round = next_round(&scale, range, &scores);
            assert_eq!(round, next_round(&scale, range, &scores));
            assert_eq!(round.len(), scale.round);
            scores.extend(round.into_iter().map(|lambda| (lambda, score(lambda))));
        }
        assert!(next_round(&scale, range, &scores).is_empty());
        assert!(scores.iter().all(|&(lambda, _)| lambda >= 0.999 * range.0 && lambda <= 1.001 * range.1));
        let mut decades: Vec<i64> =
            scores[..scale.startup].iter().map(|(lambda, _)| (lambda.log10() / 0.875).floor() as i64).collect();
        decades.sort_unstable();
        decades.dedup();
        assert!(decades.len() >= scale.startup - 1, "{scores:?}");
        let near = scores[scale.startup..].iter().filter(|(_, score)| *score > 0.7).count();
        assert!(near > (scale.search_trials - scale.startup) / 2, "{scores:?}");
    }
}
