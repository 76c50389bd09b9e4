//! Files that are there whole or not at all.
//!
//! The bytes go to a temporary file in the folder of the target, to the disk, and only then under the target's name. A
//! full disk, a crash or a reader at the wrong moment never meets half a file, and what was there before stays until the
//! new content is complete.

use std::fmt;
use std::fs::{self, File, OpenOptions, Permissions};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use tempfile::NamedTempFile;

/// A file cannot be written. Nothing of it was left behind, and a file that was there before is unchanged.
#[derive(Debug)]
pub struct WriteError {
    /// The file, as it was asked for.
    pub path: PathBuf,
    /// What the operating system says.
    pub source: io::Error,
}

impl fmt::Display for WriteError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "cannot write {}: ", self.path.display())?;
        let folder = folder_of(&self.path);
        let folder = folder.display();
        match self.source.kind() {
            io::ErrorKind::NotFound => write!(f, "there is no folder {folder}; create it, or give another path"),
            io::ErrorKind::NotADirectory => write!(f, "{folder} is not a folder; give another path"),
            io::ErrorKind::IsADirectory => write!(f, "it is a folder; give the name of a file in it"),
            io::ErrorKind::PermissionDenied | io::ErrorKind::ReadOnlyFilesystem => {
                write!(f, "{}; give a path in a folder that you may write to", self.source)
            }
            io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => {
                write!(f, "{}; make room in {folder}, or give a path on another disk", self.source)
            }
            io::ErrorKind::InvalidFilename => write!(f, "{}; give a shorter name", self.source),
            io::ErrorKind::InvalidInput => write!(f, "it names no file; give the name of one"),
            _ => write!(f, "{}", self.source),
        }
    }
}

impl std::error::Error for WriteError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        Some(&self.source)
    }
}

/// Writes `bytes` to `path`, all of them or none.
///
/// A new file gets the permissions of any new file, a replaced one keeps its own; a symbolic link stays one, and the file
/// that it leads to is replaced; one that leads nowhere is an error. What is no file, such as `/dev/stdout` or a pipe, is simply written to.
///
/// # Errors
/// No such folder, no permission, a link that leads nowhere, a full disk, and all else that the operating system may say.
pub fn write(path: &Path, bytes: &[u8]) -> Result<(), WriteError> {
    put(path, bytes).map_err(|source| WriteError { path: path.to_owned(), source })
}

/// Tells before a long computation whether its result could be written to `path` now. Leaves no trace.
///
/// # Errors
/// Those of [`write()`], but for a disk that is too full for what is to come.
pub fn check_writable(path: &Path) -> Result<(), WriteError> {
    let check = || match Target::of(path)? {
        Target::Stream => OpenOptions::new().write(true).open(path).map(drop),
        Target::File { path, permissions } => temporary(&path, permissions).map(drop),
    };
    check().map_err(|source| WriteError { path: path.to_owned(), source })
}

/// What a path leads to.
enum Target {
    /// A file, there already or not: where it is when links are followed, and its permissions where it is there.
    File { path: PathBuf, permissions: Option<Permissions> },
    /// A device or a pipe, which nothing may be renamed onto.
    Stream,
}

impl Target {
    fn of(path: &Path) -> io::Result<Self> {
        match fs::metadata(path) {
            Ok(found) if found.is_dir() => Err(io::ErrorKind::IsADirectory.into()),
            Ok(found) if !found.is_file() => Ok(Self::Stream),
            Ok(found) => {
                // A rename asks for no right to the file itself; but who may not write it may not replace it, either.
                OpenOptions::new().write(true).open(path)?;
                Ok(Self::File { path: fs::canonicalize(path)?, permissions: Some(found.permissions()) })
            }
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                // "results/" would otherwise be written as the file "results".
                let trailing = path.as_os_str().as_encoded_bytes().last().is_some_and(|&last| last == b'/');
                if path.file_name().is_none() || trailing {
                    return Err(io::ErrorKind::InvalidInput.into());
                }
                if let Ok(target) = fs::read_link(path) {
                    let target = target.display();
                    let text =
                        format!("it is a link to {target}, which is not there; delete the link, or give another path");
                    return Err(io::Error::other(text));
                }
                Ok(Self::File { path: path.to_owned(), permissions: None })
            }
            Err(error) => Err(error),
        }
    }
}

fn put(path: &Path, bytes: &[u8]) -> io::Result<()> {
    match Target::of(path)? {
        Target::Stream => OpenOptions::new().write(true).open(path)?.write_all(bytes),
        Target::File { path, permissions } => {
            let mut file = temporary(&path, permissions)?;
            file.write_all(bytes)?;
            file.as_file().sync_all()?;
            file.persist(&path).map_err(|error| error.error)?;
            // The new name itself is safe only with its folder on the disk. Not all file systems can promise that, and
            // the file is complete either way.
            if let Ok(folder) = File::open(folder_of(&path)) {
                let _ = folder.sync_all();
            }
            Ok(())
        }
    }
}

/// A file beside `path`, gone when dropped.
fn temporary(path: &Path, permissions: Option<Permissions>) -> io::Result<NamedTempFile> {
    let mut builder = tempfile::Builder::new();
    builder.prefix(".dam-");
    // What any new file asks for: the system takes away what the user's mask forbids.
    #[cfg(unix)]
    let new = builder.permissions(std::os::unix::fs::PermissionsExt::from_mode(0o666));
    #[cfg(not(unix))]
    let new = &builder;
    let file = new.tempfile_in(folder_of(path))?;
    if let Some(permissions) = permissions {
        file.as_file().set_permissions(permissions)?;
    }
    Ok(file)
}

fn folder_of(path: &Path) -> PathBuf {
    match path.parent() {
        Some(folder) if !folder.as_os_str().is_empty() => folder.to_owned(),
        _ => PathBuf::from("."),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(folder: &Path) -> Vec<String> {
        let entries = fs::read_dir(folder).unwrap();
        let mut names: Vec<_> = entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
        names.sort();
        names
    }

    #[test]
    fn a_file_is_written_and_replaced_and_nothing_else_is_left() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.json");
        check_writable(&path).unwrap();
        assert!(names(folder.path()).is_empty());
        write(&path, b"one").unwrap();
        write(&path, b"two, longer").unwrap();
        check_writable(&path).unwrap();
        assert_eq!(fs::read(&path).unwrap(), b"two, longer");
        assert_eq!(names(folder.path()), ["a.json"]);
    }

    #[test]
    fn errors_name_the_path_and_the_remedy() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("file");
        fs::write(&file, b"").unwrap();
        for (path, remedy) in [
            (folder.path().join("missing/a.json"), "missing; create it"),
            (file.join("a.json"), "file is not a folder"),
            (folder.path().to_owned(), "it is a folder"),
            (folder.path().join("missing/"), "it names no file"),
            (folder.path().join("x".repeat(300)), "shorter name"),
            (PathBuf::new(), "it names no file"),
        ] {
            for error in [check_writable(&path).unwrap_err(), write(&path, b"x").unwrap_err()] {
                let message = error.to_string();
                assert!(message.starts_with(&format!("cannot write {}: ", path.display())), "{message}");
                assert!(message.contains(remedy), "{message}");
            }
        }
        assert_eq!(names(folder.path()), ["file"]);
    }

    #[cfg(unix)]
    #[test]
    fn permissions_are_those_of_any_new_file_and_those_of_a_replaced_one() {
        use std::os::unix::fs::PermissionsExt;
        let folder = tempfile::tempdir().unwrap();
        let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode();
        let (ordinary, ours) = (folder.path().join("ordinary"), folder.path().join("ours"));
        fs::write(&ordinary, b"").unwrap();
        write(&ours, b"").unwrap();
        assert_eq!(mode(&ours), mode(&ordinary));
        fs::set_permissions(&ours, Permissions::from_mode(0o640)).unwrap();
        write(&ours, b"again").unwrap();
        assert_eq!(mode(&ours) & 0o777, 0o640);
    }

    #[cfg(unix)]
    #[test]
    fn a_link_stays_a_link() {
        let folder = tempfile::tempdir().unwrap();
        let (there, link) = (folder.path().join("there"), folder.path().join("link"));
        fs::write(&there, b"old").unwrap();
        std::os::unix::fs::symlink("there", &link).unwrap();
        write(&link, b"new").unwrap();
        assert!(fs::symlink_metadata(&link).unwrap().is_symlink());
        assert_eq!(fs::read(&there).unwrap(), b"new");
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn a_device_is_written_to_and_not_replaced() {
        use std::os::unix::fs::FileTypeExt;
        let full = Path::new("/dev/full");
        check_writable(full).unwrap();
        let message = write(full, b"x").unwrap_err().to_string();
        assert!(message.contains("/dev/full") && message.contains("make room"), "{message}");
        write(Path::new("/dev/null"), b"x").unwrap();
        for device in ["/dev/full", "/dev/null"] {
            assert!(fs::metadata(device).unwrap().file_type().is_char_device());
        }
    }

    /// A file system of 64 kB in memory, for as long as this lives.
    #[cfg(target_os = "linux")]
    struct SmallDisk(tempfile::TempDir);

    #[cfg(target_os = "linux")]
    impl SmallDisk {
        fn mount() -> Option<Self> {
            let folder = tempfile::tempdir().unwrap();
            let mut mount = std::process::Command::new("mount");
            mount.args(["-t", "tmpfs", "-o", "size=64k", "tmpfs"]).arg(folder.path());
            mount.output().is_ok_and(|done| done.status.success()).then_some(Self(folder))
        }
    }

    #[cfg(target_os = "linux")]
    impl Drop for SmallDisk {
        fn drop(&mut self) {
            let _ = std::process::Command::new("umount").arg(self.0.path()).output();
        }
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn a_full_disk_leaves_the_old_file_and_nothing_else() {
        let Some(disk) = SmallDisk::mount() else {
            // Past the capture of the test harness: a test that tested nothing is to be seen.
            let note = "NOT TESTED: a full disk (this user may not mount one); /dev/full is tested instead";
            writeln!(io::stderr(), "{note}").unwrap();
            assert!(write(Path::new("/dev/full"), b"x").is_err());
            return;
        };
        let path = disk.0.path().join("a.json");
        write(&path, &[1; 20_000]).unwrap();
        let error = write(&path, &[2; 100_000]).unwrap_err();
        assert_eq!(error.source.kind(), io::ErrorKind::StorageFull);
        assert!(error.to_string().contains("make room"), "{error}");
        assert_eq!(fs::read(&path).unwrap(), [1; 20_000]);
        assert_eq!(names(disk.0.path()), ["a.json"]);
        // What fits only without the old file does not fit: the old one stays until the new one is complete.
        assert!(write(&path, &[3; 60_000]).is_err());
        write(&path, &[4; 30_000]).unwrap();
        assert_eq!(fs::read(&path).unwrap(), [4; 30_000]);
    }
}
