//! Patterns drawn around prototypes: the setting of Robins and McCallum (1998), and of the theory of prototypes in
//! Hopfield networks.

use dam_nostd::bits;
use dam_nostd::rng::{self, Purpose, Xoshiro128PlusPlus};
use rand_core::Rng;
use serde::Deserialize;

use super::RowsError;
use crate::data::{Dataset, words_for};

/// Binary patterns in classes, each around a prototype of its own.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(super) struct Prototypes {
    /// Neurons of a pattern.
    neurons: usize,
    /// Prototypes.
    classes: usize,
    /// Patterns of all classes together, as many of each as can be.
    items: usize,
    /// Share of the neurons in which a pattern differs from its prototype, drawn anew for each.
    noise: f64,
    /// How alike prototypes are: the mean over neurons of the product of two prototypes' signs, 0 to 1.
    correlation: f64,
    /// What all of it follows from.
    seed: u64,
}

impl Default for Prototypes {
    fn default() -> Self {
        Self { neurons: 200, classes: 10, items: 10_000, noise: 0.1, correlation: 0.0, seed: 1 }
    }
}

impl Prototypes {
    fn check(&self) -> Result<(), RowsError> {
        let range = |name, value: String, good: bool, remedy| {
            if good { Ok(()) } else { Err(RowsError::Range { name, value, remedy }) }
        };
        let share = "give a number from 0 to 1";
        range("neurons", self.neurons.to_string(), (1..=16_000).contains(&self.neurons), "give 1 to 16000")?;
        range("classes", self.classes.to_string(), (1..=256).contains(&self.classes), "give 1 to 256")?;
        range(
            "items",
            self.items.to_string(),
            (self.classes..=10_000_000).contains(&self.items),
            "give one a class at least",
        )?;
        range("noise", self.noise.to_string(), (0.0..=0.5).contains(&self.noise), "give a number from 0 to 0.5")?;
        range("correlation", self.correlation.to_string(), (0.0..=1.0).contains(&self.correlation), share)
    }

    /// Draws all patterns.
    pub fn draw(&self, name: &str) -> Result<Dataset, RowsError> {
        self.check()?;
        let words = words_for(self.neurons);
        let draws = |stream: u32| Xoshiro128PlusPlus::of(self.seed, Purpose::Probes, stream);
        let coin = |rng: &mut Xoshiro128PlusPlus| rng.next_u32() >> 31 == 1;
        let mut parent = draws(0);
        let parent: Vec<bool> = (0..self.neurons).map(|_| coin(&mut parent)).collect();
        // Two prototypes that each take the parent's sign with probability c, and else a sign of their own, have the
        // correlation c^2.
        let taken = (self.correlation.sqrt() * 4_294_967_296.0) as u64;
        let prototypes: Vec<Vec<bool>> = (0..self.classes)
            .map(|class| {
                let mut rng = draws(1 + class as u32);
                let mut sign = |&parent: &bool| {
                    let own = coin(&mut rng);
                    if u64::from(rng.next_u32()) < taken { parent } else { own }
                };
                parent.iter().map(&mut sign).collect()
            })
            .collect();
        let flips = (self.noise * self.neurons as f64).round() as usize;
        let (mut bits, mut labels) = (vec![0; self.items * words], vec![]);
        for (item, pattern) in bits.chunks_exact_mut(words).enumerate() {
            let class = item % self.classes;
            for (neuron, &on) in prototypes[class].iter().enumerate() {
                bits::set(pattern, neuron, on);
            }
            let mut rng = draws((1 + self.classes + item) as u32);
            rng::choose(self.neurons, flips, &mut rng, |neuron| {
                bits::set(pattern, neuron, !bits::is_on(pattern, neuron));
            });
            labels.push(class as u8);
        }
        Ok(Dataset::from_parts(name, self.neurons, 1, 1, bits, labels).expect("sizes were checked"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn differ(a: &[u32], b: &[u32]) -> u32 {
        a.iter().zip(b).map(|(a, b)| (a ^ b).count_ones()).sum()
    }

    #[test]
    fn patterns_are_as_far_from_each_other_as_noise_and_correlation_say() {
        let of = |noise, correlation| {
            Prototypes { neurons: 10_000, classes: 2, items: 4, noise, correlation, seed: 3 }.draw("own").unwrap()
        };
        let set = of(0.0, 0.0);
        assert_eq!(((0..4).map(|i| set.label(i)).collect::<Vec<_>>(), set.height()), (vec![0, 1, 0, 1], 1));
        assert_eq!(set.image(0), set.image(2));
        // Of 10 000 neurons; five standard deviations are 250.
        assert!(differ(set.image(0), set.image(1)).abs_diff(5000) < 250);
        assert!(differ(of(0.0, 0.6).image(0), of(0.0, 0.6).image(1)).abs_diff(2000) < 250);
        assert_eq!(differ(of(0.0, 1.0).image(0), of(0.0, 1.0).image(1)), 0);
        let noisy = of(0.1, 0.0);
        assert_eq!(differ(noisy.image(0), set.image(0)), 1000);
        assert!(differ(noisy.image(0), noisy.image(2)).abs_diff(1800) < 150);
        assert_eq!(noisy, of(0.1, 0.0));
    }
}
