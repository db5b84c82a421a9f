//! What the fuzzer has learnt: a large corpus under the target folder that grows from run to run, and
//! a small one in the repository, where everybody begins.

use std::path::PathBuf;
use std::{fs, io};

use super::drive::{Fuzzer, committed};

/// Where the inputs of a target gather on this machine.
pub(super) fn gathered(fuzzer: &Fuzzer, target: &str) -> PathBuf {
    fuzzer.folder.join("corpus").join(target)
}

/// Replaces the corpus in the repository with the fewest inputs, of all that are known, that reach
/// everything that is reached.
///
/// # Errors
/// If a target fails on an input, or a file cannot be moved.
pub(super) fn keep(fuzzer: &Fuzzer, target: &str) -> io::Result<()> {
    let fresh = fuzzer.folder.join("kept").join(target);
    if fresh.exists() {
        fs::remove_dir_all(&fresh)?;
    }
    let seeds = fuzzer.write_seeds(target)?;
    let known = [Some(seeds), committed(target), Some(gathered(fuzzer, target))];
    let known: Vec<PathBuf> = known.into_iter().flatten().filter(|path| path.is_dir()).collect();
    fuzzer.merge(target, &fresh, &known)?;
    let folder = crate::workspace().join("fuzz/corpus").join(target);
    if folder.exists() {
        fs::remove_dir_all(&folder)?;
    }
    fs::create_dir_all(&folder)?;
    for input in fs::read_dir(&fresh)? {
        let input = input?;
        fs::copy(input.path(), folder.join(input.file_name()))?;
    }
    Ok(())
}
