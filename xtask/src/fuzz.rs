//! `cargo xtask fuzz`: arbitrary bytes for every parser.

use std::error::Error;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use rayon::prelude::*;

/// The counters that libFuzzer steers by. They work on the stable compiler.
const COVERAGE: &str = "-Cpasses=sancov-module -Cllvm-args=-sanitizer-coverage-level=4 \
    -Cllvm-args=-sanitizer-coverage-inline-8bit-counters -Cllvm-args=-sanitizer-coverage-pc-table \
    -Cllvm-args=-sanitizer-coverage-trace-compares --cfg fuzzing -Ccodegen-units=16";

/// Arguments of `cargo xtask fuzz`.
#[derive(clap::Args)]
pub struct FuzzTask {
    /// Only this target; may be given several times
    #[arg(long = "target", value_name = "NAME")]
    targets: Vec<String>,

    /// Seconds for each target
    #[arg(long, value_name = "N", default_value_t = 10)]
    seconds: u32,
}

impl Default for FuzzTask {
    fn default() -> Self {
        Self { targets: vec![], seconds: 10 }
    }
}

/// Builds the targets, runs each on its corpus and then on bytes of its own.
///
/// # Errors
/// No C++ compiler, no such target, or a finding.
pub fn run(task: &FuzzTask) -> Result<(), Box<dyn Error>> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../fuzz");
    let known = targets(&folder)?;
    let wanted = if task.targets.is_empty() { known.clone() } else { task.targets.clone() };
    if let Some(name) = wanted.iter().find(|name| !known.contains(name)) {
        return Err(format!("--target {name}: there is no such target; give one of {}", known.join(", ")).into());
    }
    let host = host()?;
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let target_dir = folder.join("target");
    let status = Command::new(cargo)
        // A target is named, so that build scripts and macros are compiled without counters.
        .args(["build", "--quiet", "--release", "--locked", "--target", &host, "--manifest-path"])
        .arg(folder.join("Cargo.toml"))
        .arg("--target-dir")
        .arg(&target_dir)
        .env("RUSTFLAGS", COVERAGE)
        .status()?;
    if !status.success() {
        return Err("the fuzz targets do not compile: a C++ compiler is needed (apt-get install g++), and fuzz/Cargo.lock as of now".into());
    }
    // As many at a time as there are cores.
    let programs = target_dir.join(&host).join("release");
    let one =
        |name: &String| fuzz(&folder, &programs.join(name), name, task.seconds).map_err(|error| error.to_string());
    Ok(wanted.par_iter().try_for_each(one)?)
}

fn fuzz(folder: &Path, program: &Path, name: &str, seconds: u32) -> Result<(), Box<dyn Error>> {
    let corpus = folder.join("corpus").join(name);
    if fs::read_dir(&corpus).map_or(true, |mut files| files.next().is_none()) {
        return Err(format!("{} is empty; put in some inputs that the parser takes", corpus.display()).into());
    }
    // Room for inputs of twice the size of the largest that are there.
    let sizes = fs::read_dir(&corpus)?.map(|file| Ok(file?.metadata()?.len()));
    let largest = sizes.collect::<Result<Vec<_>, std::io::Error>>()?.into_iter().max().unwrap_or(0);
    let (findings, grown) = (folder.join("findings").join(name), folder.join("grown").join(name));
    fs::create_dir_all(&findings)?;
    fs::create_dir_all(&grown)?;
    // What is new goes to the first folder; the corpus itself is only read.
    let output = Command::new(program)
        .args([&grown, &corpus])
        .arg(format!("-max_total_time={seconds}"))
        .args(["-timeout=10", "-rss_limit_mb=2048", "-print_final_stats=1"])
        .arg(format!("-max_len={}", (2 * largest).max(16384)))
        .arg(format!("-artifact_prefix={}/", findings.display()))
        .output()?;
    let told = String::from_utf8_lossy(&output.stderr);
    if !output.status.success() {
        let last: Vec<&str> = told.lines().rev().take(30).collect();
        let last: Vec<&str> = last.into_iter().rev().collect();
        return Err(format!("{name}: a finding in {}\n{}", findings.display(), last.join("\n")).into());
    }
    let runs = told.lines().find_map(|line| line.strip_prefix("stat::number_of_executed_units:")).unwrap_or("?").trim();
    println!("{name}: {runs} inputs in {seconds} s, no finding");
    Ok(())
}

/// The names of the targets: the files in `src/bin`.
fn targets(folder: &Path) -> Result<Vec<String>, Box<dyn Error>> {
    let files = fs::read_dir(folder.join("src/bin"))?.collect::<Result<Vec<_>, _>>()?;
    let stem = |path: PathBuf| path.file_stem().map(|stem| stem.to_string_lossy().into_owned());
    let mut names: Vec<String> = files.into_iter().filter_map(|file| stem(file.path())).collect();
    names.sort();
    Ok(names)
}

/// The target that the compiler itself runs on.
fn host() -> Result<String, Box<dyn Error>> {
    let output = Command::new("rustc").arg("-vV").output()?;
    let text = String::from_utf8(output.stdout)?;
    let host = text.lines().find_map(|line| line.strip_prefix("host: "));
    Ok(host.ok_or("rustc -vV names no host")?.to_owned())
}
