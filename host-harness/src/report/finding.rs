//! What the paper found, and whether it holds: rules that are put to its numbers and to ours alike.

use crate::config::MethodName;
use crate::experiment::row::Row;
use crate::experiment::target::Target;
use crate::methods;
use crate::paper;
use crate::paper::VERTICES;

use super::results::Results;
use super::table::short;

/// Whether a rule holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// It does.
    Holds,
    /// It does not.
    Fails,
    /// Trials are missing that would tell.
    NotRun,
}

/// What the numbers of a finding are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Numbers {
    /// Average accuracies.
    Accuracies,
    /// Strengths of a penalty.
    Lambdas,
}

impl Numbers {
    /// One of them, as it is printed.
    pub fn text(self, number: f64) -> String {
        match self {
            Self::Accuracies => format!("{number:.3}"),
            Self::Lambdas => short(number),
        }
    }
}

/// A rule put to numbers.
#[derive(Clone, Debug, PartialEq)]
pub struct Judged {
    /// Whether it holds.
    pub verdict: Verdict,
    /// The numbers in the order in which the rule names them; `None` where they are missing.
    pub numbers: Vec<Option<f64>>,
}

/// A rule, put to the paper's numbers and to ours.
#[derive(Clone, Debug, PartialEq)]
pub struct Case {
    /// What of the table it is about, and which numbers follow.
    pub about: String,
    /// By the paper's numbers.
    pub paper: Judged,
    /// By ours.
    pub ours: Judged,
}

/// A finding of the paper.
#[derive(Clone, Debug, PartialEq)]
pub struct Finding {
    /// What was found.
    pub claim: &'static str,
    /// When it is said to hold.
    pub rule: &'static str,
    /// What its numbers are.
    pub kind: Numbers,
    /// Row by row, or column by column.
    pub cases: Vec<Case>,
}

impl Finding {
    /// Whether it holds by our numbers: in all cases.
    pub fn verdict(&self) -> Verdict {
        let any = |verdict| self.cases.iter().any(|case| case.ours.verdict == verdict);
        if any(Verdict::Fails) {
            Verdict::Fails
        } else if any(Verdict::NotRun) {
            Verdict::NotRun
        } else {
            Verdict::Holds
        }
    }

    /// In how many cases it holds, does not, and cannot be told.
    pub fn count(&self) -> [usize; 3] {
        [Verdict::Holds, Verdict::Fails, Verdict::NotRun]
            .map(|verdict| self.cases.iter().filter(|case| case.ours.verdict == verdict).count())
    }
}

/// Mean average accuracy of a row at an interaction vertex.
type Means<'a> = &'a dyn Fn(Row, u32) -> Option<f64>;

/// Puts a rule to numbers that must all be there.
fn judge(numbers: &[Option<f64>], rule: impl Fn(&[f64]) -> bool) -> Judged {
    let there: Option<Vec<f64>> = numbers.iter().copied().collect();
    let verdict = match there {
        None => Verdict::NotRun,
        Some(there) if rule(&there) => Verdict::Holds,
        Some(_) => Verdict::Fails,
    };
    Judged { verdict, numbers: numbers.to_vec() }
}

/// The findings of the paper that Tables 1 and 2 tell of.
pub fn findings(results: &Results<'_>) -> Vec<Finding> {
    let published = |row: Row, n: u32| {
        let column = VERTICES.iter().position(|&vertex| vertex == n)?;
        Some(paper::table_2(row)[column].mean)
    };
    let ours = |row: Row, n: u32| results.average(row, n).map(|spread| spread.mean);
    let case =
        |about: String, rule: &dyn Fn(Means<'_>) -> Judged| Case { about, paper: rule(&published), ours: rule(&ours) };
    // The numbers of a row from left to right.
    let by_row = |rows: &[Row], rule: fn(&[f64]) -> bool| -> Vec<Case> {
        let one = |&row: &Row| {
            case(format!("{}: n = 2, 5, 10, 20", name(row)), &|means| judge(&VERTICES.map(|n| means(row, n)), rule))
        };
        rows.iter().map(one).collect()
    };
    // At the size of the search, both parts of figure 7 are the same trials, which tell nothing about larger tasks.
    let larger = results.items(Target::Fig7a) < results.items(Target::Fig7b);
    vec![
        Finding {
            claim: "GEM and A-GEM drop at n = 5 and 10",
            rule: "at n = 5 and at n = 10 lower than at n = 2 and at n = 20",
            kind: Numbers::Accuracies,
            cases: by_row(&[Row::Gem005, Row::AGem005, Row::Gem050, Row::AGem050], |n| n[1].max(n[2]) < n[0].min(n[3])),
        },
        Finding {
            claim: "Pseudorehearsal rises with n",
            rule: "at n = 10 higher than at n = 2 and at n = 5, and at n = 20 higher still",
            kind: Numbers::Accuracies,
            cases: by_row(&[Row::Pseudorehearsal005, Row::Pseudorehearsal050], |n| {
                n[0].max(n[1]) < n[2] && n[2] < n[3]
            }),
        },
        Finding {
            claim: "Rehearsal is the best method",
            rule: "rehearsal of half the items is higher than the best of all other rows",
            kind: Numbers::Accuracies,
            cases: VERTICES
                .iter()
                .map(|&n| case(format!("n = {n}: rehearsal 0.5, best other row"), &|means| best(means, n)))
                .collect(),
        },
        Finding {
            claim: "EWC and MAS are strong at n = 20",
            rule: "they win back at least four fifths of what rehearsal of half the items does over vanilla",
            kind: Numbers::Accuracies,
            cases: [(Row::Ewc, "EWC"), (Row::Mas, "MAS")]
                .iter()
                .map(|&(row, name)| {
                    let rows = [Row::Vanilla, row, Row::Rehearsal050];
                    let strong = |n: &[f64]| n[2] > n[0] && n[1] - n[0] >= 0.8 * (n[2] - n[0]);
                    case(format!("vanilla, {name}, rehearsal 0.5"), &|means| {
                        judge(&rows.map(|row| means(row, 20)), strong)
                    })
                })
                .collect(),
        },
        Finding {
            claim: "Without a method, n = 2 forgets least",
            rule: "vanilla is higher at n = 2 than at any other n",
            kind: Numbers::Accuracies,
            cases: by_row(&[Row::Vanilla], |n| n[1].max(n[2]).max(n[3]) < n[0]),
        },
        Finding {
            claim: "MAS wants a weaker penalty as n grows",
            rule: "the best λ of Table 1 falls from each n to the next",
            kind: Numbers::Lambdas,
            cases: vec![Case {
                about: "λ of MAS: n = 2, 5, 10, 20".to_owned(),
                paper: judge(&lambdas().map(Some), falls),
                ours: judge(
                    &VERTICES.map(|n| results.best(Target::Table1, MethodName::Mas, n).map(|(lambda, _)| lambda)),
                    falls,
                ),
            }],
        },
        Finding {
            claim: "With larger tasks the best λ of EWC moves down at n = 20 only",
            rule: "figure 7b's best λ is below a third of figure 7a's at n = 20, and at no other n",
            kind: Numbers::Lambdas,
            cases: VERTICES
                .iter()
                .map(|&n| Case {
                    about: format!("n = {n}: best λ with small and with large tasks"),
                    // The paper shows it, and prints the second of the two numbers alone.
                    paper: Judged { verdict: Verdict::Holds, numbers: vec![] },
                    ours: judge(
                        &[Target::Fig7a, Target::Fig7b]
                            .map(|figure| results.best(figure, MethodName::Ewc, n).filter(|_| larger))
                            .map(|best| best.map(|(lambda, _)| lambda)),
                        |best| (best[1] < best[0] / 3.0) == (n == 20),
                    ),
                })
                .collect(),
        },
    ]
}

fn falls(numbers: &[f64]) -> bool {
    numbers.windows(2).all(|pair| pair[1] < pair[0])
}

/// MAS in Table 1.
fn lambdas() -> [f64; 4] {
    paper::TABLE_1.iter().find(|(method, _)| *method == MethodName::Mas).map_or([f64::NAN; 4], |(_, lambdas)| *lambdas)
}

/// Whether no other row reaches rehearsal of half the items. One that does tells, whatever else is missing.
fn best(means: Means<'_>, n: u32) -> Judged {
    let others = Row::ALL.into_iter().filter(|&row| row != Row::Rehearsal050).map(|row| means(row, n));
    let (there, missing): (Vec<_>, Vec<_>) = others.partition(Option::is_some);
    let other = there.into_iter().flatten().reduce(f64::max);
    let mut judged = judge(&[means(Row::Rehearsal050, n), other], |n| n[0] > n[1]);
    if judged.verdict == Verdict::Holds && !missing.is_empty() {
        judged.verdict = Verdict::NotRun;
    }
    judged
}

/// A row of Table 2 in words.
pub fn name(row: Row) -> String {
    let method = methods::title(row.method());
    row.proportion().map_or(method.to_owned(), |proportion| format!("{method} {proportion}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_rule_needs_its_numbers() {
        let rises = |n: &[f64]| n[0] < n[1];
        assert_eq!(judge(&[Some(0.1), Some(0.2)], rises).verdict, Verdict::Holds);
        assert_eq!(judge(&[Some(0.2), Some(0.1)], rises).verdict, Verdict::Fails);
        assert_eq!(judge(&[Some(0.2), None], rises).verdict, Verdict::NotRun);
    }

    #[test]
    fn the_best_is_known_when_all_others_are_and_a_better_one_tells_at_once() {
        let of = |rehearsal: Option<f64>, vanilla: Option<f64>, rest: Option<f64>| {
            let means = move |row: Row, _: u32| match row {
                Row::Rehearsal050 => rehearsal,
                Row::Vanilla => vanilla,
                _ => rest,
            };
            best(&means, 2).verdict
        };
        assert_eq!(of(Some(0.9), Some(0.3), Some(0.8)), Verdict::Holds);
        assert_eq!(of(Some(0.9), None, Some(0.8)), Verdict::NotRun);
        assert_eq!(of(Some(0.9), None, Some(0.95)), Verdict::Fails);
        assert_eq!(of(None, Some(0.3), Some(0.8)), Verdict::NotRun);
    }
}
