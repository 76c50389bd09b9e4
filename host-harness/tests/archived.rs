//! The pages of the reproduction and of the studies have the tables that the program makes of the archived trials.
#![allow(missing_docs, reason = "a test")]

use std::collections::HashMap;
use std::fs;
use std::path::Path;

#[path = "common/archive.rs"]
mod archive;

use archive::Archive;

/// Rows of Table 2 as docs/reading.md calls them, and as the program does.
const NAMES: [(&str, &str); 7] = [
    ("vanilla", "Vanilla"),
    ("pseudorehearsal 0.5", "Pseudorehearsal 0.5"),
    ("A-GEM 0.5", "A-GEM 0.5"),
    ("rehearsal 0.5", "Rehearsal 0.5"),
    ("MAS", "Memory aware synapses"),
    ("EWC", "Elastic weight consolidation"),
    ("SI", "Synaptic intelligence"),
];

/// The cells of a row of a table in Markdown.
fn cells(line: &str) -> Vec<&str> {
    line.trim_matches('|').split('|').map(str::trim).collect()
}

/// Table 2 as the program prints it.
struct Table2<'a>(HashMap<&'a str, Vec<&'a str>>);

impl<'a> Table2<'a> {
    const HEAD: [&'static str; 5] = ["Table 2", "n = 2", "n = 5", "n = 10", "n = 20"];

    fn new(printed: &'a str) -> Self {
        let rows = printed.lines().filter(|line| line.starts_with('|')).map(cells);
        let rows: HashMap<_, _> = rows.map(|cells| (cells[0], cells)).collect();
        assert_eq!(rows["Table 2"], Self::HEAD);
        Self(rows)
    }

    /// Mean and standard deviation of a row, as docs/ call it, at an interaction vertex.
    fn cell(&self, row: &str, n: &str) -> &'a str {
        let (_, title) = NAMES.iter().find(|(short, _)| *short == row).unwrap();
        let column = Self::HEAD.iter().position(|of| *of == format!("n = {n}")).unwrap();
        self.0[title][column].split(" (").next().unwrap()
    }

    fn mean(&self, row: &str, n: &str) -> &'a str {
        self.cell(row, n).split(' ').next().unwrap()
    }
}

/// Whether other pages say of Table 2 what is in it.
fn compare_elsewhere(root: &Path, table: &Table2<'_>) {
    let page = |name: &str| fs::read_to_string(root.join("docs").join(name)).unwrap();
    let reading = page("reading.md");
    let section = reading.split("## Against the earlier defaults").nth(1).unwrap().split("\n## ").next().unwrap();
    let mut compared = 0;
    for line in section.lines().filter(|line| line.contains(", n = ")) {
        let [row, _, defaults, _] = cells(line)[..] else { panic!("{line}") };
        let (name, vertices) = row.split_once(", n = ").unwrap();
        let means: Vec<&str> = vertices.split(" / ").map(|n| table.mean(name, n)).collect();
        assert_eq!(defaults, means.join(" / "), "docs/reading.md: {line}");
        compared += 1;
    }
    assert_eq!(compared, NAMES.len(), "{section}");
    let kinds = page("tasks.md");
    let permuted: Vec<&str> = kinds.lines().filter(|line| line.starts_with("| permuted, the paper's")).collect();
    assert_eq!(permuted.len(), 2);
    for line in permuted {
        let [_, _, n, vanilla, rehearsal, ewc, _] = cells(line)[..] else { panic!("{line}") };
        let told = ["vanilla", "rehearsal 0.5", "EWC"].map(|row| table.cell(row, n));
        assert_eq!([vanilla, rehearsal, ewc], told, "docs/tasks.md: {line}");
    }
    let sentence = ["2", "5"].map(|n| format!("{} at n = {n}", table.cell("vanilla", n))).join(" and ");
    assert!(page("studies/transition.md").contains(&sentence), "docs/studies/transition.md lacks: {sentence}");
}

#[test]
fn the_page_of_the_reproduction_has_the_tables_of_the_archived_trials() {
    let archive = Archive::unpacked();
    let root = archive.root.as_path();
    let carried = &["table2", "--trials", "1", "--convention", "rate carried on across tasks"][..];
    let tables: [(&str, &[&str]); 4] = [
        ("reproduction.md", &["table2"]),
        ("reproduction.md", &["table2", "--preset", "paper", "--trials", "1"]),
        ("reproduction.md", &["table1"]),
        ("studies/conventions.md", carried),
    ];
    for (name, table) in tables {
        let page = fs::read_to_string(root.join("docs").join(name)).unwrap();
        let reproduce = [&["reproduce"], table].concat();
        // Or it would be trained for hours.
        let plan = archive.dam(&[&reproduce[..], &["--dry-run"]].concat());
        let line = plan.lines().find(|line| line.starts_with(table[0])).unwrap();
        let [_, trials, done, due, waiting] = line.split_whitespace().collect::<Vec<_>>()[..] else { panic!("{plan}") };
        assert_eq!((trials, due, waiting), (done, "0", "0"), "{table:?} is not in the archive");
        let printed = archive.dam(&reproduce);
        let told = |line: &&str| line.starts_with("| ") || line.contains(" cells are ");
        let lines: Vec<&str> = printed.lines().filter(told).collect();
        assert!(lines.len() > 4, "{printed}");
        for line in lines {
            assert!(page.contains(line), "docs/{name} lacks, of {table:?},\n{line}");
        }
        if table == ["table2"] {
            compare_elsewhere(root, &Table2::new(&printed));
        }
    }
}

#[test]
fn the_pages_of_the_studies_have_the_tables_of_the_archived_trials() {
    let archive = Archive::unpacked();
    let documents = archive.root.join("docs/studies");
    let page = fs::read_to_string(documents.join("conventions.md")).unwrap();
    let printed = archive.dam(&["study", "conventions", "--trials", "1", "--dry-run"]);
    let rows: Vec<&str> = printed.lines().filter(|line| line.starts_with("| ")).collect();
    assert!(rows.len() >= 20, "{printed}");
    for row in rows {
        assert!(page.contains(row), "docs/studies/conventions.md lacks\n{row}");
    }
    for study in ["intermediate", "transition", "related"] {
        let page = fs::read_to_string(documents.join(format!("{study}.md"))).unwrap();
        let table = format!("{study}.tsv");
        let printed = archive.dam(&["study", study, "--dry-run", "--out", &table]);
        let rows: Vec<&str> = printed.lines().filter(|line| line.starts_with("| ")).collect();
        assert!(rows.len() >= 20, "{study}: {printed}");
        for row in rows {
            assert!(page.contains(row), "docs/studies/{study}.md lacks\n{row}");
        }
        let (made, kept) = (archive.folder.path().join(&table), documents.join(&table));
        assert_eq!(fs::read_to_string(made).unwrap(), fs::read_to_string(kept).unwrap(), "docs/studies/{table}");
    }
}
