//! Words that must not be in the tree, and paths that must lead somewhere.

use super::tree::{File, Tree};

/// What must not be there.
pub(super) fn faults(tree: &Tree) -> Vec<String> {
    let mut faults: Vec<String> = tree.files().flat_map(places).collect();
    let documents = tree.files().filter(|file| file.path.ends_with(".md"));
    faults.extend(documents.flat_map(|file| dead_ends(file, tree)));
    faults
}

/// Paths in the documents' backticks that lead nowhere.
fn dead_ends(file: &File, tree: &Tree) -> Vec<String> {
    const ROOTS: [&str; 6] = ["benches/", "crates/", "docs/", "fuzz/", "interop/", "xtask/"];
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
}
