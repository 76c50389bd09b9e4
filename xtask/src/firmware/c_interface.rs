//! The C interface: the static library, a C program with it, both in QEMU.

use std::fmt::Write;
use std::fs;
use std::path::Path;
use std::process::Command;

use host_harness::export::text;

use super::Outcome;
use super::image::Image;
use super::qemu::Qemu;
use crate::toolchain::{Toolchain, output};

/// Of the board that the example is for.
pub const TARGET: &str = "thumbv7em-none-eabihf";

const COMPILER: &str = "arm-none-eabi-gcc";

/// Builds the library and the example, runs it and compares its answers with the labels.
///
/// # Errors
/// No C compiler; something does not compile, may panic or allocates; a wrong answer.
pub fn run(toolchain: &Toolchain, qemu: &Qemu, firmware: &Path, build: &Path) -> Outcome<()> {
    if output(Command::new(COMPILER).arg("--version")).is_err() {
        eprintln!("installing {COMPILER}");
        let mut apt = Command::new("apt-get");
        apt.args(["install", "--yes", "--no-install-recommends", "gcc-arm-none-eabi"]);
        output(apt.env("DEBIAN_FRONTEND", "noninteractive"))
            .map_err(|error| format!("{error}\nInstall a C compiler for Arm (package gcc-arm-none-eabi) yourself"))?;
    }
    let mut cargo = toolchain.cargo("build");
    cargo.arg("--config").arg(super::processor(TARGET));
    cargo.args(["--quiet", "--release", "--locked", "--package", "dam-c", "--manifest-path"]);
    cargo.arg(firmware.join("Cargo.toml")).arg("--target-dir").arg(build);
    if !cargo.status()?.success() {
        return Err("the C interface does not build".into());
    }
    let dir = build.join("c-example");
    fs::create_dir_all(&dir)?;
    let words = |name: &str| -> Outcome<Vec<u32>> {
        let bytes = fs::read(firmware.join("models").join(name))?;
        Ok(bytes.as_chunks().0.iter().map(|&word| u32::from_le_bytes(word)).collect())
    };
    fs::write(dir.join("digits.h"), text::c(&words("stored-i8.bin")?, "digits", "sixteen stored digits"))?;
    let labels = fs::read(firmware.join("models/stored.labels"))?;
    let states = words("stored.bin")?;
    let each = states.len() / labels.len();
    let mut header = format!(
        "#include <stdint.h>\n#define STATES_WORDS {each}u\n#define STATES_COUNT {}u\n\
         static const uint32_t states[{}][{each}] = {{\n",
        labels.len(),
        labels.len()
    );
    for state in states.chunks(each) {
        let numbers: Vec<String> = state.iter().map(|word| format!("{word:#010x}u")).collect();
        let _ = writeln!(header, "    {{{}}},", numbers.join(", "));
    }
    fs::write(dir.join("states.h"), header + "};\n")?;
    let (interface, image) = (firmware.join("c-api"), dir.join("example"));
    let mut gcc = Command::new(COMPILER);
    gcc.args([
        "-std=c99",
        "-Wall",
        "-Wextra",
        "-Werror",
        "-O2",
        "-ffreestanding",
        "-nostdlib",
        "-mcpu=cortex-m4",
        "-mthumb",
    ]);
    gcc.args(["-mfloat-abi=hard", "-mfpu=fpv4-sp-d16", "-Wl,--gc-sections", "-Wl,-z,noexecstack", "-I"]).arg(&dir);
    gcc.arg("-I").arg(interface.join("include")).arg(interface.join("example/main.c"));
    gcc.arg(build.join(TARGET).join("release/libdam.a")).arg("-T").arg(interface.join("example/link.ld"));
    output(gcc.arg("-o").arg(&image))?;
    Image::read(&image)?.refuse_panics().map_err(|error| format!("the C interface: {error}"))?;
    let text = qemu.run_text("mps2-an386", &image)?;
    let expected: String = labels.iter().map(|label| char::from(b'0' + label)).collect();
    if text.lines().next() != Some(&expected) {
        return Err(format!("the C example answers {text:?} instead of {expected}").into());
    }
    println!("C interface: {} digits as expected", labels.len());
    Ok(())
}
