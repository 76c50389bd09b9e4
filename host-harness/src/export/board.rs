//! The boards that firmware is built for: `firmware/boards.toml`.

use std::sync::LazyLock;

use serde::Deserialize;

/// A board and what it has.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Board {
    /// As `firmware/boards` names it.
    pub name: String,
    /// Its processor.
    pub core: String,
    /// KiB of flash.
    pub flash: usize,
    /// KiB of RAM.
    pub ram: usize,
    /// QEMU's name of it; absent where QEMU does not emulate it.
    pub qemu: Option<String>,
}

#[derive(Deserialize)]
struct Boards {
    board: Vec<Board>,
}

/// All of them, in the order of the file.
pub fn all() -> &'static [Board] {
    static ALL: LazyLock<Vec<Board>> = LazyLock::new(|| {
        let boards: Boards = toml::from_str(include_str!("../../../firmware/boards.toml")).expect("a test reads it");
        boards.board
    });
    &ALL
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;
    use std::path::Path;

    use super::*;

    #[test]
    fn each_board_has_a_folder_and_each_folder_a_board() {
        let folders = Path::new(env!("CARGO_MANIFEST_DIR")).join("../firmware/boards");
        let entries = std::fs::read_dir(folders).unwrap();
        let folders: BTreeSet<String> =
            entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
        let names: BTreeSet<String> = all().iter().map(|board| board.name.clone()).collect();
        assert_eq!(names, folders);
        assert_eq!(names.len(), all().len());
        assert!(all().iter().all(|board| board.flash > 0 && board.ram > 0));
    }
}
