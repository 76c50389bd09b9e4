//! Whether two groups of trials differ, seed by seed.

use crate::spread::Spread;

/// Above so many pairs, signs are not all gone through.
const MOST: usize = 20;

/// Differences of pairs, and how likely such a mean is where there is none.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Paired {
    /// The mean of the differences.
    pub mean: f64,
    /// Their standard deviation; 0 for one pair.
    pub deviation: f64,
    /// The share of all ways to give the differences signs whose mean is as far from 0 or further: the exact sign-flip test
    /// of Fisher (1935), of both sides. The least that `k` pairs can have is 2^(1 - k). `None` for more than 20 pairs.
    pub p: Option<f64>,
}

impl Paired {
    /// Of these differences; `None` without one.
    pub fn of(differences: &[f64]) -> Option<Self> {
        let Spread { mean, deviation } = Spread::of(differences)?;
        let (count, sum) = (differences.len(), differences.iter().sum::<f64>());
        let p = (count <= MOST).then(|| {
            let flipped = |signs: u32| -> f64 {
                let signed =
                    |(i, difference): (usize, &f64)| if signs >> i & 1 == 1 { -difference } else { *difference };
                differences.iter().enumerate().map(signed).sum()
            };
            // Sums in the same order of the same numbers: those that are equal are equal to the last bit but for signs.
            let far = (0..1u32 << count).filter(|&signs| flipped(signs).abs() >= sum.abs() * (1.0 - 1e-12)).count();
            far as f64 / f64::from(1u32 << count)
        });
        Some(Self { mean, deviation, p })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn signs_are_flipped_in_all_ways() {
        let paired = Paired::of(&[1.0, 2.0, 3.0]).unwrap();
        assert_eq!((paired.mean, paired.deviation, paired.p), (2.0, 1.0, Some(0.25)));
        // The sum is 4: as far are 4 of the 8, both signs of -1 + 2 + 3 and of 1 + 2 + 3.
        let mixed = Paired::of(&[-1.0, 2.0, 3.0]).unwrap();
        assert_eq!(mixed.p, Some(0.5));
        assert_eq!(Paired::of(&[0.0, 0.0]).unwrap().p, Some(1.0));
        assert_eq!(Paired::of(&[]), None);
        assert_eq!(Paired::of(&[0.5; 21]).unwrap().p, None);
    }
}
