//! Which images tasks are drawn from.

use std::ops::Range;

use dam_nostd::rng::{self, Purpose, Xoshiro128PlusPlus};

use super::kinds::Making;
use super::{kinds, making};
use crate::config::{Config, PoolName};
use crate::data::Dataset;

/// The set has too little for the tasks that were asked for.
#[derive(Debug, thiserror::Error)]
pub enum TaskError {
    /// Too few images.
    #[error("items = {items}: {name} has {images} images{each}; give at most so many")]
    TooManyItems {
        /// Images of a task.
        items: usize,
        /// Where they are drawn from.
        name: String,
        /// How many there are.
        images: usize,
        /// For what.
        each: String,
    },
    /// Images are to be turned, and there are none.
    #[error("task {task} is to be turned by {angle} degrees, and {name} has rows, no images: give another --kind")]
    NotImages {
        /// The task, from 1.
        task: usize,
        /// Degrees.
        angle: f64,
        /// The set.
        name: String,
    },
    /// A set of several that is not there.
    #[error(
        "task {task} is to have images of the set {set:?}, and {name} is not several of which one is called so{sets}"
    )]
    NoSuchSet {
        /// The task, from 1.
        task: usize,
        /// The set that it asks for.
        set: String,
        /// The data.
        name: String,
        /// Its sets.
        sets: String,
    },
    /// A class that the set has not.
    #[error(
        "task {task} is to have class {class}, and {name} has {classes} classes, from 0: give fewer tasks or classes"
    )]
    NoSuchClass {
        /// The task, from 1.
        task: usize,
        /// The class.
        class: u8,
        /// The set.
        name: String,
        /// How many it has.
        classes: usize,
    },
}

/// How many images tasks are drawn from: the first ones of the set.
pub fn pool(config: &Config, data: &Dataset) -> usize {
    match config.pool {
        PoolName::All => data.len(),
        PoolName::Train => data.training_images(),
    }
}

/// Those of `images` that are of the classes, and of the set, of `task`.
pub(super) fn of_task(config: &Config, data: &Dataset, task: usize, images: Range<usize>) -> Vec<usize> {
    let Making { classes, set, .. } = making(config, task);
    let own_class = |image| classes.as_ref().is_none_or(|classes| classes.contains(&data.label(image)));
    let own_set = |image| set.as_ref().is_none_or(|set| data.is_of(set, image));
    images.filter(|&image| own_class(image) && own_set(image)).collect()
}

/// Whether `data` has the images of the tasks of `config`.
///
/// # Errors
/// It has too few, or lacks a class.
pub fn enough(config: &Config, data: &Dataset) -> Result<(), TaskError> {
    let name = match config.pool {
        PoolName::All => data.name().to_owned(),
        PoolName::Train => format!("the training part of {}", data.name()),
    };
    let (items, pool) = (config.items, pool(config, data));
    let short = |images: usize, each: String| TaskError::TooManyItems { items, name: name.clone(), images, each };
    if kinds::of(&config.kind).apart() && config.items.saturating_mul(config.tasks) > pool {
        return Err(short(pool / config.tasks, format!(" for each of {} tasks that share none", config.tasks)));
    }
    if items > pool {
        return Err(short(pool, String::new()));
    }
    for task in 0..config.tasks {
        let Making { angle, .. } = making(config, task);
        if angle != 0.0 && !data.are_images() {
            return Err(TaskError::NotImages { task: task + 1, angle, name: data.name().to_owned() });
        }
        let Making { classes, set, .. } = making(config, task);
        if let Some(set) = set.as_ref().filter(|set| data.sets().all(|name| name != *set)) {
            let (name, set) = (data.name().to_owned(), set.clone());
            let sets = data.sets().map(|name| format!(": it has {name}")).collect();
            return Err(TaskError::NoSuchSet { task: task + 1, set, name, sets });
        }
        if classes.is_none() && set.is_none() {
            continue;
        }
        if let Some(&class) = classes.iter().flatten().find(|&&class| usize::from(class) >= data.classes()) {
            let (name, classes) = (data.name().to_owned(), data.classes());
            return Err(TaskError::NoSuchClass { task: task + 1, class, name, classes });
        }
        let images = of_task(config, data, task, 0..pool).len();
        if items > images {
            return Err(short(
                images,
                format!(" of the {} of task {}", if classes.is_some() { "classes" } else { "set" }, task + 1),
            ));
        }
    }
    Ok(())
}

/// The images of `task`, in the order in which they are taken: those for validation first.
pub(super) fn drawn(config: &Config, data: &Dataset, task: usize) -> Vec<usize> {
    let images = of_task(config, data, task, 0..pool(config, data));
    let apart = kinds::of(&config.kind).apart();
    // Where no image is in two tasks, all tasks are drawn at once.
    let (index, wanted) = if apart { (0, config.items * config.tasks) } else { (task as u32, config.items) };
    let mut draws = Xoshiro128PlusPlus::of(config.seed, Purpose::Images, index);
    let mut chosen = Vec::with_capacity(wanted);
    rng::choose(images.len(), wanted, &mut draws, |i| chosen.push(images[i]));
    rng::shuffle(&mut chosen, &mut draws);
    let first = if apart { task * config.items } else { 0 };
    chosen[first..][..config.items].to_vec()
}
