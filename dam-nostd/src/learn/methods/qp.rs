//! The dual problem of GEM, eq. 4 of the paper: a quadratic programme of few variables, solved exactly.
//!
//! minimise 1/2 v' P v + q' v subject to v >= margin, where P = G G' holds the inner products of the past tasks' gradients
//! and q = G g theirs with the new gradient. The method is the active-set method of Lawson and Hanson (1974) for
//! non-negative least squares, written on P and q: variables leave the bound one at a time, the free ones are solved for
//! exactly, and whichever would fall below the bound goes back to it. It ends after finitely many exchanges.
//!
//! P may be singular: gradients of tasks may depend on each other. A variable whose gradient depends on those of the free
//! variables gains nothing by being freed, and stays at the bound.

/// The most variables, and so past tasks.
pub const MOST: usize = 16;

/// Inner products of the gradients with each other.
pub type Gram = [[f64; MOST]; MOST];

/// What is left of a diagonal entry after elimination, relative to it, for the gradient to count as independent of
/// others: gradients in `f32` that ought to be equal differ by less.
const INDEPENDENT: f64 = 1e-13;

/// A solution of the dual problem.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Solution {
    /// v; zero beyond the variables of the problem.
    pub v: [f64; MOST],
    /// Whether the conditions for the optimum were reached. If not, rounding kept variables changing sides, and `v` is
    /// still feasible.
    pub optimal: bool,
}

/// Minimises 1/2 v' P v + q' v over the first `count` variables, each `margin` or more.
///
/// `gram` is P, symmetric and positive semidefinite, and `slope` is q, which lies in P's range, as inner products do.
pub fn solve(gram: &Gram, slope: &[f64; MOST], count: usize, margin: f64) -> Solution {
    let count = count.min(MOST);
    // v = margin + u, u >= 0.
    let mut q = *slope;
    for (q, row) in q.iter_mut().zip(gram) {
        for p in row.iter().take(count) {
            *q += margin * p;
        }
    }
    let mut set = Free { indices: [0; MOST], len: 0 };
    let mut u = [0.0; MOST];
    let mut refused = [false; MOST];
    let mut optimal = false;
    for _ in 0..16 * (count + 1) {
        let Some(next) = steepest(gram, &q, &u, count, &set, &refused) else {
            optimal = true;
            break;
        };
        set.push(next);
        // A variable that turns out dependent, or would fall as soon as it is freed, was steep only by rounding.
        match set.minimum(gram, &q) {
            Some(goal) if at(&goal, next) > 0.0 => {
                approach(gram, &q, &mut set, &mut u, goal);
                refused = [false; MOST];
            }
            _ => {
                set.remove(next);
                put(&mut refused, next, true);
            }
        }
    }
    let mut v = [0.0; MOST];
    for (v, u) in v.iter_mut().zip(u).take(count) {
        *v = margin + u;
    }
    Solution { v, optimal }
}

/// <g, change> and |change|^2 of the change of the gradient by `v`.
pub fn change(gram: &Gram, slope: &[f64; MOST], v: &[f64; MOST]) -> (f64, f64) {
    let (mut along, mut change) = (0.0, 0.0);
    for ((own, q), row) in v.iter().zip(slope).zip(gram) {
        along += own * q;
        change += own * row.iter().zip(v).fold(0.0, |sum, (p, v)| sum + p * v);
    }
    (along, change)
}

/// The variable at its bound along which the objective falls most, for its gradient's length; none where it falls along
/// none beyond rounding.
fn steepest(
    gram: &Gram,
    q: &[f64; MOST],
    u: &[f64; MOST],
    count: usize,
    set: &Free,
    refused: &[bool; MOST],
) -> Option<usize> {
    let mut best = None;
    let mut most = 0.0;
    for (i, ((row, &q), &refused)) in gram.iter().zip(q).zip(refused).enumerate().take(count) {
        let length = at(row, i);
        if refused || set.has(i) || length <= 0.0 {
            continue;
        }
        let (mut fall, mut size) = (-q, q.abs());
        for (p, u) in row.iter().zip(u) {
            fall -= p * u;
            size += (p * u).abs();
        }
        let steepness = fall / libm::sqrt(length);
        if fall > 8.0 * f64::EPSILON * size && steepness > most {
            (best, most) = (Some(i), steepness);
        }
    }
    best
}

/// Moves `u` to `goal`, the minimum over the free variables, binding those that would fall below zero on the way.
fn approach(gram: &Gram, q: &[f64; MOST], set: &mut Free, u: &mut [f64; MOST], mut goal: [f64; MOST]) {
    loop {
        // How far towards the goal all stay non-negative, and which one stops there.
        let (mut way, mut stops) = (1.0, None);
        for &i in set.indices() {
            let (from, to) = (at(u, i), at(&goal, i));
            if to <= 0.0 {
                let part = if from > 0.0 { from / (from - to) } else { 0.0 };
                if stops.is_none() || part < way {
                    (way, stops) = (part, Some(i));
                }
            }
        }
        let Some(stops) = stops else {
            *u = goal;
            return;
        };
        for &i in set.indices() {
            put(u, i, at(u, i) + way * (at(&goal, i) - at(u, i)));
        }
        put(u, stops, 0.0);
        set.remove(stops);
        for (i, u) in u.iter_mut().enumerate() {
            if set.has(i) && *u <= 0.0 {
                *u = 0.0;
                set.remove(i);
            }
        }
        match set.minimum(gram, q) {
            Some(next) => goal = next,
            None => return,
        }
    }
}

/// The variables that are not at their bound, in the order in which they left it.
struct Free {
    indices: [usize; MOST],
    len: usize,
}

impl Free {
    fn indices(&self) -> &[usize] {
        self.indices.get(..self.len).unwrap_or(&[])
    }

    fn has(&self, index: usize) -> bool {
        self.indices().contains(&index)
    }

    fn push(&mut self, index: usize) {
        if let Some(place) = self.indices.get_mut(self.len) {
            *place = index;
            self.len += 1;
        }
    }

    fn remove(&mut self, index: usize) {
        let Some(place) = self.indices().iter().position(|&other| other == index) else { return };
        let mut next = 0;
        for slot in self.indices.iter_mut().skip(place).rev() {
            (next, *slot) = (*slot, next);
        }
        self.len -= 1;
    }

    /// The minimum of the objective over these variables, the others zero: P u = -q, by L D L' factors. `None` where P
    /// restricted to them is singular.
    fn minimum(&self, gram: &Gram, q: &[f64; MOST]) -> Option<[f64; MOST]> {
        let mut lower = [[0.0; MOST]; MOST];
        let mut diagonal = [0.0; MOST];
        let mut y = [0.0; MOST];
        for (r, &i) in self.indices().iter().enumerate() {
            for (c, &j) in self.indices().iter().enumerate().take(r + 1) {
                let mut entry = gram.get(i).map_or(0.0, |row| at(row, j));
                let (left, right) = (row(&lower, r), row(&lower, c));
                for ((a, b), d) in left.iter().zip(&right).zip(&diagonal).take(c) {
                    entry -= a * b * d;
                }
                if c < r {
                    if let Some(lower) = lower.get_mut(r) {
                        put(lower, c, entry / at(&diagonal, c));
                    }
                } else if entry > INDEPENDENT * gram.get(i).map_or(0.0, |row| at(row, i)) {
                    put(&mut diagonal, r, entry);
                } else {
                    return None;
                }
            }
            let mut sum = -at(q, i);
            for (lower, y) in row(&lower, r).iter().zip(&y).take(r) {
                sum -= lower * y;
            }
            put(&mut y, r, sum);
        }
        let mut u = [0.0; MOST];
        for (r, &i) in self.indices().iter().enumerate().rev() {
            let mut value = at(&y, r) / at(&diagonal, r);
            for (lower, y) in lower.iter().zip(&y).take(self.len).skip(r + 1) {
                value -= at(lower, r) * y;
            }
            put(&mut y, r, value);
            put(&mut u, i, value);
        }
        Some(u)
    }
}

/// Entry `i`; 0 beyond the last.
fn at(numbers: &[f64; MOST], i: usize) -> f64 {
    numbers.get(i).copied().unwrap_or(0.0)
}

/// Sets entry `i`, if there is one.
fn put<T>(numbers: &mut [T; MOST], i: usize, number: T) {
    if let Some(place) = numbers.get_mut(i) {
        *place = number;
    }
}

/// Row `r`; zeros beyond the last.
fn row(matrix: &Gram, r: usize) -> [f64; MOST] {
    matrix.get(r).copied().unwrap_or([0.0; MOST])
}

#[cfg(test)]
mod tests;
