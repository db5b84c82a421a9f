//! The `tidy` task: every rule over every file.

use std::io;

use super::tree::Tree;
use super::{crates, dependencies, handlers, quirks, sizes, text};

/// Checks everything.
pub(crate) fn run() -> io::Result<()> {
    let faults = faults()?;
    if faults.is_empty() {
        return Ok(());
    }
    Err(io::Error::other(format!("{}\n{} faults", faults.join("\n"), faults.len())))
}

fn faults() -> io::Result<Vec<String>> {
    let tree = Tree::read()?;
    let metadata = crates::metadata()?;
    let mut faults = sizes::faults(&tree)?;
    faults.extend(dependencies::faults(&tree, &metadata));
    faults.extend(crates::faults(&tree, &metadata));
    faults.extend(text::faults(&tree));
    faults.extend(quirks::faults(&tree));
    faults.extend(handlers::faults(&tree));
    Ok(faults)
}

#[cfg(test)]
mod tests {
    #[test]
    fn the_house_is_tidy() {
        let faults = super::faults().unwrap();
        assert!(faults.is_empty(), "{}", faults.join("\n"));
    }
}
