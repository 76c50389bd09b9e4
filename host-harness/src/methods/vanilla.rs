//! Vanilla learning: no method, the lower bound.

use dam_nostd::methods::{self, Method};
use dam_nostd::{Scalar, Shape, TooShort};

use super::memory::{Needs, Parts};
use super::{About, Build, Learner};
use crate::config::Config;
use crate::rows::LANES;

pub(super) struct Vanilla;

impl About for Vanilla {
    fn title(&self) -> &'static str {
        "Vanilla"
    }

    fn needs(&self, _: &Config) -> Needs {
        Needs::default()
    }
}

impl<S: Scalar> Build<S> for Vanilla {
    fn build<'a>(&self, _: &Config, _: &Shape, _: Parts<'a, S>) -> Result<Box<dyn Learner<S> + 'a>, TooShort> {
        Ok(Box::new(methods::Vanilla))
    }
}

impl<S: Scalar> Learner<S> for methods::Vanilla {
    fn method(&mut self) -> &mut dyn Method<S, LANES> {
        self
    }
}
