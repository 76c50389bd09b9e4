//! The networks that were kept: memory vectors, and what random states relax to.

use maud::{Markup, html};

use crate::data::DataError;
use crate::evaluation::EvaluationError;
use crate::experiment::images::Images;
use crate::experiment::plan::Plan;
use crate::experiment::store::{Store, StoreError};
use crate::experiment::target::Target;
use crate::machine::{Machine, MachineError};
use crate::outcome;
use crate::pictures::{Choice, Portrait, panel};

use super::results::Results;

/// Why networks cannot be looked at.
#[derive(Debug, thiserror::Error)]
#[allow(missing_docs, reason = "the names say it")]
pub enum PortraitError {
    #[error(transparent)]
    Store(#[from] StoreError),
    #[error(transparent)]
    Data(#[from] DataError),
    #[error(transparent)]
    Machine(#[from] MachineError),
    #[error(transparent)]
    Evaluation(#[from] EvaluationError),
}

/// Looks at the networks that the store has of the plan: after the first task, and after the last.
///
/// # Errors
/// Networks or images that cannot be read, or do not fit each other.
pub fn portraits(plan: &Plan, store: &Store, images: &Images) -> Result<Vec<Portrait>, PortraitError> {
    let machine = Machine::new(0, None)?;
    let mut portraits = vec![];
    let points = plan.points.iter().filter(|point| point.target == Target::Pictures);
    for config in points.flat_map(|point| &point.trials) {
        let data = images.of(config)?;
        let identity = outcome::identity(config, data.digest());
        let mut steps = vec![1, config.tasks];
        steps.dedup();
        for learned in steps {
            let Some(network) = store.network(&identity, learned)? else { continue };
            portraits.push(Portrait::new(&network, &data, Choice::default(), &machine)?);
        }
    }
    Ok(portraits)
}

/// Numbers and drawings.
pub fn section(results: &Results<'_>) -> Markup {
    let portraits = &results.portraits;
    let percent = |count: usize, of: usize| format!("{:.1}%", 100.0 * count as f64 / of.max(1) as f64);
    html! {
        p { "At small n memory vectors are features: many share each item. At large n they are prototypes: a few stand for "
            "each item, and random states relax to digits, so that pseudorehearsal has something to rehearse. One vanilla "
            "trial for each n, its network after the first task and after the last." }
        @if portraits.is_empty() { p class="absent" { "No networks were kept: " code { "dam reproduce pictures" } " keeps them." } }
        @else {
            p { "A memory vector is committed where it has left its first weights and is so similar to a training item that "
                "the power s^n outweighs the leak; the others drift, or have hardly moved. Items are shared by (Σ f)² / Σ f² "
                "memory vectors, f = f" sub { "n" } "(s), the median over training items. A state judges as a digit where one "
                "task-ID and one class neuron are on, and the training image of that task that is nearest by pixels that "
                "differ has that class and is as near as two images of that class typically are. A kind of digits is a task and a "
                "class." }
            div class="scroll" tabindex="0" role="region" aria-label="Memory vectors and random states" {
                table id="portraits" {
                    thead { tr {
                        th scope="col" { "network" } th scope="col" { "committed" } th scope="col" { "cosine with an item" }
                        th scope="col" { "memory vectors to an item" } th scope="col" { "states at rest" }
                        th scope="col" { "different" } th scope="col" { "one class neuron on" } th scope="col" { "judge as digits" }
                        th scope="col" { "kinds of digits" }
                    } }
                    tbody { @for portrait in portraits {
                        @let (memories, probes) = (&portrait.memories, &portrait.probes);
                        tr {
                            th scope="row" { (portrait.title()) }
                            td { (memories.committed) " of " (memories.count) }
                            td { @if let Some(cosine) = memories.median_cosine { (format!("{cosine:.3}")) } @else { "–" } }
                            td { (format!("{:.1}", memories.vectors_per_item)) }
                            td { (percent(probes.stable, probes.count)) }
                            td { (probes.distinct) }
                            td { (percent(probes.one_class, probes.count)) }
                            td { strong { (percent(probes.digits, probes.count)) } }
                            td { strong { (probes.kinds) " of " (portrait.learned * portrait.classes) } }
                        }
                    } }
                }
            }
            p class="legend" { "Memory vectors in the pixel order of the task that they belong to: for each task and class the "
                "committed one most similar to an item; weights from −1 (orange) to 1 (blue). States: as they were found, "
                "framed where they judge as digits." }
            div class="portraits" { @for portrait in portraits {
                @let ((width, height), marks) = panel::panel(portrait);
                svg viewBox={ "0 0 " (width) " " (height) } role="img" aria-label=(portrait.title()) { (marks) }
            } }
        }
    }
}
