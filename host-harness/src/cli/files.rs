//! The files of one command, looked at before it begins: none is written over one that is read, nor over another, and each
//! name ends as what is written under it.

use std::path::{Path, PathBuf};

use super::error::Error;
use crate::file::atomic;

/// What is written to a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Form {
    /// A JSON object.
    Json,
    /// A drawing.
    Svg,
    /// A network, in whichever of its two forms the name ends.
    AnyNetwork,
    /// A network file.
    Network,
    /// Tensors.
    Tensors,
    /// Comma-separated values.
    Csv,
    /// Tab-separated values.
    Tsv,
    /// Parquet.
    Parquet,
    /// A page.
    Html,
    /// A module of Rust.
    Rust,
    /// A header of C.
    C,
    /// Words.
    Bin,
    /// Settings.
    Toml,
    /// A trial between two tasks.
    Checkpoint,
}

/// Endings that mean a form, and what it is called.
const ENDINGS: [(&str, Form, &str); 14] = [
    ("json", Form::Json, "JSON"),
    ("svg", Form::Svg, "a drawing"),
    ("dam", Form::Network, "a network file"),
    ("safetensors", Form::Tensors, "tensors"),
    ("csv", Form::Csv, "comma-separated values"),
    ("tsv", Form::Tsv, "tab-separated values"),
    ("parquet", Form::Parquet, "Parquet"),
    ("html", Form::Html, "a page"),
    ("htm", Form::Html, "a page"),
    ("rs", Form::Rust, "a module of Rust"),
    ("h", Form::C, "a header of C"),
    ("bin", Form::Bin, "words"),
    ("toml", Form::Toml, "settings"),
    ("checkpoint", Form::Checkpoint, "a checkpoint"),
];

impl Form {
    /// The form that a name ends in, if its ending means one.
    pub fn of(path: &Path) -> Option<Self> {
        let ending = path.extension()?.to_str()?.to_ascii_lowercase();
        ENDINGS.iter().find(|(known, ..)| *known == ending).map(|&(_, form, _)| form)
    }

    fn name(self) -> &'static str {
        match self {
            Self::AnyNetwork => "a network",
            form => ENDINGS.iter().find(|(_, known, _)| *known == form).map_or("", |&(.., name)| name),
        }
    }

    /// Whether `other` is this form.
    fn admits(self, other: Self) -> bool {
        self == other || self == Self::AnyNetwork && matches!(other, Self::Network | Self::Tensors)
    }

    fn endings(self) -> String {
        let endings =
            ENDINGS.iter().filter(|&&(_, form, _)| self.admits(form)).map(|(ending, ..)| format!(".{ending}"));
        endings.collect::<Vec<_>>().join(" or ")
    }
}

/// The files of a command: what it reads and what it writes, each with the flag that names it.
#[derive(Debug, Default)]
pub struct Files {
    read: Vec<(String, PathBuf)>,
    written: Vec<(String, PathBuf, Form)>,
}

impl Files {
    /// None yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// With files that are read.
    #[must_use]
    pub fn reads(mut self, flag: &str, paths: impl IntoIterator<Item = impl Into<PathBuf>>) -> Self {
        self.read.extend(paths.into_iter().map(|path| (flag.to_owned(), path.into())));
        self
    }

    /// With files that are written.
    #[must_use]
    pub fn writes(mut self, flag: &str, paths: impl IntoIterator<Item = impl Into<PathBuf>>, form: Form) -> Self {
        self.written.extend(paths.into_iter().map(|path| (flag.to_owned(), path.into(), form)));
        self
    }

    /// Looks at all of them.
    ///
    /// # Errors
    /// Usage: a file that would be written over another of the command, or under the ending of another form; a single
    /// hyphen, which names no file. Failure: a file that could not be written.
    pub fn check(&self) -> Result<(), Error> {
        for (place, (flag, path, form)) in self.written.iter().enumerate() {
            let shown = path.display();
            if path.as_os_str() == "-" {
                let message =
                    format!("{flag} -: a hyphen names no file; give /dev/stdout, or ./- for a file of that name");
                return Err(Error::usage(message));
            }
            if let Some(other) = Form::of(path).filter(|other| !form.admits(*other) && !is_stream(path)) {
                let (form, named, endings) = (form.name(), other.name(), form.endings());
                let message = format!(
                    "{flag} {shown}: the name ends as that of {named}, and {form} is written; give a name that ends in {endings}"
                );
                return Err(Error::usage(message));
            }
            let read = self.read.iter().map(|(flag, path)| (flag, path, "is read"));
            let written = self.written[..place].iter().map(|(flag, path, _)| (flag, path, "is written, too"));
            for (other_flag, other, what) in read.chain(written) {
                if same(path, other) {
                    let other = other.display();
                    let message = format!(
                        "{flag} {shown}: this is the file {other} of {other_flag}, which {what}; give another name"
                    );
                    return Err(Error::usage(message));
                }
            }
        }
        // Hours of work are not to end at a folder that cannot be written to.
        self.written.iter().try_for_each(|(_, path, _)| atomic::check_writable(path)).map_err(Error::failure)
    }
}

/// Whether a path leads to what is no file: a device, a pipe.
pub fn is_stream(path: &Path) -> bool {
    path.metadata().is_ok_and(|found| !found.is_file() && !found.is_dir())
}

/// Whether two names lead to the same file, which need not be there. Devices and pipes may be written to twice.
fn same(one: &Path, other: &Path) -> bool {
    match (one.metadata(), other.metadata()) {
        (Ok(a), Ok(b)) if a.is_file() && b.is_file() => same_file(one, other, &a, &b),
        (Ok(_), _) | (_, Ok(_)) => false,
        _ => whole(one) == whole(other),
    }
}

#[cfg(unix)]
fn same_file(_: &Path, _: &Path, one: &std::fs::Metadata, other: &std::fs::Metadata) -> bool {
    use std::os::unix::fs::MetadataExt;
    (one.dev(), one.ino()) == (other.dev(), other.ino())
}

#[cfg(not(unix))]
fn same_file(one: &Path, other: &Path, _: &std::fs::Metadata, _: &std::fs::Metadata) -> bool {
    matches!((one.canonicalize(), other.canonicalize()), (Ok(one), Ok(other)) if one == other)
}

/// The name of a file that is not there, its folder without links.
fn whole(path: &Path) -> PathBuf {
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let folder = folder.canonicalize().unwrap_or_else(|_| folder.to_owned());
    folder.join(path.file_name().unwrap_or_default())
}
