//! How large an experiment is.

use std::fmt;

use clap::ValueEnum;
use clap::builder::PossibleValue;
use serde::{Deserialize, Serialize};

use crate::config::Settings;

/// A size by name.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ValueEnum)]
#[serde(rename_all = "lowercase")]
#[value(rename_all = "lower")]
pub enum Preset {
    /// All targets in minutes, with networks too small to mean anything
    Smoke,
    /// 2000 items a task, 3 trials
    #[default]
    Search,
    /// The paper's: 10 000 items a task in Table 2 and figure 7b, 10 trials, searches of 100
    Paper,
}

impl fmt::Display for Preset {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.to_possible_value().as_ref().map_or("", PossibleValue::get_name))
    }
}

/// How large an experiment is.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Scale {
    /// Trials of each point, each with a seed of its own, from 1.
    pub trials: u64,
    /// Trials of each search.
    pub search_trials: usize,
    /// Of them, those that are spread over the range before the estimator has a say.
    pub startup: usize,
    /// Trials of a search that run side by side: each knows the results of earlier rounds.
    pub round: usize,
    /// Items of a task in searches and figures.
    pub items: usize,
    /// Items of a task in Table 2 and figure 7b.
    pub large_items: usize,
    /// Epochs of a task; absent for the default.
    pub epochs: Option<u32>,
    /// Memory vectors; absent for the default.
    pub memories: Option<usize>,
    /// The most sweeps of a relaxation; absent for the default.
    pub max_sweeps: Option<u32>,
    /// Proportions of items in figures 1 to 5.
    pub proportions: Vec<f64>,
    /// Learning rates in figures 10 and 11.
    pub learning_rates: Vec<f64>,
    /// Temperatures in figures 10 and 11.
    pub temperatures: Vec<f64>,
}

impl Scale {
    /// That of a preset.
    pub fn of(preset: Preset) -> Self {
        match preset {
            Preset::Smoke => Self {
                trials: 1,
                search_trials: 6,
                startup: 4,
                round: 4,
                items: 200,
                large_items: 400,
                epochs: Some(10),
                memories: Some(32),
                max_sweeps: Some(10),
                proportions: vec![0.0, 0.5, 1.0],
                learning_rates: vec![0.08, 0.1],
                temperatures: vec![0.875, 0.95],
            },
            Preset::Search => Self {
                trials: 3,
                search_trials: 20,
                startup: 8,
                round: 4,
                items: 2000,
                large_items: 2000,
                epochs: None,
                memories: None,
                max_sweeps: None,
                proportions: vec![0.0, 0.05, 0.2, 0.5, 1.0],
                learning_rates: vec![0.04, 0.06, 0.08, 0.1, 0.12],
                temperatures: vec![0.725, 0.8, 0.875, 0.95, 1.025],
            },
            Preset::Paper => Self {
                trials: 10,
                search_trials: 100,
                startup: 12,
                round: 4,
                items: 2000,
                large_items: 10_000,
                epochs: None,
                memories: None,
                max_sweeps: None,
                proportions: (0..=10).map(|tenth| f64::from(tenth) / 10.0).collect(),
                learning_rates: vec![0.02, 0.04, 0.06, 0.08, 0.1, 0.12, 0.14],
                temperatures: vec![0.65, 0.725, 0.8, 0.875, 0.95, 1.025, 1.1],
            },
        }
    }

    /// Settings of every trial but for items.
    pub fn settings(&self) -> Settings {
        Settings { epochs: self.epochs, memories: self.memories, max_sweeps: self.max_sweeps, ..Settings::default() }
    }
}
