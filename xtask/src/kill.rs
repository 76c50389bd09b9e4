//! `cargo xtask kill`: processes are killed at random moments and started again, on one instruction set after another;
//! what they end with is, byte for byte, what a run left alone ends with.

use std::error::Error;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use dam_nostd::rng::{self, Purpose, Xoshiro128PlusPlus};
use host_harness::machine::InstructionSet;

use crate::program::{build, compare, results};
use crate::toolchain::output;

/// Arguments of `cargo xtask kill`.
#[derive(clap::Args)]
pub struct KillTask {
    /// Processes to kill, in each of the four ways of running
    #[arg(long, value_name = "N", default_value_t = 25)]
    times: u32,
    /// The program to run, instead of the one that is built now
    #[arg(long, value_name = "FILE")]
    program: Option<PathBuf>,
    /// What the moments follow from [default: the time]
    #[arg(long, value_name = "N")]
    seed: Option<u64>,
}

/// A trial of eight tasks.
const RUN: [&str; 19] = [
    "run",
    "--method",
    "mas",
    "--n",
    "3",
    "--tasks",
    "8",
    "--items",
    "200",
    "--epochs",
    "60",
    "--memories",
    "32",
    "--threads",
    "1",
    "--no-drawing",
    "--checkpoint",
    "--out",
    "it.json",
];

/// Twelve trials.
const FIGURE: [&str; 9] = ["fig5", "--preset", "smoke", "--items", "400", "--epochs", "40", "--trials", "1"];

type Outcome<T> = Result<T, Box<dyn Error>>;

/// Kills as many processes of each way of running, and compares what they end with.
///
/// # Errors
/// Something other than what a run left alone ends with.
pub fn run(task: &KillTask) -> Outcome<()> {
    let now = SystemTime::now().duration_since(UNIX_EPOCH)?.as_micros() as u64;
    let seed = task.seed.unwrap_or(now);
    let mut bench = Bench {
        program: task.program.clone().map_or_else(build, Ok)?,
        folder: std::env::temp_dir().join(format!("dam-kill-{}", std::process::id())),
        sets: InstructionSet::available(),
        rng: Xoshiro128PlusPlus::of(seed, Purpose::Probes, 0),
        starts: 0,
    };
    println!(
        "moments by --seed {seed}, instruction sets {}",
        bench.sets.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ")
    );
    bench.all(task.times)
}

/// Where processes are started and killed; its folder goes with it.
struct Bench {
    program: PathBuf,
    folder: PathBuf,
    sets: Vec<InstructionSet>,
    rng: Xoshiro128PlusPlus,
    starts: usize,
}

impl Drop for Bench {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.folder);
    }
}

/// A way of running.
struct Way<'a> {
    what: &'a str,
    /// Run once, to the end, in each fresh folder.
    first: Option<&'a [&'a str]>,
    /// Started at the same time, and killed.
    beside: &'a [&'a [&'a str]],
    /// How long a run left alone takes.
    took: Duration,
}

impl Bench {
    fn all(&mut self, times: u32) -> Outcome<()> {
        let alone = self.fresh("alone")?;
        let begun = Instant::now();
        output(self.command(&RUN).current_dir(&alone))?;
        let (trial, took) = (found(&alone)?, begun.elapsed());
        let ended = |folder: &Path| {
            if found(folder)? == trial { Ok(()) } else { Err("the result is not that of a run left alone".into()) }
        };
        self.kill(&Way { what: "dam run --checkpoint", first: None, beside: &[&RUN], took }, times, ended)?;

        let store = ["--store", "store"];
        let begun = Instant::now();
        output(self.command(&["reproduce"]).args(FIGURE).args(store).current_dir(&alone))?;
        let (figure, took) = (results(&alone.join("store"))?, begun.elapsed());
        let ended = |folder: &Path| {
            let left = names(&folder.join("store/checkpoints"))?;
            if !left.is_empty() {
                return Err(format!("checkpoints are left behind: {}", left.join(", ")).into());
            }
            compare(&figure, &results(&folder.join("store"))?)
        };
        let kept = ["--jobs", "1", "--checkpoint", "--store", "store"];
        let reproduce = [&["reproduce"][..], &FIGURE, &kept].concat();
        let beside: &[&[&str]] = &[&reproduce, &reproduce];
        self.kill(&Way { what: "dam reproduce", first: None, beside: &beside[..1], took }, times, ended)?;
        self.kill(&Way { what: "two of dam reproduce on one store", first: None, beside, took }, times, ended)?;
        let plan = [&["plan"][..], &FIGURE, &store, &["--shards", "2"]].concat();
        let shares = ["1/2", "2/2"].map(|shard| [&["work", "--shard", shard][..], &kept].concat());
        let beside: &[&[&str]] = &[&shares[0], &shares[1]];
        self.kill(&Way { what: "dam work, two shares", first: Some(&plan), beside, took }, times, ended)
    }

    /// Kills as many processes, and lets the last ones end. Where all that were started end by themselves, what is there
    /// is compared, and the next begin in a fresh folder.
    fn kill(&mut self, way: &Way<'_>, times: u32, ended: impl Fn(&Path) -> Outcome<()>) -> Outcome<()> {
        let (mut killed, mut whole) = (0, 0);
        while killed < times {
            let folder = self.fresh("killed")?;
            if let Some(first) = way.first {
                output(self.command(first).current_dir(&folder))?;
            }
            while !self.ends(way, &folder, times, &mut killed)? {}
            ended(&folder).map_err(|error| format!("{}, after {killed} were killed: {error}", way.what))?;
            whole += 1;
        }
        println!("{}: {killed} killed, {whole} times to the end, byte for byte as left alone", way.what);
        Ok(())
    }

    /// Starts the processes once; whether all of them came to their end.
    fn ends(&mut self, way: &Way<'_>, folder: &Path, times: u32, killed: &mut u32) -> Outcome<bool> {
        let children = way.beside.iter().map(|command| self.start(command, folder)).collect::<Outcome<Vec<_>>>();
        let mut children = children?;
        if *killed < times {
            std::thread::sleep(way.took.mul_f64(rng::unit(&mut self.rng)));
            for child in &mut children {
                if child.try_wait()?.is_none() {
                    child.kill()?;
                    *killed += 1;
                }
            }
        }
        let mut all = true;
        for mut child in children {
            let status = child.wait()?;
            if status.code().is_some_and(|code| code != 0) {
                return Err(format!("{}: a process that was not killed ends with {status}", way.what).into());
            }
            all &= status.success();
        }
        Ok(all)
    }

    /// Starts a process on the next instruction set.
    fn start(&mut self, command: &[&str], folder: &Path) -> Outcome<Child> {
        let set = self.sets[self.starts % self.sets.len()].to_string();
        self.starts += 1;
        let mut command = self.command(command);
        command.args(["--isa", &set]).current_dir(folder);
        Ok(command.stdout(Stdio::null()).stderr(Stdio::null()).spawn()?)
    }

    fn command(&self, words: &[&str]) -> Command {
        let mut command = Command::new(&self.program);
        command.args(words).stdin(Stdio::null());
        command
    }

    fn fresh(&self, name: &str) -> Outcome<PathBuf> {
        let folder = self.folder.join(name);
        if folder.exists() {
            fs::remove_dir_all(&folder)?;
        }
        fs::create_dir_all(&folder)?;
        Ok(folder)
    }
}

/// What a run found, without how it ran.
fn found(folder: &Path) -> Outcome<String> {
    let text = fs::read_to_string(folder.join("it.json"))?;
    let (found, _) = text.split_once("\"instruction_set\"").ok_or("the result does not tell its instruction set")?;
    Ok(found.to_owned())
}

/// The files of a folder, where there is one, but for temporary ones that killed processes leave.
fn names(folder: &Path) -> Outcome<Vec<String>> {
    let Ok(entries) = fs::read_dir(folder) else { return Ok(vec![]) };
    let mut names = vec![];
    for entry in entries {
        names.push(entry?.file_name().to_string_lossy().into_owned());
    }
    names.retain(|name| !name.starts_with(".dam-"));
    Ok(names)
}
