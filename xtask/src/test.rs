//! The `test` task: everything that has to hold before a change is good, in the order in which it
//! is cheapest to find out. A check that fails does not keep the later ones from running: a slip of
//! the formatter is no reason to stay in the dark about Telethon.

use std::io;
use std::path::PathBuf;

use crate::{cargo, fuzz, interop, tidy};

/// One thing that has to hold.
struct Check {
    name: &'static str,
    run: fn() -> io::Result<()>,
}

const CHECKS: &[Check] = &[
    Check { name: "fmt", run: || cargo::run(&["fmt", "--all", "--check"]) },
    Check { name: "tidy", run: tidy::run },
    Check { name: "clippy", run: clippy },
    Check { name: "unit", run: || cargo::run(&["test", "--workspace"]) },
    Check { name: "portable", run: portable },
    Check { name: "doc", run: doc },
    Check { name: "fuzz", run: fuzz::smoke },
];

/// Runs every check, or the one that `only` names: a row above, `interop`, a stranger, or some of what
/// a stranger plays as `telethon/crash` or `telethon/scenario`. Strangers meet `binary`, or the one that is built for them.
///
/// # Errors
/// If anything fails, by name, and for a name nobody has.
pub(crate) fn run(only: Option<&str>, binary: Option<PathBuf>) -> io::Result<()> {
    let mut failed = Vec::new();
    let mut known = only.is_none();
    let all = CHECKS.iter().filter(|check| only.is_none_or(|name| name == check.name));
    for check in all {
        known = true;
        println!("== {}", check.name);
        if let Err(error) = (check.run)() {
            println!("{}: {error}", check.name);
            failed.push(check.name.to_owned());
        }
    }
    if !known || only.is_none() {
        let selected = only.filter(|name| *name != "interop");
        failed.extend(interop::run(selected, binary)?);
    }
    if failed.is_empty() {
        Ok(())
    } else {
        Err(io::Error::other(format!("failed: {}", failed.join(", "))))
    }
}

fn clippy() -> io::Result<()> {
    cargo::run(&["clippy", "--workspace", "--all-targets", "--", "--deny", "warnings"])
}

/// The ciphers once more, as on a processor that has no instructions for them.
fn portable() -> io::Result<()> {
    cargo::run(&["test", "--package", "heliogram-crypto", "--features", "portable"])
}

fn doc() -> io::Result<()> {
    let mut command = cargo::command();
    command.args(["doc", "--workspace", "--no-deps", "--document-private-items"]);
    command.current_dir(crate::workspace()).env("RUSTDOCFLAGS", "--deny warnings");
    cargo::finish(&mut command)
}
