//! The C interface: the static library and C programs with it, on Cortex-M0 and M4 in QEMU and on this machine.

use std::fmt::Write;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use dam_nostd::recall::{Buffers, Model, Recall};
use host_harness::export::report::{PLAIN_CODE, SMALL_CODE};
use host_harness::export::text;

use super::Outcome;
use super::image::Image;
use super::models::words;
use super::qemu::{self, Qemu};
use crate::toolchain::{Toolchain, host_cargo, output};

/// Where C programs run.
struct Place {
    name: &'static str,
    compiler: &'static str,
    flags: &'static [&'static str],
    /// What stands in for the machine, in `firmware/c-api/example`.
    machine: &'static str,
    /// The target and QEMU's machine; none is this machine.
    board: Option<(&'static str, &'static str)>,
}

const ARM: &str = "arm-none-eabi-gcc";

const PLACES: [Place; 3] = [
    Place {
        name: "Cortex-M0",
        compiler: ARM,
        flags: &["-mcpu=cortex-m0", "-mthumb"],
        machine: "cortex_m.c",
        board: Some(("thumbv6m-none-eabi", "microbit")),
    },
    Place {
        name: "Cortex-M4F",
        compiler: ARM,
        flags: &["-mcpu=cortex-m4", "-mthumb", "-mfloat-abi=hard", "-mfpu=fpv4-sp-d16"],
        machine: "cortex_m.c",
        board: Some(("thumbv7em-none-eabihf", "mps2-an386")),
    },
    Place { name: "this machine", compiler: "cc", flags: &[], machine: "desktop.c", board: None },
];

/// What C compilers may do with an `enum`; those for Arm do the first by default.
const ENUMS: [&str; 2] = ["-fshort-enums", "-fno-short-enums"];

/// Languages that the header is compiled in.
const LANGUAGES: [[&str; 3]; 4] =
    [["-x", "c", "-std=c99"], ["-x", "c", "-std=c11"], ["-x", "c++", "-std=c++11"], ["-x", "c++", "-std=c++17"]];

const STRICT: [&str; 5] = ["-Wall", "-Wextra", "-Wpedantic", "-Werror", "-O2"];

/// Builds the library, the example and the test of guard bytes everywhere, runs them and compares the example's answers
/// with the labels.
///
/// # Errors
/// No C compiler; something does not compile, may panic or allocates; a wrong answer, a byte written that was not lent.
pub fn run(
    toolchain: impl Fn(&str) -> Outcome<Toolchain>,
    qemu: &Qemu,
    firmware: &Path,
    build: &Path,
) -> Outcome<Vec<Counted>> {
    if output(Command::new(ARM).arg("--version")).is_err() {
        eprintln!("installing {ARM}");
        let mut apt = Command::new("apt-get");
        apt.args(["install", "--yes", "--no-install-recommends", "gcc-arm-none-eabi"]);
        output(apt.env("DEBIAN_FRONTEND", "noninteractive"))
            .map_err(|error| format!("{error}\nInstall a C compiler for Arm (package gcc-arm-none-eabi) yourself"))?;
    }
    let dir = build.join("c-example");
    fs::create_dir_all(&dir)?;
    let mut counted = Vec::new();
    let labels = headers(firmware, &dir)?;
    let expected: String = labels.iter().map(|label| char::from(b'0' + label)).collect();
    for place in PLACES {
        let library = library(&place, &toolchain, firmware, build, &["--release"], "release")?;
        let interface = firmware.join("c-api");
        for (language, enums) in LANGUAGES.iter().flat_map(|language| ENUMS.map(|enums| (language, enums))) {
            let mut compiler = Command::new(place.compiler);
            compiler.args(STRICT).args(place.flags).args(["-ffreestanding", "-fsyntax-only", enums]).args(language);
            // As a file of its own, a header is more than a declaration.
            output(compiler.arg("-include").arg(interface.join("include/dam.h")).arg("/dev/null"))?;
        }
        for enums in ENUMS {
            let program = |source: &str| compile(&place, enums, &interface, &interface.join(source), &[&library], &dir);
            let text = execute(&place, qemu, &program("example/main.c")?)?;
            if text.lines().next() != Some(&expected) {
                return Err(format!("{}: the C example answers {text:?} instead of {expected}", place.name).into());
            }
            execute(&place, qemu, &program("test/guards.c")?)?;
        }
        println!("C interface, {}: {} digits as expected, guards are whole", place.name, labels.len());
        counted.extend(small(&place, &toolchain, qemu, firmware, build, &dir)?);
    }
    Ok(counted)
}

/// The least that classifies: with the library of one number type and without relaxation, and in plain C; of a model without
/// it. Checks what the program takes, less the digits that it is shown, and counts what all digits take.
fn small(
    place: &Place,
    toolchain: impl Fn(&str) -> Outcome<Toolchain>,
    qemu: &Qemu,
    firmware: &Path,
    build: &Path,
    dir: &Path,
) -> Outcome<Vec<Counted>> {
    let (least, all) = (dir.join("least"), dir.join("all"));
    fs::create_dir_all(&least)?;
    fs::create_dir_all(&all)?;
    let model = words(firmware, "least-i8.bin")?;
    let states = words(firmware, "digits.bin")?;
    let states: Vec<&[u32]> = states.chunks(STATE).collect();
    let shown = states.get(..SHOWN).ok_or("too few digits")?;
    for (dir, states) in [(&least, shown), (&all, &states)] {
        fs::write(dir.join("classifier.h"), text::c(&model, "classifier", "sixteen memory vectors"))?;
        fs::write(dir.join("states.h"), states_header(states))?;
    }
    fs::write(all.join("labels.h"), labels_header(&fs::read(firmware.join("models/digits.labels"))?))?;
    let expected: String = answers(&model, shown)?.into_iter().map(|answer| char::from(b'0' + answer as u8)).collect();
    let options = ["--profile", "small", "--no-default-features", "--features", "i8"];
    let library = library(place, toolchain, firmware, &build.join("small"), &options, "small")?;
    let interface = firmware.join("c-api");
    let plain = interface.join("plain/dam.c");
    let mut counted = Vec::new();
    for (name, part, most) in [("library", &library, SMALL_CODE), ("plain C", &plain, PLAIN_CODE)] {
        let program = |source: &str, dir| compile(place, ENUMS[0], &interface, &interface.join(source), &[part], dir);
        let path = program("example/classify.c", &least)?;
        let text = execute(place, qemu, &path)?;
        if text.lines().next() != Some(&expected) {
            let place = place.name;
            return Err(format!("{place}, {name}: the least program answers {text:?} instead of {expected}").into());
        }
        let text = execute(place, qemu, &program("example/first.c", &least)?)?;
        if text != "7\n" {
            return Err(format!("{}, {name}: the first program answers {text:?} instead of 7", place.name).into());
        }
        let Some((_, machine)) = place.board else { continue };
        let image = Image::read(&path)?;
        let left = image.with_names_of(&["dam_relax", "flips", "powers", "__aeabi_fadd", "__aeabi_dadd"]);
        if !left.is_empty() {
            return Err(format!("{}: the least C program has {}", place.name, left.join(", ")).into());
        }
        let (model, code) = (4 * model.len(), image.size.flash as usize - 4 * (model.len() + SHOWN * STATE));
        println!("C interface, {}, {name}: classification alone, {model} bytes of model, {code} of code", place.name);
        if code > most {
            return Err(format!("{}, {name}: {code} bytes of code, more than {most}", place.name).into());
        }
        let text = execute(place, qemu, &program("test/count.c", &all)?)?;
        let number = |what| text.lines().find_map(|line| line.strip_prefix(what)?.parse::<u64>().ok());
        let (Some(right), Some(ticks)) = (number("right "), number("ticks ")) else {
            return Err(format!("{}, {name}: {text:?} tells no counts", place.name).into());
        };
        let instructions = qemu::instructions(machine, ticks) / states.len() as u64;
        counted.push(Counted {
            program: name,
            processor: place.name,
            model,
            code,
            instructions,
            right,
            of: states.len(),
        });
    }
    beside(place, qemu, &interface, &library, &least)?;
    Ok(counted)
}

/// What the least program takes and reaches.
#[derive(Debug)]
pub struct Counted {
    /// What it is linked with.
    pub program: &'static str,
    /// Where it runs.
    pub processor: &'static str,
    /// Bytes of the model.
    pub model: usize,
    /// Bytes of all code, the start included.
    pub code: usize,
    /// Instructions of a classification.
    pub instructions: u64,
    /// Digits that are right.
    pub right: u64,
    /// Of so many.
    pub of: usize,
}

/// Plain C beside the library in one program: errors and answers.
fn beside(place: &Place, qemu: &Qemu, interface: &Path, library: &Path, least: &Path) -> Outcome<()> {
    let object = least.join("plain.o");
    let mut compiler = Command::new(place.compiler);
    compiler.args(STRICT).args(place.flags).args(["-std=c99", ENUMS[0], "-I"]).arg(interface.join("include"));
    compiler.args(["-Ddam_init=plain_init", "-Ddam_classify=plain_classify", "-c"]).arg(interface.join("plain/dam.c"));
    output(compiler.arg("-o").arg(&object))?;
    let program =
        compile(place, ENUMS[0], interface, &interface.join("test/plain.c"), &[object.as_path(), library], least)?;
    execute(place, qemu, &program).map_err(|error| format!("{}, plain C beside the library: {error}", place.name))?;
    Ok(())
}

/// Words of a state of the classifiers, and the digits that the least program is shown.
const STATE: usize = 7;
const SHOWN: usize = 16;

/// What this machine answers.
fn answers(model: &[u32], states: &[&[u32]]) -> Outcome<Vec<usize>> {
    let (mut similarities, mut fields) = (vec![0; 16], vec![0; 10]);
    let buffers = Buffers { similarities: &mut similarities, fields: &mut fields, previous: &mut [], next: &mut [] };
    let mut recall = Recall::new(Model::<i8>::open(model)?, buffers);
    Ok(states.iter().map(|state| recall.classify(state)).collect())
}

/// The model and the states as C headers in `dir`; returns the labels.
fn headers(firmware: &Path, dir: &Path) -> Outcome<Vec<u8>> {
    fs::write(dir.join("digits.h"), text::c(&words(firmware, "stored-i8.bin")?, "digits", "sixteen stored digits"))?;
    let labels = fs::read(firmware.join("models/stored.labels"))?;
    let states = words(firmware, "stored.bin")?;
    let states: Vec<&[u32]> = states.chunks(states.len() / labels.len()).collect();
    fs::write(dir.join("states.h"), states_header(&states))?;
    Ok(labels)
}

/// Labels as a C header.
pub fn labels_header(labels: &[u8]) -> String {
    let numbers: Vec<String> = labels.iter().map(u8::to_string).collect();
    format!("#include <stdint.h>\nstatic const uint8_t labels[{}] = {{{}}};\n", labels.len(), numbers.join(", "))
}

/// States as a C header.
pub fn states_header(states: &[&[u32]]) -> String {
    let (count, each) = (states.len(), states.first().map_or(0, |state| state.len()));
    let mut header = format!(
        "#include <stdint.h>\n#define STATES_WORDS {each}u\n#define STATES_COUNT {count}u\n\
         static const uint32_t states[{count}][{each}] = {{\n"
    );
    for state in states {
        let numbers: Vec<String> = state.iter().map(|word| format!("{word:#010x}u")).collect();
        let _ = writeln!(header, "    {{{}}},", numbers.join(", "));
    }
    header + "};\n"
}

/// The static library for Cortex-M4F, of 8 bits and any n, for speed.
///
/// # Errors
/// It does not build.
pub fn library_with_powers(
    toolchain: impl Fn(&str) -> Outcome<Toolchain>,
    firmware: &Path,
    build: &Path,
) -> Outcome<PathBuf> {
    let options = ["--release", "--no-default-features", "--features", "i8,relax"];
    library(&PLACES[1], toolchain, firmware, build, &options, "release")
}

/// The static library for `place`, built with these options into the folder `profile`.
fn library(
    place: &Place,
    toolchain: impl Fn(&str) -> Outcome<Toolchain>,
    firmware: &Path,
    build: &Path,
    options: &[&str],
    profile: &str,
) -> Outcome<PathBuf> {
    let (mut cargo, folder) = match place.board {
        Some((target, _)) => {
            let mut cargo = toolchain(target)?.cargo("build");
            cargo.arg("--config").arg(super::processor(target));
            (cargo, build.join(target))
        }
        None => (host_cargo("build"), build.to_owned()),
    };
    cargo.args(options).args(["--quiet", "--locked", "--package", "dam-c", "--manifest-path"]);
    cargo.arg(firmware.join("Cargo.toml")).arg("--target-dir").arg(build);
    if !cargo.status()?.success() {
        return Err(format!("the C interface does not build for {}", place.name).into());
    }
    Ok(folder.join(profile).join("libdam.a"))
}

fn compile(
    place: &Place,
    enums: &str,
    interface: &Path,
    source: &Path,
    parts: &[&Path],
    dir: &Path,
) -> Outcome<PathBuf> {
    let program = dir.join(source.file_stem().ok_or("a source has no name")?);
    let example = interface.join("example");
    let mut compiler = Command::new(place.compiler);
    compiler.args(STRICT).args(place.flags).args(["-std=c99", enums, "-I"]).arg(dir);
    compiler.arg("-I").arg(interface.join("include")).arg("-I").arg(&example);
    compiler.arg(source).arg(example.join(place.machine)).args(parts);
    if place.board.is_some() {
        compiler.args(["-ffreestanding", "-nostdlib", "-Wl,--gc-sections", "-Wl,-z,noexecstack"]);
        compiler.arg("-T").arg(example.join("link.ld")).arg("-lgcc");
    }
    output(compiler.arg("-o").arg(&program))?;
    if place.board.is_some() {
        Image::read(&program)?.refuse_panics().map_err(|error| format!("the C interface: {error}"))?;
    }
    Ok(program)
}

/// What a program writes.
fn execute(place: &Place, qemu: &Qemu, program: &Path) -> Outcome<String> {
    match place.board {
        Some((_, machine)) => qemu.run_text(machine, program),
        None => {
            let ended = Command::new(program).output()?;
            let text = String::from_utf8_lossy(&ended.stderr).into_owned();
            if ended.status.success() { Ok(text) } else { Err(format!("{}: {text}", program.display()).into()) }
        }
    }
}
