//! `cargo xtask bare`: the core as it is on a microcontroller, without an operating system and without an allocator.
//!
//! `firmware/core-check` has one exported function for each method of sequential learning. Each is linked by itself, so
//! that what the linker kept is what that method is made of.

use std::collections::BTreeSet;
use std::env;
use std::error::Error;
use std::fs;
use std::path::{Path, PathBuf};

use object::read::archive::ArchiveFile;
use object::{Object, ObjectSection, ObjectSymbol, SectionKind};

use crate::toolchain::{Origin, TARGETS, Toolchain, output};

type Outcome<T> = Result<T, Box<dyn Error>>;

/// What the names of exported functions begin with.
const PREFIX: &str = "check_";

/// The exported function that may panic.
const CONTROL: &str = "control_panics";

/// Learners; what the type of one says of its size has the same name and `_BYTES`.
const LEARNERS: [&str; 2] = ["LEARNER", "LEARNER_FIXED"];

/// What the names of an allocator's functions contain.
const ALLOCATORS: [&str; 4] = ["__rust_alloc", "__rust_realloc", "__rg_", "__rdl_"];

/// Arguments of `cargo xtask bare`.
#[derive(Default, clap::Args)]
pub struct BareTask {
    /// Only this target; may be given several times
    #[arg(long = "target", value_name = "TRIPLE")]
    targets: Vec<String>,

    /// Where the compiled `core` comes from; by default the first that works
    #[arg(long, value_name = "ORIGIN")]
    core_from: Option<Origin>,

    /// Show each method's size
    #[arg(long)]
    details: bool,
}

/// Builds the check for each target, links every method and looks at what came out.
///
/// # Errors
/// No toolchain; something does not compile or link; something in it allocates or may panic.
pub fn run(task: &BareTask) -> Outcome<()> {
    let targets = if task.targets.is_empty() { TARGETS.map(String::from).to_vec() } else { task.targets.clone() };
    let dir = target_dir()?.join("bare");
    let toolchain = Toolchain::prepare(&targets, task.core_from, &dir)?;
    let check = Path::new(env!("CARGO_MANIFEST_DIR")).join("../firmware/core-check/Cargo.toml");
    let build = dir.join("core-check");
    let mut cargo = toolchain.cargo("build");
    cargo.args(["--quiet", "--release", "--locked", "--manifest-path"]).arg(check).arg("--target-dir").arg(&build);
    if !cargo.status()?.success() {
        return Err("the core does not compile for a machine without an operating system".into());
    }
    for target in &targets {
        let library = build.join(target).join("release/libcore_check.a");
        let methods = examine(&toolchain, &library).map_err(|error| format!("{target}: {error}"))?;
        println!("{}", summary(target, &methods));
        for learner in LEARNERS {
            let bytes = learner_bytes(&toolchain, &library, learner).map_err(|error| format!("{target}: {error}"))?;
            println!("  {learner}: {bytes} bytes, as its type says");
        }
        if task.details {
            print!("{}", details(&methods));
        }
    }
    Ok(())
}

/// Cargo's target directory, in which this program lies.
pub fn target_dir() -> Outcome<PathBuf> {
    let program = env::current_exe()?;
    Ok(program.ancestors().nth(2).ok_or("this program lies in no target directory")?.into())
}

/// What one method is made of.
#[derive(Debug, Default)]
struct Method {
    name: String,
    /// Bytes of machine code, and of constants with it.
    code: u64,
    constants: u64,
    /// Bytes of memory that is not lent.
    statics: u64,
    /// Functions of `core` that panic.
    panics: BTreeSet<String>,
    /// Places that call them.
    places: BTreeSet<Place>,
}

/// Links each method by itself.
fn examine(toolchain: &Toolchain, library: &Path) -> Outcome<Vec<Method>> {
    let names = exported(library)?;
    let mut methods = Vec::new();
    // Whoever finds no panic here finds none anywhere.
    let control = link(toolchain, library, CONTROL)?;
    if control.panics.is_empty() || control.places.is_empty() {
        return Err(format!("{CONTROL} may panic, and that is not seen: this check has gone blind").into());
    }
    for name in names {
        methods.push(link(toolchain, library, &name)?);
    }
    let largest = methods.iter().map(|method| method.code).max().ok_or("the check exports no function")?;
    // All methods train and recall alike, and that is most of the code.
    if let Some(method) = methods.iter().find(|method| 4 * method.code < largest) {
        return Err(format!("{} is only {} bytes: it was optimised away", method.name, method.code).into());
    }
    if let Some(method) = methods.iter().find(|method| method.statics > 0) {
        return Err(format!("{} has {} bytes of static variables", method.name, method.statics).into());
    }
    let may_panic = |method: &&Method| !method.panics.is_empty() || !method.places.is_empty();
    if let Some(method) = methods.iter().find(may_panic) {
        let Method { name, panics, places, .. } = method;
        let panics: Vec<&str> = panics.iter().map(String::as_str).collect();
        let places: String = places.iter().map(|place| format!("\n  {}:{}", place.file, place.line)).collect();
        let panics = panics.join(", ");
        return Err(format!("{name} may panic ({panics}){places}\nUse get, checked or iterating forms there").into());
    }
    Ok(methods)
}

/// Links what `name` reaches, and reads it.
fn link(toolchain: &Toolchain, library: &Path, name: &str) -> Outcome<Method> {
    let linked = library.with_file_name(name);
    let mut linker = toolchain.linker();
    linker.args(["--gc-sections", "--fatal-warnings", "-e"]).arg(name).arg(library).arg("-o").arg(&linked);
    output(&mut linker).map_err(|error| format!("{name} does not link: {error}"))?;
    looked_at(name.strip_prefix(PREFIX).unwrap_or(name), &fs::read(&linked)?)
}

/// The bytes that the linker gave a learner.
///
/// # Errors
/// Its type says that it takes something else.
fn learner_bytes(toolchain: &Toolchain, library: &Path, learner: &str) -> Outcome<u64> {
    let (linked, bytes) = (library.with_file_name(learner), format!("{learner}_BYTES"));
    let mut linker = toolchain.linker();
    linker.args(["--gc-sections", "-e", learner, "-u", &bytes]).arg(library).arg("-o").arg(&linked);
    output(&mut linker)?;
    let file = fs::read(&linked)?;
    let file = object::File::parse(&*file)?;
    let symbol = |name: &str| file.symbol_by_name(name).ok_or_else(|| format!("there is no {name}"));
    let given = symbol(learner)?.size();
    let said = symbol(&bytes)?;
    let section = file.section_by_index(said.section_index().ok_or("the size lies in no section")?)?;
    let said = section.data_range(said.address(), 4)?.ok_or("the size lies outside its section")?;
    let said = u32::from_le_bytes(said.try_into()?);
    if given == u64::from(said) { Ok(given) } else { Err(format!("{learner} takes {given} bytes, not {said}").into()) }
}

/// The names of the functions that the library exports for this check.
fn exported(library: &Path) -> Outcome<Vec<String>> {
    let bytes = fs::read(library).map_err(|error| format!("cannot read {}: {error}", library.display()))?;
    let mut names = BTreeSet::new();
    for member in ArchiveFile::parse(&*bytes)?.members() {
        let file = object::File::parse(member?.data(&*bytes)?)?;
        for symbol in file.symbols() {
            let name = symbol.name()?;
            refuse_allocators(name)?;
            if symbol.is_global() && symbol.is_definition() && name.starts_with(PREFIX) {
                names.insert(name.to_string());
            }
        }
    }
    Ok(names.into_iter().collect())
}

/// # Errors
/// The symbol is an allocator's.
pub fn refuse_allocators(symbol: &str) -> Outcome<()> {
    match ALLOCATORS.iter().find(|&allocator| symbol.contains(allocator)) {
        Some(_) => Err(format!("something allocates: {symbol} is referred to").into()),
        None => Ok(()),
    }
}

/// Reads a linked method.
fn looked_at(name: &str, bytes: &[u8]) -> Outcome<Method> {
    let file = object::File::parse(bytes)?;
    let mut method = Method { name: name.into(), ..Method::default() };
    let mut constants = Vec::new();
    for section in file.sections() {
        match section.kind() {
            SectionKind::Text => method.code += section.size(),
            SectionKind::ReadOnlyData | SectionKind::ReadOnlyString => {
                method.constants += section.size();
                constants.push((section.address(), section.data()?));
            }
            SectionKind::Data | SectionKind::UninitializedData => method.statics += section.size(),
            _ => {}
        }
    }
    for symbol in file.symbols() {
        let symbol = symbol.name()?;
        refuse_allocators(symbol)?;
        let name = format!("{:#}", rustc_demangle::demangle(symbol));
        if let Some(name) = panicking(&name) {
            method.panics.insert(name.into());
        }
    }
    for (address, bytes) in constants {
        method.places.extend(places(bytes, address));
    }
    Ok(method)
}

/// The last part of the name of a function of `core` that panics, of those that others are called by.
pub fn panicking(name: &str) -> Option<&str> {
    let last = name.rsplit("::").next()?;
    let panics = last.contains("panic") || last.ends_with("_fail") || last.ends_with("_failed");
    (name.starts_with("core::") && panics).then_some(last)
}

/// A place in the source.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Place {
    file: String,
    line: u32,
    column: u32,
}

/// The `core::panic::Location`s in a section of constants that lies at `address`, on a machine of 32 bits: address and
/// length of the file's name, line, column. They are told from other numbers by their pointing at the name of a file.
fn places(constants: &[u8], address: u64) -> Vec<Place> {
    let word =
        |at: usize| constants.get(at..at + 4).map(|bytes| u32::from_le_bytes(bytes.try_into().unwrap_or_default()));
    let place = |at: usize| {
        let (start, length) = (u64::from(word(at)?).checked_sub(address)?, word(at + 4)?);
        let (line, column) = (word(at + 8)?, word(at + 12)?);
        let start = usize::try_from(start).ok()?;
        let name = constants.get(start..start.checked_add(length as usize)?)?;
        let file = std::str::from_utf8(name).ok()?;
        let likely = file.ends_with(".rs") && !file.contains('\0') && line > 0 && column > 0;
        likely.then(|| Place { file: shortened(file), line, column })
    };
    (0..constants.len()).step_by(4).filter_map(place).collect()
}

/// The name of a source file, from the repository or from its crate on.
fn shortened(file: &str) -> String {
    let repository = Path::new(env!("CARGO_MANIFEST_DIR")).parent();
    if let Some(inside) = repository.and_then(|repository| Path::new(file).strip_prefix(repository).ok()) {
        return inside.display().to_string();
    }
    if let Some((_, inside)) = file.split_once("/library/") {
        return format!("library/{inside}");
    }
    if let Some((_, inside)) = file.split_once("/registry/src/").and_then(|(_, inside)| inside.split_once('/')) {
        return inside.into();
    }
    // Only the crate that is built by itself is named from its own directory on.
    if file.starts_with("src/") { format!("firmware/core-check/{file}") } else { file.into() }
}

/// One line.
fn summary(target: &str, methods: &[Method]) -> String {
    let codes = || methods.iter().map(|method| (method.code + method.constants, method.name.as_str()));
    let (least, most) = (codes().min().unwrap_or_default(), codes().max().unwrap_or_default());
    let kb = |bytes: u64| bytes.div_ceil(1024);
    let count = methods.len();
    format!(
        "{target}: {count} methods, {} KiB ({}) to {} KiB ({}); no allocator, no statics, no panic",
        kb(least.0),
        least.1,
        kb(most.0),
        most.1
    )
}

/// A line for each method.
fn details(methods: &[Method]) -> String {
    let line = |Method { name, code, constants, .. }: &Method| {
        format!("  {name:<21}{code:>8} bytes of code,{constants:>6} of constants\n")
    };
    methods.iter().map(line).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places_are_found_among_other_numbers() {
        let mut constants = b"src/lib.rs\0\0".to_vec();
        for number in [7_u32, 0x1000, 10, 12, 5, 0x1000, 3, 1, 1] {
            constants.extend(number.to_le_bytes());
        }
        let found = places(&constants, 0x1000);
        assert_eq!(found, [Place { file: "firmware/core-check/src/lib.rs".into(), line: 12, column: 5 }]);
    }

    #[test]
    fn names_of_files_begin_with_their_crate() {
        assert_eq!(shortened("/rustc/0abc/library/core/src/slice/index.rs"), "library/core/src/slice/index.rs");
        assert_eq!(
            shortened("/home/x/registry/src/index-1/libm-0.2.16/src/math/pow.rs"),
            "libm-0.2.16/src/math/pow.rs"
        );
    }

    #[test]
    fn only_functions_of_core_that_panic_count() {
        assert_eq!(panicking("core::panicking::panic_bounds_check"), Some("panic_bounds_check"));
        assert_eq!(panicking("core::slice::index::slice_index_fail"), Some("slice_index_fail"));
        assert_eq!(panicking("core::panicking::panic_fmt"), Some("panic_fmt"));
        assert_eq!(panicking("dam_nostd::engine::panic"), None);
    }
}
