//! QEMU: found or installed, and run.

use std::fs;
use std::io::{Read, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use super::Outcome;
use crate::bare::target_dir;
use crate::toolchain::output;

const PROGRAM: &str = "qemu-system-arm";

/// Seconds after which an image is given up.
const PATIENCE: Duration = Duration::from_secs(300);

/// An emulator that is there.
#[derive(Debug)]
pub struct Qemu;

impl Qemu {
    /// Looks for QEMU, and installs it where it is missing and the distribution has packages of it.
    ///
    /// # Errors
    /// What went wrong, and what to do about it.
    pub fn prepare(dir: &Path) -> Outcome<Self> {
        if version().is_ok() {
            return Ok(Self);
        }
        eprintln!("installing {PROGRAM}");
        let plain = || install(&[]);
        let installed = backports(dir).or_else(|error| plain().map_err(|second| format!("{error}\n{second}").into()));
        installed.and_then(|()| version()).map(|_| Self).map_err(|error: Box<dyn std::error::Error>| {
            format!(
                "{PROGRAM} is missing and could not be installed:\n{error}\n\
                 Install it yourself (package {PROGRAM} on Debian and Ubuntu, qemu on most others), version 6.2 or later"
            )
            .into()
        })
    }

    /// Runs the demonstration and returns its lines.
    ///
    /// # Errors
    /// It fails, does not end, or prints what cannot be decoded.
    pub fn run(&self, machine: &str, image: &Path) -> Outcome<Vec<String>> {
        self.run_with(machine, image, None)
    }

    /// The same; `sent` comes over the board's serial line.
    ///
    /// # Errors
    /// Likewise.
    pub fn run_with(&self, machine: &str, image: &Path, sent: Option<&[u8]>) -> Outcome<Vec<String>> {
        let (frames, _) = execute(machine, image, sent)?;
        let lines = decode(image, &frames).map_err(|error| format!("{machine}: {error}"))?;
        Ok(lines.lines().map(str::to_owned).collect())
    }

    /// Runs an image and returns what it wrote as text.
    ///
    /// # Errors
    /// It fails or does not end.
    pub fn run_text(&self, machine: &str, image: &Path) -> Outcome<String> {
        execute(machine, image, None).map(|(_, text)| text)
    }

    /// Runs the recall image, which sends what it recognises over its serial line, and returns how many bytes of stack it
    /// used.
    ///
    /// # Errors
    /// It fails, does not end, or answers something else than `labels`.
    pub fn run_recall(&self, machine: &str, image: &Path, labels: &[u8]) -> Outcome<u64> {
        let (_, serial) = execute(machine, image, None)?;
        let answers: Vec<&str> = serial.lines().filter(|line| line.len() == 1).collect();
        let expected: Vec<String> = labels.iter().take(8).map(u8::to_string).collect();
        if answers != expected {
            return Err(format!("{machine}: recall answers {answers:?} instead of {expected:?}").into());
        }
        let stack = serial.lines().next_back().and_then(|line| line.parse().ok());
        stack.ok_or_else(|| format!("{machine}: recall does not end with the stack that it used").into())
    }
}

/// What `frames`, logged by `image`, say.
fn decode(image: &Path, frames: &[u8]) -> Outcome<String> {
    let manifest = Path::new(env!("CARGO_MANIFEST_DIR")).join("../firmware/Cargo.toml");
    let target = target_dir()?.join("firmware");
    let mut command = Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    command.args(["run", "--quiet", "--locked", "--package", "dam-log", "--manifest-path"]).arg(manifest);
    command.arg("--target-dir").arg(target).arg("--").arg(image);
    let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn()?;
    // All of it is read before anything is printed.
    child.stdin.take().ok_or("no pipe to dam-log")?.write_all(frames)?;
    let output = child.wait_with_output()?;
    if output.status.success() { Ok(String::from_utf8(output.stdout)?) } else { Err("its log cannot be read".into()) }
}

fn version() -> Outcome<String> {
    output(Command::new(PROGRAM).arg("--version"))
}

fn install(options: &[String]) -> Outcome<()> {
    let mut apt = Command::new("apt-get");
    apt.args(options).args(["install", "--yes", "--no-install-recommends", "--no-remove", PROGRAM]);
    output(apt.env("DEBIAN_FRONTEND", "noninteractive")).map(drop)
}

/// From Debian's backports, on the mirror that apt uses; the list of sources is left alone. An image that has other parts
/// of QEMU from there would lose them by the older package.
fn backports(dir: &Path) -> Outcome<()> {
    let release = fs::read_to_string("/etc/os-release")?;
    let codename = release.lines().find_map(|line| line.strip_prefix("VERSION_CODENAME="));
    let codename = codename.ok_or("/etc/os-release names no version")?.trim_matches('"');
    let mut sources = String::new();
    for file in fs::read_dir("/etc/apt/sources.list.d").into_iter().flatten().flatten() {
        sources += &fs::read_to_string(file.path()).unwrap_or_default();
    }
    sources += &fs::read_to_string("/etc/apt/sources.list").unwrap_or_default();
    let mirror = sources
        .split_whitespace()
        .find(|word| word.starts_with("http") && word.trim_end_matches('/').ends_with("/debian"));
    let mirror = mirror.ok_or("apt has no mirror of Debian")?;
    let lists: PathBuf = dir.join("apt");
    fs::create_dir_all(lists.join("lists/partial"))?;
    let list = lists.join("backports.list");
    fs::write(&list, format!("deb {mirror} {codename}-backports main\n"))?;
    let option = |name: &str, value: &Path| format!("-o{name}={}", value.display());
    let options = [
        option("Dir::Etc::SourceList", &fs::canonicalize(&list)?),
        option("Dir::State::Lists", &fs::canonicalize(lists.join("lists"))?),
        "-oDir::Cache::pkgcache=".to_owned(),
        "-oDir::Cache::srcpkgcache=".to_owned(),
    ];
    output(Command::new("apt-get").args(&options).arg("update"))?;
    let mut from = options.to_vec();
    from.push(format!("--target-release={codename}-backports"));
    install(&from)
}

/// An instruction takes 2^SHIFT nanoseconds.
const SHIFT: u32 = 4;

/// Instructions in so many ticks of the system timer.
pub fn instructions(machine: &str, ticks: u64) -> u64 {
    let khz = match machine {
        "lm3s6965evb" => 12_500,
        "microbit" => 16_000,
        "mps2-an505" => 20_000,
        _ => 25_000,
    };
    (ticks * 1_000_000 / khz) >> SHIFT
}

/// What an image wrote to standard output and standard error, while `sent` came over the serial line.
fn execute(machine: &str, image: &Path, sent: Option<&[u8]>) -> Outcome<(Vec<u8>, String)> {
    let mut qemu = Command::new(PROGRAM);
    qemu.args(["-machine", machine, "-icount", &format!("shift={SHIFT}"), "-nographic", "-monitor", "none"]);
    qemu.args(["-serial", if sent.is_some() { "stdio" } else { "none" }]);
    qemu.args(["-semihosting-config", "enable=on,target=native", "-kernel"]).arg(image);
    let stdin = if sent.is_some() { Stdio::piped() } else { Stdio::null() };
    let mut child = qemu.stdin(stdin).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn()?;
    let (mut out, mut err) = (child.stdout.take().ok_or("no pipe")?, child.stderr.take().ok_or("no pipe")?);
    let out = std::thread::spawn(move || {
        let mut bytes = Vec::new();
        out.read_to_end(&mut bytes).map(|_| bytes)
    });
    let err = std::thread::spawn(move || {
        let mut text = Vec::new();
        err.read_to_end(&mut text).map(|_| String::from_utf8_lossy(&text).into_owned())
    });
    if let (Some(sent), Some(mut stdin)) = (sent.map(<[u8]>::to_vec), child.stdin.take()) {
        // A board that fails reads no further: its own words say why.
        std::thread::spawn(move || stdin.write_all(&sent));
    }
    let ended = wait(&mut child)?;
    let joined = "a thread that reads ended";
    let (out, err) = (out.join().map_err(|_| joined)??, err.join().map_err(|_| joined)??);
    match ended {
        Some(status) if status.success() => Ok((out, err)),
        Some(status) => Err(format!("{} ended with {status}\n{err}", image.display()).into()),
        None => Err(format!("{} did not end in {} s\n{err}", image.display(), PATIENCE.as_secs()).into()),
    }
}

fn wait(child: &mut Child) -> Outcome<Option<std::process::ExitStatus>> {
    let start = Instant::now();
    while start.elapsed() < PATIENCE {
        if let Some(status) = child.try_wait()? {
            return Ok(Some(status));
        }
        std::thread::sleep(Duration::from_millis(20));
    }
    child.kill()?;
    child.wait()?;
    Ok(None)
}
