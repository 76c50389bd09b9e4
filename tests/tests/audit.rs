//! The audit of the numerics against the table in the repository.
#![allow(missing_docs, reason = "a test")]

use host_harness::audit::layers::{self as audit, Audit};
use host_harness::chart;
use host_harness::config::Precision;
use host_harness::data::Dataset;
use host_harness::machine::Machine;

fn docs(name: &str) -> String {
    let path = format!("{}/../docs/{name}", env!("CARGO_MANIFEST_DIR"));
    std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("{path}: {error}"))
}

fn audit() -> Audit {
    let data = Dataset::embedded(1).unwrap();
    audit::run(&data, &Machine::new(2, None).unwrap()).unwrap()
}

#[test]
fn the_stored_table_and_drawing_are_what_the_program_computes() {
    let audit = audit();
    let remedy = "if that is meant: dam audit --out docs/audit.tsv --drawing docs/audit.svg";
    for (now, stored) in audit.table().lines().zip(docs("audit.tsv").lines()) {
        assert_eq!(now, stored, "{remedy}");
    }
    assert_eq!(audit.table(), docs("audit.tsv"), "{remedy}");
    assert_eq!(chart::errors(&audit), docs("audit.svg"), "{remedy}");
    // What the note says of them.
    for line in &audit.lines {
        let limit = dam_tests::tolerance::audited(line.format == Precision::Fixed16);
        assert!(line.median <= limit, "{line:?}");
        assert!(line.saturated == 0 || line.layer == "f'_n", "{line:?}");
    }
    for decisions in &audit.decisions {
        if decisions.format != Precision::Fixed16 {
            assert_eq!((decisions.answers.0, decisions.signs.0), (0, 0), "{decisions:?}");
        }
    }
}
