//! A comparison: arms that differ in their settings, measured in many ways, and claims about them that a test decides.

use std::fmt::Write as _;
use std::path::Path;

use clap::ValueEnum;
use serde::Deserialize;

use crate::config::{Config, ConfigError, MethodName, Settings};
use crate::experiment::images::Images;
use crate::experiment::paired::Paired;
use crate::experiment::plan::{Plan, Point};
use crate::experiment::quantity::{Quantity, Seen};
use crate::experiment::source::{PlanError, RunError, Source};
use crate::experiment::store::Store;
use crate::experiment::target::Target;
use crate::outcome;
use crate::spread;

/// A claim holds, or is refuted, where the test's p is no larger.
pub const LEVEL: f64 = 0.05;

/// Methods at interaction vertices, under settings.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Arm {
    /// Its name.
    pub name: String,
    /// Methods.
    pub methods: Vec<MethodName>,
    /// Interaction vertices.
    pub vertices: Vec<u32>,
    /// Settings.
    #[serde(default)]
    pub settings: Settings,
}

/// Some of an arm's trials.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Side {
    /// The arm's name.
    pub arm: String,
    /// Methods of it.
    pub methods: Vec<MethodName>,
    /// Interaction vertices of it.
    pub vertices: Vec<u32>,
}

/// That a quantity is larger on one side than on the other: each method and interaction vertex of the one against that of
/// the other in its place, seed by seed.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Claim {
    /// In words.
    pub says: String,
    /// What is compared.
    pub quantity: Quantity,
    /// Where it is larger.
    pub more: Side,
    /// Where it is smaller.
    pub less: Side,
}

/// What is compared.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Comparison {
    /// What the table shows of each arm.
    pub quantities: Vec<Quantity>,
    /// Arms.
    #[serde(rename = "arm")]
    pub arms: Vec<Arm>,
    /// Claims.
    #[serde(rename = "claim", default)]
    pub claims: Vec<Claim>,
    /// Seeds of every cell.
    #[serde(skip)]
    pub seeds: Vec<u64>,
    /// Settings under every arm.
    #[serde(skip)]
    pub settings: Settings,
}

impl Comparison {
    /// Reads a TOML file.
    ///
    /// # Errors
    /// It cannot be read, is no comparison, or has a claim about what no arm has.
    pub fn read(path: &Path) -> Result<Self, ConfigError> {
        let name = path.display().to_string();
        let text = std::fs::read_to_string(path).map_err(|error| ConfigError::Read(name.clone(), error))?;
        Self::parse(&name, &text)
    }

    /// The text of such a file, `name` being its name.
    ///
    /// # Errors
    /// As [`read`](Self::read).
    pub fn parse(name: &str, text: &str) -> Result<Self, ConfigError> {
        let read: Self = toml::from_str(text).map_err(|error| ConfigError::Toml(name.to_owned(), error))?;
        let twice =
            read.arms.iter().enumerate().find(|(place, arm)| read.arms[..*place].iter().any(|a| a.name == arm.name));
        if let Some((_, arm)) = twice {
            let remedy = "two arms have this name; give every arm a name of its own";
            return Err(ConfigError::Range { name: "arm", value: arm.name.clone(), remedy });
        }
        for claim in &read.claims {
            let sizes = [&claim.more, &claim.less].map(|side| (side.methods.len(), side.vertices.len()));
            let missing = [&claim.more, &claim.less].into_iter().find(|side| !read.has(side));
            let remedy = match missing {
                Some(_) => "give methods and vertices of an arm that is there",
                None if sizes[0] != sizes[1] => "give as many methods and vertices on either side",
                None => continue,
            };
            return Err(ConfigError::Range { name: "claim", value: claim.says.clone(), remedy });
        }
        Ok(read)
    }

    fn has(&self, side: &Side) -> bool {
        let of = |arm: &&Arm| {
            side.methods.iter().all(|method| arm.methods.contains(method))
                && side.vertices.iter().all(|n| arm.vertices.contains(n))
        };
        self.arms.iter().filter(|arm| arm.name == side.arm).any(|arm| of(&arm))
    }

    fn config(&self, arm: &Arm, method: MethodName, n: u32, seed: u64) -> Result<Config, ConfigError> {
        let own = Settings { method: Some(method), n: Some(n), seed: Some(seed), ..Settings::default() };
        own.over(arm.settings.clone()).over(self.settings.clone()).of_trial().config()
    }

    /// What there is of every arm, method, interaction vertex and seed, in this order.
    ///
    /// # Errors
    /// Settings out of range; results or images that cannot be read.
    pub fn cells(&self, store: &Store, images: &Images) -> Result<Vec<Cell>, RunError> {
        let mut cells = vec![];
        for arm in &self.arms {
            for &method in &arm.methods {
                for &n in &arm.vertices {
                    let mut cell = Cell { arm: arm.name.clone(), method, n, seen: vec![] };
                    for &seed in &self.seeds {
                        let config = self.config(arm, method, n, seed).map_err(PlanError::from)?;
                        let identity = outcome::identity(&config, images.of(&config)?.digest());
                        if let Some(outcome) = store.get(&identity) {
                            let inspections = store.inspections(&identity)?.unwrap_or_default();
                            cell.seen.push(Seen { outcome: outcome.clone(), inspections });
                        }
                    }
                    cells.push(cell);
                }
            }
        }
        Ok(cells)
    }

    /// The cells as a table in Markdown: means and standard deviations over the seeds.
    pub fn table(&self, cells: &[Cell]) -> String {
        let names: Vec<String> = self.quantities.iter().map(ToString::to_string).collect();
        let mut text = format!("| arm | method | n | trials | {} |\n", names.join(" | "));
        let _ = writeln!(text, "|---|---|---|---|{}", "---|".repeat(names.len()));
        for cell in cells {
            let _ = write!(text, "| {} | {} | {} | {} |", cell.arm, cell.method, cell.n, cell.seen.len());
            for &quantity in &self.quantities {
                let values: Vec<f64> = cell.seen.iter().filter_map(|seen| quantity.of(seen)).collect();
                let _ = write!(text, " {} |", spread::shown(&values));
            }
            text.push('\n');
        }
        text
    }

    /// The claims as a table in Markdown.
    pub fn verdicts(&self, cells: &[Cell]) -> String {
        let mut text = String::from("| claim | quantity | pairs | difference | p | |\n|---|---|---|---|---|---|\n");
        for claim in &self.claims {
            let differences = claim.differences(cells);
            let Some(Paired { mean, deviation, p }) = Paired::of(&differences) else {
                let _ = writeln!(text, "| {} | {} | 0 | - | - | not run |", claim.says, claim.quantity);
                continue;
            };
            let verdict = match p {
                Some(p) if p <= LEVEL && mean > 0.0 => "holds",
                Some(p) if p <= LEVEL => "is refuted",
                _ => "is open",
            };
            let p = p.map_or("-".to_owned(), |p| format!("{p:.4}"));
            let (says, quantity, pairs) = (&claim.says, claim.quantity, differences.len());
            let _ =
                writeln!(text, "| {says} | {quantity} | {pairs} | {mean:+.3} +- {deviation:.3} | {p} | {verdict} |");
        }
        text
    }

    /// Every trial and every quantity, separated by tabulators.
    pub fn trials(&self, cells: &[Cell]) -> String {
        let mut text = String::from("arm\tmethod\tn\tseed\tidentity");
        for quantity in Quantity::value_variants() {
            let _ = write!(text, "\t{}", quantity.name());
        }
        text.push('\n');
        for cell in cells {
            for seen in &cell.seen {
                let (seed, identity) = (seen.outcome.seed, seen.outcome.identity());
                let _ = write!(text, "{}\t{}\t{}\t{seed}\t{identity}", cell.arm, cell.method, cell.n);
                for quantity in Quantity::value_variants() {
                    let shown = quantity.of(seen).map_or(String::new(), |value| format!("{value:.5}"));
                    let _ = write!(text, "\t{shown}");
                }
                text.push('\n');
            }
        }
        text
    }
}

/// The trials of a method at an interaction vertex in an arm.
#[derive(Clone, Debug)]
pub struct Cell {
    /// The arm's name.
    pub arm: String,
    /// The method.
    pub method: MethodName,
    /// The interaction vertex.
    pub n: u32,
    /// Those that have been run, in the order of seeds.
    pub seen: Vec<Seen>,
}

impl Claim {
    /// What the one side is above the other, for every pair of trials that is there.
    fn differences(&self, cells: &[Cell]) -> Vec<f64> {
        let mut differences = vec![];
        for (&more, &less) in self.more.methods.iter().zip(&self.less.methods) {
            for (&high, &low) in self.more.vertices.iter().zip(&self.less.vertices) {
                let cell = |side: &Side, method, n| {
                    cells.iter().find(|cell| cell.arm == side.arm && cell.method == method && cell.n == n)
                };
                let (Some(more), Some(less)) = (cell(&self.more, more, high), cell(&self.less, less, low)) else {
                    continue;
                };
                for one in &more.seen {
                    let other = less.seen.iter().find(|other| other.outcome.seed == one.outcome.seed);
                    let values = other.and_then(|other| Some((self.quantity.of(one)?, self.quantity.of(other)?)));
                    differences.extend(values.map(|(one, other)| one - other));
                }
            }
        }
        differences
    }
}

impl Source for Comparison {
    fn plan(&self, _: &Store, _: &Images) -> Result<Plan, PlanError> {
        let set = &self.settings;
        for (name, set, remedy) in [
            ("method", set.method.is_some(), ", and give the methods of each arm"),
            ("n", set.n.is_some(), ", and give the vertices of each arm"),
            ("seed", set.seed.is_some(), ", and give --seeds"),
        ] {
            if set {
                return Err(PlanError::Varied { name, target: Target::Comparison, remedy });
            }
        }
        let mut plan = Plan::default();
        for arm in &self.arms {
            for &method in &arm.methods {
                for &n in &arm.vertices {
                    let trials = self.seeds.iter().map(|&seed| self.config(arm, method, n, seed));
                    let trials = trials.collect::<Result<Vec<_>, _>>()?;
                    let (target, planned) = (Target::Comparison, trials.len());
                    plan.points.push(Point { target, method, row: None, n, x: None, y: None, trials, planned });
                }
            }
        }
        Ok(plan)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_claim_about_what_no_arm_has_is_refused() {
        let text = |methods: &str, vertices: &str| {
            format!(
                "quantities = [\"forgetting\"]\n[[arm]]\nname = \"own\"\nmethods = [\"vanilla\", \"ewc\"]\nvertices = [2, 5]\n\
                 [[claim]]\nsays = \"it is so\"\nquantity = \"forgetting\"\n\
                 more = {{ arm = \"own\", methods = [\"vanilla\"], vertices = [2] }}\n\
                 less = {{ arm = \"own\", methods = [{methods}], vertices = [{vertices}] }}\n"
            )
        };
        let parse = |methods, vertices| Comparison::parse("own.toml", &text(methods, vertices));
        assert_eq!(parse("\"ewc\"", "5").unwrap().claims.len(), 1);
        for (methods, vertices, remedy) in
            [("\"mas\"", "5", "that is there"), ("\"ewc\"", "9", "that is there"), ("\"ewc\"", "2, 5", "as many")]
        {
            let message = parse(methods, vertices).unwrap_err().to_string();
            assert!(message.contains("it is so") && message.contains(remedy), "{message}");
        }
        assert!(Comparison::parse("own.toml", "quantities = [\"fame\"]\narm = []").is_err());
    }
}
