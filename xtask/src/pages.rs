//! `cargo xtask pages`: the report, the page of networks and drawings, opened in Chromium without a window, narrow and wide, light and dark.

use std::error::Error;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use crate::program::build;
use crate::toolchain::output;

type Outcome<T> = Result<T, Box<dyn Error>>;

/// Arguments of `cargo xtask pages`.
#[derive(clap::Args)]
pub struct PagesTask {
    /// The browser, Chromium or one that takes its arguments
    #[arg(long, value_name = "PROGRAM", default_value = "chromium")]
    browser: PathBuf,
    /// The program to run, instead of the one that is built now
    #[arg(long, value_name = "FILE")]
    program: Option<PathBuf>,
}

/// Widths of a desktop and of a telephone.
const WIDTHS: [u32; 2] = [1400, 400];

/// What looks for faults from within a page.
const PROBE: &str = include_str!("pages.js");

/// What has each fault that is looked for, to see that they are found, and in how many ways.
const FAULTY: (&str, [&str; 5]) = (
    r#"<title>x</title><div style="overflow:hidden;width:50px"><p style="width:90px" id="cut">text</div>
<p style="width:3000px">wide</p><svg width="40" height="20"><text x="30" y="15">beyond</text></svg>
<img src="http://127.0.0.1:9/missing.png"><script>console.error("an error on purpose")</script>"#,
    ["shows 50 of 90", "the page is", "a drawing cuts", "asks for", "an error on purpose"],
);

/// Opens everything.
///
/// # Errors
/// A page with a fault; no browser.
pub fn run(task: &PagesTask) -> Outcome<()> {
    // It is run in another folder.
    let program = task.program.as_ref().map_or_else(build, |program| Ok(fs::canonicalize(program)?))?;
    let dir = Path::new(env!("CARGO_MANIFEST_DIR")).join("../target/pages");
    if dir.exists() {
        fs::remove_dir_all(&dir)?;
    }
    fs::create_dir_all(&dir)?;
    let browser = Browser::find(&task.browser, dir.clone())?;

    let found = browser.faults(FAULTY.0, 400, false)?;
    for fault in FAULTY.1 {
        if !found.contains(fault) {
            return Err(format!("a page that was made with {fault:?} was not found faulty, but:\n{found}").into());
        }
    }

    let dam = |arguments: &[&str]| output(Command::new(&program).args(arguments).current_dir(&dir));
    dam(&["reproduce", "all", "--preset", "smoke"])?;
    dam(&["report", "--preset", "smoke", "--out", "smoke.html"])?;
    for n in ["2", "20"] {
        let run = ["run", "--items", "100", "--epochs", "3", "--memories", "16", "--n", n];
        dam(&[&run[..], &["--save", &format!("n{n}-{{task}}.dam")]].concat())?;
    }
    let networks = ["n2-1.dam", "n2-3.dam", "n2-5.dam", "n20-1.dam", "n20-5.dam"];
    dam(&[&["inspect"], &networks[..], &["--probes", "20", "--out", "inspected.html"]].concat())?;
    let grid = ["grid", "--methods", "vanilla,rehearsal,ewc", "--vertices", "2,20", "--items", "100", "--epochs", "3"];
    dam(&[&grid[..], &["--memories", "16", "--page", "grid.html"]].concat())?;
    dam(&["draw", "n20-5.dam", "--probes", "20", "--out", "net.svg"])?;
    let docs = Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs");
    let mut faulty = 0;
    let pages = [
        dir.join("smoke.html"),
        dir.join("inspected.html"),
        dir.join("grid.html"),
        docs.join("reproduction/report.html"),
        dir.join("net.svg"),
        docs.join("audit.svg"),
    ];
    for page in pages {
        let mut text = fs::read_to_string(&page).map_err(|error| format!("{}: {error}", page.display()))?;
        if page.extension().is_some_and(|extension| extension == "svg") {
            text = format!("<!doctype html><style>svg {{ max-width: 100%; height: auto }}</style>{text}");
        }
        for width in WIDTHS {
            for dark in [false, true] {
                let faults = browser.faults(&text, width, dark)?;
                let colours = if dark { "dark" } else { "light" };
                let name = page.file_name().unwrap_or_default().to_string_lossy();
                println!("{name}, {width} wide, {colours}: {}", if faults.is_empty() { "no fault" } else { &faults });
                faulty += usize::from(!faults.is_empty());
            }
        }
    }
    if faulty > 0 { Err(format!("{faulty} of the above have faults").into()) } else { Ok(()) }
}

struct Browser {
    program: PathBuf,
    dir: PathBuf,
}

impl Browser {
    /// Looks for it, and on Debian installs it if it is not there.
    fn find(program: &Path, dir: PathBuf) -> Outcome<Self> {
        let there =
            || Command::new(program).arg("--version").stdout(Stdio::null()).stderr(Stdio::null()).status().is_ok();
        if !there() {
            output(Command::new("apt-get").arg("update"))?;
            let mut apt = Command::new("apt-get");
            apt.args(["install", "--yes", "--no-install-recommends", "chromium"]);
            output(apt.env("DEBIAN_FRONTEND", "noninteractive"))?;
        }
        if !there() {
            return Err(
                format!("no browser: install Chromium, or name one with --browser, not {}", program.display()).into()
            );
        }
        Ok(Self { program: program.to_owned(), dir })
    }

    /// What is wrong with a page in a frame of this width: nothing where that is empty.
    fn faults(&self, page: &str, width: u32, dark: bool) -> Outcome<String> {
        // Windows have a least width, frames have none.
        let frame = format!(
            "<!doctype html><title>nothing was heard</title>\
             <script>addEventListener('message', (event) => {{ document.title = event.data }})</script>\
             <iframe src='page.html' style='width: {width}px; height: 900px; border: 0'></iframe>"
        );
        fs::write(self.dir.join("page.html"), format!("{page}\n<script>\n{PROBE}</script>\n"))?;
        fs::write(self.dir.join("frame.html"), frame)?;
        let mut command = Command::new(&self.program);
        command.args([
            "--headless",
            "--no-sandbox",
            "--disable-gpu",
            "--window-size=1500,1000",
            "--enable-logging=stderr",
        ]);
        command.args(["--virtual-time-budget=5000", "--dump-dom"]);
        command.arg(format!("--blink-settings=preferredColorScheme={}", u32::from(!dark)));
        command.arg(format!("--user-data-dir={}", self.dir.join("profile").display()));
        command.arg(format!("file://{}", fs::canonicalize(self.dir.join("frame.html"))?.display()));
        let run = command.output()?;
        let (text, log) = (String::from_utf8_lossy(&run.stdout), String::from_utf8_lossy(&run.stderr));
        let title = text.split_once("<title>").and_then(|(_, rest)| Some(rest.split_once("</title>")?.0)).unwrap_or("");
        let expected = format!("{{\"width\":{width},\"dark\":{dark},\"faults\":[");
        let Some(faults) = title.strip_prefix(&expected).and_then(|rest| rest.strip_suffix("]}")) else {
            return Err(format!("the page tells {title:?}, not {expected}...:\n{log}").into());
        };
        let console = log.lines().filter(|line| line.contains("CONSOLE"));
        let faults = Some(faults).filter(|faults| !faults.is_empty()).into_iter().chain(console);
        Ok(faults.collect::<Vec<_>>().join("\n"))
    }
}
