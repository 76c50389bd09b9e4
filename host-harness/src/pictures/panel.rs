//! A network's portrait as a drawing.

use maud::{Markup, html};

use super::Portrait;
use super::image;
use super::memory::{Memory, Stage};
use super::probe::Rest;
use crate::chart;

/// Width of a panel, in units of the SVG.
const WIDTH: f64 = 516.0;
/// Where the pictures begin.
const LEFT: f64 = 104.0;
/// Size of a picture's longer side.
const PICTURE: f64 = 35.0;
/// Pictures in a row.
const COLUMNS: usize = 10;
/// Tasks that have a row, at most.
const TASKS: usize = 10;
/// Rows of what probes relax to.
const REST_ROWS: usize = 2;

/// Portraits side by side, as an SVG file of its own.
pub fn drawing(portraits: &[Portrait]) -> String {
    let panels: Vec<_> = portraits.iter().map(panel).collect();
    // As high as the highest.
    let height = panels.iter().map(|((_, height), _)| *height).fold(0.0, f64::max);
    let panels: Vec<_> = panels.into_iter().map(|((width, _), marks)| ((width, height), marks)).collect();
    chart::side_by_side(&panels, panels.len())
}

/// A portrait as the content of an SVG, and its size.
pub fn panel(portrait: &Portrait) -> ((f64, f64), Markup) {
    let grid = Grid::new(portrait.size);
    let memories = &portrait.memories;
    let rows = memory_rows(portrait);
    let probes = &portrait.probes;
    let share = |count: usize, of: usize| format!("{:.1}%", 100.0 * count as f64 / of.max(1) as f64);
    let first_row = 78.0;
    let after_memories = first_row + rows.len() as f64 * grid.down + 26.0;
    let first_rest = after_memories + 38.0;
    let rest_down = grid.height + 32.0;
    let shown: Vec<&Rest> = probes.each.iter().take(REST_ROWS * COLUMNS).collect();
    let rest_rows = shown.len().div_ceil(COLUMNS);
    let height = first_rest + rest_rows as f64 * rest_down + 8.0;
    let marks = html! {
        text class="mid" x=(WIDTH / 2.0) y="24" style="font-size:16px" { (portrait.title()) }
        text x="12" y="48" {
            "memory vectors: " (memories.committed) " of " (memories.count) " committed, "
            (memories.drifting) " drifting, " (memories.first) " at their first weights"
        }
        @for class in 0..rows.iter().map(|row| row.columns).max().unwrap_or(0) {
            text class="mid faint" x=(near(grid.x(class) + grid.width / 2.0)) y="70" { (class) }
        }
        @for (number, row) in rows.iter().enumerate() {
            @let y = first_row + number as f64 * grid.down;
            text x="12" y=(near(y + grid.height / 2.0 - 3.0)) { (row.name) }
            text class="faint" x="12" y=(near(y + grid.height / 2.0 + 11.0)) { (row.note) }
            (grid.weights(&row.pictures, y))
        }
        text x="12" y=(near(after_memories)) {
            (probes.count) " random states relax to " (probes.distinct) " different ones: " (share(probes.digits, probes.count))
            " judge as digits, of " (probes.kinds) " kinds"
        }
        text class="faint" x="12" y=(near(after_memories + 16.0)) {
            "exactly one class neuron on: " (share(probes.one_class, probes.count)) ", one task-ID neuron: "
            (share(probes.one_task, probes.count)) ", at rest: " (share(probes.stable, probes.count))
        }
        @for (place, rest) in shown.into_iter().enumerate() {
            @let (x, y) = (grid.x(place % COLUMNS), first_rest + (place / COLUMNS) as f64 * rest_down);
            (grid.state(rest, x, y, portrait.size.0))
        }
        @for row in 0..rest_rows {
            @let y = first_rest + row as f64 * rest_down + grid.height;
            text class="faint" x="12" y=(near(y + 12.0)) { "class" }
            text class="faint" x="12" y=(near(y + 24.0)) { "task" }
        }
    };
    ((WIDTH, height), marks)
}

/// One row of memory vectors.
struct MemoryRow<'a> {
    name: String,
    note: String,
    /// How many of the columns are named by classes.
    columns: usize,
    pictures: Vec<Option<&'a Memory>>,
}

/// For each task learned, of each class the committed memory vector that is most similar to an item of it; and a sample
/// of those that are not committed.
fn memory_rows(portrait: &Portrait) -> Vec<MemoryRow<'_>> {
    let memories = &portrait.memories;
    let committed = |memory: &&Memory| memory.stage == Stage::Committed;
    let classes = memories.each.iter().map(|memory| memory.class.max(memory.vote) + 1).max().unwrap_or(1).min(COLUMNS);
    let of_task = |task: usize| {
        let most = |class: usize| {
            let own = memories.each.iter().filter(committed).filter(|own| (own.task, own.class) == (task, class));
            own.max_by(|a, b| a.similarity.total_cmp(&b.similarity))
        };
        MemoryRow {
            name: format!("task {}", task + 1),
            note: format!("{} committed", memories.committed_by_task[task]),
            columns: classes,
            pictures: (0..classes).map(most).collect(),
        }
    };
    let mut rows: Vec<MemoryRow<'_>> = (0..portrait.learned.min(TASKS)).map(of_task).collect();
    let others: Vec<&Memory> = memories.each.iter().filter(|memory| !committed(memory)).collect();
    if !others.is_empty() {
        let sample = (0..others.len().min(COLUMNS)).map(|i| Some(others[i * others.len() / others.len().min(COLUMNS)]));
        rows.push(MemoryRow {
            name: "the others".to_owned(),
            note: format!("{} of {}", others.len().min(COLUMNS), others.len()),
            columns: 0,
            pictures: sample.collect(),
        });
    }
    rows
}

/// Where pictures are.
struct Grid {
    /// A pixel, in units of the SVG.
    pixel: f64,
    gap: usize,
    width: f64,
    height: f64,
    across: f64,
    down: f64,
    size: (usize, usize),
}

impl Grid {
    fn new(size: (usize, usize)) -> Self {
        let longer = size.0.max(size.1).max(1);
        let gap = (longer / 7).max(1);
        let pixel = PICTURE / longer as f64;
        let (width, height) = (pixel * size.0 as f64, pixel * size.1 as f64);
        Self { pixel, gap, width, height, across: width + pixel * gap as f64, down: height + 7.0, size }
    }

    fn x(&self, column: usize) -> f64 {
        LEFT + column as f64 * self.across
    }

    fn weights(&self, row: &[Option<&Memory>], y: f64) -> Markup {
        let pictures: Vec<_> = row.iter().map(|memory| memory.map(|memory| &memory.pixels[..])).collect();
        let (width, height) = image::sheet(pictures.len(), self.size, self.gap);
        html! {
            image x=(LEFT) y=(near(y)) width=(near(width as f64 * self.pixel)) height=(near(height as f64 * self.pixel))
                preserveAspectRatio="none" style="image-rendering:pixelated"
                href=(image::weights(&pictures, self.size, self.gap)) {}
            @for (column, memory) in row.iter().enumerate() {
                rect class={ "picture" @if memory.is_none() { " empty" } } x=(near(self.x(column))) y=(near(y))
                    width=(near(self.width)) height=(near(self.height)) {
                    @if let Some(memory) = memory { title { (told(memory)) } }
                }
            }
        }
    }

    fn state(&self, rest: &Rest, x: f64, y: f64, width: usize) -> Markup {
        let name =
            |value: Option<usize>, from: usize| value.map_or("–".to_owned(), |value| (value + from).to_string());
        let sign = if rest.digit { "✓" } else { "✗" };
        let middle = near(x + self.width / 2.0);
        html! {
            g {
                title { (told_of(rest)) }
                path class="pixels" transform={ "translate(" (near(x)) " " (near(y + self.pixel / 2.0)) ") scale(" (self.pixel) ")" }
                    d=(image::runs(&rest.pixels, width)) {}
                rect class={ "picture" @if rest.digit { " digit" } } x=(near(x)) y=(near(y)) width=(near(self.width))
                    height=(near(self.height)) {}
                text class="mid" x=(middle) y=(near(y + self.height + 12.0)) { (name(rest.class, 0)) " " (sign) }
                text class="mid faint" x=(middle) y=(near(y + self.height + 24.0)) { (name(rest.task, 1)) }
            }
        }
    }
}

fn told(memory: &Memory) -> String {
    let Memory { similarity, cosine, task, class, vote, .. } = memory;
    let task = task + 1;
    format!("most like a {class} of task {task}: similarity {similarity:.3}, cosine {cosine:.3}; votes for {vote}")
}

fn told_of(rest: &Rest) -> String {
    let probes = rest.probes;
    match rest.nearest {
        Some(nearest) => {
            format!("{probes} probes; nearest image: a {} that differs in {} pixels", nearest.class, nearest.distance)
        }
        None => format!("{probes} probes; no one task that was learned"),
    }
}

/// A coordinate to a tenth of a unit.
fn near(place: f64) -> f64 {
    (place * 10.0).round() / 10.0
}
