//! The methods of sequential learning, a file each: which settings concern it, the lambda it has when none is given, what
//! it costs, the memory it borrows, how it is made, and what it tells of itself.
//!
//! A new method is a variant of [`MethodName`], an arm of `of` below, and its file; CONTRIBUTING.md goes through it.

mod agem;
mod consolidation;
pub mod diagnostics;
mod ewc;
mod gem;
mod heterogeneous;
mod joint;
mod l2;
mod mas;
mod memory;
mod options;
mod pseudorehearsal;
mod rehearsal;
mod si;
mod sweep;
mod vanilla;

use dam_nostd::distribution;
use dam_nostd::methods::{Last, Method};
use dam_nostd::{Scalar, Shape, TooShort};

use crate::config::{Batch, Config, MethodName};
use crate::rows::{LANES, Row};
use diagnostics::Diagnostics;
pub use memory::MethodMemory;
pub(crate) use memory::Needs;
use memory::Parts;

/// The lambda, or strength, of a method's penalty.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Lambda {
    /// The best at 2000 items a task for n = 2, 5, 10 and 20: docs/reproduction.md.
    pub best: [f64; 4],
    /// Where searches look.
    pub range: (f64, f64),
}

/// What is known of a method before it learns. Tasks are counted from 0.
pub(crate) trait About: Sync {
    /// Its name as the paper writes it.
    fn title(&self) -> &'static str;

    /// The names of the settings that concern it, of those that do not concern every method.
    fn settings(&self) -> &'static [&'static str] {
        &[]
    }

    /// Its lambda, if it has a penalty.
    fn lambda(&self) -> Option<Lambda> {
        None
    }

    /// Whether it learns all tasks at once.
    fn at_once(&self) -> bool {
        false
    }

    /// A setting that it cannot learn with: its name, its value, and what to do.
    fn refuses(&self, config: &Config) -> Option<(&'static str, String, &'static str)> {
        let _ = config;
        None
    }

    /// Items of earlier tasks that are learned along with those of `task`.
    fn joining(&self, config: &Config, task: usize) -> usize {
        let _ = (config, task);
        0
    }

    /// Items of earlier tasks whose gradient is taken for each batch of `task`.
    fn looked_at(&self, config: &Config, task: usize) -> usize {
        let _ = (config, task);
        0
    }

    /// The memory that it borrows.
    fn needs(&self, config: &Config) -> Needs;
}

/// Makes a method for weights of type `S`.
pub(crate) trait Build<S: Scalar>: About {
    /// The method of `config` with `memory`, which was made for it.
    ///
    /// # Errors
    /// None: the memory is long enough.
    fn build<'a>(
        &self,
        config: &Config,
        shape: &Shape,
        memory: Parts<'a, S>,
    ) -> Result<Box<dyn Learner<S> + 'a>, TooShort>;
}

/// A method at work.
pub(crate) trait Learner<S: Scalar> {
    /// As what the core calls it.
    fn method(&mut self) -> &mut dyn Method<S, LANES>;

    /// Adds what it tells of the task just learned.
    fn tell(&mut self, shape: &Shape, told: &mut Diagnostics) {
        let _ = shape;
        told.rehearsed_items = self.method().rehearsed().len();
    }
}

/// The file of a method.
fn of<S: Scalar>(name: MethodName) -> &'static dyn Build<S> {
    match name {
        MethodName::Vanilla => &vanilla::Vanilla,
        MethodName::Joint => &joint::Joint,
        MethodName::Rehearsal => &rehearsal::Rehearsal,
        MethodName::SweepRehearsal => &sweep::Sweep,
        MethodName::Pseudorehearsal => &pseudorehearsal::Pseudorehearsal,
        MethodName::HeterogeneousPseudorehearsal => &heterogeneous::Heterogeneous,
        MethodName::Gem => &gem::Gem,
        MethodName::AGem => &agem::AGem,
        MethodName::L2 => &l2::L2,
        MethodName::Ewc => &ewc::Ewc,
        MethodName::Mas => &mas::Mas,
        MethodName::Si => &si::Si,
    }
}

/// What is known of a method.
pub(crate) fn about(name: MethodName) -> &'static dyn About {
    of::<f32>(name)
}

/// A method's name as the paper writes it.
pub fn title(name: MethodName) -> &'static str {
    about(name).title()
}

/// A method's lambda, if it has a penalty.
pub fn lambda(name: MethodName) -> Option<Lambda> {
    about(name).lambda()
}

/// Item-presentations of the whole trial: what progress is measured by.
pub fn presentations(config: &Config) -> u64 {
    let (new, about) = (config.training_items(), about(config.method));
    // Saturating: it is asked for before anyone has looked whether there are so many items.
    let epoch =
        (0..config.tasks).map(|task| about.joining(config, task).saturating_add(new)).fold(0, usize::saturating_add);
    (epoch as u64).saturating_mul(config.epochs.into())
}

/// Items whose gradient is taken again and again in one order: those of full batches, and those that a method looks at for
/// each batch.
pub(crate) fn coming_again(config: &Config) -> usize {
    let about = about(config.method);
    let most = |of: &dyn Fn(usize) -> usize| (0..config.tasks).map(of).max().unwrap_or(0);
    let new = if about.at_once() { config.training_items() * config.tasks } else { config.training_items() };
    let full = if config.batch == Batch::Full { new + most(&|task| about.joining(config, task)) } else { 0 };
    full + most(&|task| about.looked_at(config, task))
}

/// The method of `config` with `memory`, which was made for it.
///
/// # Errors
/// None: the memory is long enough.
pub(crate) fn learner<'a, S: Scalar>(
    config: &Config,
    shape: &Shape,
    memory: &'a mut MethodMemory<S>,
) -> Result<Box<dyn Learner<S> + 'a>, TooShort> {
    of::<S>(config.method).build(config, shape, memory.parts())
}

impl<S: Scalar> dyn Learner<S> + '_ {
    /// Calls `with` with the method for a task of which nothing will be wanted afterwards, if `last`.
    pub(crate) fn with<T>(&mut self, last: bool, with: impl FnOnce(&mut dyn Method<S, LANES>) -> T) -> T {
        if last { with(&mut Last(self.method())) } else { with(self.method()) }
    }

    /// What the method tells of the task just learned.
    pub(crate) fn diagnostics(&mut self, shape: &Shape, weights: &[Row<S>]) -> Diagnostics {
        let saturated_weights = distribution::clamped(shape, weights);
        let mut told = Diagnostics { saturated_weights, ..Diagnostics::default() };
        self.tell(shape, &mut told);
        told
    }
}
