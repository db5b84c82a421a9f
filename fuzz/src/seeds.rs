//! Where a fuzzer begins: inputs that reach far, made by the very code that is fuzzed, so that they
//! never grow stale.

use std::path::Path;
use std::{fs, io};

/// Writes inputs into a folder, one file each.
///
/// # Errors
/// If the folder cannot be written.
pub(crate) fn write(folder: &Path, inputs: &[Vec<u8>]) -> io::Result<()> {
    fs::create_dir_all(folder)?;
    for (number, input) in inputs.iter().enumerate() {
        fs::write(folder.join(format!("seed-{number:03}")), input)?;
    }
    Ok(())
}
