//! Builds the program of all targets, instrumented.
//!
//! cargo-fuzz sets the same flags, and asks for a nightly compiler only for the sake of sanitizers.
//! Safe code has little need of those; what the fuzzer lives on, coverage, is a pass of LLVM that any
//! compiler can be told to run.

use std::io;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::{cargo, stage};

/// Counters for each edge, a table that says where they are, and the operands of comparisons, by which
/// the fuzzer guesses magic numbers.
const FLAGS: [&str; 10] = [
    "--cfg=fuzzing",
    "-Cpasses=sancov-module",
    "-Cllvm-args=-sanitizer-coverage-level=4",
    "-Cllvm-args=-sanitizer-coverage-inline-8bit-counters",
    "-Cllvm-args=-sanitizer-coverage-pc-table",
    "-Cllvm-args=-sanitizer-coverage-trace-compares",
    // Frame pointers and names, so that a crash says where.
    "-Cforce-frame-pointers=yes",
    "-Csymbol-mangling-version=v0",
    "-Cdebug-assertions=on",
    "-Coverflow-checks=on",
];

/// Everything of the fuzzer's lies in this folder: what is instrumented fits nothing else.
pub(super) fn folder() -> io::Result<PathBuf> {
    Ok(stage::target_folder()?.join("fuzz"))
}

/// Builds the program and tells where it is.
///
/// # Errors
/// If it does not build.
pub(super) fn build(folder: &Path) -> io::Result<PathBuf> {
    let host = host()?;
    let mut command = cargo::command();
    command.current_dir(crate::workspace());
    command.args(["build", "--manifest-path", "fuzz/Cargo.toml", "--profile", "fuzz"]);
    // With a target named, build scripts and macros are not instrumented, which could not be linked.
    command.args(["--target", &host]).arg("--target-dir").arg(folder);
    command.env("CARGO_ENCODED_RUSTFLAGS", FLAGS.join("\u{1f}")).env_remove("RUSTFLAGS");
    cargo::finish(&mut command)?;
    Ok(folder.join(host).join("fuzz/heliogram-fuzz"))
}

/// What the compiler calls this machine.
fn host() -> io::Result<String> {
    let rustc = std::env::var_os("RUSTC").unwrap_or_else(|| "rustc".into());
    let said = Command::new(rustc).arg("-vV").output()?;
    let said = String::from_utf8_lossy(&said.stdout).into_owned();
    let host = said.lines().find_map(|line| line.strip_prefix("host: "));
    host.map(str::to_owned).ok_or_else(|| io::Error::other("rustc does not name its host"))
}
