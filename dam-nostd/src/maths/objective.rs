//! What is measured at the updated neurons, and its derivative by their fields.

use crate::number::scalar::Scalar;

/// The activation sigma of eq. 19 in training. At recall it is the sign, or nothing for classification.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Activation {
    /// y = field: logits at class neurons, as in the paper.
    Identity,
    /// y = tanh(field).
    Tanh,
}

impl Activation {
    /// y, at a field.
    #[inline(always)]
    fn output<S: Scalar>(self, field: S) -> S {
        if self == Self::Tanh { field.tanh() } else { field }
    }

    /// dy / dfield, from y.
    #[inline(always)]
    fn slope<S: Scalar>(self, y: S) -> S {
        if self == Self::Tanh { S::ONE - y * y } else { S::ONE }
    }
}

/// The loss of one item.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Loss {
    /// Sum over the updated neurons of (xi - y)^(2m), Algorithm 1, line 13.
    Power {
        /// The error exponent m, 1 and more.
        exponent: u32,
    },
    /// Cross-entropy between softmax(y) and the target's +1 neurons, each of equal share. No +1 neuron, no loss.
    CrossEntropy,
}

/// A number that depends on the weights through the fields of the updated neurons.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Objective {
    /// The loss.
    Loss(Loss),
    /// ||y||^2: what Memory Aware Synapses differentiates.
    SquaredNorm,
    /// ||y||.
    Norm,
}

impl Objective {
    /// The value for one item, and in `slopes` its derivative by each field.
    ///
    /// `fields` and `targets` (-1 or +1) have one entry for each updated neuron.
    pub fn differentiate<S: Scalar>(&self, activation: Activation, fields: &[S], targets: &[S], slopes: &mut [S]) -> S {
        // First the outputs, in place.
        for (slope, &field) in slopes.iter_mut().zip(fields) {
            *slope = activation.output(field);
        }
        match *self {
            Self::Loss(Loss::Power { exponent }) => power_loss(exponent, activation, targets, slopes),
            Self::Loss(Loss::CrossEntropy) => cross_entropy(activation, targets, slopes),
            Self::SquaredNorm => squared_norm(activation, slopes),
            Self::Norm => norm(activation, slopes),
        }
    }
}

/// Outputs in, derivatives by the fields out; returns the loss. So do all below.
fn power_loss<S: Scalar>(exponent: u32, activation: Activation, targets: &[S], outputs: &mut [S]) -> S {
    let mut loss = S::ZERO;
    let factor = S::from_f64(-2.0 * f64::from(exponent));
    for (output, &target) in outputs.iter_mut().zip(targets) {
        let error = target - *output;
        let mut odd = error;
        for _ in 1..exponent {
            odd = odd * error * error;
        }
        loss = loss + odd * error;
        *output = factor * odd * activation.slope(*output);
    }
    loss
}

fn cross_entropy<S: Scalar>(activation: Activation, targets: &[S], outputs: &mut [S]) -> S {
    let mut on = S::ZERO;
    let mut largest = None;
    for (&output, &target) in outputs.iter().zip(targets) {
        if target > S::ZERO {
            on = on + S::ONE;
        }
        largest = Some(largest.map_or(output, |largest| output.larger(largest)));
    }
    let (Some(largest), true) = (largest, on > S::ZERO) else {
        outputs.fill(S::ZERO);
        return S::ZERO;
    };
    let mut sum = S::ZERO;
    for &output in outputs.iter() {
        sum = sum + (output - largest).exp();
    }
    let mut loss = S::ZERO;
    for (output, &target) in outputs.iter_mut().zip(targets) {
        let share = if target > S::ZERO { S::ONE / on } else { S::ZERO };
        let shifted = *output - largest;
        loss = loss + share * (sum.ln() - shifted);
        *output = (shifted.exp() / sum - share) * activation.slope(*output);
    }
    loss
}

fn squared_norm<S: Scalar>(activation: Activation, outputs: &mut [S]) -> S {
    let mut sum = S::ZERO;
    for output in outputs.iter_mut() {
        sum = sum + *output * *output;
        *output = (*output + *output) * activation.slope(*output);
    }
    sum
}

fn norm<S: Scalar>(activation: Activation, outputs: &mut [S]) -> S {
    let mut sum = S::ZERO;
    for &output in outputs.iter() {
        sum = sum + output * output;
    }
    let norm = sum.sqrt();
    for output in outputs.iter_mut() {
        let slope = activation.slope(*output);
        *output = if norm > S::ZERO { *output / norm * slope } else { S::ZERO };
    }
    norm
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn slopes_are_derivatives() {
        let fields = [0.3, -1.2, 0.7, 0.05];
        let targets = [-1.0, 1.0, -1.0, 1.0];
        let mut objectives = [Objective::SquaredNorm; 6];
        for exponent in 1..=3 {
            objectives[exponent as usize] = Objective::Loss(Loss::Power { exponent });
        }
        objectives[4] = Objective::Loss(Loss::CrossEntropy);
        objectives[5] = Objective::Norm;
        for objective in objectives {
            for activation in [Activation::Identity, Activation::Tanh] {
                let (mut slopes, mut waste) = ([0.0f64; 4], [0.0; 4]);
                objective.differentiate(activation, &fields, &targets, &mut slopes);
                for i in 0..4 {
                    let mut at = |step: f64| {
                        let mut moved = fields;
                        moved[i] += step;
                        objective.differentiate(activation, &moved, &targets, &mut waste)
                    };
                    let numeric = (at(1e-6) - at(-1e-6)) / 2e-6;
                    assert!(
                        (slopes[i] - numeric).abs() < crate::tolerance::DIFFERENCE_OF_TWO,
                        "{objective:?} {activation:?} {i}"
                    );
                }
            }
        }
    }

    #[test]
    fn cross_entropy_without_a_target_pulls_nowhere() {
        let mut slopes = [9.0f32; 2];
        let loss = Objective::Loss(Loss::CrossEntropy).differentiate(
            Activation::Identity,
            &[1.0, 2.0],
            &[-1.0, -1.0],
            &mut slopes,
        );
        assert_eq!((loss, slopes), (0.0, [0.0; 2]));
    }
}
