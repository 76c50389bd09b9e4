//! How far an experiment is: a bar on a terminal, and a line for each trial elsewhere.

use std::io::IsTerminal;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};

use indicatif::{ProgressBar, ProgressStyle};

use crate::config::{Config, Kind, Settings};
use crate::console::tell;
use crate::divergence::Divergence;
use crate::experiment::cost;
use crate::methods;
use crate::tasks::kinds;
use crate::trial::Finished;

/// Progress of a whole plan, measured by the work of its trials.
#[derive(Debug)]
pub struct Progress {
    bar: ProgressBar,
    terminal: bool,
    /// Work of trials that were begun.
    begun: AtomicU64,
    /// Trials that ended, and that are known of.
    ended: AtomicUsize,
    known: AtomicUsize,
}

impl Default for Progress {
    /// Without a plan.
    fn default() -> Self {
        let bar = ProgressBar::new(0);
        let style = ProgressStyle::with_template("{bar:30} {percent:>3} %  {msg}  {elapsed} gone, {eta} left");
        bar.set_style(style.unwrap_or_else(|_| ProgressStyle::default_bar()));
        let terminal = std::io::stderr().is_terminal();
        Self { bar, terminal, begun: 0.into(), ended: 0.into(), known: 0.into() }
    }
}

impl Progress {
    /// These are due, so many others are running, and so many more will follow, each taken for one of the mean of those due.
    pub fn plan<'a>(&self, due: impl ExactSizeIterator<Item = &'a Config>, running: usize, waiting: usize) {
        let count = due.len();
        let work: f64 = due.map(cost::work).sum();
        let all = work * (count + waiting) as f64 / count.max(1) as f64;
        self.bar.set_length(self.begun.load(Ordering::Relaxed) + all as u64);
        self.known.store(self.ended.load(Ordering::Relaxed) + running + count + waiting, Ordering::Relaxed);
    }

    /// A trial begins.
    pub fn trial<'a>(&'a self, config: &'a Config) -> Report<'a> {
        let work = cost::work(config);
        self.begun.fetch_add(work as u64, Ordering::Relaxed);
        Report { progress: self, config, work, presentations: methods::presentations(config).max(1), told: 0 }
    }

    /// The last trial has ended.
    pub fn finish(&self) {
        self.bar.finish_and_clear();
    }
}

/// One trial's part.
#[derive(Debug)]
pub struct Report<'a> {
    progress: &'a Progress,
    config: &'a Config,
    work: f64,
    presentations: u64,
    told: u64,
}

impl Report<'_> {
    /// So many presentations are done.
    pub fn at(&mut self, presentations: u64) {
        let done = (self.work * presentations as f64 / self.presentations as f64).min(self.work) as u64;
        self.progress.bar.inc(done.saturating_sub(self.told));
        self.told = self.told.max(done);
    }

    /// It has its result.
    pub fn done(self, finished: &Finished) {
        let (accuracy, seconds) = (finished.outcome.measured.average_accuracy.accuracy, finished.course.wall_seconds);
        self.ended(&format!("average accuracy {accuracy:.3}  {seconds:.1} s"));
    }

    /// It has none.
    pub fn failed(self, divergence: &Divergence) {
        self.ended(&format!("failed: {divergence}"));
    }

    fn ended(mut self, how: &str) {
        self.at(self.presentations);
        let progress = self.progress;
        let ended = progress.ended.fetch_add(1, Ordering::Relaxed) + 1;
        let known = progress.known.load(Ordering::Relaxed).max(ended);
        progress.bar.set_message(format!("{ended} of {known} trials"));
        let line = format!("{:>11}  {:40}  {how}", format!("{ended}/{known}"), name(self.config));
        if progress.terminal {
            progress.bar.println(line);
        } else {
            tell(line);
        }
    }
}

/// A trial in a few words: of the settings that concern its method and its kind of tasks alone, those that are not the defaults.
pub fn name(config: &Config) -> String {
    let mut name = format!("{} n={}", config.method, config.n);
    if config.kind != Kind::Permuted {
        name += &format!(" kind={}", config.kind);
    }
    let concern = methods::about(config.method).settings();
    if concern.contains(&"proportion") {
        name += &format!(" proportion={}", config.proportion);
    }
    if concern.contains(&"lambda") {
        name += &format!(" lambda={:e}", config.lambda);
    }
    let own = Settings { method: Some(config.method), n: Some(config.n), ..Settings::default() };
    if let Ok(default) = own.config() {
        let told = ["proportion", "lambda"];
        let kind = kinds::settings(&config.kind);
        for ((setting, value), (_, usual)) in config.values().into_iter().zip(default.values()) {
            let concerns = concern.contains(&setting) || kind.contains(&setting);
            if concerns && !told.contains(&setting) && value != usual {
                name += &format!(" {setting}={value}");
            }
        }
    }
    name + &format!(" seed={}", config.seed)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_trial_is_named_by_what_is_not_as_usual() {
        let of = |toml: &str| name(&toml::from_str::<Settings>(toml).unwrap().config().unwrap());
        assert_eq!(of("method = \"mas\"\nn = 2"), "mas n=2 lambda=4e-2 seed=1");
        assert_eq!(of("permuted_share = 0.5\nepochs = 7"), "vanilla n=20 permuted_share=0.5 seed=1");
        assert_eq!(of("kind = \"rotated\"\nangle = 15.0"), "vanilla n=20 kind=rotated angle=15.0 seed=1");
        let pseudo = "method = \"pseudorehearsal\"\nprobe_vertex = 3";
        assert_eq!(of(pseudo), "pseudorehearsal n=20 proportion=0.5 probe_vertex=3 seed=1");
    }
}
