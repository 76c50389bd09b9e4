//! A toolchain for machines without an operating system: a compiler, and a sysroot that holds `core` and nothing more.
//!
//! The sysroot is made here, from one of two origins, instead of taking the one that comes with the compiler: without
//! `liballoc` in it, nothing that allocates can be compiled at all.

use std::env;
use std::error::Error;
use std::ffi::OsStr;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use clap::ValueEnum;

/// The targets that the core is built for.
pub const TARGETS: [&str; 4] =
    ["thumbv6m-none-eabi", "thumbv7m-none-eabi", "thumbv7em-none-eabihf", "thumbv8m.main-none-eabihf"];

/// The crates that make up `core`, by the beginnings of their files' names.
const CRATES: [&str; 2] = ["libcore-", "libcompiler_builtins-"];

/// Distribution packages with a compiler and the library source that belongs to it.
const PACKAGES: [&str; 2] = ["rustc-web", "rust-web-src"];

type Outcome<T> = Result<T, Box<dyn Error>>;

/// Where a compiled `core` comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Origin {
    /// The active toolchain, to which rustup adds the targets
    Rustup,
    /// Compiled here, from the library source of a compiler that has it
    Source,
}

/// A compiler that can build for the targets.
#[derive(Debug)]
pub struct Toolchain {
    rustc: PathBuf,
    sysroot: PathBuf,
    linker: PathBuf,
    targets: Vec<String>,
}

impl Toolchain {
    /// Makes what is missing of a toolchain for `targets` under `dir`, from `origin` or else from the first that works.
    ///
    /// # Errors
    /// What went wrong with each origin, and what to do about it.
    pub fn prepare(targets: &[String], origin: Option<Origin>, dir: &Path) -> Outcome<Self> {
        let origins = origin.map_or(vec![Origin::Rustup, Origin::Source], |origin| vec![origin]);
        let mut failures = String::new();
        for origin in origins {
            let made = match origin {
                Origin::Rustup => from_rustup(targets, &dir.join("sysroot-rustup")),
                Origin::Source => from_source(targets, dir),
            };
            match made {
                Ok((rustc, sysroot)) => {
                    return Ok(Self { rustc, sysroot, linker: linker()?, targets: targets.to_vec() });
                }
                Err(error) => failures += &format!("\n  {origin:?}: {error}"),
            }
        }
        Err(format!(
            "there is no core for {}:{failures}\nEither of these helps:\n  \
             rustup target add {}\n  \
             apt-get install --no-install-recommends {} (or whatever gives a rustc of {} or later and its library source)",
            targets.join(", "),
            targets.join(" "),
            PACKAGES.join(" "),
            env!("CARGO_PKG_RUST_VERSION"),
        )
        .into())
    }

    /// A cargo that compiles for the targets with this toolchain; build scripts are for the host as always.
    pub fn cargo(&self, subcommand: &str) -> Command {
        let mut cargo = cargo(&self.rustc, subcommand);
        // As configuration, so that it adds to the flags that a crate has of its own. Not by the name of the target: a
        // dot in it would part the key.
        let bare = r#"target.'cfg(target_os = "none")'"#;
        cargo.arg("--config").arg(format!("{bare}.rustflags=[\"--sysroot\", {:?}]", self.sysroot));
        cargo.arg("--config").arg(format!("{bare}.linker={:?}", self.linker));
        for target in &self.targets {
            cargo.arg("--target").arg(target);
        }
        cargo
    }

    /// A linker for ELF files of any of the targets.
    pub fn linker(&self) -> Command {
        let mut linker = Command::new(&self.linker);
        if self.linker.file_stem() == Some(OsStr::new("rust-lld")) {
            linker.args(["-flavor", "gnu"]);
        }
        linker
    }
}

/// A cargo that compiles for this machine, with the active compiler.
pub fn host_cargo(subcommand: &str) -> Command {
    cargo(&active(), subcommand)
}

/// Cargo with this compiler, and without what the surroundings say about flags and targets.
fn cargo(rustc: &Path, subcommand: &str) -> Command {
    let mut cargo = Command::new(env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    cargo.arg(subcommand).env("RUSTC", rustc);
    for name in ["RUSTFLAGS", "CARGO_ENCODED_RUSTFLAGS", "CARGO_BUILD_TARGET", "RUSTC_WRAPPER", "CARGO_TARGET_DIR"] {
        cargo.env_remove(name);
    }
    cargo
}

/// The compiler that cargo would use.
fn active() -> PathBuf {
    env::var_os("RUSTC").unwrap_or_else(|| "rustc".into()).into()
}

/// The active toolchain, with the targets added where they are missing, and a sysroot of its `core`.
fn from_rustup(targets: &[String], sysroot: &Path) -> Outcome<(PathBuf, PathBuf)> {
    let rustc = active();
    let version = output(Command::new(&rustc).arg("-vV"))?;
    let libraries = |target: &str| -> Outcome<PathBuf> {
        Ok(output(Command::new(&rustc).args(["--print", "target-libdir", "--target", target]))?.trim().into())
    };
    let mut missing = Vec::new();
    for target in targets {
        if files(&libraries(target)?).is_empty() {
            missing.push(target);
        }
    }
    if !missing.is_empty() {
        // Under `cargo xtask` the environment names the active toolchain.
        output(Command::new("rustup").args(["target", "add"]).args(missing))?;
    }
    for target in targets {
        let stamp = format!("{version}of {target} from rustup\n");
        install(sysroot, target, &stamp, || libraries(target))?;
    }
    Ok((rustc, sysroot.into()))
}

/// A compiler that has its library source, and `core` compiled from that.
fn from_source(targets: &[String], dir: &Path) -> Outcome<(PathBuf, PathBuf)> {
    let (rustc, sysroot) = (compiler_with_source()?, dir.join("sysroot-source"));
    let version = output(Command::new(&rustc).arg("-vV"))?;
    for target in targets {
        let stamp = format!("{version}of {target} from source\n");
        install(&sysroot, target, &stamp, || compile_core(&rustc, target, &dir.join("core")))?;
    }
    Ok((rustc, sysroot))
}

/// The active compiler, or else the distribution's, which is installed where that is possible.
fn compiler_with_source() -> Outcome<PathBuf> {
    let has_source = |rustc: &PathBuf| {
        let sysroot = output(Command::new(rustc).args(["--print", "sysroot"])).unwrap_or_default();
        Path::new(sysroot.trim()).join("lib/rustlib/src/rust/library/core/src/lib.rs").exists()
    };
    let distribution = PathBuf::from("/usr/bin/rustc");
    let candidates = [active(), distribution];
    if let Some(rustc) = candidates.iter().find(|&rustc| has_source(rustc)) {
        return Ok(rustc.clone());
    }
    eprintln!("installing {} (about 140 MB)", PACKAGES.join(", "));
    output(Command::new("apt-get").arg("update"))?;
    let install = ["install", "--yes", "--no-install-recommends"];
    output(Command::new("apt-get").args(install).args(PACKAGES).env("DEBIAN_FRONTEND", "noninteractive"))?;
    let found = candidates.into_iter().find(has_source);
    found.ok_or_else(|| "no compiler with its library source".into())
}

/// Compiles `core` for `target`; returns where it lies.
fn compile_core(rustc: &Path, target: &str, dir: &Path) -> Outcome<PathBuf> {
    eprintln!("compiling core for {target}");
    // Any crate will do: what is wanted is what cargo compiles before it.
    fs::create_dir_all(dir.join("src"))?;
    fs::write(dir.join("src/lib.rs"), "#![no_std]\n")?;
    let manifest = "[package]\nname = \"nothing\"\nedition = \"2024\"\n\
                    [profile.release]\ncodegen-units = 1\ndebug = \"line-tables-only\"\n[workspace]\n";
    fs::write(dir.join("Cargo.toml"), manifest)?;
    let mut cargo = cargo(rustc, "build");
    cargo.current_dir(dir).args(["--quiet", "--release", "-Zbuild-std=core", "--target", target]);
    // A released compiler refuses to build its own library without this. Link-time optimisation needs the bitcode, and
    // memcpy and the like are not there without an operating system.
    cargo.arg("-Zbuild-std-features=compiler-builtins-mem").args(["--target-dir", "target"]);
    cargo.env("RUSTC_BOOTSTRAP", "1").env("RUSTFLAGS", "-Cembed-bitcode=yes");
    let libraries = dir.join("target").join(target).join("release/deps");
    // An older build's libraries would be taken for this one's.
    if libraries.exists() {
        fs::remove_dir_all(dir.join("target"))?;
    }
    output(&mut cargo)?;
    Ok(libraries)
}

/// Puts `core` for `target` into `sysroot`, unless `stamp` says that it is there.
fn install(sysroot: &Path, target: &str, stamp: &str, find: impl FnOnce() -> Outcome<PathBuf>) -> Outcome<()> {
    let place = sysroot.join("lib/rustlib").join(target);
    let stamped = place.join("made-from");
    if fs::read_to_string(&stamped).is_ok_and(|found| found == stamp) {
        return Ok(());
    }
    let libraries = find()?;
    let found = files(&libraries);
    for name in CRATES {
        if !found.iter().any(|file| starts_with(file, name)) {
            return Err(format!("no {name}* in {}", libraries.display()).into());
        }
    }
    if place.exists() {
        fs::remove_dir_all(&place)?;
    }
    fs::create_dir_all(place.join("lib"))?;
    for file in found {
        let to = place.join("lib").join(file.file_name().unwrap_or_default());
        fs::hard_link(&file, &to).or_else(|_| fs::copy(&file, &to).map(drop))?;
    }
    fs::write(stamped, stamp)?;
    Ok(())
}

/// The files of `core` in a directory; none where there is no such directory.
fn files(dir: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(dir).into_iter().flatten().flatten();
    let is_library = |file: &PathBuf| file.extension().is_some_and(|end| end == "rlib" || end == "rmeta");
    let is_core = |file: &PathBuf| CRATES.iter().any(|name| starts_with(file, name));
    entries.map(|entry| entry.path()).filter(is_library).filter(is_core).collect()
}

fn starts_with(file: &Path, name: &str) -> bool {
    file.file_name().is_some_and(|file| file.to_string_lossy().starts_with(name))
}

/// The active toolchain's linker, or one on the path.
fn linker() -> Outcome<PathBuf> {
    let libraries = output(Command::new(active()).args(["--print", "target-libdir"]))?;
    let beside = Path::new(libraries.trim()).with_file_name("bin").join("rust-lld");
    let on_path = env::var_os("PATH").unwrap_or_default();
    let on_path = env::split_paths(&on_path)
        .flat_map(|dir| ["rust-lld", "ld.lld", "arm-none-eabi-ld"].map(|name| dir.join(name)))
        .collect::<Vec<_>>();
    let found = std::iter::once(beside).chain(on_path).find(|file| file.is_file());
    found.ok_or_else(|| {
        "there is no linker for these targets: neither rust-lld, which comes with rustup's toolchains, \
         nor ld.lld (package lld) nor arm-none-eabi-ld (package binutils-arm-none-eabi)"
            .into()
    })
}

/// Runs a command and returns what it printed; what it complained about is shown only where it failed.
///
/// # Errors
/// It could not be run, or failed.
pub fn output(command: &mut Command) -> Outcome<String> {
    let name = command.get_program().to_string_lossy().into_owned();
    let output = command.stdin(Stdio::null()).output().map_err(|error| match error.kind() {
        io::ErrorKind::NotFound => format!("{name} is not installed"),
        _ => format!("{name}: {error}"),
    })?;
    if !output.status.success() {
        let complaint = String::from_utf8_lossy(&output.stderr);
        return Err(format!("{name} failed\n{}", complaint.trim_end()).into());
    }
    Ok(String::from_utf8(output.stdout)?)
}
