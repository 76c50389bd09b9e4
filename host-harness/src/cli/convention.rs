//! `--convention`: settings by the name under which `dam study conventions` compares them.

use std::str::FromStr;

use crate::config::Settings;
use crate::experiment::study::Conventions;

/// The settings of a convention that is built in.
#[derive(Clone, Debug)]
pub struct Named(Settings);

impl FromStr for Named {
    type Err = String;

    fn from_str(name: &str) -> Result<Self, String> {
        let conventions = Conventions::built_in().conventions;
        match conventions.iter().find(|convention| convention.name == name) {
            Some(convention) => Ok(Self(convention.settings.clone())),
            None => {
                let names: Vec<String> =
                    conventions.iter().map(|convention| format!("{:?}", convention.name)).collect();
                Err(format!("no such convention; give one of {}", names.join(", ")))
            }
        }
    }
}

/// Arguments of commands that train under one convention.
#[derive(Clone, Debug, Default, clap::Args)]
pub struct ConventionArgs {
    /// A reading of what the paper leaves open instead of the default one, by its name in `dam study conventions`; flags go before it
    #[arg(long, value_name = "NAME", conflicts_with = "config")]
    pub convention: Option<Named>,
}

impl ConventionArgs {
    /// `settings`, and under them the convention.
    pub fn under(&self, settings: Settings) -> Settings {
        match &self.convention {
            Some(Named(convention)) => settings.over(convention.clone()),
            None => settings,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_convention_goes_behind_what_is_set_and_one_that_is_not_there_is_refused_with_those_that_are() {
        let args = ConventionArgs { convention: Some("rate 0.05".parse().unwrap()) };
        assert_eq!(args.under(Settings::default()).learning_rate, Some(0.05));
        let set = Settings { learning_rate: Some(0.2), ..Settings::default() };
        assert_eq!(args.under(set).learning_rate, Some(0.2));
        assert_eq!(ConventionArgs::default().under(Settings::default()), Settings::default());
        let refused = "rate 5".parse::<Named>().unwrap_err();
        assert!(refused.contains("\"rate 0.05\", "), "{refused}");
    }
}
