//! A handler's documentation starts with the method's name as the schema spells it, so that a
//! search for `messages.sendMessage` ends at the code. The errors that it lists exist.

use std::collections::BTreeSet;

use super::tree::{File, Tree};

/// Where handlers live, one folder for each namespace.
const RPC: &str = "crates/dc/src/rpc/";

/// Where errors are named.
const ERRORS: &str = "crates/dc/src/error.rs";

/// Handlers whose documentation starts otherwise, and errors that are documented and do not exist.
pub(super) fn faults(tree: &Tree) -> Vec<String> {
    let errors: BTreeSet<&str> =
        tree.text(ERRORS).unwrap_or_default().split(|c| !is_of_name(c)).collect();
    let is_handler = |file: &&File| file.path.starts_with(RPC) && !file.is_test();
    let mut faults = Vec::new();
    for file in tree.rust().filter(is_handler) {
        faults.extend(file_faults(file));
        faults.extend(unknown_errors(file, &errors));
    }
    faults
}

/// Names of errors in a file's documentation that are not among `errors`.
fn unknown_errors(file: &File, errors: &BTreeSet<&str>) -> Vec<String> {
    let docs = file.text.lines().filter(|line| line.trim_start().starts_with("///"));
    let quoted = docs.flat_map(|line| line.split('`').skip(1).step_by(2));
    let names = quoted.filter(|name| name.contains('_') && name.chars().all(is_of_name));
    names
        // An X stands for the number of an error that carries one.
        .filter(|name| !errors.contains(name.split_once('X').map_or(*name, |(stem, _)| stem)))
        .filter(|name| !errors.contains(name))
        .map(|name| format!("{}: {ERRORS} does not know {name}", file.path))
        .collect()
}

fn is_of_name(c: char) -> bool {
    c.is_ascii_uppercase() || c.is_ascii_digit() || c == '_'
}

fn file_faults(file: &File) -> Vec<String> {
    let below = file.path.strip_prefix(RPC).unwrap_or_default();
    let Some((namespace, _)) = below.split_once('/') else { return Vec::new() };
    let lines: Vec<&str> = file.text.lines().collect();
    let mut faults = Vec::new();
    for (start, line) in lines.iter().enumerate() {
        if !line.starts_with("pub(super) fn ") && !line.starts_with("pub(crate) fn ") {
            continue;
        }
        let Some(request) = request(&lines[start..], namespace) else { continue };
        let documented = documented(&lines[..start]).unwrap_or_default();
        let method = documented.strip_prefix(namespace).and_then(|rest| rest.strip_prefix('.'));
        if !method.is_some_and(|method| method.eq_ignore_ascii_case(&request)) {
            faults.push(format!(
                "{}:{}: the documentation does not start with the name of {namespace}::{request}",
                file.path,
                start + 1
            ));
        }
    }
    faults
}

/// The request type of a handler's signature: `req: tl::help::GetConfig`.
fn request(lines: &[&str], namespace: &str) -> Option<String> {
    let end = lines.iter().position(|line| line.ends_with('{'))?;
    let signature = lines.get(..=end)?.concat();
    let parameters = signature.split("->").next()?;
    let (_, rest) = parameters.split_once(&format!(": tl::{namespace}::"))?;
    Some(rest.chars().take_while(char::is_ascii_alphanumeric).collect())
}

/// The name in backticks that begins the documentation above an item.
fn documented<'a>(above: &[&'a str]) -> Option<&'a str> {
    let docs = above.iter().rev().take_while(|line| {
        line.starts_with("///") || line.starts_with("#[") || line.starts_with("//")
    });
    let first = docs.filter(|line| line.starts_with("///")).last()?;
    first.strip_prefix("/// `")?.split('`').next()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(docs: &str, is_right: bool) {
        let text = format!(
            "{docs}\n#[allow(x)]\npub(super) fn get_config(\n    cx: &mut Cx<'_>,\n    _: tl::help::GetConfig,\n) -> Rpc<tl::Config> {{\n}}\n"
        );
        let tree = Tree::of(&[("crates/dc/src/rpc/help/get_config.rs", &text)]);
        assert_eq!(faults(&tree).is_empty(), is_right, "{docs}");
    }

    #[test]
    fn documented_errors_exist() {
        let check = |docs: &str, expected: &[&str]| {
            let docs = format!("/// `help.x`: y.\n///\n/// # Errors\n/// {docs}.\n");
            let tree = Tree::of(&[
                (ERRORS, "\"FLOOD_WAIT_\" PEER_ID_INVALID"),
                ("crates/dc/src/rpc/help/x.rs", &docs),
            ]);
            assert_eq!(faults(&tree), expected, "{docs}");
        };
        check("`PEER_ID_INVALID`, `FLOOD_WAIT_X`, `tl::X`", &[]);
        let missing =
            "crates/dc/src/rpc/help/x.rs: crates/dc/src/error.rs does not know PEER_INVALID";
        check("`PEER_INVALID`", &[missing]);
    }

    #[test]
    fn documentation_starts_with_the_method() {
        check("/// `help.getConfig`: where to connect.\n///\n/// More.", true);
        check("/// Answers `help.getConfig`.", false);
        check("/// `help.getNearestDc`: another.", false);
        check("", false);
    }
}
