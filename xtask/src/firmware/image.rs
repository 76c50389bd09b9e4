//! What was linked for a board.

use std::fmt;
use std::fs;
use std::path::Path;

use object::{Object, ObjectSection, ObjectSymbol, SectionKind};

use super::Outcome;
use crate::bare::{panicking, refuse_allocators};

/// Bytes of an image.
#[derive(Clone, Copy, Debug, Default)]
pub struct Size {
    /// Code, constants, and what variables begin with.
    pub flash: u64,
    /// Variables.
    pub ram: u64,
}

impl fmt::Display for Size {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "flash {:>6}, RAM {:>5}", self.flash, self.ram)
    }
}

/// Its size, and what it is made of.
#[derive(Debug, Default)]
pub struct Image {
    /// Its size.
    pub size: Size,
    /// Whether a probe finds a log in it, by its name, and by its mark from the start on.
    pub has_log: bool,
    panics: Vec<String>,
    functions: Vec<String>,
}

impl Image {
    /// Reads a linked image.
    ///
    /// # Errors
    /// It is none, or something in it allocates.
    pub fn read(path: &Path) -> Outcome<Self> {
        let bytes = fs::read(path).map_err(|error| format!("cannot read {}: {error}", path.display()))?;
        let file = object::File::parse(&*bytes)?;
        let mut image = Self::default();
        for section in file.sections() {
            match section.kind() {
                _ if section.address() == 0 && section.name().is_ok_and(|name| name.starts_with(".defmt")) => {}
                SectionKind::Text | SectionKind::ReadOnlyData | SectionKind::ReadOnlyString => {
                    image.size.flash += section.size();
                }
                SectionKind::Data => {
                    image.size.flash += section.size();
                    image.size.ram += section.size();
                }
                SectionKind::UninitializedData => image.size.ram += section.size(),
                _ => {}
            }
        }
        for symbol in file.symbols() {
            let (symbol, address) = (symbol.name()?, symbol.address());
            refuse_allocators(symbol)?;
            if symbol == "_SEGGER_RTT" {
                image.has_log = begins_with(&file, address, b"SEGGER RTT\0");
            }
            let name = format!("{:#}", rustc_demangle::demangle(symbol));
            image.panics.extend(panicking(&name).map(str::to_owned));
            image.functions.push(name);
        }
        Ok(image)
    }

    /// What is linked whose name has one of these parts.
    pub fn with_names_of(&self, parts: &[&str]) -> Vec<&str> {
        let has = |name: &&str| parts.iter().any(|part| name.contains(part));
        self.functions.iter().map(String::as_str).filter(has).collect()
    }

    /// # Errors
    /// Something in the image may panic.
    pub fn refuse_panics(&self) -> Outcome<()> {
        match self.panics.as_slice() {
            [] => Ok(()),
            panics => Err(format!("recall may panic: {}", panics.join(", ")).into()),
        }
    }
}

/// Whether memory has this at an address from the start on.
fn begins_with(file: &object::File<'_>, address: u64, expected: &[u8]) -> bool {
    file.sections().filter(|section| section.kind() == SectionKind::Data).any(|section| {
        let found = section.data_range(address, expected.len() as u64);
        found.is_ok_and(|found| found == Some(expected))
    })
}
