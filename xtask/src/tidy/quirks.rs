//! The book of quirks: every one that the code minds is in it, and something would notice if it
//! were forgotten.

use super::tree::{File, Tree};

/// Where clients' quirks are collected: a table row each, with the files that bow to it and, last,
/// what would notice if they no longer did.
const BOOK: &str = "docs/quirks.md";

/// Quirks without a row, and rows whose witness is gone.
pub(super) fn faults(tree: &Tree) -> Vec<String> {
    let book = tree.text(BOOK).unwrap_or_default();
    let unlisted = tree.rust().filter_map(|file| unlisted(file, book));
    let unwitnessed = book.lines().filter_map(row).flat_map(|cells| unwitnessed(&cells, tree));
    unlisted.chain(unwitnessed).collect()
}

/// `// Seen:` comments in a file that the book does not name.
fn unlisted(file: &File, book: &str) -> Option<String> {
    // Spelt in pieces, or this file would find itself.
    let marks = ["// Se", "//! Se", "/// Se"].map(|head| [head, "en: "].concat());
    let is_seen = |line: &&str| marks.iter().any(|mark| line.trim_start().starts_with(mark));
    let seen = file.text.lines().find(is_seen)?;
    let is_listed = book.contains(&file.path);
    (!is_listed).then(|| format!("{}: {BOOK} does not know of `{}`", file.path, seen.trim()))
}

/// The cells of a table's row; its head and its rule are none.
fn row(line: &str) -> Option<Vec<&str>> {
    let inner = line.strip_prefix('|')?.strip_suffix('|')?;
    let cells: Vec<&str> = inner.split('|').map(str::trim).collect();
    let is_content = cells.iter().any(|cell| cell.contains('`'));
    is_content.then_some(cells)
}

/// The tests in a row's last cell that nobody wrote. Paths are looked after with all others.
fn unwitnessed(cells: &[&str], tree: &Tree) -> Vec<String> {
    let last = cells.last().copied().unwrap_or_default();
    if last.is_empty() {
        return vec![format!("{BOOK}: nothing notices `{}`", cells.join(" | "))];
    }
    let names = last.split('`').skip(1).step_by(2);
    let tests = names.filter(|name| !name.contains(['/', ' ', '.']));
    let is_missing = |name: &&str| {
        let head = format!("fn {name}(");
        !tree.rust().any(|file| file.text.contains(&head))
    };
    tests.filter(is_missing).map(|name| format!("{BOOK}: there is no test {name}")).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(book: &str, code: &str) -> Vec<String> {
        faults(&Tree::of(&[("a.rs", code), (BOOK, book)]))
    }

    #[test]
    fn a_quirk_must_be_listed() {
        for head in ["    // Se", "//! Se", "/// Se"] {
            let code = [head, "en: Client 1 does\n"].concat();
            assert_eq!(found("see b.rs", &code).len(), 1);
            assert_eq!(faults(&Tree::of(&[("a.rs", &code)])).len(), 1);
            assert_eq!(found("see a.rs", &code), [""; 0]);
        }
    }

    #[test]
    fn a_quirk_has_a_witness() {
        let head = "| client | noticed by |\n|---|---|\n";
        let gone = ["docs/quirks.md: there is no test it_is_so"];
        assert_eq!(found(&format!("{head}| `x` | `it_is_so` |"), "fn it_is() {}"), gone);
        assert_eq!(found(&format!("{head}| `x` | `it_is_so` |"), "fn it_is_so() {}"), [""; 0]);
        assert_eq!(found(&format!("{head}| `x` | |"), "").len(), 1);
    }
}
