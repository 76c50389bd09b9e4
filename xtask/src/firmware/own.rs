//! A model of one's own on a board: `firmware/template`, copied, with the model, the board's memory map and test digits.

use std::fmt::Write;
use std::fs;
use std::path::{Path, PathBuf};

use dam_nostd::bits;
use dam_nostd::recall::model::{NO_SLOPE, precision, word};
use dam_nostd::recall::{Content, Evaluate, Model};
use host_harness::data::Dataset;
use host_harness::export::board::Board;
use host_harness::export::digits::Digits;
use host_harness::export::report::{CODE, footprint};
use host_harness::export::{ExportPrecision, margins, text};

use super::image::Image;
use super::qemu::{self, Qemu};
use super::{Outcome, processor, target};
use crate::splits;
use crate::toolchain::Toolchain;

/// Digits that the board is shown: MNIST's first test digits.
const SHOWN: usize = 2000;
const TRAINING: usize = 60_000;
/// The target of the template.
const M4F: &str = "thumbv7em-none-eabihf";

/// Where everything is.
pub struct Places<'a> {
    pub firmware: &'a Path,
    pub build: &'a Path,
    pub qemu: &'a Qemu,
}

/// Builds the template with the model in `words` for `board`, runs it where QEMU has the board, and tells what it takes.
///
/// # Errors
/// Words that are no model, no digits of its size, a program that does not build or fit, other answers than this machine's.
pub fn run(
    words: &[u32],
    board: &Board,
    toolchain: impl Fn(&str) -> Outcome<Toolchain>,
    places: &Places<'_>,
) -> Outcome<()> {
    match precision(words)? {
        8 => build::<i8>(words, ExportPrecision::I8, board, toolchain, places),
        16 => build::<i16>(words, ExportPrecision::I16, board, toolchain, places),
        _ => build::<f32>(words, ExportPrecision::F32, board, toolchain, places),
    }
}

/// Builds and runs the template as it is, in QEMU's Cortex-M4F.
///
/// # Errors
/// It does not build, or answers otherwise than this machine.
pub fn as_it_is(
    model: &[u32],
    toolchain: impl Fn(&str) -> Outcome<Toolchain>,
    Places { firmware, build, qemu }: &Places<'_>,
) -> Outcome<()> {
    const SHOWN: usize = 16;
    let mut cargo = toolchain(M4F)?.cargo("build");
    cargo.arg("--config").arg(processor(M4F)).args(["--quiet", "--release", "--locked", "--manifest-path"]);
    cargo.arg(firmware.join("template/Cargo.toml")).arg("--target-dir").arg(build.join("own/target"));
    if !cargo.status()?.success() {
        return Err("firmware/template does not build".into());
    }
    let text = qemu.run_text("mps2-an386", &build.join("own/target").join(M4F).join("release/mine"))?;
    let mut digits = digits(&Model::<i8>::open(model)?)?;
    digits.states.truncate(SHOWN * digits.words);
    digits.labels.truncate(SHOWN);
    let expected = format!("right {} of {SHOWN}", margins::right::<i8>(model, &digits)?);
    if text.lines().next() != Some(&expected) {
        return Err(format!("firmware/template says {text:?} instead of {expected}").into());
    }
    println!("firmware/template, as it is: {expected}");
    Ok(())
}

fn build<W: Evaluate>(
    words: &[u32],
    precision: ExportPrecision,
    board: &Board,
    toolchain: impl Fn(&str) -> Outcome<Toolchain>,
    Places { firmware, build, qemu }: &Places<'_>,
) -> Outcome<()> {
    let model = Model::<W>::open(words)?;
    let digits = digits(&model)?;
    let folder = build.join("own").join(&board.name);
    copy(&firmware.join("template"), &folder)?;
    let manifest = folder.join("Cargo.toml");
    let text = fs::read_to_string(&manifest)?;
    let core = fs::canonicalize(firmware.join("../dam-nostd"))?;
    let moved = text.replace("\"../../dam-nostd\"", &format!("{core:?}"));
    if moved == text {
        return Err(format!("{} has no path to dam-nostd", manifest.display()).into());
    }
    fs::write(&manifest, moved)?;
    fs::write(folder.join("src/model.rs"), text::rust(words, precision, "a model of one's own"))?;
    fs::write(folder.join("src/digits.rs"), module(&digits, model.shape().pixels())?)?;
    fs::copy(firmware.join("boards").join(&board.name).join("memory.x"), folder.join("memory.x"))?;

    let target = target(firmware, &board.name)?;
    let mut cargo = toolchain(&target)?.cargo("build");
    cargo.arg("--config").arg(processor(&target)).args(["--quiet", "--release", "--locked", "--manifest-path"]);
    cargo.arg(&manifest).arg("--target-dir").arg(build.join("own/target"));
    let squares = model.vertex() == 2 && words.get(word::SLOPE).is_some_and(|&slope| slope as i32 != NO_SLOPE);
    if W::DRIFTS && !squares {
        cargo.args(["--features", "powers"]);
    }
    if !cargo.status()?.success() {
        return Err(format!("the template does not build for {}", board.name).into());
    }
    let program = build.join("own/target").join(&target).join("release/mine");
    let size = Image::read(&program)?.size;
    let content =
        if words.get(word::VERSION).is_some_and(|word| word >> 24 & 1 == 1) { Content::Classes } else { Content::All };
    let model_bytes = footprint(&model.shape(), precision, content).model;
    // The digits and their labels: a slice of pixels and a byte, aligned, and the pixels.
    let shown = digits.labels.len() * (12 + 4 * model.shape().pixels().div_ceil(32));
    let code = (size.flash as usize).saturating_sub(model_bytes + shown);
    println!("{}: {model_bytes} bytes of model, {code} of code, RAM {}", board.name, size.ram);
    if code > CODE {
        return Err(format!("{}: {code} bytes of code, and `dam export` says at most {CODE}", board.name).into());
    }
    let Some(machine) = board.qemu.as_deref() else { return Ok(()) };
    let text = qemu.run_text(machine, &program)?;
    let right = margins::right::<W>(words, &digits)?;
    let expected = format!("right {right} of {}", digits.labels.len());
    let mut lines = text.lines();
    let (Some(first), Some(sure), Some(ticks)) =
        (lines.next(), lines.next(), lines.next().and_then(|line| line.strip_prefix("ticks ")?.parse().ok()))
    else {
        return Err(format!("{}: the program says {text:?}", board.name).into());
    };
    if first != expected {
        return Err(format!("{}: {first}, and on this machine {expected}", board.name).into());
    }
    println!("{}: {first}; {sure}; {} instructions a digit", board.name, qemu::instructions(machine, ticks));
    Ok(())
}

/// Test digits as the model's images are: as large, and on from the same grey value on.
fn digits<W: Evaluate>(model: &Model<'_, W>) -> Outcome<Digits> {
    let (width, height) = model.image();
    let data = Dataset::embedded(model.threshold())
        .and_then(|data| data.pooled(width, height))
        .map_err(|error| format!("digits to show this model: {error}"))?;
    let test = splits::part(&data, TRAINING..TRAINING + SHOWN)?;
    let shape = model.shape();
    let mut digits = Digits { words: shape.words(), states: Vec::new(), labels: Vec::new() };
    for image in 0..test.len() {
        let mut state = vec![0; shape.words()];
        (0..test.pixels()).for_each(|pixel| bits::set(&mut state, pixel, bits::is_on(test.image(image), pixel)));
        if !shape.task_neurons().is_empty() {
            bits::set(&mut state, shape.task_neurons().start, true);
        }
        digits.states.extend(state);
        digits.labels.push(test.label(image));
    }
    Ok(digits)
}

/// The digits' pixels as the template's module.
fn module(digits: &Digits, pixels: usize) -> Outcome<String> {
    let words = pixels.div_ceil(32);
    let mut text = format!(
        "//! Digits to be shown.\n\nuse crate::Digit;\n\n#[rustfmt::skip]\npub static DIGITS: [Digit; {}] = [\n",
        digits.labels.len()
    );
    for (state, label) in digits.each() {
        let mut pixel_words = state[..words].to_vec();
        if let (Some(last), rest @ 1..) = (pixel_words.last_mut(), pixels % 32) {
            *last &= (1 << rest) - 1;
        }
        let numbers: Vec<String> = pixel_words.iter().map(|word| format!("{word:#x}")).collect();
        writeln!(text, "    Digit {{ pixels: &[{}], label: {label} }},", numbers.join(", "))?;
    }
    Ok(text + "];\n")
}

/// Copies a folder but for what is built in it.
fn copy(from: &Path, to: &Path) -> Outcome<()> {
    fs::create_dir_all(to)?;
    for entry in fs::read_dir(from)? {
        let path: PathBuf = entry?.path();
        let name = path.file_name().unwrap_or_default();
        match path.is_dir() {
            true if name == "target" => {}
            true => copy(&path, &to.join(name))?,
            false => drop(fs::copy(&path, to.join(name))?),
        }
    }
    Ok(())
}
