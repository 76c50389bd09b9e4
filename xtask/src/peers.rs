//! `cargo xtask peers`: the associative memory and what else tells digits apart, on one Cortex-M4F: how many digits are right,
//! bytes and instructions.

use std::error::Error;
use std::fmt::Write;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use dam_nostd::bits;
use dam_nostd::recall::{Content, Model};
use host_harness::config::LossName;
use host_harness::data::Dataset;
use host_harness::export::digits::Digits;
use host_harness::export::report::footprint;
use host_harness::export::{self, ExportPrecision, Options, margins, text};
use host_harness::scatter::{self, Dot};

use crate::bare::target_dir;
use crate::firmware::c_interface::{self, labels_header, states_header};
use crate::firmware::image::{Image, Size};
use crate::firmware::models::bytes;
use crate::firmware::qemu::{self, Qemu};
use crate::search::{Candidate, PIXELS, THRESHOLD};
use crate::splits::{self, Splits};
use crate::toolchain::{Toolchain, output};

type Outcome<T> = Result<T, Box<dyn Error>>;

/// Arguments of `cargo xtask peers`.
#[derive(clap::Args)]
pub struct PeersTask {
    /// A Python that has numpy, scikit-learn, emlearn, torch, flatbuffers and tflite
    #[arg(long, value_name = "FILE", default_value = "python3")]
    python: PathBuf,

    /// Where the table and the figure go: FILE.tsv and FILE.svg
    #[arg(long, value_name = "FILE", default_value = "docs/boards-peers")]
    out: PathBuf,
}

/// What is compared, and what became of it.
#[derive(Debug)]
struct Row {
    name: String,
    memory: bool,
    right: usize,
    flash: u64,
    ram: u64,
    instructions: u64,
}

const MACHINE: &str = "mps2-an386";

/// Trains all, runs all in QEMU on all test images, and writes a table and a figure.
///
/// # Errors
/// Something does not train, compile or run; a board answers otherwise than this machine.
pub fn run(task: &PeersTask) -> Outcome<()> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    let dir = target_dir()?.join("peers");
    fs::create_dir_all(&dir)?;
    let qemu = Qemu::prepare(&dir)?;
    let splits = Splits::new(THRESHOLD, PIXELS)?;
    let test = splits::states(&splits.test, 0..splits.test.len());
    fs::write(dir.join("states.h"), states_header(&test.states.chunks(test.words).collect::<Vec<_>>()))?;
    fs::write(dir.join("labels.h"), labels_header(&test.labels))?;
    let program = Programs { root: &root, dir: &dir, qemu: &qemu };
    let (nothing, _, _) = program.run("none.c", &dir, &[])?;
    let mut rows = Vec::new();
    let mut measure = |name: String, memory, (size, right, ticks): (Size, usize, u64), expected: Option<usize>| {
        if expected.is_some_and(|expected| expected != right) {
            return Err(format!("{name}: right {right} times, and on this machine {expected:?}"));
        }
        let instructions = qemu::instructions(MACHINE, ticks) / test.labels.len() as u64;
        println!("{name}: right {right}, {} bytes, {instructions} instructions", size.flash - nothing.flash);
        let (flash, ram) = (size.flash - nothing.flash, size.ram - nothing.ram);
        rows.push(Row { name, memory, right, flash, ram, instructions });
        Ok(())
    };

    let toolchain = |target: &str| Toolchain::prepare(&[target.to_owned()], None, &target_dir()?.join("bare"));
    let mut written = false;
    for (memories, chosen) in chosen(&root.join("docs/boards-search.tsv"))? {
        let network = chosen.trained(memories, &splits)?.network;
        if !written {
            division(&dir, &splits.training, &Digits::of(&network, &splits.training, 0)?, &test)?;
            written = true;
        }
        let all =
            Options { precision: ExportPrecision::I8, task: 1, content: Content::Classes, sensor: None, rejection: 0 };
        let model = export::model_with(&network, &all)?;
        let folder = dir.join(format!("memory {memories}"));
        fs::create_dir_all(&folder)?;
        // The library has relaxation, too, and room for two states.
        let relaxation = if chosen.n == 2 { 0 } else { 2 * (4 * test.words).next_multiple_of(8) };
        let taken = footprint(&Model::<i8>::open(&model)?.shape(), all.precision, all.content);
        let header = text::c(&model, "classifier", "for classification alone");
        let header = format!("{header}#define SCRATCH {}u\n", (taken.scratch + relaxation).div_ceil(8));
        fs::write(folder.join("classifier.h"), header)?;
        let part = if chosen.n == 2 {
            root.join("firmware/c-api/plain/dam.c")
        } else {
            c_interface::library_with_powers(toolchain, &root.join("firmware"), &dir.join("library"))?
        };
        let name = format!("memory, K = {memories}, n = {}", chosen.n);
        measure(name, true, program.run("dam.c", &folder, &[&part])?, Some(margins::right::<i8>(&model, &test)?))?;
    }
    let mut python = Command::new(&task.python);
    let status = python.arg(root.join("benches/peer/boards.py")).arg(&dir).status();
    if !status.map_err(|error| format!("{}: {error}", task.python.display()))?.success() {
        return Err("benches/peer/boards.py failed".into());
    }
    for line in fs::read_to_string(dir.join("peers.tsv"))?.lines() {
        let [name, source, right] = line.split('\t').collect::<Vec<_>>()[..] else { return Err("peers.tsv".into()) };
        let folder = dir.join(name);
        let part = if source == "microflow.c" { Some(by_microflow(toolchain, &root, &folder)?) } else { None };
        let parts: Vec<&Path> = part.iter().map(PathBuf::as_path).collect();
        measure(name.to_owned(), false, program.run(source, &folder, &parts)?, Some(right.parse()?))?;
    }

    fs::write(task.out.with_extension("tsv"), table(&rows, test.labels.len())?)?;
    fs::write(task.out.with_extension("svg"), drawing(&rows, test.labels.len()))?;
    Ok(())
}

/// The library that microflow makes of the perceptron in `folder`, whose path it takes from where the compiler is started.
fn by_microflow(toolchain: impl Fn(&str) -> Outcome<Toolchain>, root: &Path, folder: &Path) -> Outcome<PathBuf> {
    for file in ["Cargo.toml", "Cargo.lock", "src/lib.rs"] {
        let to = folder.join(file);
        fs::create_dir_all(to.parent().unwrap_or(folder))?;
        fs::copy(root.join("benches/peer/microflow").join(file), to)?;
    }
    let target = "thumbv7em-none-eabihf";
    let mut cargo = toolchain(target)?.cargo("build");
    cargo.arg("--config").arg(crate::firmware::processor(target)).args([
        "--quiet",
        "--release",
        "--locked",
        "--target-dir",
    ]);
    if !cargo.arg("target").current_dir(folder).status()?.success() {
        return Err("microflow's perceptron does not build".into());
    }
    Ok(folder.join("target").join(target).join("release/libby_microflow.a"))
}

/// For each number of memory vectors what `cargo xtask search` chose at this size of images: the trials with a test.
fn chosen(path: &Path) -> Outcome<Vec<(usize, Candidate)>> {
    let table = fs::read_to_string(path).map_err(|error| format!("cannot read {}: {error}", path.display()))?;
    let mut chosen = Vec::new();
    for line in table.lines().skip(1) {
        let cells: Vec<&str> = line.split('\t').collect();
        if let [size, memories, n, temperature, loss, leak, epochs, _, test, ..] = cells[..]
            && size == format!("{}x{}", PIXELS.0, PIXELS.1)
            && !test.is_empty()
        {
            let losses = [LossName::CrossEntropy, LossName::Power];
            let loss = losses.into_iter().find(|name| name.to_string() == loss).ok_or("a loss that is none")?;
            let (n, epochs) = (n.parse()?, epochs.parse()?);
            let candidate = Candidate { n, temperature: temperature.parse()?, loss, leak: leak.parse()?, epochs };
            chosen.push((memories.parse()?, candidate));
        }
    }
    chosen.sort_by_key(|&(memories, _)| memories);
    Ok(chosen)
}

/// Writes the three parts: images that validate are not trained on.
fn division(dir: &Path, data: &Dataset, validation: &Digits, test: &Digits) -> Outcome<()> {
    let pixels = data.pixels();
    let key = |state: &[u32], label| {
        let on: Vec<bool> = (0..pixels).map(|pixel| bits::is_on(state, pixel)).collect();
        (on, label)
    };
    let mut left = std::collections::HashMap::<_, usize>::new();
    for (state, label) in validation.each() {
        *left.entry(key(state, label)).or_default() += 1;
    }
    let all = splits::states(data, 0..data.len());
    let mut training = Digits { words: all.words, states: Vec::new(), labels: Vec::new() };
    for (state, label) in all.each() {
        match left.get_mut(&key(state, label)) {
            Some(count) if *count > 0 => *count -= 1,
            _ => {
                training.states.extend(state);
                training.labels.push(label);
            }
        }
    }
    if training.labels.len() + validation.labels.len() != data.len() {
        return Err("validation images are not among the training images".into());
    }
    for (name, digits) in [("training", &training), ("validation", validation), ("test", test)] {
        fs::write(dir.join(name).with_extension("bin"), bytes(&digits.states))?;
        fs::write(dir.join(name).with_extension("labels"), &digits.labels)?;
    }
    Ok(())
}

/// Programs for the board.
struct Programs<'a> {
    root: &'a Path,
    dir: &'a Path,
    qemu: &'a Qemu,
}

impl Programs<'_> {
    /// Compiles a source of `benches/peer/boards` with what `folder` has, and runs it: what it takes, how many are right, and
    /// the ticks of all.
    fn run(&self, source: &str, folder: &Path, parts: &[&Path]) -> Outcome<(Size, usize, u64)> {
        let (peers, example) = (self.root.join("benches/peer/boards"), self.root.join("firmware/c-api/example"));
        let script = fs::read_to_string(example.join("link.ld"))?.replace("256K", "4M").replace("16K", "64K");
        let linker = self.dir.join("link.ld");
        fs::write(&linker, script)?;
        let program = folder.join("program");
        let mut compiler = Command::new("arm-none-eabi-gcc");
        compiler.args(["-mcpu=cortex-m4", "-mthumb", "-mfloat-abi=hard", "-mfpu=fpv4-sp-d16", "-O2", "-std=c99", "-I"]);
        compiler.arg(folder).arg("-I").arg(self.dir).arg("-I").arg(&peers).arg("-I").arg(&example);
        compiler.arg("-I").arg(self.root.join("firmware/c-api/include"));
        compiler.arg(peers.join("count.c")).arg(peers.join(source)).arg(example.join("cortex_m.c")).args(parts);
        compiler.args(["-ffreestanding", "-nostdlib", "-ffunction-sections", "-fdata-sections", "-Wl,--gc-sections"]);
        compiler.args(["-Wl,-z,noexecstack", "-T"]).arg(&linker).args(["-lgcc", "-o"]).arg(&program);
        output(&mut compiler)?;
        let text = self.qemu.run_text(MACHINE, &program)?;
        let number = |what| text.lines().find_map(|line| line.strip_prefix(what)?.parse::<u64>().ok());
        let (Some(right), Some(ticks)) = (number("right "), number("ticks ")) else {
            return Err(format!("{source}: {text:?} tells no counts").into());
        };
        Ok((Image::read(&program)?.size, right as usize, ticks))
    }
}

fn table(rows: &[Row], all: usize) -> Outcome<String> {
    let mut table = String::from("method\taccuracy\tflash\tram\tinstructions\n");
    for Row { name, right, flash, ram, instructions, .. } in rows {
        writeln!(table, "{name}\t{:.4}\t{flash}\t{ram}\t{instructions}", *right as f64 / all as f64)?;
    }
    Ok(table)
}

fn drawing(rows: &[Row], all: usize) -> String {
    let dots = |of: fn(&Row) -> u64| {
        let dot = |row: &Row| Dot {
            series: usize::from(!row.memory),
            x: of(row) as f64,
            y: row.right as f64 / all as f64,
            name: row.name.clone(),
        };
        rows.iter().map(dot).collect::<Vec<_>>()
    };
    scatter::accuracy(&[("bytes of flash", dots(|row| row.flash)), ("instructions", dots(|row| row.instructions))])
}
