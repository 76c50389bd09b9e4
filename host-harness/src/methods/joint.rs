//! All tasks at once: the upper bound.

use dam_nostd::methods;
use dam_nostd::{Scalar, Shape, TooShort};

use super::memory::{Needs, Parts};
use super::{About, Build, Learner};
use crate::config::Config;

pub(super) struct Joint;

impl About for Joint {
    fn title(&self) -> &'static str {
        "All tasks at once"
    }

    fn at_once(&self) -> bool {
        true
    }

    fn needs(&self, _: &Config) -> Needs {
        Needs::default()
    }
}

impl<S: Scalar> Build<S> for Joint {
    fn build<'a>(&self, _: &Config, _: &Shape, _: Parts<'a, S>) -> Result<Box<dyn Learner<S> + 'a>, TooShort> {
        Ok(Box::new(methods::Vanilla))
    }
}
