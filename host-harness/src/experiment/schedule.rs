//! Running the trials of an experiment on this machine.

use std::collections::{HashSet, VecDeque};
use std::ops::ControlFlow;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use crate::experiment::images::Images;
use crate::experiment::plan::Trial;
use crate::experiment::progress::Progress;
use crate::experiment::source::{RunError, Source};
use crate::experiment::store::Store;
use crate::inspection::Inspector;
use crate::machine::{InstructionSet, Machine};
use crate::trial::{self, Event, TrialError};
use dam_nostd::train::TrainError;

/// How trials are run here.
#[derive(Clone, Debug)]
pub struct Local {
    /// Cores to keep busy.
    pub cores: usize,
    /// The instruction set; the widest where absent.
    pub set: Option<InstructionSet>,
    /// Whether each trial is kept after each task.
    pub checkpoint: bool,
}

/// What all workers look at.
struct Board {
    store: Store,
    due: VecDeque<Trial>,
    running: HashSet<String>,
    free: usize,
    /// Whether there may be trials that nobody has seen yet.
    stale: bool,
    waiting: usize,
    run: usize,
    failed: usize,
    error: Option<RunError>,
}

/// What was done.
#[derive(Debug)]
pub struct Ran {
    /// The store, as it is now.
    pub store: Store,
    /// Trials that were run and have a result.
    pub run: usize,
    /// Trials that were run and have none: their training diverged.
    pub failed: usize,
    /// Whether it was broken off.
    pub stopped: bool,
}

/// Runs what is due of `source` and `mine` (by identity), until nothing is left that can be run, or `stop` is set.
///
/// With as many trials as cores, each core has a trial of its own; with fewer, they share the cores. Trials whose
/// configuration depends on others follow as soon as those are done.
///
/// # Errors
/// The first that any trial met; others under way are dropped. Training that diverged is none: it is recorded.
pub fn run(
    source: &dyn Source,
    mine: &(dyn Fn(&str) -> bool + Sync),
    store: Store,
    images: &Images,
    local: &Local,
    stop: &AtomicBool,
) -> Result<Ran, RunError> {
    let board = Board {
        store,
        due: VecDeque::new(),
        running: HashSet::new(),
        free: local.cores,
        stale: true,
        waiting: 0,
        run: 0,
        failed: 0,
        error: None,
    };
    let crew = Crew { source, mine, images, local, stop, board: Mutex::new(board), changed: Condvar::new() };
    let progress = Progress::default();
    std::thread::scope(|scope| {
        for _ in 0..local.cores {
            scope.spawn(|| crew.work(&progress));
        }
    });
    progress.finish();
    let board = crew.board.into_inner().unwrap_or_else(PoisonError::into_inner);
    match board.error {
        Some(error) => Err(error),
        None => {
            let Board { store, run, failed, .. } = board;
            Ok(Ran { store, run, failed, stopped: stop.load(Ordering::Relaxed) })
        }
    }
}

/// How a trial ended.
#[derive(Clone, Copy, PartialEq)]
enum End {
    /// Another process was faster.
    There,
    /// It has a result.
    Finished,
    /// Its training diverged.
    Failed,
}

struct Crew<'a> {
    source: &'a dyn Source,
    mine: &'a (dyn Fn(&str) -> bool + Sync),
    images: &'a Images,
    local: &'a Local,
    stop: &'a AtomicBool,
    board: Mutex<Board>,
    changed: Condvar,
}

impl Crew<'_> {
    fn lock(&self) -> MutexGuard<'_, Board> {
        self.board.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn work(&self, progress: &Progress) {
        while let Some((trial, threads)) = self.next(progress) {
            let done = self.run(&trial, threads, progress);
            let mut board = self.lock();
            board.running.remove(&trial.identity);
            board.free += threads;
            match done {
                Ok(end) => {
                    board.run += usize::from(end == End::Finished);
                    board.failed += usize::from(end == End::Failed);
                    // What waits may wait for this one.
                    board.stale |= board.waiting > 0;
                }
                Err(RunError::Trial(TrialError::Train(TrainError::Stopped))) => {}
                Err(error) => {
                    board.error.get_or_insert(error);
                }
            }
            if let Err(error) = board.store.refresh() {
                board.error.get_or_insert(error.into());
            }
            self.changed.notify_all();
        }
        self.changed.notify_all();
    }

    /// The next trial and how many threads it has; `None` when there is nothing more to do.
    fn next(&self, progress: &Progress) -> Option<(Trial, usize)> {
        let mut board = self.lock();
        loop {
            if self.stop.load(Ordering::Relaxed) || board.error.is_some() {
                return None;
            }
            if board.stale
                && let Err(error) = self.look(&mut board, progress)
            {
                board.error = Some(error);
                return None;
            }
            if board.free > 0
                && let Some(trial) = board.due.pop_front()
            {
                let threads = (board.free / (board.due.len() + 1)).max(1);
                board.free -= threads;
                board.running.insert(trial.identity.clone());
                return Some((trial, threads));
            }
            if board.running.is_empty() {
                return None;
            }
            // Now and then, to see whether it is to stop.
            let waited = self.changed.wait_timeout(board, Duration::from_millis(200));
            board = waited.unwrap_or_else(PoisonError::into_inner).0;
        }
    }

    /// Plans anew.
    fn look(&self, board: &mut Board, progress: &Progress) -> Result<(), RunError> {
        let plan = self.source.plan(&board.store, self.images)?;
        let trials = plan.trials(self.images)?;
        board.due = trials
            .into_iter()
            .filter(|trial| (self.mine)(&trial.identity))
            .filter(|trial| !board.store.is_done(trial) && !board.running.contains(&trial.identity))
            .collect();
        board.waiting = plan.waiting();
        board.stale = false;
        progress.plan(board.due.iter().map(|trial| &trial.config), board.running.len(), board.waiting);
        Ok(())
    }

    /// Runs a trial and keeps its result, or that it has none.
    fn run(&self, trial: &Trial, threads: usize, progress: &Progress) -> Result<End, RunError> {
        let Trial { identity, config, pictured, inspected } = trial;
        let (store, there) = {
            let board = self.lock();
            (board.store.folder().to_owned(), board.store.holds(trial))
        };
        if there {
            return Ok(End::There);
        }
        let mut report = progress.trial(config);
        let machine = Machine::new(threads, self.local.set)?;
        // What was seen of earlier tasks is in no checkpoint.
        let checkpoint =
            (self.local.checkpoint && !inspected).then(|| Store::checkpoint(&store, identity)).transpose()?;
        // A process may have died between the checkpoint and the network of the first task.
        if let Some(checkpoint) = checkpoint.as_ref().filter(|_| *pictured && !Store::has_network(&store, identity, 1))
        {
            checkpoint.remove();
        }
        let images = self.images.of(config)?;
        let mut inspector = inspected.then(|| Inspector::new(&images, &machine));
        let mut unkept: Option<RunError> = None;
        let mut watch = |event: Event<'_>| {
            match event {
                Event::Epoch { presentations, .. } => report.at(presentations),
                Event::Accuracies { .. } => {}
                Event::Task { task, network, .. } => {
                    let mut keep = || -> Result<(), RunError> {
                        if *pictured && (task == 1 || task == config.tasks) {
                            Store::keep_network(&store, identity, &network())?;
                        }
                        if let Some(inspector) = &mut inspector {
                            inspector.look(&network())?;
                        }
                        Ok(())
                    };
                    if let Err(error) = keep() {
                        unkept = Some(error);
                        return ControlFlow::Break(());
                    }
                }
            }
            if self.stop.load(Ordering::Relaxed) { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
        };
        let run = trial::run_from(config, &images, &machine, checkpoint.as_ref(), None, &mut watch);
        if let Some(error) = unkept {
            return Err(error);
        }
        let end = match run {
            Ok(finished) => {
                if let Some(inspector) = inspector {
                    Store::keep_inspections(&store, identity, inspector.finish())?;
                }
                Store::keep(&store, &finished.outcome, &finished.course)?;
                report.done(&finished);
                End::Finished
            }
            // The same again and again: that it failed is its result.
            Err(TrialError::Diverged(divergence)) => {
                Store::fail(&store, config, images.digest(), &divergence)?;
                report.failed(&divergence);
                End::Failed
            }
            Err(error) => return Err(error.into()),
        };
        if let Some(checkpoint) = checkpoint {
            checkpoint.remove();
        }
        Ok(end)
    }
}
