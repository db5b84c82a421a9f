//! Words that must not be in the tree, and words that must have a counterpart.

use super::tree::{File, Tree};

/// Where clients' quirks are collected; each entry names the files that bow to it.
const QUIRKS: &str = "docs/quirks.md";

/// What must not be there.
pub(super) fn faults(tree: &Tree) -> Vec<String> {
    let mut faults: Vec<String> = tree.files().flat_map(places).collect();
    if let Some(quirks) = tree.text(QUIRKS) {
        faults.extend(tree.rust().flat_map(|file| unlisted(file, quirks)));
    }
    faults
}

/// Paths of somebody's machine, and hosts of registries: the tree must build anywhere.
fn places(file: &File) -> Vec<String> {
    // Spelt in pieces, or this file would find itself.
    let forbidden = [
        ["/wo", "rk/"],
        ["/ro", "ot/"],
        ["/ho", "me/"],
        ["/Us", "ers/"],
        ["crates", ".io"],
        ["registry.npm", "js.org"],
        ["py", "pi.org"],
        ["files.pythonho", "sted.org"],
    ];
    // Cargo names the registry in its lock file whatever mirror was asked.
    if file.path.ends_with("Cargo.lock") {
        return Vec::new();
    }
    let mut found = Vec::new();
    for (index, line) in file.text.lines().enumerate() {
        let hits = forbidden.iter().map(|pieces| pieces.concat());
        for hit in hits.filter(|word| line.contains(word.as_str())) {
            found.push(format!("{}:{}: {hit} has no place here", file.path, index + 1));
        }
    }
    found
}

/// `// Seen:` comments in a file that the list of quirks does not name.
fn unlisted(file: &File, quirks: &str) -> Option<String> {
    let mark = ["// Se", "en: "].concat();
    let seen = file.text.lines().find(|line| line.trim_start().starts_with(&mark))?;
    let is_listed = quirks.contains(&file.path);
    (!is_listed).then(|| format!("{}: {QUIRKS} does not know of `{}`", file.path, seen.trim()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_of_a_machine_is_found() {
        let text = ["see /ho", "me/me/x"].concat();
        let tree = Tree::of(&[("a.md", &text)]);
        assert_eq!(faults(&tree).len(), 1);
    }

    #[test]
    fn a_quirk_must_be_listed() {
        let code = ["    // Se", "en: Client 1 does\n"].concat();
        let tree = Tree::of(&[("a.rs", &code), (QUIRKS, "see b.rs")]);
        assert_eq!(faults(&tree).len(), 1);
        let tree = Tree::of(&[("a.rs", &code), (QUIRKS, "see a.rs")]);
        assert_eq!(faults(&tree), [""; 0]);
    }
}
