//! How alike tasks are: the overlap of their mean class images.

use dam_nostd::bits;

use super::Tasks;

/// `[task][task]`: the mean over the classes that both tasks have of the cosine between the class's mean images, each less
/// its task's mean image, as the neurons show them. 1 for tasks that are the same, near 0 for unrelated ones; `None` for tasks
/// without a class in common.
pub fn overlap(tasks: &Tasks) -> Vec<Vec<Option<f64>>> {
    let images: Vec<Vec<Option<Vec<f64>>>> = (0..tasks.len()).map(|task| class_images(tasks, task)).collect();
    let pair = |a: &[Option<Vec<f64>>], b: &[Option<Vec<f64>>]| {
        let cosines: Vec<f64> = a.iter().zip(b).filter_map(|(a, b)| Some(cosine(a.as_ref()?, b.as_ref()?))).collect();
        (!cosines.is_empty()).then(|| cosines.iter().sum::<f64>() / cosines.len() as f64)
    };
    images.iter().map(|a| images.iter().map(|b| pair(a, b)).collect()).collect()
}

/// The mean of the overlaps of different tasks; `None` where no two have a class in common.
pub fn mean_overlap(tasks: &Tasks) -> Option<f64> {
    let overlap = overlap(tasks);
    let each = overlap.iter().enumerate().flat_map(|(a, row)| row.iter().take(a).copied().flatten());
    let (sum, count) = each.fold((0.0, 0), |(sum, count), overlap| (sum + overlap, count + 1));
    (count > 0).then(|| sum / f64::from(count))
}

/// The mean of each class's training images, less the mean of all.
fn class_images(tasks: &Tasks, task: usize) -> Vec<Option<Vec<f64>>> {
    let (shape, items) = (tasks.shape(), tasks.training(task));
    let permutations = tasks.permutations();
    let mut sums = vec![vec![0.0; shape.pixels()]; shape.classes()];
    let mut counts = vec![0usize; shape.classes()];
    for item in 0..items.len() {
        let class = shape.class_neurons().position(|neuron| bits::is_on(items.bits(item), neuron)).unwrap_or(0);
        counts[class] += 1;
        for position in 0..shape.pixels() {
            if bits::is_on(items.bits(item), position) {
                sums[class][permutations.neuron(items.permutation(item), position)] += 1.0;
            }
        }
    }
    let all = |neuron: usize| sums.iter().map(|sum| sum[neuron]).sum::<f64>() / items.len() as f64;
    let mean: Vec<f64> = (0..shape.pixels()).map(all).collect();
    let less = |(sum, &count): (&Vec<f64>, &usize)| {
        (count > 0).then(|| sum.iter().zip(&mean).map(|(sum, mean)| sum / count as f64 - mean).collect())
    };
    sums.iter().zip(&counts).map(less).collect()
}

fn cosine(a: &[f64], b: &[f64]) -> f64 {
    let product = |a: &[f64], b: &[f64]| a.iter().zip(b).map(|(a, b)| a * b).sum::<f64>();
    let sizes = (product(a, a) * product(b, b)).sqrt();
    if sizes > 0.0 { product(a, b) / sizes } else { 0.0 }
}
