//! The pages of the studies have the tables that the program makes of the archived trials.
#![allow(missing_docs, reason = "a test")]

use std::fs;

#[path = "common/archive.rs"]
mod archive;

use archive::Archive;

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
