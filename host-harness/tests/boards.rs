//! What docs/boards.md says of other methods is what `cargo xtask peers` measured.

use std::fs;
use std::path::Path;

#[test]
fn every_method_that_was_measured_is_in_the_document_and_in_the_figure() {
    let docs = Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs");
    let read = |name: &str| fs::read_to_string(docs.join(name)).unwrap();
    let (page, table, figure) = (read("boards.md"), read("boards-peers.tsv"), read("boards-peers.svg"));
    let mut methods = 0;
    for line in table.lines().skip(1) {
        let [name, accuracy, flash, _, instructions] = line.split('\t').collect::<Vec<_>>()[..] else {
            panic!("{line}")
        };
        let row = format!("| {name} | {accuracy} | {flash} | {instructions} |");
        assert!(page.contains(&row), "boards.md has no line {row}");
        assert_eq!(figure.matches(&format!(">{name}</text>")).count(), 2, "{name} in the figure");
        methods += 1;
    }
    assert!(methods > 4);
    assert_eq!(page.matches("\n| memory, K = ").count() + page.matches("\n| perceptron ").count() + 2, methods);
}
