//! QEMU: found or installed, and run.

use std::fs;
use std::io::Read;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use defmt_decoder::{DecodeError, Table};

use super::Outcome;
use crate::toolchain::output;

const PROGRAM: &str = "qemu-system-arm";

/// Seconds after which an image is given up.
const PATIENCE: Duration = Duration::from_secs(300);

/// QEMU's name of a board that it emulates.
pub fn machine(board: &str) -> Option<&str> {
    ["microbit", "lm3s6965evb", "mps2-an386", "mps2-an500", "mps2-an505"].contains(&board).then_some(board)
}

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
        let (frames, _) = execute(machine, image)?;
        let bytes = fs::read(image)?;
        let table = Table::parse(&bytes).map_err(|error| error.to_string())?.ok_or("the image has no log")?;
        let mut decoder = table.new_stream_decoder();
        decoder.received(&frames);
        let mut lines = Vec::new();
        loop {
            match decoder.decode() {
                Ok(frame) => lines.push(frame.display_message().to_string()),
                Err(DecodeError::UnexpectedEof) => return Ok(lines),
                Err(DecodeError::Malformed) => return Err(format!("{machine}: the log is damaged").into()),
            }
        }
    }

    /// Runs an image and returns what it wrote as text.
    ///
    /// # Errors
    /// It fails or does not end.
    pub fn run_text(&self, machine: &str, image: &Path) -> Outcome<String> {
        execute(machine, image).map(|(_, text)| text)
    }

    /// Runs the recall image, which sends what it recognises over its serial line.
    ///
    /// # Errors
    /// It fails or does not end.
    pub fn run_recall(&self, machine: &str, image: &Path) -> Outcome<()> {
        let (_, serial) = execute(machine, image)?;
        let answers = serial.lines().filter(|line| line.len() == 1).count();
        if answers == 8 { Ok(()) } else { Err(format!("{machine}: recall gave {answers} answers instead of 8").into()) }
    }
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

/// What an image wrote to standard output and standard error.
fn execute(machine: &str, image: &Path) -> Outcome<(Vec<u8>, String)> {
    let mut qemu = Command::new(PROGRAM);
    qemu.args(["-machine", machine, "-icount", "shift=4", "-nographic", "-monitor", "none", "-serial", "none"]);
    qemu.args(["-semihosting-config", "enable=on,target=native", "-kernel"]).arg(image);
    let mut child = qemu.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn()?;
    let (mut out, mut err) = (child.stdout.take().ok_or("no pipe")?, child.stderr.take().ok_or("no pipe")?);
    let out = std::thread::spawn(move || {
        let mut bytes = Vec::new();
        out.read_to_end(&mut bytes).map(|_| bytes)
    });
    let err = std::thread::spawn(move || {
        let mut text = Vec::new();
        err.read_to_end(&mut text).map(|_| String::from_utf8_lossy(&text).into_owned())
    });
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
