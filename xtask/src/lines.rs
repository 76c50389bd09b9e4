//! `cargo xtask lines`: how much code an auditor of the mathematics reads.
//!
//! Lines of code are those that are neither blank nor a comment, up to the tests at the end of a file.

use std::collections::BTreeMap;
use std::error::Error;
use std::fs;
use std::path::{Path, PathBuf};

/// The most lines of code in the equations, and in the equations and learning together.
const MOST: [(&[&str], usize); 2] = [(&["maths"], 500), (&["maths", "learn"], 1500)];

/// The most lines of a file of the core, tests and comments included.
const MOST_OF_A_FILE: usize = 400;

/// What is read for one part of the mathematics, in this order.
const PATHS: [(&str, &[&str]); 3] = [
    ("eq. 19", &["maths/similarity.rs", "maths/interaction.rs", "maths/field.rs"]),
    ("eq. 20", &["maths/interaction.rs"]),
    (
        "Algorithm 1",
        &[
            "learn/train.rs",
            "learn/passes.rs",
            "maths/field.rs",
            "maths/objective.rs",
            "maths/gradient.rs",
            "maths/step.rs",
        ],
    ),
];

/// The most files of a path.
const MOST_FILES: usize = 6;

/// Arguments of `cargo xtask lines`.
#[derive(clap::Args)]
pub struct LinesTask {
    /// Also end in failure where a bound is exceeded
    #[arg(long)]
    pub check: bool,
}

/// Lines of one file.
struct Lines {
    code: usize,
    all: usize,
}

/// Counts the code of the core and prints it by folder, and what is read for eq. 19, eq. 20 and Algorithm 1.
///
/// # Errors
/// A file cannot be read; with `--check`, a bound is exceeded.
pub fn run(task: &LinesTask) -> Result<(), Box<dyn Error>> {
    let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("../dam-nostd/src");
    let mut files = BTreeMap::new();
    read(&source, &source, &mut files)?;
    let mut folders: BTreeMap<&str, (usize, usize)> = BTreeMap::new();
    for (path, lines) in &files {
        let folder = path.split_once('/').map_or("", |(folder, _)| folder);
        let (count, code) = folders.entry(folder).or_default();
        (*count, *code) = (*count + 1, *code + lines.code);
    }
    println!("{:<10} {:>5} {:>5}", "folder", "files", "code");
    for (folder, (count, code)) in &folders {
        println!("{:<10} {count:>5} {code:>5}", if folder.is_empty() { "." } else { folder });
    }
    let mut exceeded = vec![];
    for (parts, most) in MOST {
        let code: usize = parts.iter().filter_map(|part| folders.get(part)).map(|(_, code)| code).sum();
        println!("{}: {code} lines of code, at most {most}", parts.join(" + "));
        if code > most {
            exceeded.push(format!("{} has {code} lines of code, more than {most}", parts.join(" + ")));
        }
    }
    for (path, lines) in files.iter().filter(|(_, lines)| lines.all > MOST_OF_A_FILE) {
        exceeded.push(format!("{path} has {} lines, more than {MOST_OF_A_FILE}", lines.all));
    }
    for (part, path) in PATHS {
        let mut code = 0;
        for file in path {
            code += files.get(*file).ok_or_else(|| format!("{file} is not there: correct the list of files"))?.code;
        }
        println!("{part}: {code} lines of code in {} of at most {MOST_FILES} files: {}", path.len(), path.join(", "));
    }
    for what in &exceeded {
        println!("too long: {what}");
    }
    if task.check && !exceeded.is_empty() {
        return Err("a bound of the core's length is exceeded; carve what grew".into());
    }
    Ok(())
}

/// Reads all source files in `folder` and below but tests.
fn read(source: &Path, folder: &Path, files: &mut BTreeMap<String, Lines>) -> Result<(), Box<dyn Error>> {
    let mut paths: Vec<PathBuf> =
        fs::read_dir(folder)?.map(|entry| Ok(entry?.path())).collect::<Result<_, std::io::Error>>()?;
    paths.sort();
    for path in paths {
        if path.is_dir() {
            read(source, &path, files)?;
        } else if path.file_name().is_some_and(|name| name != "tests.rs") {
            let name = path.strip_prefix(source)?.to_string_lossy().into_owned();
            files.insert(name, count(&fs::read_to_string(&path)?));
        }
    }
    Ok(())
}

fn count(text: &str) -> Lines {
    let is_code = |line: &&str| !line.is_empty() && !line.starts_with("//");
    let before_tests = text.lines().map(str::trim).take_while(|line| *line != "#[cfg(test)]");
    Lines { code: before_tests.filter(is_code).count(), all: text.lines().count() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn comments_blanks_and_tests_are_no_code() {
        let lines =
            count("//! What.\n\nfn one() {\n    // Why.\n    two(); // twice\n}\n\n#[cfg(test)]\nmod tests {\n}\n");
        assert_eq!((lines.code, lines.all), (3, 10));
    }

    #[test]
    fn every_file_that_is_to_be_read_is_there() {
        run(&LinesTask { check: false }).unwrap();
    }
}
