//! Mean and standard deviation.

/// A mean and a standard deviation over trials.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Spread {
    /// The mean.
    pub mean: f64,
    /// The standard deviation.
    pub deviation: f64,
}

impl Spread {
    /// Of these values; the deviation is that of a sample, 0 for a single value. `None` of nothing.
    pub fn of(values: &[f64]) -> Option<Self> {
        let count = values.len() as f64;
        let mean = values.iter().sum::<f64>() / count;
        let squares: f64 = values.iter().map(|value| (value - mean).powi(2)).sum();
        (!values.is_empty()).then(|| Self { mean, deviation: (squares / (count - 1.0).max(1.0)).sqrt() })
    }
}

/// These values in a table: mean and deviation, the value alone where it is one, a dash where there is none.
pub fn shown(values: &[f64]) -> String {
    match Spread::of(values) {
        None => "-".to_owned(),
        Some(Spread { mean, .. }) if values.len() == 1 => format!("{mean:.3}"),
        Some(Spread { mean, deviation }) => format!("{mean:.3} +- {deviation:.3}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spreads_are_those_of_samples() {
        assert_eq!(Spread::of(&[]), None);
        assert_eq!(Spread::of(&[0.5]), Some(Spread { mean: 0.5, deviation: 0.0 }));
        let three = Spread::of(&[1.0, 2.0, 3.0]).unwrap();
        assert_eq!((three.mean, three.deviation), (2.0, 1.0));
    }
}
