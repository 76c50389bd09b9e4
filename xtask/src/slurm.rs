//! `cargo xtask slurm`: the job array of `dam slurm` on a real Slurm, of two nodes on this machine's loopback, one of which
//! dies in the middle.

use std::error::Error;
use std::fs;
use std::io::Read;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use crate::program::{build, compare, results};
use crate::toolchain::output;

/// Programs, and the Debian packages that have them.
const PROGRAMS: [&str; 5] = ["munged", "slurmctld", "slurmd", "sbatch", "squeue"];
const PACKAGES: [&str; 4] = ["slurmctld", "slurmd", "slurm-client", "munge"];

/// What is run: twelve trials of about a second each.
const TARGET: [&str; 10] =
    ["fig5", "--preset", "smoke", "--items", "400", "--epochs", "60", "--batch", "100", "--trials"];
const TRIALS: &str = "1";
const SHARDS: &str = "6";

/// What nothing takes: a dead node is noticed after some ten seconds, and its task waits as long for another.
const LIMIT: Duration = Duration::from_secs(300);

type Outcome<T> = Result<T, Box<dyn Error>>;

/// Runs the test.
///
/// # Errors
/// Slurm that cannot be installed or started; results that are missing or differ from those of a local run.
pub fn run() -> Outcome<()> {
    install()?;
    let dam = build()?;
    let cluster = Cluster::start()?;
    let (local, shared) = (cluster.folder.join("local"), cluster.folder.join("shared"));
    let experiment = |command: &str, store: &Path| {
        let mut dam = cluster.command(&dam);
        dam.arg(command).args(TARGET).arg(TRIALS).arg("--store").arg(store);
        dam
    };
    eprintln!("the array");
    let mut submit = experiment("slurm", &shared);
    print!("{}", output(submit.args(["--shards", SHARDS, "--memory", "50", "--time", "30"]))?);
    let deadline = Instant::now() + LIMIT;
    wait("a result, and a trial under way on node2", deadline, || {
        Ok(!results(&shared)?.is_empty() && cluster.steps("node2")?.len() > 1)
    })?;
    let done = results(&shared)?.len();
    let victims = cluster.crash("node2")?;
    eprintln!("node2 died after {done} results, and {victims} processes with it");
    let status = |more: &[&str]| -> Outcome<String> {
        output(cluster.command(&dam).args(["status", "--store"]).arg(&shared).args(more))
    };
    let complete = |deadline| {
        wait("all results", deadline, || {
            let text = status(&[])?;
            if text.ends_with("complete\n") {
                return Ok(true);
            }
            // Nothing queued any more, and something missing: the case that `--submit` is for.
            if cluster.queue()?.is_empty() && !status(&[])?.ends_with("complete\n") {
                print!("{}", status(&["--submit"])?);
            }
            Ok(false)
        })
    };
    complete(deadline)?;
    eprintln!("a local run, to compare with");
    output(&mut experiment("reproduce", &local))?;
    let expected = results(&local)?;
    compare(&expected, &results(&shared)?)?;
    wait("an empty queue", deadline, || Ok(cluster.queue()?.is_empty()))?;
    eprintln!("two results are lost, and asked for again");
    for (path, _) in results(&shared)?.iter().take(2) {
        fs::remove_file(shared.join("trials").join(path))?;
    }
    let text = status(&["--submit"])?;
    print!("{text}");
    if text.lines().filter(|line| line.starts_with("missing")).count() != 2 {
        return Err("dam status does not tell of two missing trials".into());
    }
    complete(Instant::now() + LIMIT)?;
    compare(&expected, &results(&shared)?)?;
    eprintln!("{} results, byte for byte those of a local run", expected.len());
    Ok(())
}

/// Installs what is missing.
fn install() -> Outcome<()> {
    let missing = || PROGRAMS.iter().any(|program| find(program).is_none());
    if missing() {
        eprintln!("installing {}", PACKAGES.join(", "));
        output(Command::new("apt-get").arg("update"))?;
        let install = ["install", "--yes", "--no-install-recommends"];
        output(Command::new("apt-get").args(install).args(PACKAGES).env("DEBIAN_FRONTEND", "noninteractive"))?;
    }
    if missing() {
        return Err(format!("Slurm is missing: install {}", PACKAGES.join(", ")).into());
    }
    Ok(())
}

/// A program on the path or where administrators have theirs.
fn find(program: &str) -> Option<PathBuf> {
    let path = std::env::var_os("PATH").unwrap_or_default();
    let folders = std::env::split_paths(&path).chain(["/usr/sbin", "/sbin"].map(PathBuf::from));
    folders.map(|folder| folder.join(program)).find(|file| file.is_file())
}

fn wait(what: &str, deadline: Instant, mut there: impl FnMut() -> Outcome<bool>) -> Outcome<()> {
    while !there()? {
        if Instant::now() > deadline {
            return Err(format!("waited in vain for {what}").into());
        }
        std::thread::sleep(Duration::from_millis(200));
    }
    Ok(())
}

/// A Slurm of two nodes in a folder of its own; everything it started ends with it.
struct Cluster {
    folder: PathBuf,
}

impl Cluster {
    fn start() -> Outcome<Self> {
        // Sockets have short names: not in the target folder.
        let folder = std::env::temp_dir().join(format!("dam-slurm-{}", std::process::id()));
        fs::create_dir_all(folder.join("state"))?;
        for node in ["node1", "node2"] {
            fs::create_dir_all(folder.join(format!("spool-{node}")))?;
        }
        fs::set_permissions(&folder, fs::Permissions::from_mode(0o755))?;
        let cluster = Self { folder };
        let (host, user) = (output(Command::new("hostname").arg("-s"))?, output(Command::new("id").arg("-un"))?);
        let port = 20_000 + std::process::id() % 20_000;
        let conf = configuration(&cluster.folder, host.trim(), user.trim(), port);
        fs::write(cluster.folder.join("slurm.conf"), conf)?;
        let mut key = vec![0; 1024];
        fs::File::open("/dev/urandom")?.read_exact(&mut key)?;
        let file = cluster.folder.join("munge.key");
        fs::write(&file, key)?;
        fs::set_permissions(&file, fs::Permissions::from_mode(0o600))?;
        let option = |name: &str, file: &str| format!("--{name}={}", cluster.folder.join(file).display());
        cluster.daemon(
            "munged",
            &[
                &option("key-file", "munge.key"),
                &option("socket", "munge.socket"),
                &option("pid-file", "munged.pid"),
                &option("log-file", "munged.log"),
                &option("seed-file", "munged.seed"),
            ],
        )?;
        cluster.daemon("slurmctld", &[])?;
        for node in ["node1", "node2"] {
            cluster.daemon("slurmd", &["-N", node])?;
        }
        let idle = || -> Outcome<bool> {
            let nodes = cluster.command(Path::new("sinfo")).args(["-h", "-N", "-t", "idle", "-o", "%N"]).output()?;
            Ok(String::from_utf8_lossy(&nodes.stdout).lines().count() == 2)
        };
        wait("two idle nodes", Instant::now() + Duration::from_secs(60), idle)?;
        Ok(cluster)
    }

    /// A command that talks to this cluster.
    fn command(&self, program: &Path) -> Command {
        let mut command = Command::new(program);
        command.env("SLURM_CONF", self.folder.join("slurm.conf")).current_dir(&self.folder);
        command
    }

    /// Starts a program that goes into the background by itself.
    fn daemon(&self, program: &str, arguments: &[&str]) -> Outcome<()> {
        let path = find(program).ok_or_else(|| format!("{program} is not installed"))?;
        let mut command = self.command(&path);
        command.args(arguments).stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
        if command.status()?.success() { Ok(()) } else { Err(format!("{program} did not start").into()) }
    }

    /// What is queued or running.
    fn queue(&self) -> Outcome<String> {
        output(self.command(Path::new("squeue")).args(["-h", "-r", "-t", "PD,R,CG,CF,S", "-o", "%i %T %r"]))
    }

    /// The tasks of a node and what they started: they outlive its daemon. Each is known by the name of its socket and by
    /// the cluster's configuration in its environment.
    fn steps(&self, node: &str) -> Outcome<Vec<u32>> {
        let mut jobs = vec![];
        for entry in fs::read_dir(self.folder.join(format!("spool-{node}")))? {
            let name = entry?.file_name().to_string_lossy().into_owned();
            // NODE_JOB.STEP
            if let Some((job, _)) = name.strip_prefix(&format!("{node}_")).and_then(|rest| rest.split_once('.')) {
                jobs.push(format!("[{job}."));
            }
        }
        let ours = format!("SLURM_CONF={}", self.folder.join("slurm.conf").display());
        let mut steps = vec![];
        for process in processes()? {
            let read = |file: &str| fs::read(format!("/proc/{process}/{file}")).unwrap_or_default();
            let is_step = read("comm").starts_with(b"slurmstepd");
            let line = String::from_utf8_lossy(&read("cmdline")).into_owned();
            let here = read("environ").split(|&byte| byte == 0).any(|entry| entry == ours.as_bytes());
            if is_step && here && jobs.iter().any(|job| line.contains(job)) {
                steps.extend(tree(process)?);
            }
        }
        Ok(steps)
    }

    /// A node dies: its daemon and all its tasks at once. Returns how many tasks' processes.
    fn crash(&self, node: &str) -> Outcome<usize> {
        let daemon = self.pid(&format!("slurmd-{node}.pid"), "slurmd");
        let steps = self.steps(node)?;
        kill("-KILL", daemon.into_iter().chain(steps.iter().copied()));
        if steps.is_empty() { Err(format!("{node} had nothing to do when it died").into()) } else { Ok(steps.len()) }
    }

    /// The process that a file names, if it still is what it was.
    fn pid(&self, file: &str, name: &str) -> Option<u32> {
        let pid: u32 = fs::read_to_string(self.folder.join(file)).ok()?.trim().parse().ok()?;
        let comm = fs::read_to_string(format!("/proc/{pid}/comm")).ok()?;
        (comm.trim() == name && alive(pid)).then_some(pid)
    }
}

impl Drop for Cluster {
    fn drop(&mut self) {
        let steps = ["node1", "node2"].iter().flat_map(|node| self.steps(node).unwrap_or_default()).collect::<Vec<_>>();
        let daemons = [
            ("slurmd-node1.pid", "slurmd"),
            ("slurmd-node2.pid", "slurmd"),
            ("slurmctld.pid", "slurmctld"),
            ("munged.pid", "munged"),
        ];
        kill("-KILL", steps.into_iter());
        for (file, name) in daemons {
            let Some(pid) = self.pid(file, name) else { continue };
            kill("-TERM", std::iter::once(pid));
            let deadline = Instant::now() + Duration::from_secs(10);
            while alive(pid) && Instant::now() < deadline {
                std::thread::sleep(Duration::from_millis(50));
            }
            if alive(pid) {
                kill("-KILL", std::iter::once(pid));
            }
        }
        let _ = fs::remove_dir_all(&self.folder);
    }
}

/// Whether a process runs: one that has ended may be listed for a while.
fn alive(pid: u32) -> bool {
    let status = fs::read_to_string(format!("/proc/{pid}/status")).unwrap_or_default();
    status.lines().any(|line| line.starts_with("State:") && !line.contains('Z'))
}

fn kill(signal: &str, pids: impl Iterator<Item = u32>) {
    let pids: Vec<String> = pids.map(|pid| pid.to_string()).collect();
    if !pids.is_empty() {
        // Some may have ended by themselves.
        let _ = Command::new("kill").arg(signal).args(pids).stderr(Stdio::null()).status();
    }
}

fn processes() -> Outcome<Vec<u32>> {
    let entries = fs::read_dir("/proc")?.flatten();
    Ok(entries.filter_map(|entry| entry.file_name().to_str()?.parse().ok()).collect())
}

/// A process and its descendants.
fn tree(root: u32) -> Outcome<Vec<u32>> {
    let mut found = vec![root];
    let all = processes()?;
    let mut next = 0;
    while let Some(&parent) = found.get(next) {
        next += 1;
        for &process in &all {
            let status = fs::read_to_string(format!("/proc/{process}/status")).unwrap_or_default();
            let of = status.lines().find_map(|line| line.strip_prefix("PPid:")?.trim().parse::<u32>().ok());
            if of == Some(parent) && !found.contains(&process) {
                found.push(process);
            }
        }
    }
    Ok(found)
}

/// Everything on the loopback, without accounting or control groups, and quick to notice a dead node.
fn configuration(folder: &Path, host: &str, user: &str, port: u32) -> String {
    let folder = folder.display();
    let (first, last) = (port + 1, port + 2);
    format!(
        "ClusterName=dam\n\
         SlurmctldHost={host}(127.0.0.1)\n\
         SlurmctldPort={port}\n\
         SlurmUser={user}\n\
         SlurmdUser={user}\n\
         AuthType=auth/munge\n\
         CredType=cred/munge\n\
         # A task that is queued again waits for this long.\n\
         AuthInfo=socket={folder}/munge.socket,cred_expire=5\n\
         CommunicationParameters=NoInAddrAny,NoCtldInAddrAny\n\
         SlurmctldPidFile={folder}/slurmctld.pid\n\
         SlurmdPidFile={folder}/slurmd-%n.pid\n\
         SlurmctldLogFile={folder}/slurmctld.log\n\
         SlurmdLogFile={folder}/slurmd-%n.log\n\
         StateSaveLocation={folder}/state\n\
         SlurmdSpoolDir={folder}/spool-%n\n\
         MailProg=/bin/true\n\
         ProctrackType=proctrack/linuxproc\n\
         TaskPlugin=task/none\n\
         SwitchType=switch/none\n\
         MpiDefault=none\n\
         JobAcctGatherType=jobacct_gather/none\n\
         AccountingStorageType=accounting_storage/none\n\
         SelectType=select/cons_tres\n\
         SelectTypeParameters=CR_Core\n\
         SchedulerType=sched/backfill\n\
         SchedulerParameters=sched_interval=1,sched_min_interval=0,bf_interval=1\n\
         PriorityType=priority/basic\n\
         JobRequeue=1\n\
         ReturnToService=2\n\
         SlurmdTimeout=6\n\
         SlurmctldTimeout=10\n\
         MessageTimeout=3\n\
         BatchStartTimeout=2\n\
         KillWait=2\n\
         InactiveLimit=0\n\
         SlurmdParameters=config_overrides\n\
         NodeName=node[1-2] NodeHostname={host} NodeAddr=127.0.0.1 Port=[{first}-{last}] CPUs=1 RealMemory=1000 \
         State=UNKNOWN\n\
         PartitionName=main Nodes=ALL Default=YES MaxTime=INFINITE State=UP\n"
    )
}
