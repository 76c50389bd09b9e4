//! Every command and every block of the documents: a comment before each block says how it is tested.
//!
//! ```text
//! <!-- run -->                                 each line is a command, and has to succeed; those of a page in one folder
//! <!-- run, shorter: [run] --epochs 2 -->      the same, with other flags for a subcommand
//! <!-- printed by: dam data -->                the block is what the command prints
//! <!-- file NAME, read by: dam ... -->         the block is a file, which that command reads
//! <!-- checked by: name_of_a_test -->          another test reads it
//! <!-- not run: because ... -->                nobody does
//! ```
//!
//! Before an image, `<!-- drawn by: dam ..., as FILE -->` says which command draws it, and under which name.
//!
//! `; skip COMMAND: because ...` after the first two leaves out lines that begin so.
//! `UPDATE_DOCUMENTS=1 cargo test -p host-harness --test documents` writes what commands print into the
//! blocks, and the images.

use std::collections::HashMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use rayon::prelude::*;
use tempfile::TempDir;

/// A block of code and the comment before it.
struct Block {
    /// Of the fence, from 1.
    line: usize,
    marker: Option<String>,
    content: String,
}

impl Block {
    /// The part of the marker after `name`.
    fn part(&self, name: &str) -> Option<&str> {
        let parts = self.marker.as_deref()?.split("; ");
        parts.filter_map(|part| part.strip_prefix(name)).map(str::trim).next()
    }
}

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap().to_owned()
}

/// The pages: whatever lies at the root, in docs, and beside the crates.
fn pages() -> Vec<PathBuf> {
    let mut pages = vec![];
    for folder in [
        ".",
        "docs",
        "docs/studies",
        "data",
        "firmware",
        "fuzz",
        "benches",
        "dam-nostd",
        "host-harness",
        "tests",
        "xtask",
    ] {
        let entries = fs::read_dir(root().join(folder)).unwrap().map(|entry| entry.unwrap().path());
        pages.extend(entries.filter(|path| path.extension().is_some_and(|extension| extension == "md")));
    }
    pages.sort();
    assert!(pages.iter().any(|page| page.ends_with("README.md")) && pages.len() > 10, "{pages:?}");
    pages
}

fn blocks(page: &str) -> Vec<Block> {
    let lines: Vec<&str> = page.lines().collect();
    let mut blocks = vec![];
    let mut i = 0;
    while i < lines.len() {
        if lines[i].starts_with("```") {
            let end = (i + 1..lines.len()).find(|&end| lines[end] == "```").expect("a block that ends");
            let comment = lines[..i].last().and_then(|line| line.strip_prefix("<!-- ")?.strip_suffix(" -->"));
            blocks.push(Block {
                line: i + 1,
                marker: comment.map(str::to_owned),
                content: lines[i + 1..end].iter().map(|line| format!("{line}\n")).collect(),
            });
            i = end;
        }
        i += 1;
    }
    blocks
}

/// An image and the comment before it: the image's path, the command that draws it, and the name of what it draws.
fn drawings(page: &str) -> Vec<(String, String, String)> {
    let lines: Vec<&str> = page.lines().collect();
    let pairs = lines.windows(2).filter_map(|pair| {
        let comment = pair[0].strip_prefix("<!-- drawn by: ")?.strip_suffix(" -->")?;
        let (command, drawn) = comment.split_once(", as ")?;
        let image = pair[1].rsplit_once("](")?.1.strip_suffix(')')?;
        Some((image.to_owned(), command.to_owned(), drawn.to_owned()))
    });
    pairs.collect()
}

/// The words of a command of this program, `None` for another's.
fn words(command: &str) -> Option<Vec<String>> {
    let rest = command.strip_prefix("cargo run --release").or_else(|| command.strip_prefix("dam"))?;
    let words = rest.strip_prefix(" --").filter(|rest| rest.is_empty() || rest.starts_with(' ')).unwrap_or(rest);
    (words.is_empty() || words.starts_with(' ')).then(|| words.split_whitespace().map(str::to_owned).collect())
}

/// `words` with the flags that `shorter` has for their subcommand, instead of its own.
fn shortened(mut words: Vec<String>, shorter: &str) -> Vec<String> {
    let parts = shorter.split('[').filter_map(|part| part.split_once(']'));
    for (subcommand, flags) in parts.map(|(name, flags)| (name, flags.split_whitespace())) {
        if words.first().is_none_or(|first| first != subcommand) {
            continue;
        }
        let flags: Vec<&str> = flags.collect();
        for flag in flags.iter().filter(|flag| flag.starts_with("--")) {
            if let Some(place) = words.iter().position(|word| word == flag) {
                let value = words.get(place + 1).is_some_and(|word| !word.starts_with("--"));
                words.drain(place..=place + usize::from(value));
            }
        }
        words.extend(flags.into_iter().map(str::to_owned));
    }
    words
}

/// A folder in which the commands of a page run, one after the other.
struct Desk {
    folder: TempDir,
    printed: HashMap<String, String>,
}

impl Desk {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        for name in ["docs", "data", "firmware/models"] {
            fs::create_dir_all(folder.path().join(name)).unwrap();
        }
        let table = "data/breast-cancer.csv";
        fs::copy(root().join(table), folder.path().join(table)).unwrap();
        Self { folder, printed: HashMap::new() }
    }

    /// Runs a line of a document, and returns what it printed.
    fn run(&mut self, line: &str, shorter: &str) -> Result<String, String> {
        let command = line.split(" #").next().unwrap_or("").trim();
        let (command, target) = match command.split_once(" > ") {
            Some((command, target)) => (command, Some(target.trim())),
            None => (command, None),
        };
        let words = words(command).ok_or(format!("{command:?} is no command of dam; skip it, and say why"))?;
        let words = shortened(words, shorter);
        let key = words.join(" ");
        if !self.printed.contains_key(&key) {
            let dam = Command::new(env!("CARGO_BIN_EXE_dam")).args(&words).current_dir(self.folder.path()).output();
            let done = dam.unwrap();
            if !done.status.success() {
                return Err(format!("dam {key}: {}", String::from_utf8_lossy(&done.stderr)));
            }
            self.printed.insert(key.clone(), String::from_utf8(done.stdout).unwrap());
        }
        let printed = self.printed[&key].clone();
        if let Some(target) = target {
            fs::write(self.folder.path().join(target), &printed).unwrap();
        }
        Ok(printed)
    }
}

/// The names of all tests of the repository.
fn tests() -> Vec<String> {
    let mut names = vec![];
    for folder in ["host-harness/tests", "tests/tests", "dam-nostd/tests"] {
        for entry in fs::read_dir(root().join(folder)).unwrap().map(|entry| entry.unwrap().path()) {
            let Ok(text) = fs::read_to_string(&entry) else { continue };
            let lines: Vec<&str> = text.lines().map(str::trim).collect();
            let tests = lines.windows(2).filter(|pair| pair[0] == "#[test]");
            names.extend(tests.filter_map(|pair| Some(pair[1].strip_prefix("fn ")?.split('(').next()?.to_owned())));
        }
    }
    names
}

/// What is wrong with a block, once what it says was done.
fn test(block: &Block, desk: &mut Desk) -> Result<(), String> {
    let reason = |text: &str| if text.len() < 10 { Err("a reason is missing".to_owned()) } else { Ok(()) };
    let marker = block.marker.as_deref().ok_or("no comment before it says how it is tested")?;
    if let Some(why) = block.part("not run:") {
        return reason(why);
    }
    if let Some(name) = block.part("checked by:") {
        return if tests().iter().any(|test| test == name) { Ok(()) } else { Err(format!("no test {name}")) };
    }
    if let Some(command) = block.part("printed by:") {
        let printed = desk.run(command, "")?;
        return if printed == block.content { Ok(()) } else { Err(format!("it prints\n{printed}")) };
    }
    if let Some((name, command)) = block.part("file ").and_then(|part| part.split_once(", read by:")) {
        fs::write(desk.folder.path().join(name), &block.content).unwrap();
        return desk.run(command, "").map(drop);
    }
    let shorter = block.part("run, shorter:");
    if shorter.is_none() && block.part("run") != Some("") {
        return Err(format!("{marker:?} says nothing that is known"));
    }
    let skipped: Vec<(&str, &str)> =
        marker.split("; ").filter_map(|part| part.strip_prefix("skip ")?.split_once(':')).collect();
    skipped.iter().try_for_each(|(_, why)| reason(why))?;
    for line in block.content.lines() {
        if !skipped.iter().any(|(command, _)| line.starts_with(command)) {
            desk.run(line, shorter.unwrap_or(""))?;
        }
    }
    Ok(())
}

/// What is wrong with a page, unless what commands print and draw is written into it.
fn check(path: &Path, update: bool) -> Vec<String> {
    let page = fs::read_to_string(path).unwrap();
    let mut desk = Desk::new();
    let (mut wrong, mut updated) = (vec![], page.clone());
    for block in blocks(&page) {
        let Err(why) = test(&block, &mut desk) else { continue };
        match block.part("printed by:") {
            Some(command) if update => {
                let printed = desk.run(command, "").unwrap();
                updated = updated.replacen(&format!("```\n{}```\n", block.content), &format!("```\n{printed}```\n"), 1);
            }
            _ => wrong.push(format!("{}, line {}: {why}", path.display(), block.line)),
        }
    }
    for (image, command, drawn) in drawings(&page) {
        desk.run(&command, "").unwrap();
        let drawn = fs::read(desk.folder.path().join(&drawn)).unwrap_or_else(|error| panic!("{drawn}: {error}"));
        let image = path.parent().unwrap().join(image);
        if update {
            fs::write(&image, drawn).unwrap();
        } else if fs::read(&image).ok() != Some(drawn) {
            wrong.push(format!("{} is not what {command} draws", image.display()));
        }
    }
    if updated != page {
        fs::write(path, updated).unwrap();
    }
    wrong
}

#[test]
fn every_block_is_what_the_program_does() {
    let update = std::env::var_os("UPDATE_DOCUMENTS").is_some();
    // Commands of different pages have nothing to do with each other.
    let wrong: Vec<String> = pages().par_iter().flat_map_iter(|path| check(path, update)).collect();
    assert!(wrong.is_empty(), "{}", wrong.join("\n\n"));
}

#[test]
fn blocks_and_commands_are_read_as_they_are_meant() {
    let page = "text\n<!-- run, shorter: [run] --n 2; skip cargo xtask: it runs this test -->\n```\ndam run  # what\n```\n\n```json\n{}\n```\n";
    let blocks = blocks(page);
    assert_eq!((blocks[0].line, blocks[0].content.as_str(), blocks[1].line), (3, "dam run  # what\n", 7));
    assert_eq!(blocks[0].part("run, shorter:"), Some("[run] --n 2"));
    assert!(blocks[1].marker.is_none() && test(&blocks[1], &mut Desk::new()).is_err());
    let read = |line: &str| words(line).map(|words| words.join(" "));
    assert_eq!(read("cargo run --release -- run --n 2").as_deref(), Some("run --n 2"));
    assert_eq!(read("cargo run --release").as_deref(), Some(""));
    assert_eq!(read("dam data").as_deref(), Some("data"));
    assert_eq!((read("damage"), read("cargo xtask test"), read("cd firmware")), (None, None, None));
    let words = words("dam run --epochs 500 --carry-rate true --n 2 --json").unwrap();
    let shorter = shortened(words, "[bench] --items 9 [run] --epochs 2 --json");
    assert_eq!(shorter.join(" "), "run --carry-rate true --n 2 --epochs 2 --json");
}

#[test]
fn images_are_read_with_the_command_that_draws_them() {
    let page = "<!-- drawn by: dam draw a.dam, as a.svg -->\n![What it shows](docs/a.svg)\n\n![Another](b.svg)\n";
    assert_eq!(drawings(page), [("docs/a.svg".to_owned(), "dam draw a.dam".to_owned(), "a.svg".to_owned())]);
    let page = fs::read_to_string(root().join("README.md")).unwrap();
    assert_eq!(drawings(&page).len(), 2, "the two that the demonstration draws");
}

#[test]
fn a_block_that_does_not_hold_is_found() {
    let block =
        |marker: &str, content: &str| Block { line: 1, marker: Some(marker.to_owned()), content: content.to_owned() };
    let mut desk = Desk::new();
    for (marker, content, part) in [
        ("run", "dam dance\n", "dance"),
        ("run", "cargo xtask test\n", "skip it"),
        ("run; skip cargo: no", "cargo xtask test\n", "reason"),
        ("not run: no", "", "reason"),
        ("checked by: no_such_test", "{}\n", "no_such_test"),
        ("printed by: dam --version", "dam 0.0.0\n", env!("CARGO_PKG_VERSION")),
        ("file bad.toml, read by: dam run --config bad.toml", "n = many\n", "bad.toml"),
        ("walk", "dam --version\n", "walk"),
    ] {
        let why = test(&block(marker, content), &mut desk).unwrap_err();
        assert!(why.contains(part), "{marker}: {why}");
    }
    let version = format!("dam {}\n", env!("CARGO_PKG_VERSION"));
    for (marker, content) in [
        ("run", "dam --version\n"),
        ("printed by: dam --version", version.as_str()),
        ("not run: it takes hours", "anything\n"),
        ("checked by: a_block_that_does_not_hold_is_found", "{}\n"),
    ] {
        test(&block(marker, content), &mut desk).unwrap();
    }
}
