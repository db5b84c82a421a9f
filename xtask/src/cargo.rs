//! Cargo, run by a program that cargo runs.

use std::env;
use std::io;
use std::process::Command;

/// A cargo for a folder of ours that knows nothing of the one that runs us.
///
/// What cargo tells a program of its package it tells the builds within, too, and a build script that
/// looks at it (ring's does) would run again, with all that depends on it, whenever somebody has
/// built by hand in between.
pub(crate) fn command() -> Command {
    let mut command = Command::new(env!("CARGO"));
    for (name, _) in env::vars_os() {
        let of_a_package = |name: &str| OF_A_PACKAGE.iter().any(|start| name.starts_with(start));
        if name.to_str().is_some_and(of_a_package) {
            command.env_remove(name);
        }
    }
    command
}

const OF_A_PACKAGE: [&str; 2] = ["CARGO_MANIFEST_", "CARGO_PKG_"];

/// Runs cargo in the workspace, with its output on ours.
///
/// # Errors
/// If it does not run, or is not content.
pub(crate) fn run(arguments: &[&str]) -> io::Result<()> {
    finish(command().args(arguments).current_dir(crate::workspace()))
}

/// Waits for a cargo that is ready to run.
///
/// # Errors
/// If it does not run, or is not content.
pub(crate) fn finish(command: &mut Command) -> io::Result<()> {
    let status = command.status()?;
    if status.success() { Ok(()) } else { Err(io::Error::other(format!("cargo: {status}"))) }
}
