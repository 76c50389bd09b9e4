//! The tables of what boards take.

use std::fmt;
use std::fs;
use std::path::Path;

use dam_demos::MEASURED;
use dam_nostd::Shape;
use dam_nostd::recall::Content;
use host_harness::export::ExportPrecision;
use host_harness::export::board::Board;
use host_harness::export::report::{CODE, Footprint, footprint};

use super::Outcome;
use super::c_interface::Counted;
use super::image::Size;

/// How far numbers that depend on the compiler may be from the stored ones, as a share.
const TOLERANCE: f64 = 0.15;

/// Less than so many bytes are the recall image's flash, model included, and its RAM, stack included.
const FLASH: u64 = 32 * 1024;
const RAM: u64 = 4 * 1024;

/// Of how many of all test digits the classifier has to be right, with weights of 8 bits.
const LEAST_SHARE: f64 = 0.93;

/// What the images of one board take.
#[derive(Debug)]
pub struct Row {
    board: &'static Board,
    /// Whether it learns in fixed point.
    fixed: bool,
    recall: Size,
    demo: Size,
    measured: Option<Measured>,
    /// The image with the whole network.
    pub whole: Option<Further>,
    /// The image that goes on learning.
    pub further: Option<Further>,
    /// The image with the classifier in other number types.
    pub precisions: Option<Further>,
}

/// An image that only some boards have.
#[derive(Debug)]
pub struct Further {
    /// Its bytes.
    pub size: Size,
    /// What it prints; nothing on boards that QEMU does not have.
    pub lines: Vec<String>,
}

/// What was measured in QEMU, in bytes of stack and instructions.
#[derive(Debug)]
struct Measured {
    stack: u64,
    relaxation: u64,
    relaxation_stack: u64,
    learning_stack: u64,
    classification: Classification,
}

/// What a demonstration prints of a classification.
#[derive(Debug)]
struct Classification {
    mean: u64,
    right: String,
}

/// All numbers that follow `what` in measured lines.
fn numbers(lines: &[String], what: &str) -> Vec<u64> {
    let prefix = format!("{MEASURED}{what} ");
    lines.iter().filter_map(|line| line.strip_prefix(&prefix)?.split(' ').next()?.parse().ok()).collect()
}

/// The number that follows `what`.
fn number(lines: &[String], what: &str) -> Outcome<u64> {
    let found = numbers(lines, what).first().copied();
    found.ok_or_else(|| format!("no number after {:?}", format!("{MEASURED}{what} ")).into())
}

/// All classifications, in their order.
fn classifications(lines: &[String]) -> impl Iterator<Item = Classification> {
    let right = lines.iter().filter_map(|line| line.strip_prefix("right ")).map(str::to_owned);
    numbers(lines, "classification").into_iter().zip(right).map(|(mean, right)| Classification { mean, right })
}

impl Row {
    /// Of a board's recall and demonstration images; `fixed` where it learns in fixed point.
    pub fn new(board: &'static Board, fixed: bool, recall: Size, demo: Size) -> Self {
        Self { board, fixed, recall, demo, measured: None, whole: None, further: None, precisions: None }
    }

    /// Reads what the demonstration printed; `stack` is that of the recall image.
    ///
    /// # Errors
    /// A number is missing, or a limit is exceeded.
    pub fn measure(&mut self, stack: u64, lines: Vec<String>) -> Outcome<()> {
        let classification = classifications(&lines).next().ok_or("nothing is classified")?;
        self.limit("RAM", self.recall.ram + stack, RAM)?;
        let share = classification.right.split_once(" of ").and_then(|(right, all)| {
            let (right, all): (f64, f64) = (right.parse().ok()?, all.parse().ok()?);
            Some(right / all)
        });
        if !share.is_some_and(|share| share >= LEAST_SHARE) {
            return Err(format!("{}: right {} is below {LEAST_SHARE}", self.board.name, classification.right).into());
        }
        self.measured = Some(Measured {
            stack,
            relaxation: number(&lines, "recall at most")?,
            relaxation_stack: number(&lines, "stack of recall")?,
            learning_stack: number(&lines, "stack of learning")?,
            classification,
        });
        Ok(())
    }

    /// # Errors
    /// The recall image is too large, or its code is larger than `dam export` says.
    pub fn check(&self) -> Outcome<()> {
        let model = footprint(&classifier(64)?, ExportPrecision::I8, Content::All).model;
        self.limit("flash", self.recall.flash, FLASH.min((model + CODE) as u64))
    }

    fn limit(&self, what: &str, used: u64, limit: u64) -> Outcome<()> {
        if used < limit {
            return Ok(());
        }
        Err(format!("{}: recall takes {used} bytes of {what}; it has to be less than {limit}", self.board.name).into())
    }

    /// A line of a table that begins with the board.
    fn line<const N: usize>(&self, cells: [String; N]) -> String {
        format!("| {} | {} | {} |\n", self.board.name, self.board.core, cells.join(" | "))
    }
}

impl fmt::Display for Row {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:<18} {:<11} {}", self.board.name, self.board.core, self.recall)?;
        match &self.measured {
            Some(Measured { stack, relaxation, classification: Classification { mean, right }, .. }) => {
                write!(f, ", stack {stack}, instructions: recall {relaxation}, classification {mean}; right {right}")
            }
            None => write!(f, "; linked"),
        }
    }
}

/// The shape of a classifier.
fn classifier(memories: usize) -> Outcome<Shape> {
    Ok(Shape::new(196, 1, 10, memories)?)
}

/// All tables. `right` is what the classifier's network reaches on this machine.
fn tables(rows: &[Row], counted: &[Counted], right: usize) -> Outcome<String> {
    let none = || String::from("-");
    let mut text = format!(
        "<!-- Written by `cargo xtask firmware --bless`. -->\n\
         # What boards take\n\n\
         Bytes and instructions. Stack is the most that was in use at any time of the run. Instructions are counted by QEMU,\n\
         and are no cycles. Boards that QEMU does not have run what others of their processor run; there it was not measured.\n\n\
         ## Classification: 14 x 14 pixels, 64 memory vectors, n = 2, i8\n\n\
         Flash, static RAM and stack are those of the recall image, model included; its code takes at most {CODE} bytes of\n\
         flash. Instructions are the mean of 2000 of MNIST's test digits.\n\n\
         | board | processor | flash | static RAM | stack | instructions | right |\n\
         |---|---|---|---|---|---|---|\n"
    );
    for row in rows {
        let (stack, mean, right) = match &row.measured {
            Some(Measured { stack, classification: Classification { mean, right }, .. }) => {
                (stack.to_string(), mean.to_string(), right.clone())
            }
            None => (none(), none(), none()),
        };
        text += &row.line([row.recall.flash.to_string(), row.recall.ram.to_string(), stack, mean, right]);
    }
    text += "\n## Recall: 14 x 14 pixels, 16 stored digits, n = 10, i8\n\n\
             Instructions of the longest relaxation, of 20 sweeps at most.\n\n\
             | board | processor | stack | instructions |\n\
             |---|---|---|---|\n";
    for row in rows {
        if let Some(measured) = &row.measured {
            text += &row.line([measured.relaxation_stack.to_string(), measured.relaxation.to_string()]);
        }
    }
    text += "\n## Learning\n\n\
             Static RAM is all memory that learning takes beside the stack.\n\n\
             | board | processor | numbers | static RAM | stack |\n\
             |---|---|---|---|---|\n";
    for row in rows {
        let numbers = if row.fixed { "fixed point" } else { "f32" };
        let stack = row.measured.as_ref().map_or_else(none, |measured| measured.learning_stack.to_string());
        text += &row.line([numbers.to_owned(), row.demo.ram.to_string(), stack]);
    }
    text += "\n## Learning that goes on: EWC, from a trained network\n\n\
             As [boards.md](boards.md#learning-goes-on) has it. Instructions are those of one presentation of an item, of the\n\
             longest piece, a minibatch of 10, and of the whole task. Flash has the network and the test digits, too.\n\n\
             | board | processor | numbers | flash | static RAM | stack | an item | a piece | the task |\n\
             |---|---|---|---|---|---|---|---|---|\n";
    for (row, Further { size, lines }) in rows.iter().filter_map(|row| Some((row, row.further.as_ref()?))) {
        let numbers = if row.fixed { "fixed point" } else { "f32" };
        let of = |what: &str| number(lines, what).map(|number| number.to_string());
        let prefix = format!("{MEASURED}learning ");
        let task = lines.iter().find_map(|line| line.strip_prefix(&prefix)?.split(", ").nth(1)?.split(' ').next());
        let task = task.ok_or("nothing says what the task took")?.to_owned();
        let stack = self::numbers(lines, "stack of further learning").into_iter().max().ok_or("no stack")?.to_string();
        let (flash, ram) = (size.flash.to_string(), size.ram.to_string());
        text += &row.line([numbers.to_owned(), flash, ram, stack, of("learning")?, of("piece")?, task]);
    }
    text += "\n## The whole network: 28 x 28 pixels, 512 memory vectors, n = 2, i8\n\n\
             | board | processor | flash | static RAM | stack | instructions | right |\n\
             |---|---|---|---|---|---|---|\n";
    for (row, Further { size, lines }) in rows.iter().filter_map(|row| Some((row, row.whole.as_ref()?))) {
        let (stack, mean, right) = match classifications(lines).next() {
            Some(Classification { mean, right }) => {
                (number(lines, "stack of classification")?.to_string(), mean.to_string(), right)
            }
            None => (none(), none(), none()),
        };
        text += &row.line([size.flash.to_string(), size.ram.to_string(), stack, mean, right]);
    }
    text += &format!(
        "\n## Number types and memory vectors: 14 x 14 pixels, n = 2\n\n\
         Scratch is what classification and recall borrow; instructions are those of a classification on `mps2-an386`,\n\
         Cortex-M4F. The network of 64 itself, in f32 on a desktop, is right {right} times of 2000.\n\n\
         | memory vectors | weights | model | scratch | instructions | right |\n\
         |---|---|---|---|---|---|\n"
    );
    for row in rows {
        let (Some(measured), Some(precisions)) = (&row.measured, &row.precisions) else { continue };
        let i8 = Classification { right: measured.classification.right.clone(), ..measured.classification };
        let types = [ExportPrecision::I8, ExportPrecision::I16, ExportPrecision::F32, ExportPrecision::I8];
        let types = [64, 64, 64, 16].into_iter().zip(types);
        for ((memories, precision), of) in types.zip([i8].into_iter().chain(classifications(&precisions.lines))) {
            let Footprint { model, scratch, .. } = footprint(&classifier(memories)?, precision, Content::All);
            let name = precision.name();
            text += &format!("| {memories} | {name} | {model} | {scratch} | {} | {} |\n", of.mean, of.right);
        }
    }
    text += "\n## Classification alone, in C: 14 x 14 pixels, 16 memory vectors, n = 2, i8\n\n\
             `firmware/c-api/example/classify.c` with a model of `dam export --classes-only`; code is all of it, the start\n\
             included.\n\n\
             | linked with | processor | model | code | instructions | right |\n\
             |---|---|---|---|---|---|\n";
    for Counted { program, processor, model, code, instructions, right, of } in counted {
        text += &format!("| {program} | {processor} | {model} | {code} | {instructions} | {right} of {of} |\n");
    }
    Ok(text)
}

/// Compares the tables with the stored ones, or stores them.
///
/// # Errors
/// A number that is too far from the stored one.
pub fn compare(path: &Path, rows: &[Row], counted: &[Counted], right: usize, bless: bool) -> Outcome<()> {
    let text = tables(rows, counted, right)?;
    if bless {
        return Ok(fs::write(path, text)?);
    }
    let stored = fs::read_to_string(path).map_err(|error| format!("cannot read {}: {error}", path.display()))?;
    let near = |old: &str, new: &str| match (old.trim().parse::<f64>(), new.trim().parse::<f64>()) {
        (Ok(old), Ok(new)) => (new - old).abs() <= TOLERANCE * old + 64.0,
        _ => old == new,
    };
    let same = |old: &str, new: &str| {
        old.split('|').count() == new.split('|').count() && old.split('|').zip(new.split('|')).all(|(o, n)| near(o, n))
    };
    let mut old = stored.lines();
    for new in text.lines() {
        let old = old.next().unwrap_or_default();
        if !same(old, new) {
            let path = path.display();
            return Err(format!("{new:?} instead of {old:?} in {path}; look why, then store it with --bless").into());
        }
    }
    match old.next() {
        None => Ok(()),
        Some(line) => Err(format!("{} has a line too many: {line:?}", path.display()).into()),
    }
}
