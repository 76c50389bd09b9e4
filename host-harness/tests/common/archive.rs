//! The trials that lie in the repository, unpacked into a store.

use std::path::{Path, PathBuf};
use std::process::Command;

use tempfile::TempDir;

/// A folder whose `store` has the archived trials.
pub struct Archive {
    pub folder: TempDir,
    /// The folder of the repository.
    pub root: PathBuf,
}

impl Archive {
    pub fn unpacked() -> Self {
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap().to_owned();
        let archive = Self { folder: tempfile::tempdir().unwrap(), root };
        let file = archive.root.join("docs/reproduction/store.jsonl.gz");
        archive.dam(&["store", "unpack", file.to_str().unwrap()]);
        archive
    }

    /// What `dam` with `words` and the store prints.
    pub fn dam(&self, words: &[&str]) -> String {
        let mut command = Command::new(env!("CARGO_BIN_EXE_dam"));
        command.args(words).args(["--store", "store"]).current_dir(self.folder.path());
        let output = command.output().unwrap();
        assert!(output.status.success(), "{words:?}: {}", String::from_utf8_lossy(&output.stderr));
        String::from_utf8(output.stdout).unwrap()
    }
}
