//! The C interface: the static library and C programs with it, on Cortex-M0 and M4 in QEMU and on this machine.

use std::fmt::Write;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use dam_nostd::recall::{Buffers, Model, Recall};
use host_harness::export::report::SMALL_CODE;
use host_harness::export::text;

use super::Outcome;
use super::image::Image;
use super::qemu::Qemu;
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
pub fn run(toolchain: impl Fn(&str) -> Outcome<Toolchain>, qemu: &Qemu, firmware: &Path, build: &Path) -> Outcome<()> {
    if output(Command::new(ARM).arg("--version")).is_err() {
        eprintln!("installing {ARM}");
        let mut apt = Command::new("apt-get");
        apt.args(["install", "--yes", "--no-install-recommends", "gcc-arm-none-eabi"]);
        output(apt.env("DEBIAN_FRONTEND", "noninteractive"))
            .map_err(|error| format!("{error}\nInstall a C compiler for Arm (package gcc-arm-none-eabi) yourself"))?;
    }
    let dir = build.join("c-example");
    fs::create_dir_all(&dir)?;
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
            let program = |source: &str| compile(&place, enums, &interface, &interface.join(source), &library, &dir);
            let text = execute(&place, qemu, &program("example/main.c")?)?;
            if text.lines().next() != Some(&expected) {
                return Err(format!("{}: the C example answers {text:?} instead of {expected}", place.name).into());
            }
            execute(&place, qemu, &program("test/guards.c")?)?;
        }
        println!("C interface, {}: {} digits as expected, guards are whole", place.name, labels.len());
        small(&place, &toolchain, qemu, firmware, build, &dir)?;
    }
    Ok(())
}

/// The least that classifies: the library of one number type, without relaxation, and a model without it. Checks what the
/// program takes, less the digits that it is shown.
fn small(
    place: &Place,
    toolchain: impl Fn(&str) -> Outcome<Toolchain>,
    qemu: &Qemu,
    firmware: &Path,
    build: &Path,
    dir: &Path,
) -> Outcome<()> {
    let least = dir.join("least");
    fs::create_dir_all(&least)?;
    let model = words(firmware, "least-i8.bin")?;
    fs::write(least.join("classifier.h"), text::c(&model, "classifier", "sixteen memory vectors"))?;
    let states = words(firmware, "digits.bin")?;
    let shown: Vec<&[u32]> = states.chunks(STATE).take(SHOWN).collect();
    fs::write(least.join("states.h"), states_header(&shown))?;
    let expected: String = answers(&model, &shown)?.into_iter().map(|answer| char::from(b'0' + answer as u8)).collect();
    let options = ["--profile", "small", "--no-default-features", "--features", "i8"];
    let library = library(place, toolchain, firmware, &build.join("small"), &options, "small")?;
    let interface = firmware.join("c-api");
    let source = interface.join("example/classify.c");
    let program = compile(place, ENUMS[0], &interface, &source, &library, &least)?;
    let text = execute(place, qemu, &program)?;
    if text.lines().next() != Some(&expected) {
        return Err(format!("{}: the least C program answers {text:?} instead of {expected}", place.name).into());
    }
    if place.board.is_some() {
        let image = Image::read(&program)?;
        let left = image.with_names_of(&["dam_relax", "flips", "powers", "__aeabi_fadd", "__aeabi_dadd"]);
        if !left.is_empty() {
            return Err(format!("{}: the least C program has {}", place.name, left.join(", ")).into());
        }
        let code = image.size.flash as usize - 4 * (model.len() + SHOWN * STATE);
        println!(
            "C interface, {}: classification alone, {} bytes of model, {code} of code",
            place.name,
            4 * model.len()
        );
        if code > SMALL_CODE {
            return Err(format!("{}: {code} bytes of code, more than {SMALL_CODE}", place.name).into());
        }
    }
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

/// The words of a file in `firmware/models`.
fn words(firmware: &Path, name: &str) -> Outcome<Vec<u32>> {
    let bytes = fs::read(firmware.join("models").join(name))?;
    Ok(bytes.as_chunks().0.iter().map(|&word| u32::from_le_bytes(word)).collect())
}

/// States as a C header.
fn states_header(states: &[&[u32]]) -> String {
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
    library: &Path,
    dir: &Path,
) -> Outcome<PathBuf> {
    let program = dir.join(source.file_stem().ok_or("a source has no name")?);
    let example = interface.join("example");
    let mut compiler = Command::new(place.compiler);
    compiler.args(STRICT).args(place.flags).args(["-std=c99", enums, "-I"]).arg(dir);
    compiler.arg("-I").arg(interface.join("include")).arg("-I").arg(&example);
    compiler.arg(source).arg(example.join(place.machine)).arg(library);
    if place.board.is_some() {
        compiler.args(["-ffreestanding", "-nostdlib", "-Wl,--gc-sections", "-Wl,-z,noexecstack"]);
        compiler.arg("-T").arg(example.join("link.ld"));
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
