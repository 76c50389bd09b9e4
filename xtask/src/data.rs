//! `cargo xtask data`: the files of the embedded MNIST.

use std::error::Error;
use std::fs::{self, File};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use host_harness::data::pack_mnist;

/// Arguments of `cargo xtask data`.
#[derive(clap::Args)]
pub struct DataTask {
    /// Directory with the four original IDX files of MNIST, gzipped or not
    #[arg(long, value_name = "DIR")]
    from: PathBuf,

    /// Compare with the files in the repository instead of writing them
    #[arg(long)]
    check: bool,
}

/// Makes the files from the originals and writes them, or compares them with those that are there.
pub fn run(task: &DataTask) -> Result<(), Box<dyn Error>> {
    let dir = Path::new(env!("CARGO_MANIFEST_DIR")).join("../data");
    let mut differ = false;
    for file in pack_mnist(&task.from)? {
        let path = dir.join(&file.name);
        if task.check {
            let stored = fs::read(&path).map_err(|e| format!("cannot read {}: {e}", file.name))?;
            let verdict = compared(&stored, &file.bytes);
            differ |= verdict.is_some();
            let verdict = verdict.unwrap_or_else(|| "same".into());
            println!("data/{}: {verdict}", file.name);
        } else {
            replace(&path, &file.bytes).map_err(|e| format!("cannot write {}: {e}", file.name))?;
            println!("data/{}: {} bytes", file.name, file.bytes.len());
        }
    }
    if differ {
        return Err("the stored files are not what the originals give; \
                    run the same command without --check to replace them"
            .into());
    }
    Ok(())
}

/// Where two files differ, if they do.
fn compared(stored: &[u8], made: &[u8]) -> Option<String> {
    if stored == made {
        return None;
    }
    let at = stored.iter().zip(made).take_while(|(a, b)| a == b).count();
    Some(format!("differs from byte {at} ({} bytes stored, {} expected)", stored.len(), made.len()))
}

/// Writes beside the target and renames, so that an interruption leaves the old file whole.
fn replace(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let beside = path.with_extension("bin.tmp");
    let mut file = File::create(&beside)?;
    file.write_all(bytes)?;
    file.sync_all()?;
    fs::rename(&beside, path)
}
