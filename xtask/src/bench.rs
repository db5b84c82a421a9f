//! The `bench` task: builds the benches in their own workspace, so that no other task pays for the
//! peers in it, and runs them. What they print is theirs.

use std::io;

use crate::test;

/// Prints the table of the targets; with `json`, the same for machines.
///
/// # Errors
/// If the benches do not build, or if two contestants do not make the same of the same bytes.
pub(crate) fn run(json: bool) -> io::Result<()> {
    // The target folder is shared, so that a build is found again by whoever looks for it.
    let mut arguments = vec!["run", "--release", "--quiet"];
    arguments.extend(["--manifest-path", "benches/Cargo.toml", "--target-dir", "target"]);
    arguments.push("--");
    if json {
        arguments.push("--json");
    }
    test::cargo(&arguments)
}
