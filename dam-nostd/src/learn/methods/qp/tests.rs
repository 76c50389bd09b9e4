//! The dual problem of GEM against enumeration of all active sets, and against the conditions for an optimum.

use std::vec;
use std::vec::Vec;

use crate::tolerance;
use rand_core::SeedableRng;

use super::{Gram, MOST, solve};
use crate::model::rng::{Xoshiro128PlusPlus, below, normal};

fn rng(seed: u64) -> Xoshiro128PlusPlus {
    Xoshiro128PlusPlus::seed_from_u64(seed)
}

fn dot(a: &[f64], b: &[f64]) -> f64 {
    a.iter().zip(b).map(|(a, b)| a * b).sum()
}

/// Past gradients `g`, as rows, and the new one.
struct Problem {
    past: Vec<Vec<f64>>,
    new: Vec<f64>,
}

impl Problem {
    /// Of `count` gradients of `length` numbers; some are zero, copies, opposites or sums of others.
    fn random(count: usize, length: usize, degenerate: bool, rng: &mut Xoshiro128PlusPlus) -> Self {
        let mut draw = || (0..length).map(|_| normal(rng)).collect::<Vec<f64>>();
        let (mut past, new): (Vec<_>, _) = ((0..count).map(|_| draw()).collect(), draw());
        for i in 0..count * usize::from(degenerate) {
            let (a, b) =
                (past[below(rng, count as u32) as usize].clone(), past[below(rng, count as u32) as usize].clone());
            past[i] = match below(rng, 7) {
                0 => vec![0.0; length],
                1 => a,
                2 => a.iter().map(|a| -a).collect(),
                3 => a.iter().zip(b).map(|(a, b)| a + b).collect(),
                4 => a.iter().map(|a| 0.01 * a).collect(),
                _ => past[i].clone(),
            };
        }
        Self { past, new }
    }

    fn gram(&self) -> (Gram, [f64; MOST]) {
        let (mut gram, mut slope) = ([[0.0; MOST]; MOST], [0.0; MOST]);
        for (i, a) in self.past.iter().enumerate() {
            slope[i] = dot(a, &self.new);
            for (j, b) in self.past.iter().enumerate() {
                gram[i][j] = dot(a, b);
            }
        }
        (gram, slope)
    }

    /// g + sum of v_i g_i.
    fn projected(&self, v: &[f64]) -> Vec<f64> {
        let mut projected = self.new.clone();
        for (past, v) in self.past.iter().zip(v) {
            projected.iter_mut().zip(past).for_each(|(p, g)| *p += v * g);
        }
        projected
    }

    /// The objective, as half the difference of two squared lengths.
    fn value(&self, v: &[f64]) -> f64 {
        let projected = self.projected(v);
        0.5 * (dot(&projected, &projected) - dot(&self.new, &self.new))
    }

    /// The least value over all sets of free variables whose stationary point is feasible.
    fn enumerated(&self, margin: f64) -> f64 {
        let (gram, slope) = self.gram();
        let count = self.past.len();
        let mut least = f64::INFINITY;
        for set in 0..1u32 << count {
            let free: Vec<usize> = (0..count).filter(|i| (set >> i) & 1 == 1).collect();
            let right = |i: usize| -slope[i] - (0..count).map(|j| gram[i][j] * margin).sum::<f64>();
            let Some(u) =
                eliminate(free.iter().map(|&i| free.iter().map(|&j| gram[i][j]).chain([right(i)]).collect()).collect())
            else {
                continue;
            };
            if u.iter().all(|&u| u >= -tolerance::NOT_NEGATIVE) {
                let mut v = vec![margin; count];
                for (&i, u) in free.iter().zip(u) {
                    v[i] += u.max(0.0);
                }
                v.resize(MOST, 0.0);
                least = least.min(self.value(&v));
            }
        }
        least
    }

    /// The largest breach of: v >= margin, slope of the objective >= 0, and one of the two equal; relative to |g||g_i|.
    fn breach(&self, v: &[f64], margin: f64) -> f64 {
        let projected = self.projected(v);
        let mut worst: f64 = 0.0;
        for (past, &v) in self.past.iter().zip(v) {
            let length = (dot(past, past) * dot(&self.new, &self.new)).sqrt();
            let slope = if length > 0.0 { dot(past, &projected) / length } else { 0.0 };
            worst = worst.max(margin - v).max(-slope);
            if v > margin {
                worst = worst.max(slope.abs());
            }
        }
        worst
    }
}

/// Gauss-Jordan with pivots; `None` for a singular matrix.
fn eliminate(mut rows: Vec<Vec<f64>>) -> Option<Vec<f64>> {
    let n = rows.len();
    let size = rows.iter().enumerate().map(|(i, row)| row[i].abs()).fold(0.0, f64::max);
    for c in 0..n {
        let pivot = (c..n).max_by(|&a, &b| rows[a][c].abs().total_cmp(&rows[b][c].abs()))?;
        rows.swap(c, pivot);
        if rows[c][c].abs() <= tolerance::ZERO_PIVOT * size {
            return None;
        }
        for r in (0..n).filter(|&r| r != c) {
            let factor = rows[r][c] / rows[c][c];
            let pivot = rows[c].clone();
            rows[r].iter_mut().zip(pivot).for_each(|(x, p)| *x -= factor * p);
        }
    }
    Some((0..n).map(|i| rows[i][n] / rows[i][i]).collect())
}

#[test]
fn the_solution_is_that_of_enumeration() {
    let mut rng = rng(11);
    let mut singular = 0;
    for trial in 0..4000 {
        let count = 1 + below(&mut rng, 6) as usize;
        let length = 1 + below(&mut rng, 8) as usize;
        singular += u32::from(length < count);
        let problem = Problem::random(count, length, trial % 2 == 0, &mut rng);
        let margin = [0.0, 0.0, 0.5][trial % 3];
        let (gram, slope) = problem.gram();
        let solution = solve(&gram, &slope, count, margin);
        assert!(solution.optimal);
        let (found, least) = (problem.value(&solution.v), problem.enumerated(margin));
        assert!(
            (found - least).abs() < tolerance::QUADRATIC_PROGRAMME * (1.0 + least.abs()),
            "trial {trial}: {found} {least}"
        );
        assert!(problem.breach(&solution.v[..count], margin) < tolerance::QUADRATIC_PROGRAMME, "trial {trial}");
    }
    assert!(singular > 500);
}

#[test]
fn the_conditions_hold_up_to_the_most_variables() {
    let mut rng = rng(12);
    for trial in 0..3000 {
        let count = 7 + below(&mut rng, 10) as usize;
        let length = [4, 10, 16, 40][trial % 4];
        let problem = Problem::random(count, length, trial % 3 == 0, &mut rng);
        let margin = [0.0, 0.1][trial % 2];
        let (gram, slope) = problem.gram();
        let solution = solve(&gram, &slope, count, margin);
        assert!(solution.optimal, "trial {trial}");
        let breach = problem.breach(&solution.v[..count], margin);
        assert!(breach < tolerance::LARGE_QUADRATIC_PROGRAMME, "trial {trial}: {breach}");
        assert!(solution.v[count..].iter().all(|&v| v == 0.0));
    }
}

#[test]
fn one_variable_is_divided_once() {
    let (mut gram, mut slope) = ([[0.0; MOST]; MOST], [0.0; MOST]);
    (gram[0][0], slope[0]) = (3.0, -0.1);
    assert_eq!(solve(&gram, &slope, 1, 0.0).v[0], 0.1 / 3.0);
    slope[0] = 0.1;
    assert_eq!(solve(&gram, &slope, 1, 0.0).v[0], 0.0);
    assert_eq!(solve(&gram, &slope, 1, 0.25).v[0], 0.25);
}

#[test]
fn nothing_is_no_problem() {
    assert_eq!(solve(&[[0.0; MOST]; MOST], &[0.0; MOST], 16, 0.0).v, [0.0; MOST]);
    assert_eq!(solve(&[[0.0; MOST]; MOST], &[-1.0; MOST], 99, 0.0).v, [0.0; MOST]);
}
