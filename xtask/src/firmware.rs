//! `cargo xtask firmware`: boards are built, and those that QEMU has are run.

pub mod c_interface;
mod expected;
mod further;
mod hals;
pub mod image;
pub mod models;
mod own;
pub mod qemu;
mod report;

use std::collections::BTreeMap;
use std::error::Error;
use std::fs;
use std::path::{Path, PathBuf};

use host_harness::export::board::{self, Board};
use rayon::prelude::*;

use crate::bare::target_dir;
use crate::toolchain::{Origin, TARGETS, Toolchain};

type Outcome<T> = Result<T, Box<dyn Error>>;

/// Arguments of `cargo xtask firmware`.
#[derive(Default, clap::Args)]
pub struct FirmwareTask {
    /// Only this board; may be given several times
    #[arg(long = "board", value_name = "BOARD")]
    boards: Vec<String>,

    /// Where the compiled `core` comes from; by default the first that works
    #[arg(long, value_name = "ORIGIN")]
    core_from: Option<Origin>,

    /// Instead put this model, of `dam export --format bin`, on the boards, and show it test digits
    #[arg(long, value_name = "FILE")]
    model: Option<PathBuf>,

    /// Write models, snapshots and the table instead of comparing with them
    #[arg(long)]
    bless: bool,
}

/// Builds all images, runs those of QEMU's boards, and compares what they print and take.
///
/// # Errors
/// No toolchain or no QEMU; an image that does not link, allocates, may panic in recall, or prints something else than
/// the desktop; a table or a snapshot that is not the stored one.
pub fn run(task: &FirmwareTask) -> Outcome<()> {
    let firmware = Path::new(env!("CARGO_MANIFEST_DIR")).join("../firmware");
    let known = |name: &str| board::all().iter().any(|board| board.name == name);
    if let Some(name) = task.boards.iter().find(|name| !known(name)) {
        let names: Vec<&str> = board::all().iter().map(|board| &*board.name).collect();
        return Err(format!("there is no board {name}; give one of {}", names.join(", ")).into());
    }
    let dir = target_dir()?;
    let toolchain = |target: &str| Toolchain::prepare(&[target.to_owned()], task.core_from, &dir.join("bare"));
    let qemu = qemu::Qemu::prepare(&dir.join("firmware"))?;
    let build = dir.join("firmware");
    let own = own::Places { firmware: &firmware, build: &build, qemu: &qemu };
    let wanted = |board: &&Board| task.boards.is_empty() || task.boards.contains(&board.name);
    if let Some(path) = &task.model {
        let bytes = fs::read(path).map_err(|error| format!("cannot read {}: {error}", path.display()))?;
        let words: Vec<u32> = bytes.as_chunks().0.iter().map(|&word| u32::from_le_bytes(word)).collect();
        return board::all().iter().filter(wanted).try_for_each(|board| own::run(&words, board, toolchain, &own));
    }
    let right = models::check(&firmware.join("models"), task.bless)?;
    // Of the digits that recall is shown.
    let labels = fs::read(firmware.join("models/stored.labels"))?;
    let boards: Vec<&'static Board> = board::all().iter().filter(wanted).collect();
    let mut toolchains = BTreeMap::new();
    for board in &boards {
        let target = target(&firmware, &board.name)?;
        if !toolchains.contains_key(&target) {
            toolchains.insert(target.clone(), toolchain(&target)?);
        }
    }
    // As many at a time as there are cores.
    let places = Places { firmware: &firmware, build: &build, qemu: &qemu, labels: &labels, bless: task.bless };
    let one = |board: &&'static Board| places.row(board, &toolchains).map_err(|error| error.to_string());
    let all = boards.len() == board::all().len();
    let (rows, layers) = rayon::join(
        || boards.par_iter().map(one).collect::<Result<Vec<_>, _>>(),
        || if all { hals::run(&toolchains, &firmware, &build).map_err(|error| error.to_string()) } else { Ok(()) },
    );
    let rows = rows?;
    layers?;
    if all {
        own::as_it_is(&models::words(&firmware, "least-i8.bin")?, toolchain, &own)?;
        let words = models::words(&firmware, "few-i8.bin")?;
        for name in ["microbit", "mps2-an386", "rpi-pico2"] {
            let board = board::all().iter().find(|board| board.name == name).ok_or("a board is gone")?;
            own::run(&words, board, toolchain, &own)?;
        }
        let counted = c_interface::run(toolchain, &qemu, &firmware, &build)?;
        report::compare(&firmware.join("../docs/boards-table.md"), &rows, &counted, right, task.bless)?;
    }
    Ok(())
}

/// Where boards are built and run.
struct Places<'a> {
    firmware: &'a Path,
    build: &'a Path,
    qemu: &'a qemu::Qemu,
    /// Of the digits that recall is shown.
    labels: &'a [u8],
    /// Whether snapshots are written.
    bless: bool,
}

impl Places<'_> {
    /// Builds the images of a board, and runs them where QEMU has it.
    fn row(&self, board: &'static Board, toolchains: &BTreeMap<String, Toolchain>) -> Outcome<report::Row> {
        let target = target(self.firmware, &board.name)?;
        let mut cargo = toolchains[&target].cargo("build");
        cargo.arg("--config").arg(processor(&target));
        cargo.args(["--quiet", "--release", "--locked", "--package", &board.name, "--manifest-path"]);
        cargo.arg(self.firmware.join("Cargo.toml")).arg("--target-dir").arg(self.build);
        // Without it defmt keeps errors only.
        cargo.env("DEFMT_LOG", "info");
        // The package's own configuration is not read from here.
        if !cargo.status()?.success() {
            return Err(format!("{} does not build", board.name).into());
        }
        let images = self.build.join(&target).join("release");
        let recall = image::Image::read(&images.join(format!("{}-recall", board.name)))?;
        recall.refuse_panics().map_err(|error| format!("{}: {error}", board.name))?;
        if board.qemu.is_none() && !recall.has_log {
            return Err(format!("{}: recall has no log that a probe finds", board.name).into());
        }
        let demo = images.join(format!("{}-demo", board.name));
        let mut row = report::Row::new(board, expected::fixed(&target), recall.size, image::Image::read(&demo)?.size);
        row.check()?;
        if let Some(machine) = board.qemu.as_deref() {
            let expected = expected::lines(&target);
            let lines = self.qemu.run(machine, &demo)?;
            expected::compare(&board.name, &expected, &lines)?;
            self.snapshot(&board.name, &expected)?;
            let recall = images.join(format!("{}-recall", board.name));
            row.measure(self.qemu.run_recall(machine, &recall, self.labels)?, lines)?;
        }
        println!("{row}");
        let fault = images.join(format!("{}-fault", board.name));
        if let (Some(machine), true) = (board.qemu.as_deref(), fault.is_file()) {
            match self.qemu.run_text(machine, &fault) {
                Err(error) if error.to_string().contains("HardFault at 0x") => {}
                other => return Err(format!("{}: a fault says {other:?}", board.name).into()),
            }
        }
        row.whole = self.further(board, "whole", expected::whole, &images)?;
        row.further = self.goes_on(board, &target, &images)?;
        row.precisions = self.further(board, "precisions", expected::precisions, &images)?;
        Ok(row)
    }

    /// An image that only some boards have: it fits, and where QEMU has the board, it prints what is expected.
    fn further(
        &self,
        board: &Board,
        kind: &str,
        expected: fn() -> Vec<String>,
        images: &Path,
    ) -> Outcome<Option<report::Further>> {
        let source = self.firmware.join("boards").join(&board.name).join("src").join(kind).with_extension("rs");
        if !source.is_file() {
            return Ok(None);
        }
        let path = images.join(format!("{}-{kind}", board.name));
        let mut further = report::Further { size: image::Image::read(&path)?.size, lines: Vec::new() };
        if let Some(machine) = board.qemu.as_deref() {
            let expected = expected();
            further.lines = self.qemu.run(machine, &path)?;
            expected::compare(&board.name, &expected, &further.lines)?;
            self.snapshot(kind, &expected)?;
        }
        println!("{:<18} {:<11} {}, {kind}", board.name, board.core, further.size);
        Ok(Some(further))
    }

    /// The image that goes on learning, on the boards that have it: over a reset it prints what is expected.
    fn goes_on(&self, board: &Board, target: &str, images: &Path) -> Outcome<Option<report::Further>> {
        let path = images.join(format!("{}-further", board.name));
        let (Some(machine), true) = (board.qemu.as_deref(), path.is_file()) else { return Ok(None) };
        let fixed = expected::fixed(target);
        let sent = further::sent(&self.firmware.join("models"), fixed)?;
        let expected = further::lines(fixed, &sent)?;
        let lines = self.qemu.run_with(machine, &path, Some(&sent))?;
        expected::compare(&board.name, &expected, &lines)?;
        self.snapshot(&format!("further-{}", further::name(fixed)), &expected)?;
        println!("{:<18} {:<11} learns further over a reset, as this machine does", board.name, board.core);
        Ok(Some(report::Further { size: image::Image::read(&path)?.size, lines }))
    }

    /// Compares what was printed with the stored text, or stores it.
    fn snapshot(&self, name: &str, lines: &[String]) -> Outcome<()> {
        let path = self.firmware.join("snapshots").join(format!("{name}.txt"));
        let text = lines.join("\n") + "\n";
        if self.bless {
            return Ok(fs::write(path, text)?);
        }
        let stored = fs::read_to_string(&path).map_err(|error| format!("cannot read {}: {error}", path.display()))?;
        match stored.lines().zip(lines).position(|(stored, line)| stored != line) {
            None if stored == text => Ok(()),
            at => {
                let at = at.map_or(String::from("its length"), |at| format!("line {}", at + 1));
                let path = path.display();
                Err(format!("{path} differs from {at} on; look why, then store it with --bless").into())
            }
        }
    }
}

/// The target of a board, as its configuration of cargo says.
fn target(firmware: &Path, board: &str) -> Outcome<String> {
    let path: PathBuf = firmware.join("boards").join(board).join(".cargo/config.toml");
    let text = fs::read_to_string(&path).map_err(|error| format!("cannot read {}: {error}", path.display()))?;
    let target = text.lines().find_map(|line| line.strip_prefix("target = \"")?.strip_suffix('"'));
    let target = target.filter(|target| TARGETS.contains(target));
    Ok(target.ok_or_else(|| format!("{} names no target of xtask/src/toolchain.rs", path.display()))?.to_owned())
}

/// Configuration of cargo: the processor that is compiled for, as the boards of a target have it.
pub fn processor(target: &str) -> String {
    let name = match target {
        "thumbv6m-none-eabi" => "cortex-m0",
        "thumbv7m-none-eabi" => "cortex-m3",
        "thumbv7em-none-eabihf" => "cortex-m4",
        _ => "cortex-m33",
    };
    format!(r#"target.'{target}'.rustflags=["-Ctarget-cpu={name}"]"#)
}
