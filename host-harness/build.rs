//! Tells a release build the commit of its source, so that results say which program they are of. Other builds are not told:
//! each commit would have them built anew.

use std::process::Command;

fn main() {
    println!("cargo::rerun-if-changed=build.rs");
    if std::env::var("PROFILE").is_ok_and(|profile| profile == "release") {
        // Written at every commit and checkout.
        if let Some(log) = git(&["rev-parse", "--path-format=absolute", "--git-path", "logs/HEAD"]) {
            println!("cargo::rerun-if-changed={log}");
            println!("cargo::rerun-if-changed=src");
            println!("cargo::rerun-if-changed=../dam-nostd/src");
        }
        if let Some(commit) = git(&["rev-parse", "HEAD"]) {
            let source = ["diff", "HEAD", "--name-only", "--", ".", "../dam-nostd", "../Cargo.lock"];
            let modified = if git(&source).is_some_and(|names| names.is_empty()) { "" } else { "-modified" };
            println!("cargo::rustc-env=DAM_COMMIT={commit}{modified}");
        }
    }
}

/// What git says, where there is one and this is a repository of it.
fn git(words: &[&str]) -> Option<String> {
    let output = Command::new("git").args(words).output().ok().filter(|output| output.status.success())?;
    Some(String::from_utf8(output.stdout).ok()?.trim().to_owned())
}
