//! `--reading`: settings by the name under which `dam study conventions` compares them.

use std::str::FromStr;

use crate::config::Settings;
use crate::experiment::study::Conventions;

/// A reading of what the paper leaves open.
#[derive(Clone, Debug)]
pub struct Reading(pub Settings);

impl FromStr for Reading {
    type Err = String;

    fn from_str(name: &str) -> Result<Self, String> {
        let readings = Conventions::built_in().conventions;
        match readings.iter().find(|reading| reading.name == name) {
            Some(reading) => Ok(Self(reading.settings.clone())),
            None => {
                let names: Vec<String> = readings.iter().map(|reading| format!("{:?}", reading.name)).collect();
                Err(format!("no such reading; give one of {}", names.join(", ")))
            }
        }
    }
}

/// Arguments of commands that train under one reading.
#[derive(Clone, Debug, Default, clap::Args)]
pub struct ReadingArgs {
    /// A reading of the paper instead of the default one, by its name in `dam study conventions`; flags go before it
    #[arg(long, value_name = "NAME", conflicts_with = "config")]
    pub reading: Option<Reading>,
}

impl ReadingArgs {
    /// `settings`, and under them the reading.
    pub fn under(&self, settings: Settings) -> Settings {
        match &self.reading {
            Some(Reading(reading)) => settings.over(reading.clone()),
            None => settings,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_reading_goes_behind_what_is_set_and_one_that_is_not_there_is_refused_with_those_that_are() {
        let args = ReadingArgs { reading: Some("rate 0.05".parse().unwrap()) };
        assert_eq!(args.under(Settings::default()).learning_rate, Some(0.05));
        let set = Settings { learning_rate: Some(0.2), ..Settings::default() };
        assert_eq!(args.under(set).learning_rate, Some(0.2));
        assert_eq!(ReadingArgs::default().under(Settings::default()), Settings::default());
        let refused = "rate 5".parse::<Reading>().unwrap_err();
        assert!(refused.contains("\"rate 0.05\", "), "{refused}");
    }
}
