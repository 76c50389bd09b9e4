//! A trial's course while it runs: loss, and accuracy of each task begun, every so many epochs.

use std::fmt::Write as _;
use std::fs::File;
use std::io::Write as _;
use std::path::{Path, PathBuf};

use crate::file::atomic::WriteError;

/// Characters that a line of the terminal's plot has at most.
const WIDTH: usize = 48;
/// From 0 to 1.
const LEVELS: [char; 8] = ['▁', '▂', '▃', '▄', '▅', '▆', '▇', '█'];

/// A point of the course: task and epoch from 1.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Point<'a> {
    /// The task that is learned.
    pub task: usize,
    /// Its epoch.
    pub epoch: u32,
    /// Item-presentations so far.
    pub presentations: u64,
    /// Mean loss of the epoch.
    pub loss: f64,
    /// `[task]`: accuracy on validation items, of the tasks begun.
    pub accuracies: &'a [f64],
}

/// The course so far: a file of comma-separated values that grows a line a point, and a plot for the terminal.
#[derive(Debug)]
pub struct Curve {
    path: PathBuf,
    file: File,
    /// `[task]`: accuracies, from where it was begun.
    accuracies: Vec<Vec<f64>>,
}

impl Curve {
    /// A new file for trials of `tasks` tasks.
    ///
    /// # Errors
    /// A file that cannot be written.
    pub fn new(path: &Path, tasks: usize) -> Result<Self, WriteError> {
        let failed = |source| WriteError { path: path.to_owned(), source };
        let mut file = File::create(path).map_err(failed)?;
        let accuracies: String = (1..=tasks).map(|task| format!(",accuracy_{task}")).collect();
        writeln!(file, "task,epoch,presentations,loss{accuracies}").map_err(failed)?;
        Ok(Self { path: path.to_owned(), file, accuracies: vec![vec![]; tasks] })
    }

    /// One point more. Tasks that have not begun have no accuracy.
    ///
    /// # Errors
    /// A file that cannot be written.
    pub fn add(&mut self, point: Point<'_>) -> Result<(), WriteError> {
        let Point { task, epoch, presentations, loss, accuracies } = point;
        let mut line = format!("{task},{epoch},{presentations},{loss}");
        for (place, known) in self.accuracies.iter_mut().enumerate() {
            line.push(',');
            if let Some(&accuracy) = accuracies.get(place) {
                let _ = write!(line, "{accuracy}");
                known.push(accuracy);
            }
        }
        line.push('\n');
        self.file.write_all(line.as_bytes()).map_err(|source| WriteError { path: self.path.clone(), source })
    }

    /// A line a task begun: its accuracy from left to right, and the last.
    pub fn plot(&self) -> String {
        let mut text = String::new();
        let columns = self.accuracies.iter().map(Vec::len).max().unwrap_or(0);
        // So many points to a column.
        let each = columns.div_ceil(WIDTH).max(1);
        for (task, known) in self.accuracies.iter().enumerate().filter(|(_, known)| !known.is_empty()) {
            let blank = " ".repeat((columns - known.len()) / each);
            let level = |points: &[f64]| {
                let last = points[points.len() - 1];
                LEVELS[((last * LEVELS.len() as f64) as usize).min(LEVELS.len() - 1)]
            };
            let bars: String = known.chunks(each).map(level).collect();
            let _ = write!(text, "\ntask {:<3} {blank}{bars} {:.3}", task + 1, known[known.len() - 1]);
        }
        text
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_task_has_a_line_from_where_it_began() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("curve.csv");
        let mut curve = Curve::new(&path, 3).unwrap();
        for (task, epoch, accuracies) in
            [(1, 1, &[0.0][..]), (1, 2, &[1.0]), (2, 1, &[0.5, 0.25]), (2, 2, &[0.25, 0.999])]
        {
            curve.add(Point { task, epoch, presentations: 7, loss: 0.5, accuracies }).unwrap();
        }
        assert_eq!(curve.plot(), "\ntask 1   ▁█▅▃ 0.250\ntask 2     ▃█ 0.999");
        let written = std::fs::read_to_string(path).unwrap();
        assert_eq!(
            written.lines().collect::<Vec<_>>(),
            [
                "task,epoch,presentations,loss,accuracy_1,accuracy_2,accuracy_3",
                "1,1,7,0.5,0,,",
                "1,2,7,0.5,1,,",
                "2,1,7,0.5,0.5,0.25,",
                "2,2,7,0.5,0.25,0.999,"
            ]
        );
    }

    #[test]
    fn a_long_course_is_as_wide_as_the_plot() {
        let folder = tempfile::tempdir().unwrap();
        let mut curve = Curve::new(&folder.path().join("curve.csv"), 1).unwrap();
        for epoch in 1..=500 {
            let accuracies = &[f64::from(epoch) / 500.0];
            curve.add(Point { task: 1, epoch, presentations: 0, loss: 0.0, accuracies }).unwrap();
        }
        let plot = curve.plot();
        let bars = plot.chars().filter(|bar| LEVELS.contains(bar)).count();
        assert!((WIDTH / 2..=WIDTH).contains(&bars), "{plot}");
        assert!(plot.ends_with("█ 1.000"), "{plot}");
    }
}
