//! Every dependency has its line in `DEPS.md`: why it is there, and what would replace it. What the
//! workspace names, somebody uses.

use std::collections::BTreeSet;

use cargo_metadata::Metadata;

use super::tree::Tree;

/// Dependencies without a line, lines without a dependency, and versions that nobody asks for.
pub(super) fn faults(tree: &Tree, metadata: &Metadata) -> Vec<String> {
    let used: BTreeSet<&str> = metadata
        .packages
        .iter()
        .flat_map(|package| &package.dependencies)
        .filter(|dependency| dependency.path.is_none())
        .map(|dependency| dependency.name.as_str())
        .collect();
    let mut faults = compare(&used, tree.text("DEPS.md").unwrap_or_default());
    faults.extend(idle(&used, tree.text("Cargo.toml").unwrap_or_default()));
    faults
}

/// Versions in the root manifest that no crate asks for.
fn idle(used: &BTreeSet<&str>, manifest: &str) -> Vec<String> {
    let lines = manifest.lines().skip_while(|line| *line != "[workspace.dependencies]").skip(1);
    let names = lines.take_while(|line| !line.starts_with('[')).filter_map(|line| {
        let (name, value) = line.split_once(" = ")?;
        (!value.contains("path =")).then_some(name)
    });
    names
        .filter(|name| !used.contains(name))
        .map(|name| format!("Cargo.toml: nobody needs {name}"))
        .collect()
}

fn compare(used: &BTreeSet<&str>, text: &str) -> Vec<String> {
    let explained: BTreeSet<&str> = text.lines().filter_map(explained).flatten().collect();
    let missing = used.difference(&explained).map(|name| format!("DEPS.md: no line for {name}"));
    let stale = explained.difference(used).map(|name| format!("DEPS.md: nobody needs {name}"));
    missing.chain(stale).collect()
}

/// The names at the head of a list item or table row, in backticks: `` - `a`, `b`: why ``.
fn explained(line: &str) -> Option<impl Iterator<Item = &str>> {
    let line = line.trim_start();
    let item = line.strip_prefix("- ").or_else(|| line.strip_prefix("| "))?;
    let names = item.starts_with('`').then_some(item)?;
    let head = names.split([':', '|', '–']).next()?;
    Some(head.split('`').skip(1).step_by(2))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_that_nobody_asks_for_are_found() {
        let manifest = "[workspace.dependencies]\nours = { path = \"x\" }\naes = \"1\"\nlru = \"1\"\n\n[profile.dev]\nd = 1\n";
        assert_eq!(idle(&BTreeSet::from(["aes"]), manifest), ["Cargo.toml: nobody needs lru"]);
    }

    #[test]
    fn both_directions_are_checked() {
        let used = BTreeSet::from(["aes", "tokio", "serde"]);
        let text = "# Why\n- `aes`, `sha1`: ciphers with `unsafe`.\n| `tokio` | sockets |\n";
        assert_eq!(
            compare(&used, text),
            ["DEPS.md: no line for serde", "DEPS.md: nobody needs sha1"]
        );
    }
}
