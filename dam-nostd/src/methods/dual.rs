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
    let mut set = Free { names: [0; MOST], len: 0 };
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
            Some(goal) if goal[next] > 0.0 => {
                approach(gram, &q, &mut set, &mut u, goal);
                refused = [false; MOST];
            }
            _ => {
                set.remove(next);
                refused[next] = true;
            }
        }
    }
    let mut v = [0.0; MOST];
    for (v, u) in v.iter_mut().zip(u).take(count) {
        *v = margin + u;
    }
    Solution { v, optimal }
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
        let length = row[i];
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
        for &i in set.names() {
            if goal[i] <= 0.0 {
                let part = if u[i] > 0.0 { u[i] / (u[i] - goal[i]) } else { 0.0 };
                if stops.is_none() || part < way {
                    (way, stops) = (part, Some(i));
                }
            }
        }
        let Some(stops) = stops else {
            *u = goal;
            return;
        };
        for &i in set.names() {
            u[i] += way * (goal[i] - u[i]);
        }
        u[stops] = 0.0;
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
    names: [usize; MOST],
    len: usize,
}

impl Free {
    fn names(&self) -> &[usize] {
        self.names.get(..self.len).unwrap_or(&[])
    }

    fn has(&self, name: usize) -> bool {
        self.names().contains(&name)
    }

    fn push(&mut self, name: usize) {
        if let Some(place) = self.names.get_mut(self.len) {
            *place = name;
            self.len += 1;
        }
    }

    fn remove(&mut self, name: usize) {
        if let Some(place) = self.names().iter().position(|&other| other == name) {
            self.names.copy_within(place + 1..self.len, place);
            self.len -= 1;
        }
    }

    /// The minimum of the objective over these variables, the others zero: P u = -q, by L D L' factors. `None` where P
    /// restricted to them is singular.
    fn minimum(&self, gram: &Gram, q: &[f64; MOST]) -> Option<[f64; MOST]> {
        let mut lower = [[0.0; MOST]; MOST];
        let mut diagonal = [0.0; MOST];
        let mut y = [0.0; MOST];
        for (r, &i) in self.names().iter().enumerate() {
            for (c, &j) in self.names().iter().enumerate().take(r + 1) {
                let mut entry = gram[i][j];
                for k in 0..c {
                    entry -= lower[r][k] * lower[c][k] * diagonal[k];
                }
                if c < r {
                    lower[r][c] = entry / diagonal[c];
                } else if entry > INDEPENDENT * gram[i][i] {
                    diagonal[r] = entry;
                } else {
                    return None;
                }
            }
            y[r] = -q[i];
            for k in 0..r {
                y[r] -= lower[r][k] * y[k];
            }
        }
        let mut u = [0.0; MOST];
        for (r, &i) in self.names().iter().enumerate().rev() {
            y[r] /= diagonal[r];
            for k in r + 1..self.len {
                y[r] -= lower[k][r] * y[k];
            }
            u[i] = y[r];
        }
        Some(u)
    }
}
