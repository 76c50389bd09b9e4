//! The pages of the studies have the tables that the program makes of the archived trials.
#![allow(missing_docs, reason = "a test")]

use std::fs;
use std::path::Path;
use std::process::Command;

#[test]
fn the_pages_of_the_studies_have_the_tables_of_the_archived_trials() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap();
    let folder = tempfile::tempdir().unwrap();
    let dam = |words: &[&str]| {
        let output = Command::new(env!("CARGO_BIN_EXE_dam")).args(words).current_dir(folder.path()).output().unwrap();
        assert!(output.status.success(), "{words:?}: {}", String::from_utf8_lossy(&output.stderr));
        String::from_utf8(output.stdout).unwrap()
    };
    let archive = root.join("docs/reproduction/store.jsonl.gz");
    dam(&["store", "unpack", archive.to_str().unwrap(), "--store", "store"]);
    for study in ["intermediate", "transition", "related"] {
        let page = fs::read_to_string(root.join(format!("docs/studies/{study}.md"))).unwrap();
        let table = format!("{study}.tsv");
        let printed = dam(&["study", study, "--dry-run", "--store", "store", "--out", &table]);
        let rows: Vec<&str> = printed.lines().filter(|line| line.starts_with("| ")).collect();
        assert!(rows.len() >= 20, "{study}: {printed}");
        for row in rows {
            assert!(page.contains(row), "docs/studies/{study}.md lacks\n{row}");
        }
        let (made, kept) = (folder.path().join(&table), root.join("docs/studies").join(&table));
        assert_eq!(fs::read_to_string(made).unwrap(), fs::read_to_string(kept).unwrap(), "docs/studies/{table}");
    }
}
