//! Settings where the method and the kind of tasks are known: what they are when they are not given, and which of them
//! concern the trial.

use std::collections::BTreeSet;

use clap::ValueEnum;

use crate::config::{Config, ConfigError, Kind, MethodName, Settings};
use crate::methods::about;
use crate::tasks::kinds;

/// Settings that do not concern every method or every kind of tasks.
fn of_some() -> BTreeSet<&'static str> {
    let methods = MethodName::value_variants().iter().flat_map(|&name| about(name).settings());
    methods.copied().chain(kinds::settings_of_some()).collect()
}

impl Settings {
    /// These values, but for those that do not concern the method or the kind of tasks: trials that they cannot change are
    /// the same trial.
    #[must_use]
    pub fn of_trial(self) -> Self {
        let method = about(self.method.unwrap_or(MethodName::Vanilla)).settings();
        let kind = kinds::settings(self.kind.as_ref().unwrap_or(&Kind::Permuted));
        let of_some = of_some();
        self.only(|name| method.contains(&name) || kind.contains(&name) || !of_some.contains(name))
    }

    /// The values that are given and do not concern the method or the kind of tasks: they change nothing.
    pub fn unconcerned(&self) -> Vec<String> {
        let (given, kept) = (self.object(), self.clone().of_trial().object());
        given.into_iter().filter(|(name, value)| kept.get(name) != Some(value)).map(|(name, _)| name).collect()
    }

    /// The names of the settings that are given.
    pub fn names(&self) -> Vec<String> {
        self.object().into_iter().filter(|(_, value)| !value.is_null()).map(|(name, _)| name).collect()
    }

    fn object(&self) -> serde_json::Map<String, serde_json::Value> {
        match serde_json::to_value(self) {
            Ok(serde_json::Value::Object(object)) => object,
            _ => serde_json::Map::new(),
        }
    }

    /// Fills in the defaults and checks the ranges.
    pub fn config(self) -> Result<Config, ConfigError> {
        // Where nothing is given they depend on others; until then, NaN stands for that, and must not be given.
        for (name, value) in [("lambda", self.lambda), ("final_temperature", self.final_temperature)] {
            if value.is_some_and(f64::is_nan) {
                return Err(ConfigError::Range {
                    name,
                    value: "NaN".to_owned(),
                    remedy: "give a number, or leave it out",
                });
            }
        }
        let listed = match (&self.kind, self.tasks) {
            (Some(Kind::List(tasks)), None) => Some(tasks.len()),
            (_, tasks) => tasks,
        };
        let mut config = Self { tasks: listed, ..self }.or_default();
        if config.final_temperature.is_nan() {
            config.final_temperature = config.temperature;
        }
        if config.lambda.is_nan() {
            config.lambda = best_lambda(config.method, config.n);
        }
        config.check()?;
        Ok(config)
    }
}

impl Config {
    /// Checks the range of every value.
    pub fn check(&self) -> Result<(), ConfigError> {
        self.check_ranges()?;
        kinds::check(self)?;
        match about(self.method).refuses(self) {
            Some((name, value, remedy)) => Err(ConfigError::Range { name, value, remedy }),
            None => Ok(()),
        }
    }
}

/// The lambda that was measured to be best for the interaction vertex that is nearest to `n` on a logarithmic scale; 0 for
/// methods without a penalty.
pub fn best_lambda(method: MethodName, n: u32) -> f64 {
    about(method).lambda().map_or(0.0, |lambda| lambda.best[crate::paper::column(n)])
}
