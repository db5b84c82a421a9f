//! Words that must not be in the tree, and words that must have a counterpart.

use super::tree::{File, Tree};

/// Where clients' quirks are collected; each entry names the files that bow to it.
const QUIRKS: &str = "docs/quirks.md";

/// What must not be there.
pub(super) fn faults(tree: &Tree) -> Vec<String> {
    let mut faults: Vec<String> = tree.files().flat_map(places).collect();
    let quirks = tree.text(QUIRKS).unwrap_or_default();
    faults.extend(tree.rust().filter_map(|file| unlisted(file, quirks)));
    let documents = tree.files().filter(|file| file.path.ends_with(".md"));
    faults.extend(documents.flat_map(|file| dead_ends(file, tree)));
    faults
}

/// Paths in the documents' backticks that lead nowhere.
fn dead_ends(file: &File, tree: &Tree) -> Vec<String> {
    const ROOTS: [&str; 5] = ["benches/", "crates/", "docs/", "interop/", "xtask/"];
    let quoted = file.text.lines().flat_map(|line| line.split('`').skip(1).step_by(2));
    let paths = quoted.filter(|path| ROOTS.iter().any(|root| path.starts_with(root)));
    let is_dead = |path: &&str| {
        !path.contains(['<', '{', '*', ' '])
            && !tree.files().any(|file| {
                let rest = file.path.strip_prefix(path.trim_end_matches('/'));
                rest.is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
            })
    };
    paths.filter(is_dead).map(|path| format!("{}: {path} is not there", file.path)).collect()
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
    let marks = ["// Se", "//! Se"].map(|head| [head, "en: "].concat());
    let is_seen = |line: &&str| marks.iter().any(|mark| line.trim_start().starts_with(mark));
    let seen = file.text.lines().find(is_seen)?;
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
    fn a_path_in_a_document_leads_somewhere() {
        let text = "`crates/a.rs`, `crates/`, `crates/b.rs`, `crates/<name>`, `crates/c/`";
        let tree = Tree::of(&[("a.md", text), ("crates/a.rs", "")]);
        let expected = ["a.md: crates/b.rs is not there", "a.md: crates/c/ is not there"];
        assert_eq!(faults(&tree), expected);
    }

    #[test]
    fn a_quirk_must_be_listed() {
        let code = ["    // Se", "en: Client 1 does\n"].concat();
        let tree = Tree::of(&[("a.rs", &code), (QUIRKS, "see b.rs")]);
        assert_eq!(faults(&tree).len(), 1);
        assert_eq!(faults(&Tree::of(&[("a.rs", &code)])).len(), 1);
        let tree = Tree::of(&[("a.rs", &code), (QUIRKS, "see a.rs")]);
        assert_eq!(faults(&tree), [""; 0]);
    }
}
