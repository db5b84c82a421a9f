//! The tables of `interop/README.md` that manifests decide: who the strangers are, what they cannot
//! tell, and what of their logs is explained.

use std::fmt::Write as _;
use std::fs;
use std::io;

use super::stranger::{Kind, Stranger};

const BEGIN: &str = "<!-- cargo xtask strangers: begin -->\n";
const END: &str = "<!-- end -->\n";

/// Writes the tables anew.
///
/// # Errors
/// If a manifest or the document cannot be read, or the document has no place for them.
pub(crate) fn rewrite() -> io::Result<()> {
    let interop = crate::workspace().join("interop");
    let path = interop.join("README.md");
    let text = fs::read_to_string(&path)?;
    let missing = || io::Error::other("interop/README.md has no place for the tables");
    let (before, rest) = text.split_once(BEGIN).ok_or_else(missing)?;
    let (_, after) = rest.split_once(END).ok_or_else(missing)?;
    let tables = tables(&Stranger::all(&interop)?);
    fs::write(path, format!("{before}{BEGIN}{tables}{END}{after}"))
}

fn tables(strangers: &[Stranger]) -> String {
    let mut text =
        "\n| stranger | version | speaks | transports, its own choice first |\n".to_owned();
    text += "|---|---|---|---|\n";
    for stranger in strangers {
        let client = &stranger.client;
        let speaks = if client.kind == Kind::BotApi { "Bot API" } else { "MTProto" };
        let transports: Vec<_> = stranger.transports().iter().map(|each| each.name()).collect();
        let (name, version) = (&client.name, &client.version);
        let _ = writeln!(text, "| {name} | {version} | {speaks} | {} |", transports.join(", "));
    }
    text += "\nWhat they cannot tell:\n\n| stranger | step | why |\n|---|---|---|\n";
    for stranger in strangers {
        for (step, reason) in &stranger.cannot {
            let _ = writeln!(text, "| {} | `{step}` | {reason} |", stranger.client.name);
        }
    }
    text += "\nWhat their logs complain of without a fault of ours:\n\n";
    text += "| stranger | line | why |\n|---|---|---|\n";
    for stranger in strangers {
        for quiet in &stranger.quiet {
            let (name, line, reason) = (&stranger.client.name, &quiet.line, &quiet.reason);
            let _ = writeln!(text, "| {name} | `{line}` | {reason} |");
        }
    }
    text + "\n"
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_document_says_what_the_manifests_say() {
        let interop = crate::workspace().join("interop");
        let text = fs::read_to_string(interop.join("README.md")).unwrap();
        let tables = tables(&Stranger::all(&interop).unwrap());
        assert!(
            text.contains(&format!("{BEGIN}{tables}{END}")),
            "the tables are old: cargo xtask strangers"
        );
    }
}
